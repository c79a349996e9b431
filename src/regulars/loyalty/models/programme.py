"""The programme's versions, what was commanded, and where each customer's fold stands."""

from django.db import models

from regulars.loyalty.currencies import POINTS
from regulars.loyalty.rules import ItemKind


class PolicyVersion(models.Model):
    """The programme as it is live from an instant on. Never changed once live."""

    number = models.IntegerField(unique=True)
    live_from = models.DateTimeField(unique=True)
    terms = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)


class ProgrammeDraft(models.Model):
    """A version of the programme that is being written; once launched, it is the PolicyVersion `launched`.

    `terms` are those of a version; `digest` tells them from others, so that a change of them takes back what was said
    of the old ones. `based_on` and `after` are number and id of the version that it is written upon, null before the
    first. `revision` counts the times that it was saved; `authors` are all who wrote on it.
    """

    names = models.JSONField(default=dict)
    terms = models.JSONField()
    digest = models.CharField(max_length=64)
    based_on = models.IntegerField(null=True)
    after = models.BigIntegerField(null=True)
    revision = models.IntegerField(default=1)
    authors = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="draft")
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200, blank=True)
    simulated_at = models.DateTimeField(null=True)
    simulated_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    launched = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="draft", simulated_at=None, approved_at=None, ended_at=None, launched=None)
                | models.Q(
                    state="simulated", simulated_at__isnull=False, approved_at=None, ended_at=None, launched=None
                )
                | models.Q(state="approved", approved_at__isnull=False, ended_at=None, launched=None)
                | models.Q(state="launched", approved_at__isnull=False, ended_at__isnull=False, launched__isnull=False)
                | models.Q(state="discarded", ended_at__isnull=False, launched=None),
                name="programme_draft_state",
            ),
            models.CheckConstraint(condition=models.Q(digest__regex="^[0-9a-f]{64}$"), name="programme_draft_digest"),
        ]
        indexes = [models.Index(fields=["digest"], name="programme_draft_digest_of")]


class Command(models.Model):
    """Something decided about a customer's points: redeem, hold, grant …. Decided once, never again.

    `currency` is the ledger's number of what it moves: points, or a currency of the programme's own.
    """

    kind = models.SmallIntegerField()
    customer_id = models.BigIntegerField()
    key = models.CharField(max_length=200, unique=True)
    digest = models.BinaryField()
    amount = models.BigIntegerField()
    currency = models.SmallIntegerField(default=POINTS, db_default=POINTS)
    refers_to = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    note = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    business_date = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="command_amount"),
            models.UniqueConstraint(
                fields=["refers_to"], condition=models.Q(kind=int(ItemKind.TIER_END)), name="command_tier_end_once"
            ),
        ]
        indexes = [models.Index(fields=["customer_id", "at"], name="command_customer")]


class Standing(models.Model):
    """Where a canonical customer's fold stands: the last item rated, growth still inside the window, and purchases.

    A cache of the fold: `verify` recomputes it. `growth` holds (day, amount) pairs, packed by `queries.pack_growth`.
    """

    customer_id = models.BigIntegerField(primary_key=True)
    last_at = models.DateTimeField()
    last_source = models.IntegerField()
    last_key = models.CharField(max_length=250)
    growth = models.BinaryField(default=bytes)
    whole = models.BooleanField(default=False, help_text="the next fact needs the whole history: owing, frozen …")
    frozen = models.BooleanField(default=False)
    orders = models.IntegerField(default=0, help_text="orders that stand; a cancelled one was never made")
    spent = models.BigIntegerField(default=0, help_text="paid less given back, minor units")
    first_order_at = models.DateTimeField(null=True)
    last_order_at = models.DateTimeField(null=True)


class UsedLimit(models.Model):
    """What a canonical customer has used of an earning limit in a period that goes on.

    A cache of the fold, as `Standing`: `verify` recomputes it. `code` is the rule's, '' for the programme's caps, and
    ends in # where times are counted; for the caps of a currency its code between two of them.
    """

    customer_id = models.BigIntegerField()
    code = models.CharField(max_length=61)
    period = models.CharField(max_length=5)
    first_day = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer_id", "code", "period", "first_day"], name="used_limit_once")
        ]


class TierInterval(models.Model):
    """A canonical customer's tier from one day to before another; what lies ahead is what comes with no more orders."""

    customer_id = models.BigIntegerField()
    tier = models.SmallIntegerField()
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "from_date"], name="tier_interval_once")]
        indexes = [models.Index(fields=["tier", "from_date"], name="tier_interval_tier")]


class Verification(models.Model):
    """One run of `verify`: when, whether everything agreed, what was checked, and what differed."""

    at = models.DateTimeField()
    agrees = models.BooleanField()
    checked = models.JSONField(default=dict)
    due = models.BigIntegerField(default=0)
    differences = models.JSONField(default=list)
