"""Tiers that were given, by hand or for money, beside those that growth reaches."""

from django.db import models
from django.db.models import F, Q

from regulars.loyalty.models.programme import Command


class TierGrant(models.Model):
    """A tier from one day to before another (null: with no end in sight). Ended early by a command that refers to it.

    `tier` is the tier's code, looked up in the version of each day. `source`: 'manual' (somebody gave it), 'paid', or
    'taken_over' from another programme.
    """

    command = models.OneToOneField(Command, on_delete=models.PROTECT, primary_key=True, related_name="+")
    tier = models.CharField(max_length=60)
    from_date = models.DateField()
    until_date = models.DateField(null=True)
    source = models.CharField(max_length=10, default="manual")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_date=None) | Q(until_date__gt=F("from_date")), name="tier_grant_forward"
            ),
            models.CheckConstraint(condition=~Q(tier=""), name="tier_grant_tier"),
            models.CheckConstraint(condition=Q(source__in=["manual", "paid", "taken_over"]), name="tier_grant_source"),
        ]
