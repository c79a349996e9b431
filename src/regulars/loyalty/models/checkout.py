"""What tills asked for at the checkout, and what they were answered."""

from django.db import models

from regulars.loyalty.models.programme import Command


class CheckoutStep(models.Model):
    """One step of a checkout that was taken, and its answer, kept so that the same request gets it again.

    `kind` is an `ItemKind`: HOLD, CAPTURE, RELEASE, REVERSE, or REDEEM for one that nothing was reserved for. `digest`
    tells the request from others. `goes_on` is the hold that is captured or released, the capture that is refunded.
    `command` is what it did to points, null if it was about none. `told` has what later steps need: uses of coupons
    and benefits, and the order's lines; `answer` what was answered. `source` and `order_key` name the order, if it was
    said. A hold `is_open` until its time is over: then what is left of it is given back.
    """

    key = models.CharField(max_length=320, db_collation="C")
    kind = models.SmallIntegerField()
    digest = models.BinaryField()
    goes_on = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    command = models.OneToOneField(Command, on_delete=models.PROTECT, related_name="+", null=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    store = models.ForeignKey("catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    source = models.ForeignKey("facts.Source", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    order_key = models.CharField(max_length=250, blank=True)
    told = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    ends_at = models.DateTimeField(null=True)
    is_open = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="checkout_step_once"),
            models.CheckConstraint(condition=models.Q(kind__in=[11, 12, 13, 14, 15]), name="checkout_step_kind"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=False) | models.Q(is_open=False), name="checkout_step_ends"
            ),
            models.CheckConstraint(
                condition=models.Q(source=None, order_key="")
                | (models.Q(source__isnull=False) & ~models.Q(order_key="")),
                name="checkout_step_order_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "ends_at"], condition=models.Q(is_open=True), name="checkout_step_open_of"
            ),
        ]
