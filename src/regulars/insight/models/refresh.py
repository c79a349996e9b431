"""Each making of the picture, and who moved from one lifecycle stage to another."""

from django.db import models
from django.db.models import F, Q


class Refresh(models.Model):
    """One making of the picture as of a day: running, then done with its set in the lake, or failed with a reason."""

    day = models.DateField(help_text="the picture knows what happened before this day")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, default="running")
    failure_code = models.CharField(max_length=50, blank=True)
    failure = models.TextField(blank=True)
    set_name = models.CharField(max_length=100, blank=True, help_text="its folder under lake/sets")
    counts = models.JSONField(default=dict, help_text="customers, orders and so on, and seconds by step")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["running", "done", "failed"]), name="refresh_status"),
            models.CheckConstraint(condition=~Q(status="done") | ~Q(set_name=""), name="refresh_done_has_set"),
        ]
        indexes = [models.Index(fields=["started_at"], name="refresh_started")]


class StageMove(models.Model):
    """A customer came into a lifecycle stage on a day. `from_stage` is empty when it is the first one known.

    `cause` is a code of the lifecycle rules that says why, `numbers` what its words are told with. The last move says
    where a customer is.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    from_stage = models.CharField(max_length=20, blank=True)
    to_stage = models.CharField(max_length=20)
    day = models.DateField()
    cause = models.CharField(max_length=30)
    numbers = models.JSONField(default=dict)
    refresh = models.ForeignKey(Refresh, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "day"], name="stage_move_once_a_day"),
            models.CheckConstraint(condition=~Q(from_stage=F("to_stage")), name="stage_move_moves"),
        ]
        indexes = [models.Index(fields=["day"], include=["from_stage", "to_stage"], name="stage_move_day")]
