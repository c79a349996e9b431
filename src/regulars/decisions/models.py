"""The decision trace."""

from django.db import models
from django.db.models import Q


class Decision(models.Model):
    """What was decided for a customer, once for each thing it was about. Never changed or deleted (a trigger refuses).

    Rows name the customer who stood for the group then. `about_kind` and `outcome` are codes of `rules`; `reason` is a
    code of whoever decided, `numbers` what its words are told with.
    """

    about_kind = models.SmallIntegerField()
    about_id = models.BigIntegerField()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    outcome = models.SmallIntegerField()
    reason = models.CharField(max_length=40, db_collation="C")
    numbers = models.JSONField(default=dict)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["about_kind", "about_id", "customer"], name="decision_once"),
            models.CheckConstraint(condition=Q(outcome__in=[1, 2, 3]), name="decision_outcome"),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_reason"),
        ]
        indexes = [models.Index(fields=["customer"], name="decision_customer")]
