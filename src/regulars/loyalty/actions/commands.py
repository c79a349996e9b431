"""Deciding what is done with points: redeem, hold, capture, release, reverse, grant, deduct. Each is decided once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.db import IntegrityError, connection

from regulars.changes import actions as changes
from regulars.changes.rules import ChangeKind
from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.facts.rules import KeyReused
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty import queries
from regulars.loyalty.actions import holds, in_turn, rating
from regulars.loyalty.actions.in_turn import InTurn
from regulars.loyalty.actions.whole import Whole, whole_of, without_ended_holds
from regulars.loyalty.checkout.queries import ended_holds
from regulars.loyalty.checkout.rules import HoldEnded
from regulars.loyalty.currencies import POINTS, InvalidCurrency
from regulars.loyalty.models import Command
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import ItemKind, Policies

MOST_POINTS = 10**15
SPENDS = (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT)
REFUSED_WHEN_FROZEN = (ItemKind.REDEEM, ItemKind.HOLD)
WITHOUT_AMOUNT = (ItemKind.FREEZE, ItemKind.UNFREEZE)
COLUMNS = (
    "kind", "customer_id", "key", "digest", "amount", "refers_to_id", "note", "actor", "at", "business_date",
    "recorded_at", "currency",
)  # fmt: skip
TYPES = (
    "smallint", "bigint", "text", "bytea", "bigint", "bigint", "text", "text", "timestamptz", "date", "timestamptz",
    "smallint",
)  # fmt: skip
INSERT = f"""
INSERT INTO loyalty_command ({", ".join(COLUMNS)}) SELECT * FROM {bulk.unnest(*TYPES)} RETURNING key, id
"""
CONTINUES = {
    ItemKind.CAPTURE: (ItemKind.HOLD,),
    ItemKind.RELEASE: (ItemKind.HOLD,),
    ItemKind.REVERSE: (ItemKind.REDEEM, ItemKind.CAPTURE, ItemKind.DEDUCT),
}


class NothingLeft(DomainError):
    """The command that this one continues has less left than asked; `left` in the context says how much."""

    code = "nothing_left"


class UnknownCommand(DomainError):
    """The command that this one refers to is not there, or cannot be continued this way."""

    code = "unknown_command"


class UnknownCustomer(DomainError):
    """No such customer."""

    code = "unknown_customer"


class AccountFrozen(DomainError):
    """The account is frozen 账户冻结: nothing is spent until it is released."""

    code = "account_frozen"


class NothingToRelease(DomainError):
    """This customer's account is not frozen."""

    code = "not_frozen"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command came to: its id, the points it moved, and what the customer can spend afterwards.

    `left` is what is left of the hold (of the redemption …) that it made or went on from. `currency` is the ledger's
    number of what it moved, and of what can be spent.
    """

    command_id: int
    kind: int
    customer_id: int
    amount: int
    at: datetime
    spendable: int
    left: int = 0
    currency: int = POINTS


def decide(
    *,
    kind: ItemKind,
    customer_id: int,
    amount: int | None,
    key: str,
    at: datetime,
    policies: Policies,
    refers_to: int | None = None,
    actor: str = "",
    note: str = "",
    currency: int = POINTS,
) -> Receipt:
    """Decide one command and post it, or refuse and change nothing. To be called inside a transaction.

    Two tills that ask at the same moment are answered one after the other: the lock decides, and a command never
    stands before one that is already posted.

    Args:
        amount: Points, > 0; for capture, release and reverse at most what is left, None for all of it.
        key: The caller's own key: the same key and command gives the same receipt.
        refers_to: The hold that is captured or released, or the redemption or capture that is reversed.
        currency: The ledger's number of what is moved (`Policies.currency`); what is continued has its own.
    Raises:
        KeyReused: The key was used for another command.
        UnknownCurrency, InvalidCurrency: There is none such, or it is not given any more.
        InsufficientPoints, NothingLeft, HoldEnded, AccountFrozen, UnknownCommand, UnknownCustomer: As they say.
    """
    canonical_id = _lock(customer_id)
    if (earlier := Command.objects.filter(key=key).first()) is not None:
        if bytes(earlier.digest) != _digest(kind, customer_id, amount, refers_to, currency):
            raise KeyReused(f"The key {key} was used for another command.")
        return receipt(earlier, whole_of(canonical_id, policies, at).fold)
    return decide_locked(
        kind=kind, customer_id=customer_id, canonical_id=canonical_id, amount=amount, key=key, at=at,
        policies=policies, refers_to=refers_to, actor=actor, note=note, currency=currency,
    )  # fmt: skip


def decide_locked(
    *,
    kind: ItemKind,
    customer_id: int,
    canonical_id: int,
    amount: int | None,
    key: str,
    at: datetime,
    policies: Policies,
    refers_to: int | None = None,
    actor: str = "",
    note: str = "",
    currency: int = POINTS,
) -> Receipt:
    """The same for a caller who holds the lock of the group and knows that nothing was decided with this key."""
    wish = Wish(kind, customer_id, amount, key, refers_to, actor, note, currency)
    wish.check()
    asked = (canonical_id, kind, refers_to)
    whole: Whole | InTurn = in_turn.read([asked], policies=policies, at=at).get(canonical_id) or without_ended_holds(
        canonical_id, policies, at
    )
    command = decided(wish, whole, policies, at)
    write([command])
    go_on(command, whole)
    if isinstance(whole, InTurn):
        with bulk.pipeline(connection):
            in_turn.post([whole], at=at)
    else:
        whole.post(policies, at)
    return receipt(command, whole.fold)


@dataclass(frozen=True, slots=True)
class Wish:
    """A command that somebody asks for; see `decide`."""

    kind: ItemKind
    customer_id: int
    amount: int | None
    key: str
    refers_to: int | None = None
    actor: str = ""
    note: str = ""
    currency: int = POINTS

    def check(self) -> None:
        """Refuse what makes no sense for anybody.

        Raises:
            NothingLeft, UnknownCommand: The amount is none, or it goes on from what it cannot.
        """
        all_of_it = self.amount is None and self.kind in CONTINUES
        if self.kind not in WITHOUT_AMOUNT and not all_of_it and not 0 < (self.amount or 0) <= MOST_POINTS:
            raise NothingLeft(f"The amount must lie between 1 and {MOST_POINTS}.", left=0)
        if self.refers_to is not None and self.kind not in CONTINUES:
            raise UnknownCommand("This kind of command does not continue another.")


def decided(wish: Wish, whole: Whole | InTurn, policies: Policies, at: datetime) -> Command:
    """The command as it is to be kept, or a refusal; nothing is written.

    Raises:
        InsufficientPoints, NothingLeft, HoldEnded, AccountFrozen, UnknownCommand: As they say.
    """
    kind, customer_id, currency = wish.kind, wish.customer_id, wish.currency
    amount = None if kind in WITHOUT_AMOUNT else wish.amount
    at = max(at, whole.last_at or at)
    if kind in CONTINUES:
        # It belongs to whoever it continues: when a merge is undone, both must stay in one history.
        customer_id, left = _continued(kind, wish.refers_to, amount, whole)
        amount, currency = amount or left, whole.fold.currency_of(wish.refers_to or 0)
    elif currency != POINTS:
        _check_currency(kind, currency, policies, at)
    amount = amount or 0
    customer_id = _who(kind, customer_id, whole.fold)
    if kind in SPENDS:
        spendable = spendable_of(whole.fold, currency)
        if spendable < amount:
            code = policies.code_of(currency)
            why = f"Only {spendable} {code} can be spent; this takes {amount}."
            raise InsufficientPoints(why, spendable=spendable, **({} if currency == POINTS else {"currency": code}))
    return Command(
        kind=kind, customer_id=customer_id, key=wish.key,
        digest=_digest(kind, wish.customer_id, wish.amount, wish.refers_to, wish.currency), amount=amount,
        refers_to_id=wish.refers_to, note=wish.note, actor=wish.actor, at=at,
        business_date=business_date(at, policies.at(at).zone), recorded_at=at, currency=currency,
    )  # fmt: skip


def write(commands: Sequence[Command]) -> None:
    """Keep commands that were decided; they get their numbers.

    Raises:
        Contended: One of the keys was used at the same moment.
    """
    rows = [[getattr(command, name) for name in COLUMNS] for command in commands]
    try:
        numbers = dict(bulk.run(connection, INSERT, bulk.columns(rows, TYPES)))
    except IntegrityError as error:
        raise customers.Contended("The key was used for another customer at the same moment.") from error
    for command in commands:
        command.pk = numbers[command.key]
    if told := [command.pk for command in commands if command.kind in (ItemKind.FREEZE, ItemKind.UNFREEZE)]:
        changes.note(ChangeKind.COMMANDS, told)


def go_on(command: Command, whole: Whole | InTurn) -> None:
    """Fold what was decided."""
    whole.then(
        queries.command_item(
            command.kind, command.pk, command.customer_id, command.at, command.business_date, command.amount,
            command.refers_to_id, currency=command.currency,
        )
    )  # fmt: skip


def release_ended(*, canonical_id: int, policies: Policies, at: datetime) -> None:
    """Release what is left of this group's holds whose time is over. To be called inside a transaction."""
    customers.lock_groups([canonical_id])
    if ended := ended_holds(at=at, canonical_id=canonical_id):
        holds.close(ended, whole_of(canonical_id, policies, at).fold, policies, at)
        rating.fold_again(canonical_ids=[canonical_id], policies=policies, at=at)


