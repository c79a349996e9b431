"""How much of every limit was used."""

from django.db import models
from django.db.models import Q


class Use(models.Model):
    """How much a subject used within one bucket of time.

    `kind` is a `rules.Kind`, `subject` the id of what that kind counts for, `bucket` the start of a step, or
    `rules.EVER`. Every subject that was ever counted has an EVER row: takers lock it before they read.
    """

    pk = models.CompositePrimaryKey("kind", "subject", "bucket")
    kind = models.SmallIntegerField()
    subject = models.BigIntegerField()
    bucket = models.DateTimeField()
    used = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(used__gte=0), name="limit_use_not_negative")]
