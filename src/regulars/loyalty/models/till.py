"""What was done at tills, so that a step is never done twice, and the last one can be undone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from regulars.loyalty.models.checkout import CheckoutStep
from regulars.loyalty.models.rewards import RewardClaim


class TillStep(models.Model):
    """A guest was served: a sale with its stamps, or a reward that was handed over.

    `key` is made when the screen opens: whatever is sent again with it is the same step. `digest` is over what was
    asked. `at` is when it happened, `recorded_at` when it was told: a till without network tells it later (`is_late`).
    `amount` is what was paid in minor units, null where none was typed; `stamps` so many by the event that they are.
    `facts` are what the step told, `claim` what it handed over, `checkout` the coupons and benefits that it used.
    `given` is what it gave and took by the currency's code, below zero for what it took. `actor` did it, `allowed_by`
    is the manager whose PIN it took. Undone by a date, with who did it and who allowed that.
    """

    key = models.CharField(max_length=80, db_collation="C")
    kind = models.CharField(max_length=10)
    digest = models.BinaryField()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    actor = models.CharField(max_length=200)
    allowed_by = models.CharField(max_length=200, blank=True)
    store = models.ForeignKey("catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    at = models.DateTimeField()
    business_date = models.DateField()
    recorded_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    amount = models.BigIntegerField(null=True)
    off_minor = models.BigIntegerField(default=0)
    stamps = models.JSONField(default=dict)
    given = models.JSONField(default=dict)
    facts = ArrayField(models.BigIntegerField(), default=list)
    claim = models.OneToOneField(RewardClaim, on_delete=models.PROTECT, related_name="+", null=True)
    checkout = models.OneToOneField(CheckoutStep, on_delete=models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)
    undo_allowed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="till_step_once"),
            models.CheckConstraint(
                condition=Q(kind="sale", claim=None) | Q(kind="reward", claim__isnull=False, amount=None),
                name="till_step_kind",
            ),
            models.CheckConstraint(
                condition=Q(off_minor__gte=0) & (Q(amount=None) | Q(amount__gte=0)), name="till_step_money"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by="", undo_allowed_by="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="till_step_undone",
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "-id"], name="till_step_actor"),
            models.Index(fields=["business_date", "store"], name="till_step_day"),
            models.Index(fields=["customer", "at"], name="till_step_customer"),
        ]