def _who(kind: ItemKind, customer_id: int, fold: Fold) -> int:
    """Whose command it is. A frozen account spends nothing; what a till holds already may still be captured.

    Who stands for a group may not be the one who was frozen before a merge: each of those is released in turn.
    """
    if kind in REFUSED_WHEN_FROZEN and fold.frozen:
        raise AccountFrozen("The account is frozen; nothing can be spent until it is released.", spendable=0)
    if kind is ItemKind.UNFREEZE and customer_id not in fold.frozen:
        if not fold.frozen:
            raise NothingToRelease("This account is not frozen.")
        return min(fold.frozen)
    return customer_id


def _check_currency(kind: ItemKind, currency: int, policies: Policies, at: datetime) -> None:
    """What a version dropped can still be spent and taken back, and is not given any more."""
    code = policies.lasting(currency, at).code
    if kind is ItemKind.GRANT and code not in policies.at(at).currencies:
        raise InvalidCurrency(f"The programme does not give {code} any more.", currency=code)


def spendable_of(fold: Fold, currency: int = POINTS) -> int:
    """What may be spent now: matured points that remain, less what is owed; >= 0. Of a frozen account what could be."""
    available = sum(lot.remaining for lot in fold.lots.values() if lot.matured and lot.key.currency == currency)
    return max(0, available - fold.owes(currency))


