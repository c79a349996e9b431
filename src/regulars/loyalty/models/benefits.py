"""Each use of a benefit that a tier has."""

from django.db import models
from django.db.models import F, Q


class BenefitUse(models.Model):
    """A member used a benefit once; undone by a date. `digest` is over what was asked, so that a key keeps its meaning.

    `version`, `code`, `kind` and `tier` are as they were at `at`; `business_date` is that day where the business is.
    `part_minor` is what it takes off: the order, the freight or the fee, null if nobody said. `again_from` is for
    birthday benefits: the first day on which there may be another, whatever birthday the profile tells by then.
    `source` and `order_key` name the order, if it was said: the same pair as the order's fact. While a checkout holds
    it, `reserved_until` says how long: it counts as a use until then, so that nobody else can use it.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=320, db_collation="C")
    digest = models.BinaryField()
    at = models.DateTimeField()
    business_date = models.DateField()
    version = models.IntegerField()
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    tier = models.CharField(max_length=60)
    part_minor = models.BigIntegerField(null=True)
    off_minor = models.BigIntegerField(default=0)
    again_from = models.DateField(null=True)
    source = models.ForeignKey("facts.Source", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    order_key = models.CharField(max_length=250, blank=True)
    store = models.ForeignKey("catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    actor = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    reserved_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="benefit_use_once"),
            models.CheckConstraint(condition=Q(off_minor__gte=0), name="benefit_use_off"),
            models.CheckConstraint(
                condition=Q(part_minor=None, off_minor=0) | Q(part_minor__gte=F("off_minor")),
                name="benefit_use_not_above",
            ),
            models.CheckConstraint(
                condition=Q(kind="birthday_gift", again_from__isnull=False)
                | (~Q(kind="birthday_gift") & Q(again_from=None)),
                name="benefit_use_birthday",
            ),
            models.CheckConstraint(
                condition=Q(source=None, order_key="") | (Q(source__isnull=False) & ~Q(order_key="")),
                name="benefit_use_order_whole",
            ),
        ]
        indexes = [
            # What a member's uses come to in a period is counted from it.
            models.Index(
                fields=["customer", "code", "business_date"],
                name="benefit_use_standing",
                condition=Q(undone_at=None),
            ),
            models.Index(fields=["source", "order_key"], name="benefit_use_order", condition=Q(source__isnull=False)),
            models.Index(fields=["customer", "at"], name="benefit_use_customer"),
        ]
