"""What rules asked about members when a fact was recorded, and what the fold could not know by itself (ADR 33)."""

from django.db import models


class FactInput(models.Model):
    """What held of whoever a fact is of when it was recorded, as far as rules of its version ask about it.

    Kept once: folding again reads it as it reads the fact. `told` has yes or no by segment id, numbers and codes; no
    name, no contact, no birthday.
    """

    fact_id = models.BigIntegerField(primary_key=True)
    customer_id = models.BigIntegerField(help_text="whose fact it is, as it was recorded")
    told = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["customer_id"], name="fact_input_customer")]
