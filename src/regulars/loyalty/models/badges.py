"""Who has which badge."""

from django.db import models


class MemberBadge(models.Model):
    """A customer has a badge since `at`, for a fact, by a rule of the version of its time.

    It is what the fold over their facts comes to, as tiers are: kept so that it can be listed, and checked by `verify`.
    Each customer of a merged group keeps what their own facts gave.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    code = models.CharField(max_length=20, db_collation="C")
    fact_id = models.BigIntegerField()
    rule = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "code"], name="member_badge_once")]
        indexes = [models.Index(fields=["code", "customer"], name="member_badge_code")]
