"""Campaigns that another system ran: whom it reached, which coupons went with them, and how those were used."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from regulars.outreach.past.rules import Match


class PastCampaign(models.Model):
    """A campaign of another system, on the days [start_date, end_date)."""

    source = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    kind = models.CharField(max_length=100, blank=True)
    start_date = models.DateField()
    end_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="past_campaign_once"),
            models.CheckConstraint(condition=Q(start_date__lt=F("end_date")), name="past_campaign_days"),
        ]


class PastReach(models.Model):
    """A past campaign was sent to somebody."""

    campaign = models.ForeignKey(PastCampaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    identity = models.ForeignKey(
        "customers.Identity", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "identity"], name="past_reach_once")]


class PastCoupon(models.Model):
    """A coupon of a past campaign, and the products that it was good for."""

    campaign = models.ForeignKey(PastCampaign, on_delete=models.CASCADE, related_name="+", db_index=False)
    code = models.CharField(max_length=100)
    products = ArrayField(models.CharField(max_length=200))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "code"], name="past_coupon_once")]


class PastRedemption(models.Model):
    """A coupon was used, as the other system told it, and whether that fits with everything else that is known.

    `campaign_key` is as told, since it may name none. `fact_id` is the order that it matched.
    """

    source = models.CharField(max_length=100)
    campaign_key = models.CharField(max_length=100)
    code = models.CharField(max_length=100)
    identity = models.ForeignKey(
        "customers.Identity", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    on_date = models.DateField()
    match = models.CharField(max_length=20)
    fact_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(match__in=list(map(str, Match))), name="past_redemption_match"),
            models.CheckConstraint(
                condition=Q(match="bought", fact_id__isnull=False) | (~Q(match="bought") & Q(fact_id=None)),
                name="past_redemption_order",
            ),
        ]
        indexes = [models.Index(fields=["source", "campaign_key", "match"], name="past_redemption_of")]
