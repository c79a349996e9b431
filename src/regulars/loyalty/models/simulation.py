"""Simulations of the programme that somebody asked for, and what came out."""

from django.db import models


class Simulation(models.Model):
    """One question to the simulator and, once it is done, its answer.

    `digest` tells the terms from others. `done` of `whole` members are replayed. `result` is kept for good: it is what
    somebody looked at before terms went live.
    """

    digest = models.CharField(max_length=64)
    terms = models.JSONField()
    since = models.DateField(null=True, help_text="first day of the draft; null: the whole history")
    thousand_cost = models.BigIntegerField(help_text="of a thousand points, minor units")
    change_percent = models.SmallIntegerField()
    state = models.CharField(max_length=8, default="asked")
    done = models.IntegerField(default=0)
    whole = models.IntegerField(default=0)
    result = models.JSONField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", result__isnull=False)
                | models.Q(state__in=("asked", "running", "failed"), result__isnull=True),
                name="simulation_state",
            )
        ]
        indexes = [models.Index(fields=["digest", "-asked_at"], name="simulation_digest")]
