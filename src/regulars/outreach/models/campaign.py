"""Campaigns and every move of their state."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from regulars.outreach.campaigns.rules import GOALS, State

STATES = tuple(map(str, State))


class Campaign(models.Model):
    """Something said, and perhaps given, to many customers at once, with some left alone to measure it by.

    `names` is {zh, en}; `content` is {zh: {subject, body}, en: …}, one language at least, both in Liquid. Whom it is
    for is a segment, or `customers`, a list of few. The approval freezes the versions of segment and offer. `revision`
    counts the savings of a draft, so that two tabs do not overwrite each other.

    `salt` draws the hold-out. Of a start `queued_at` says when everybody was decided; `set_name` is the picture that
    told who was in the segment, `picture_day` its day.
    """

    names = models.JSONField()
    goal = models.CharField(max_length=20, default="win_back")
    segment = models.ForeignKey(
        "insight.Segment", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    segment_version = models.IntegerField(null=True)
    customers = ArrayField(models.BigIntegerField(), null=True)
    channel = models.CharField(max_length=30)
    content = models.JSONField(default=dict)
    offer = models.ForeignKey("loyalty.Offer", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    offer_version = models.IntegerField(null=True)
    held_out_percent = models.DecimalField(max_digits=5, decimal_places=2, default=10)
    no_hold_out_reason = models.CharField(max_length=300, blank=True)
    window_days = models.SmallIntegerField(default=30)
    most_messages = models.IntegerField(null=True)
    most_coupons = models.IntegerField(null=True)
    pace_per_hour = models.IntegerField(null=True)
    sends_from = models.TimeField(default=time(8))
    sends_until = models.TimeField(default=time(21))
    state = models.CharField(max_length=10, default="draft")
    revision = models.IntegerField(default=1)
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200, blank=True)
    salt = models.CharField(max_length=64)
    started_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)
    set_name = models.CharField(max_length=100, blank=True)
    picture_day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="campaign_state"),
            models.CheckConstraint(condition=Q(goal__in=GOALS), name="campaign_goal"),
            models.CheckConstraint(
                condition=Q(segment__isnull=False, customers=None) | Q(segment=None, customers__isnull=False),
                name="campaign_for_whom",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (
                    (Q(segment=None) | Q(segment_version__isnull=False))
                    & (Q(offer=None) | Q(offer_version__isnull=False))
                ),
                name="campaign_version_frozen",
            ),
            models.CheckConstraint(
                condition=Q(held_out_percent__gt=0, held_out_percent__lte=50)
                | (Q(held_out_percent=0) & ~Q(no_hold_out_reason="")),
                name="campaign_hold_out",
            ),
            models.CheckConstraint(condition=Q(window_days__gte=1, window_days__lte=365), name="campaign_window"),
            models.CheckConstraint(
                condition=(Q(most_messages=None) | Q(most_messages__gt=0))
                & (Q(most_coupons=None) | Q(most_coupons__gt=0))
                & (Q(pace_per_hour=None) | Q(pace_per_hour__gt=0)),
                name="campaign_budget",
            ),
            models.CheckConstraint(condition=Q(sends_from__lt=F("sends_until")), name="campaign_hours"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "approved", "stopped"]) | Q(started_at__isnull=False),
                name="campaign_started",
            ),
        ]
        indexes = [models.Index(fields=["state"], name="campaign_state_of")]


class CampaignMove(models.Model):
    """Who brought a campaign from one state into another, when, and what for. Only ever added (a trigger refuses)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_state__in=["", *STATES], to_state__in=STATES) & ~Q(from_state=F("to_state")),
                name="campaign_move_states",
            )
        ]
