"""Abnormal customers 异常客户: cases with their evidence, what a device or an address was seen with, four eyes."""

from django.db import models
from django.db.models import F, Q

from regulars.loyalty.currencies import POINTS


class RiskCase(models.Model):
    """What the rules found about a customer, and what people made of it.

    `customer` stood for the group when it was opened. `evidence` is what `risk.rules.Evidence.told` tells. `assignee`
    and `decided_by` name people as `actor` does everywhere.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=10, default="open")
    score = models.SmallIntegerField()
    evidence = models.JSONField()
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    assignee = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "reviewed"], decided_at=None)
                | Q(state__in=["frozen", "released", "dismissed"], decided_at__isnull=False),
                name="risk_case_state",
            ),
            models.CheckConstraint(condition=Q(score__range=(0, 100)), name="risk_case_score"),
            # While a case stands, whatever else is found about the customer is added to it.
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state__in=["open", "reviewed", "frozen"]), name="risk_case_once"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="risk_case_customer"),
            models.Index(fields=["state", "-score", "id"], name="risk_case_queue"),
            models.Index(fields=["-opened_at"], name="risk_case_opened"),
        ]


class RiskStep(models.Model):
    """Something that was done about a case. Rows are only ever added."""

    case = models.ForeignKey(RiskCase, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    actor = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    points = models.BigIntegerField(default=0)


class RiskMark(models.Model):
    """A customer was seen with a device, or an address: hashed, so that it says who shares one and not which.

    `kind` is a `risk.rules.MarkKind`. Filled by following the feed of facts.
    """

    kind = models.SmallIntegerField()
    mark = models.CharField(max_length=32, db_collation="C")
    customer_id = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    orders = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "mark", "customer_id"], name="risk_mark_once")]
        indexes = [models.Index(fields=["customer_id"], name="risk_mark_customer")]


class RiskBound(models.Model):
    """How far the feed of facts was followed, and until when commands and codes were looked at: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.IntegerField(default=0)
    xid = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="risk_bound_one")]


class PointsProposal(models.Model):
    """Points to be granted or deducted, or an account to be released, that a second person has to approve 双人复核."""

    kind = models.CharField(max_length=10)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    case = models.ForeignKey(RiskCase, on_delete=models.PROTECT, related_name="+", null=True)
    amount = models.BigIntegerField()
    currency = models.SmallIntegerField(default=POINTS, db_default=POINTS)
    note = models.CharField(max_length=300)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, default="waiting")
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["grant", "deduct", "release"]), name="points_proposal_kind"),
            models.CheckConstraint(condition=Q(amount__gte=0) & ~Q(proposed_by=""), name="points_proposal_whole"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by="")
                | Q(state__in=["refused", "withdrawn"], decided_at__isnull=False)
                # Nobody approves what they proposed themselves.
                | (Q(state="approved", decided_at__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="points_proposal_state",
            ),
        ]
        indexes = [
            models.Index(fields=["proposed_at"], name="points_proposal_waiting", condition=Q(state="waiting")),
            models.Index(fields=["customer"], name="points_proposal_customer"),
        ]
