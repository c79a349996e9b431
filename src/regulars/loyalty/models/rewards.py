"""Rewards of the catalogue, the terms they were ever offered on, and who claimed one."""

from django.db import models
from django.db.models import F, Q

from regulars.loyalty.models.coupons import Coupon, Offer
from regulars.loyalty.models.programme import Command


class Reward(models.Model):
    """Something that points buy; on which terms stands in its versions. While paused, nobody can claim it."""

    code = models.CharField(max_length=40, db_collation="C")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="reward_code_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z0-9][a-z0-9-]*$"), name="reward_code_letters"),
        ]


class RewardVersion(models.Model):
    """The terms of a reward from this version on. Never changed, never deleted (a trigger refuses).

    `names` and `descriptions` are {zh, en}. `points` is the price, in the programme's `currency` (a code).
    `worth_minor` is what one costs the shop. `stock` counts all that were ever there, claimed ones included; null is
    unlimited. A member claims it `each_most` times in an `each_period` (null: as often as they like). `tiers` (codes),
    `segments` (ids) and `stores` (codes) are empty where all are meant. The days are the business's own, the last one
    included. An item is collected within `collect_days` whole days.
    """

    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    names = models.JSONField()
    descriptions = models.JSONField(default=dict)
    kind = models.CharField(max_length=10)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    points = models.BigIntegerField()
    currency = models.CharField(max_length=30, default="points", db_default="points", db_collation="C")
    worth_minor = models.BigIntegerField(default=0)
    stock = models.BigIntegerField(null=True)
    each_most = models.IntegerField(null=True)
    each_period = models.CharField(max_length=5, default="ever")
    tiers = models.JSONField(default=list)
    segments = models.JSONField(default=list)
    stores = models.JSONField(default=list)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    collect_days = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reward", "number"], name="reward_version_once"),
            models.CheckConstraint(
                condition=Q(kind="item", offer=None) | Q(kind="coupon", offer__isnull=False, collect_days=None),
                name="reward_version_kind",
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0, worth_minor__gte=0)
                & (Q(stock=None) | Q(stock__gte=0))
                & (Q(each_most=None) | Q(each_most__gt=0))
                & (Q(collect_days=None) | Q(collect_days__gt=0)),
                name="reward_version_sizes",
            ),
            models.CheckConstraint(
                condition=Q(each_period__in=("ever", "day", "week", "month", "year")), name="reward_version_period"
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="reward_version_forward",
            ),
        ]


class RewardClaim(models.Model):
    """A member gave points for a reward: `command` took them, `reversal` gave them back when the claim ended.

    An item has a `code` that the member shows, and is collected once; a coupon was issued at once. `points` is the
    price at which it was taken. `digest` is over what was asked, so that a key keeps its meaning. `store` is
    charged with it, `collected_store` handed it over. How many stand is counted by `limits`, whose row is the reward's
    lock.
    """

    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(RewardVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=200, db_collation="C")
    digest = models.BinaryField()
    command = models.ForeignKey(Command, on_delete=models.PROTECT, related_name="+", db_index=False)
    reversal = models.ForeignKey(Command, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    points = models.BigIntegerField()
    spendable = models.BigIntegerField(help_text="what the member could spend right afterwards")
    code = models.CharField(max_length=8, db_collation="C", null=True)  # noqa: DJ001  # unique where there is one
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    store = models.ForeignKey("catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    at = models.DateTimeField()
    business_date = models.DateField()
    collect_by = models.DateTimeField(null=True)
    actor = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True)
    collected_by = models.CharField(max_length=200, blank=True)
    collected_key = models.CharField(max_length=200, blank=True, db_collation="C")
    collected_store = models.ForeignKey(
        "catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    ended_why = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="reward_claim_once"),
            models.UniqueConstraint(fields=["code"], name="reward_claim_code_once"),
            models.UniqueConstraint(fields=["command"], name="reward_claim_command_once"),
            models.UniqueConstraint(fields=["reversal"], name="reward_claim_reversal_once"),
            models.UniqueConstraint(fields=["coupon"], name="reward_claim_coupon_once"),
            models.UniqueConstraint(
                fields=["collected_key"], name="reward_claim_collected_once", condition=~Q(collected_key="")
            ),
            models.CheckConstraint(condition=Q(points__gt=0, spendable__gte=0), name="reward_claim_points"),
            models.CheckConstraint(
                condition=Q(coupon=None, code__regex=r"^[2-9A-HJKMNP-Z]{8}$")
                | Q(coupon__isnull=False, code=None, collect_by=None, collected_at=None),
                name="reward_claim_kind",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="", reversal=None)
                | Q(
                    ended_at__isnull=False, ended_why__in=("cancelled", "lapsed"), reversal__isnull=False,
                    collected_at=None,
                ),
                name="reward_claim_end",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["customer", "reward"], name="reward_claim_customer"),
            models.Index(fields=["reward", "id"], name="reward_claim_reward"),
            models.Index(
                fields=["collect_by"],
                name="reward_claim_waiting",
                condition=Q(ended_at=None, collected_at=None, code__isnull=False),
            ),
        ]
