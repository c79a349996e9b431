"""Comparing an old programme with this one while both run."""

from django.db import models
from django.db.models import Q

KINDS = ("differ", "only_old", "only_new")


class ParallelRun(models.Model):
    """What the old programme said of everybody at the end of a day, compared with this one. Kept for good.

    `compared` names what the old table told: points, expiry, growth, tier, coupon. Sums are over everybody in both.
    """

    source = models.CharField(max_length=100)
    as_of = models.DateField()
    file_name = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200, blank=True)
    compared = models.JSONField(default=list)
    rows = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    problems = models.JSONField(default=list, help_text="[code, count, first rows] of rows that could not be read")
    agree = models.IntegerField(default=0)
    differ = models.IntegerField(default=0)
    only_old = models.IntegerField(default=0)
    only_new = models.IntegerField(default=0)
    old_points = models.BigIntegerField(default=0)
    new_points = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-as_of", "-id"], name="parallel_run_day")]


class ParallelDifference(models.Model):
    """One member of whom the two programmes do not say the same.

    `customer` stands for the group; null where this programme knows nobody. `row` is the member's first row in the old
    table and `number` what it called them, never a phone or an e-mail. `what`: 1 points, 2 expiry, 4 growth, 8 tier,
    16 coupons. `expiries` is [[last day or null, old, new]] where those differ, `codes` [[a coupon's old code, what of
    it]]. `reason` is a code of `taking_over.reasons`.
    """

    run = models.ForeignKey(ParallelRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=8)
    row = models.IntegerField(null=True)
    number = models.CharField(max_length=200, blank=True)
    what = models.SmallIntegerField(default=0)
    old_points = models.BigIntegerField(null=True)
    new_points = models.BigIntegerField(null=True)
    old_growth = models.BigIntegerField(null=True)
    new_growth = models.BigIntegerField(null=True)
    old_tier = models.SmallIntegerField(null=True)
    new_tier = models.SmallIntegerField(null=True)
    expiries = models.JSONField(default=list)
    codes = models.JSONField(default=list, db_default=[])
    reason = models.CharField(max_length=20)
    size = models.BigIntegerField(default=0, help_text="how far apart the points are: what lists are sorted by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="parallel_difference_kind"),
            models.CheckConstraint(
                condition=Q(kind="only_old", customer=None) | ~Q(kind="only_old"), name="parallel_difference_known"
            ),
        ]
        indexes = [models.Index(fields=["run", "kind", "-size", "id"], name="parallel_difference_run")]
