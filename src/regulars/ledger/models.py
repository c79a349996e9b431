"""Points as double entry. Only this room reads or writes these tables."""

from django.db import models
from django.db.models import F, Q

from regulars.ledger.rules import CUSTOMER_ACCOUNTS, HOUSE_ACCOUNTS


class Wallet(models.Model):
    """A customer's accounts in one currency, one row: each balance equals the sum of its transfers.

    `debt` is what the customer owes, as a balance <= 0. Growth and the like live in `earned` alone.
    """

    pk = models.CompositePrimaryKey("customer_id", "currency")
    customer_id = models.BigIntegerField()
    currency = models.SmallIntegerField()
    pending = models.BigIntegerField(default=0)
    available = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    earned = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pending__gte=0), name="wallet_pending"),
            models.CheckConstraint(condition=Q(available__gte=0), name="wallet_available"),
            models.CheckConstraint(condition=Q(held__gte=0), name="wallet_held"),
            models.CheckConstraint(condition=Q(debt__lte=0), name="wallet_debt"),
        ]


class Lot(models.Model):
    """Points that were earned together and expire together. The counters follow from the transfers that name it."""

    customer_id = models.BigIntegerField()
    currency = models.SmallIntegerField()
    origin_kind = models.SmallIntegerField()
    origin_id = models.BigIntegerField()
    ordinal = models.IntegerField(
        default=0, help_text="0 for what was earned; 1, 2, … for points restored after expiry"
    )
    issued = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    used = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)
    revoked = models.BigIntegerField(default=0)
    matured = models.BooleanField()
    frozen = models.BooleanField(default=False, help_text="while the account is, what is pending does not mature")
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin_id", "origin_kind", "currency", "ordinal"], name="lot_once"),
            models.CheckConstraint(
                condition=Q(issued=F("remaining") + F("held") + F("used") + F("expired") + F("revoked")),
                name="lot_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, held__gte=0, used__gte=0, expired__gte=0, revoked__gte=0),
                name="lot_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["customer_id"], name="lot_customer"),
            models.Index(fields=["expires_at"], name="lot_expiring", condition=Q(remaining__gt=0)),
            models.Index(
                fields=["effective_at"], name="lot_maturing", condition=Q(matured=False, frozen=False, remaining__gt=0)
            ),
        ]


class Transfer(models.Model):
    """A positive whole amount from one account to another; never changed, never deleted (a trigger refuses).

    `lot` is the lot that it moves (None for debt and growth), `origin` the fact or command behind it, `corrects` the
    earlier transfer that it puts right. `at` is when it applies, `recorded_at` when it was written.
    """

    customer_id = models.BigIntegerField()
    currency = models.SmallIntegerField()
    source = models.SmallIntegerField()
    target = models.SmallIntegerField()
    amount = models.BigIntegerField()
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    origin_kind = models.SmallIntegerField()
    origin_id = models.BigIntegerField()
    purpose = models.SmallIntegerField()
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_positive"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="transfer_moves"),
            models.CheckConstraint(
                condition=Q(
                    source__in=CUSTOMER_ACCOUNTS + HOUSE_ACCOUNTS, target__in=CUSTOMER_ACCOUNTS + HOUSE_ACCOUNTS
                ),
                name="transfer_accounts",
            ),
            models.UniqueConstraint(
                fields=["origin_id", "origin_kind", "currency", "purpose", "source", "target", "lot", "customer_id"],
                condition=Q(corrects=None),
                name="transfer_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["customer_id", "at"], name="transfer_customer"),
            # Earning and maturing stand everywhere; what is rarer is found here.
            models.Index(
                fields=["purpose", "id"], name="transfer_rare", condition=~Q(purpose__in=[1, 2]) & Q(currency=1)
            ),
        ]


class DailyClose(models.Model):
    """What the house accounts moved on one recorded day; a trial balance is the last close and the tail after it."""

    pk = models.CompositePrimaryKey("day", "currency", "account")
    day = models.DateField()
    currency = models.SmallIntegerField()
    account = models.SmallIntegerField()
    balance = models.BigIntegerField(help_text="running balance at the end of the day")
    last_transfer_id = models.BigIntegerField()
