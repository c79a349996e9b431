"""Offers, the coupons that promise them, and each use."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Offer(models.Model):
    """Something that coupons promise; on which terms stands in its versions. `names` is {zh, en}, one at least."""

    names = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    archived_at = models.DateTimeField(null=True)


class OfferVersion(models.Model):
    """The terms of an offer from this version on. Never changed, never deleted (a trigger refuses).

    `value` is minor units for amount_off and whole per cent for percent_off. `gift` is {zh, en}: what is given.
    `uses_most` is how often one coupon may be used.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    kind = models.CharField(max_length=12)
    value = models.BigIntegerField(default=0)
    gift = models.JSONField(default=dict)
    min_spend_minor = models.BigIntegerField(default=0)
    unit_cost_minor = models.BigIntegerField(default=0, help_text="what one gift costs the shop")
    days_valid = models.IntegerField()
    uses_most = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_version_once"),
            models.CheckConstraint(
                condition=Q(kind="amount_off", value__gt=0, gift={})
                | Q(kind="percent_off", value__range=(1, 99), gift={})
                | (Q(kind="gift", value=0) & ~Q(gift={})),
                name="offer_version_kind",
            ),
            models.CheckConstraint(
                condition=Q(min_spend_minor__gte=0, unit_cost_minor__gte=0, days_valid__gt=0, uses_most__gt=0),
                name="offer_version_sizes",
            ),
        ]


class Coupon(models.Model):
    """A code that promises an offer: to one customer, or, when none is named, to whoever has it.

    `key` is what it was issued for (a delivery, say): the same key never makes a second coupon. The code is kept
    without dashes; one that was taken over from another programme is as that programme made it. How often it was used
    is counted by `limits`, whose row is the coupon's lock.
    """

    code = models.CharField(max_length=40, db_collation="C")
    version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=100, db_collation="C")
    issued_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    expires_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    voided_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="coupon_code_once"),
            models.UniqueConstraint(fields=["key"], name="coupon_key_once"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("valid_from")), name="coupon_forward"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[2-9A-HJKMNP-Z]{12}$")
                | Q(code__regex=r"^[0-9A-Z]{4,40}$", key__startswith="taken:"),
                name="coupon_code_letters",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="coupon_customer", condition=Q(customer__isnull=False)),
            models.Index(fields=["id"], name="coupon_old_code", condition=~Q(code__regex=r"^[2-9A-HJKMNP-Z]{12}$")),
        ]


class CouponBatch(models.Model):
    """Coupons that a job issues: one to each of these customers, or so many to whoever has a code.

    `done` of `wanted` are issued; who comes next stands at that place of `customer_ids`, which is null for codes. The
    key of each is `batch:<id>:<place>`. `problem` is the code of the error that ended it early.
    """

    version = models.ForeignKey(OfferVersion, on_delete=models.PROTECT, related_name="+")
    segment_id = models.BigIntegerField(null=True)
    customer_ids = ArrayField(models.BigIntegerField(), null=True)
    wanted = models.IntegerField()
    done = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(wanted__gt=0, done__gte=0, done__lte=F("wanted")), name="batch_sizes"),
            models.CheckConstraint(
                condition=Q(ended_at=None, problem="")
                | Q(ended_at__isnull=False, done=F("wanted"), problem="")
                | (Q(ended_at__isnull=False) & ~Q(problem="")),
                name="batch_end",
            ),
        ]


class CouponUse(models.Model):
    """A coupon was used once; undone by a date. `digest` is over what was asked, so that a key keeps its meaning.

    `source` and `order_key` name the order, if it was said: the same pair as the order's fact. While a checkout holds
    it, `reserved_until` says how long: it counts as a use until then, so that nobody else can use it.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=320, db_collation="C")
    digest = models.BinaryField()
    at = models.DateTimeField()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    source = models.ForeignKey("facts.Source", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    order_key = models.CharField(max_length=250, blank=True)
    store = models.ForeignKey("catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    spend_minor = models.BigIntegerField(null=True)
    discount_minor = models.BigIntegerField()
    actor = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    reserved_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="coupon_use_once"),
            models.CheckConstraint(condition=Q(discount_minor__gte=0), name="coupon_use_discount"),
            models.CheckConstraint(
                condition=Q(spend_minor=None) | Q(spend_minor__gte=F("discount_minor")), name="coupon_use_not_above"
            ),
            models.CheckConstraint(
                condition=Q(source=None, order_key="") | (Q(source__isnull=False) & ~Q(order_key="")),
                name="coupon_use_order_whole",
            ),
        ]
        indexes = [
            # The last use of a shared code, of which there may be thousands, is found at one end of this index.
            models.Index(fields=["coupon", "at"], name="coupon_use_coupon"),
            models.Index(fields=["source", "order_key"], name="coupon_use_order", condition=Q(source__isnull=False)),
            models.Index(
                fields=["coupon", "reserved_until"],
                name="coupon_use_reserved",
                condition=Q(reserved_until__isnull=False, undone_at=None),
            ),
        ]


class UnmatchedCode(models.Model):
    """An order told a code that could not be counted as a use; the order itself was recorded all the same."""

    source = models.ForeignKey("facts.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    order_key = models.CharField(max_length=250)
    code = models.CharField(max_length=200)
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "order_key", "code"], name="unmatched_code_once")]
        indexes = [models.Index(fields=["at"], name="unmatched_code_at")]
