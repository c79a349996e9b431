"""Experiments and what was measured of them. Who is in which arm stands in the decisions, and only there."""

from django.db import models
from django.db.models import F, Q


class Experiment(models.Model):
    """Some customers are left alone on purpose, so that what was done to the others can be measured.

    `about` says what it belongs to: a campaign by its id, or the company-wide standing control group (a number of its
    own, counted from 1). `salt` decides who is held out. What customers do in [started_at, + window_days) counts.
    `ends_at` is when that window ends, or when a standing group ended; None while it goes on.
    """

    about_kind = models.CharField(max_length=10)
    about_id = models.BigIntegerField()
    salt = models.CharField(max_length=64)
    share_percent = models.DecimalField(max_digits=4, decimal_places=2)
    started_at = models.DateTimeField()
    window_days = models.IntegerField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["about_kind", "about_id"], name="experiment_once"),
            models.UniqueConstraint(
                fields=["about_kind"],
                condition=Q(about_kind="standing", ends_at=None),
                name="experiment_one_standing",
            ),
            models.CheckConstraint(condition=Q(about_kind__in=["campaign", "standing"]), name="experiment_about"),
            models.CheckConstraint(condition=Q(share_percent__gte=0, share_percent__lte=50), name="experiment_share"),
            models.CheckConstraint(condition=Q(window_days__gt=0), name="experiment_window"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("started_at")), name="experiment_forward"),
        ]


class ShareChange(models.Model):
    """From a moment on a standing control group has another share; the first row is its beginning."""

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    share_percent = models.DecimalField(max_digits=4, decimal_places=2)
    by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "at"], name="share_change_once")]


class Outcome(models.Model):
    """What was measured of an experiment at a moment: the sums of each arm, and the report that they came to.

    `sums` hold whole numbers of any length; everything in `report` can be computed from them again.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="+", db_index=False)
    measured_at = models.DateTimeField()
    is_final = models.BooleanField(help_text="the window was over")
    sums = models.JSONField()
    report = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "measured_at"], name="outcome_once")]