def _digest(kind: ItemKind, customer_id: int, amount: int | None, refers_to: int | None, currency: int) -> bytes:
    other = "" if currency == POINTS else f"|{currency}"
    return blake2b(f"{kind}|{customer_id}|{amount}|{refers_to}{other}".encode(), digest_size=16).digest()


def _lock(customer_id: int) -> int:
    groups = customers.lock_groups([customer_id])
    if not groups:
        raise UnknownCustomer("No such customer.")
    return groups[customer_id]


def _continued(kind: ItemKind, refers_to: int | None, amount: int | None, whole: Whole | InTurn) -> tuple[int, int]:
    """Whose the command is that this one goes on from, and what is left of it."""
    earlier = whole.find(refers_to)
    earlier = earlier if earlier is not None and earlier.kind in CONTINUES[kind] else None
    left = whole.fold.left_of(refers_to or 0) if earlier else None
    if earlier is None or left is None:
        raise UnknownCommand("There is no such command of this customer to continue.")
    if not left and earlier.kind == ItemKind.HOLD and holds.was_ended(earlier.origin_id):
        raise HoldEnded("The time of this hold is over, and what was left of it can be spent again.", left=0)
    if left < (amount or 1):
        raise NothingLeft(f"Only {left} points of it are left.", left=left)
    return earlier.customer_id, left


def receipt(command: Command, fold: Fold) -> Receipt:
    """What a command came to, once it is folded."""
    left = fold.left_of(command.refers_to_id or command.pk) or 0
    return Receipt(
        command.pk, command.kind, command.customer_id, command.amount, command.at,
        spendable_of(fold, command.currency), left, command.currency,
    )  # fmt: skip
