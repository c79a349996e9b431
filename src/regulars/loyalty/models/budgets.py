"""What rules with a budget for all members together have given, decided in the order in which facts were recorded."""

from django.db import models


class RuleBudget(models.Model):
    """A rule that has a budget, by its code, in whichever versions; its id is what `limits` counts for."""

    code = models.CharField(max_length=60, unique=True)


class BudgetShare(models.Model):
    """What one fact was given of a rule's budget. Decided once: folding again reads it as it reads the fact.

    `amount` is points, growth or 1 for a time; 0: nothing was left. Once the order is undone it is `returned` to the
    budget, and says only what it was.
    """

    budget = models.ForeignKey(RuleBudget, on_delete=models.PROTECT, related_name="+", db_index=False)
    fact_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(help_text="whose fact it is, as it was recorded")
    amount = models.BigIntegerField()
    returned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fact_id", "budget"], name="budget_share_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="budget_share_not_negative"),
        ]
        indexes = [models.Index(fields=["customer_id"], name="budget_share_customer")]
