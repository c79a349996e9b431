"""What a till asked for with its commands at the checkout."""

from django.db import models

from regulars.loyalty.models.programme import Command


class CheckoutStep(models.Model):
    """The answer that a till got for a command, kept so that the same request gets it again; and when a hold ends.

    `digest` tells the request from others. `left` and `spendable` are as of then. A hold `is_open` until its time is
    over: then what is left of it is released by a command of its own.
    """

    command = models.OneToOneField(Command, on_delete=models.PROTECT, primary_key=True, related_name="+")
    digest = models.BinaryField()
    left = models.BigIntegerField()
    spendable = models.BigIntegerField()
    store = models.ForeignKey("catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ends_at = models.DateTimeField(null=True)
    is_open = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(left__gte=0, spendable__gte=0), name="checkout_step_counts"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=False) | models.Q(is_open=False), name="checkout_step_end"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], condition=models.Q(is_open=True), name="checkout_step_open"),
        ]
