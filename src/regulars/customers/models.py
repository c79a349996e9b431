"""Customers, the names they are known by, and which of them are the same person."""

from django.db import models
from django.db.models.functions import Right, Upper

PURPOSES = ("promotion", "service")
SOURCES = ("import", "staff", "page", "one_click", "complaint", "api", "demo")


class Customer(models.Model):
    """A person or household. After a merge `canonical` names the one that stands for the group, else itself."""

    canonical = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    name = models.CharField(max_length=200, blank=True)
    birthday = models.DateField(null=True)
    language = models.CharField(max_length=10, blank=True)
    joined_on = models.DateField()
    created_at = models.DateTimeField()
    hidden = models.BooleanField(default=False, help_text="nothing is left of them after an import was undone")
    # A column of its own, since the planner takes `canonical_id = id` for a rare thing and then joins row by row.
    listed = models.GeneratedField(
        expression=models.Q(canonical=models.F("id"), hidden=False),  # type: ignore[arg-type]
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="stands for its group and is not hidden: what lists show",
    )

    class Meta:
        indexes = [models.Index(Upper("name"), name="customer_name")]


class Identity(models.Model):
    """A normalised name of a customer: a phone, an e-mail, a number in some system. Facts point here."""

    kind = models.SmallIntegerField()
    space = models.CharField(max_length=100, blank=True)
    value = models.CharField(max_length=250)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "space", "value"], name="identity_once")]
        indexes = [models.Index(Right("value", 4), name="identity_ending")]


class Merge(models.Model):
    """`child` is the same person as `parent`. Undone by a date; rows are never deleted."""

    child = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=list)
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child"], condition=models.Q(undone_at=None), name="merge_child_once"),
            models.CheckConstraint(condition=~models.Q(child=models.F("parent")), name="merge_not_itself"),
        ]


class DuplicateProposal(models.Model):
    """Two customers who may be one person, with what speaks for it. `first` has the smaller id."""

    first = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=list)
    proposed_at = models.DateTimeField()
    status = models.CharField(max_length=10, default="open")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="duplicate_ordered"),
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "merged", "dismissed"]), name="duplicate_status"
            ),
        ]


class Consent(models.Model):
    """Somebody allowed or forbade messages for a purpose on a channel. Rows are only ever added (a trigger refuses).

    `source` is where it was said: an import's column, the preference page, one click in a mail program, staff, a
    complaint. `wording` is the version of the text that was agreed to.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    purpose = models.CharField(max_length=10)
    channel = models.CharField(max_length=30)
    granted = models.BooleanField()
    at = models.DateTimeField()
    source = models.CharField(max_length=20)
    actor = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)
    wording = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(purpose__in=PURPOSES), name="consent_purpose"),
            models.CheckConstraint(condition=models.Q(source__in=SOURCES), name="consent_source"),
        ]
        indexes = [models.Index(fields=["customer", "purpose", "channel", "-at", "-id"], name="consent_latest")]


class Unreachable(models.Model):
    """An address that does not take messages: it bounced for good, or its owner complained. Cleared by a date."""

    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=10)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    source = models.CharField(max_length=20)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], condition=models.Q(cleared_at=None), name="unreachable_once_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(why__in=["bounced", "complained"]), name="unreachable_why"),
        ]


class MemberCard(models.Model):
    """The card that a member shows. One for each customer; after a merge those of the whole group stand for it."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()


class CardUse(models.Model):
    """A token of a card that was scanned: the card and the window of time in it. A second time is refused."""

    card = models.ForeignKey(MemberCard, on_delete=models.CASCADE, related_name="+", db_index=False)
    window = models.BigIntegerField()
    key = models.CharField(max_length=100)
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "window"], name="card_token_once")]
        indexes = [models.Index(fields=["at"], name="card_use_at")]


class MemberSession(models.Model):
    """A device on which a member is signed in; the token itself is in its cookie only."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    device = models.CharField(max_length=60, blank=True)
    way = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class SignInLink(models.Model):
    """A QR that staff show to a member: good once, for some minutes."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class SignInCode(models.Model):
    """Six digits that somebody asked for. A row is written for unknown addresses, too, so that they look the same.

    `contact` is sealed, and goes with the row soon after its time. `code_hash` is empty until the code has left.
    """

    attempt_hash = models.CharField(max_length=64, unique=True)
    contact = models.TextField(blank=True)
    purpose = models.CharField(max_length=10)
    language = models.CharField(max_length=10, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(wrong__gte=0, wrong__lte=5), name="sign_in_code_tries"),
            models.CheckConstraint(condition=models.Q(purpose__in=["sign_in", "join"]), name="sign_in_code_purpose"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="sign_in_code_expires")]


class JoinCode(models.Model):
    """Where people join: a store's, a table's or somebody's QR. The code stands in its address."""

    code = models.CharField(max_length=12, unique=True)
    place = models.CharField(max_length=10)
    store = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=60, blank=True)
    user_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(place__in=["store", "table", "staff"]), name="join_code_place")
        ]


class MemberText(models.Model):
    """A version of the charter or of the privacy text. It never changes; a correction is another version."""

    kind = models.CharField(max_length=10)
    version = models.IntegerField()
    zh = models.TextField()
    en = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="member_text_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["charter", "privacy"], version__gte=1), name="member_text_kind"
            ),
        ]


class Enrolment(models.Model):
    """A customer became a member: when, where, by whom, and which texts they agreed to. Version 0 is the draft."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    place = models.CharField(max_length=10)
    join_code = models.ForeignKey(JoinCode, on_delete=models.PROTECT, related_name="+", null=True)
    store = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=200, blank=True)
    charter = models.IntegerField()
    privacy = models.IntegerField()
    guardian = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place__in=["web", "store", "table", "staff", "till"]), name="enrolment_place"
            )
        ]
