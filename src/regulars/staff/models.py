"""Tables: people, API keys, the audit trail, the business."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from regulars.staff.rules import ROLES


class UserManager(BaseUserManager["User"]):
    """Finds people by their e-mail, however they spell it when they sign in."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who works here. The e-mail is the login and is kept in lower case.

    `menu` is 'small', 'whole', or '' for whatever suits the business; `steps_hidden`: they put the checklist away.
    `till_pin` is the hash of the number with which they allow what a cashier may not, or ''.
    """

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10, blank=True)
    role = models.CharField(max_length=20)
    store_codes = ArrayField(models.CharField(max_length=100), null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    menu = models.CharField(max_length=10, blank=True)
    steps_hidden = models.BooleanField(default=False)
    till_pin = models.CharField(max_length=128, blank=True, default="")

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=list(ROLES)), name="staff_user_role"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="staff_user_email_lower"),
            models.CheckConstraint(condition=models.Q(menu__in=["", "small", "whole"]), name="staff_user_menu"),
        ]


class ApiKey(models.Model):
    """A key for programs. Only the hash of the secret is kept; `prefix` finds the row.

    The books name whoever did something `api:` and the key's name, so of two keys that live only one has a name. Keys
    that shared theirs before that was so keep it (`shares_name`): their name is also the source of their orders.
    """

    name = models.CharField(max_length=100)
    shares_name = models.BooleanField(default=False)
    prefix = models.CharField(max_length=10, unique=True)
    sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(revoked_at=None, shares_name=False), name="staff_api_key_name_once"
            ),
        ]


class AuditEntry(models.Model):
    """Who did what to what. Rows are only ever added: a trigger refuses the rest."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+", null=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=100, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(api_key=None), name="staff_audit_one_actor"
            ),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="staff_audit_newest"),
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="staff_audit_subject"),
        ]


class Business(models.Model):
    """The one business of this database: one row, or none until somebody has said who they are.

    `trade` is a code of `staff.trades`, '' if nobody was asked. `programme_by_another`: a change of the programme is
    approved by somebody else than who wrote it. `worth_points` points are worth `worth_minor` minor units; 0 points if
    nobody has said it. From `risk_review_score` on a customer is looked at, from `risk_freeze_score` on frozen at once
    (101: never). Above `second_person_points` points a second person approves; 0: at no number of them. Above
    `till_points` points a step at the till asks for a manager's PIN (0: never); the last step of a till can be undone
    for `till_undo_minutes`.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10)
    is_demo = models.BooleanField(default=False)
    notice_zh = models.CharField(max_length=500, blank=True)
    notice_en = models.CharField(max_length=500, blank=True)
    trade = models.CharField(max_length=20, blank=True)
    programme_by_another = models.BooleanField(default=False)
    worth_points = models.IntegerField(default=0)
    worth_minor = models.BigIntegerField(default=0)
    risk_review_score = models.SmallIntegerField(default=50)
    risk_freeze_score = models.SmallIntegerField(default=90)
    second_person_points = models.BigIntegerField(default=0)
    till_points = models.BigIntegerField(default=0)
    till_undo_minutes = models.SmallIntegerField(default=15)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="staff_business_one"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="staff_business_currency"),
            models.CheckConstraint(
                condition=models.Q(
                    risk_review_score__range=(1, 100), risk_freeze_score__range=(1, 101), second_person_points__gte=0
                ),
                name="staff_business_risk",
            ),
            models.CheckConstraint(
                condition=models.Q(till_points__gte=0, till_undo_minutes__range=(1, 1440)), name="staff_business_till"
            ),
            models.CheckConstraint(
                condition=models.Q(worth_points__gt=0, worth_minor__gte=0) | models.Q(worth_points=0, worth_minor=0),
                name="staff_business_worth",
            ),
        ]


class SavedView(models.Model):
    """A filter that somebody keeps under a name; `query` is the address's part after the question mark."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="staff_view_once")]


class Secret(models.Model):
    """Something that the business was given to use, such as a provider's key. Kept sealed, never shown again."""

    name = models.CharField(max_length=60, primary_key=True)
    sealed = models.TextField()
    set_at = models.DateTimeField()
