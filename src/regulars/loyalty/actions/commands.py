"""Deciding what is done with points: redeem, hold, capture, release, reverse, grant, deduct. Each is decided once."""

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
from regulars.loyalty.actions import holds, rating
from regulars.loyalty.checkout.queries import ended_holds
from regulars.loyalty.checkout.rules import HoldEnded
from regulars.loyalty.currencies import POINTS, InvalidCurrency
from regulars.loyalty.models import Command
from regulars.loyalty.rate import Fold
from regulars.loyalty.refolding import folded
from regulars.loyalty.rules import Item, ItemKind, Policies

MOST_POINTS = 10**15
SPENDS = (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT)
REFUSED_WHEN_FROZEN = (ItemKind.REDEEM, ItemKind.HOLD)
WITHOUT_AMOUNT = (ItemKind.FREEZE, ItemKind.UNFREEZE)
COLUMNS = (
    "kind", "customer_id", "key", "digest", "amount", "refers_to_id", "note", "actor", "at", "business_date",
    "recorded_at", "currency",
)  # fmt: skip
INSERT = f"""
INSERT INTO loyalty_command ({", ".join(COLUMNS)}) VALUES ({", ".join(["%s"] * len(COLUMNS))}) RETURNING id
"""
"""As the ORM would write it; at the checkout every tenth of a millisecond counts."""
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
        return _receipt(earlier, _folded(canonical_id, policies, at).fold)
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
    digest = _digest(kind, customer_id, amount, refers_to, currency)
    if kind in WITHOUT_AMOUNT:
        amount = None
    elif not (amount is None and kind in CONTINUES) and not 0 < (amount or 0) <= MOST_POINTS:
        raise NothingLeft(f"The amount must lie between 1 and {MOST_POINTS}.", left=0)
    if refers_to is not None and kind not in CONTINUES:
        raise UnknownCommand("This kind of command does not continue another.")
    whole = _without_ended_holds(canonical_id, policies, at)
    fold = whole.fold
    at = max(at, whole.items[-1].at) if whole.items else at
    if kind in CONTINUES:
        # It belongs to whoever it continues: when a merge is undone, both must stay in one history.
        customer_id, left = _continued(kind, refers_to, amount, whole)
        amount, currency = amount or left, fold.currency_of(refers_to or 0)
    elif currency != POINTS:
        _check_currency(kind, currency, policies, at)
    amount = amount or 0
    customer_id = _who(kind, customer_id, fold)
    if kind in SPENDS:
        spendable = spendable_of(fold, currency)
        if spendable < amount:
            code = policies.code_of(currency)
            why = f"Only {spendable} {code} can be spent; this takes {amount}."
            raise InsufficientPoints(why, spendable=spendable, **({} if currency == POINTS else {"currency": code}))
    command = Command(
        kind=kind, customer_id=customer_id, key=key, digest=digest, amount=amount, refers_to_id=refers_to, note=note,
        actor=actor, at=at, business_date=business_date(at, policies.at(at).zone), recorded_at=at,
        currency=currency,
    )  # fmt: skip
    row = [getattr(command, name) for name in COLUMNS]
    try:
        [(command.pk,)] = bulk.run(connection, INSERT, row)
    except IntegrityError as error:
        raise customers.Contended("The key was used for another customer at the same moment.") from error
    if kind in (ItemKind.FREEZE, ItemKind.UNFREEZE):
        changes.note(ChangeKind.COMMANDS, [command.pk])
    day = command.business_date
    whole.then(queries.command_item(kind, command.pk, customer_id, at, day, amount, refers_to, currency=currency))
    rating.post_folds({canonical_id: (whole.items, fold)}, members=whole.members, policies=policies, at=at)
    return _receipt(command, fold)


def release_ended(*, canonical_id: int, policies: Policies, at: datetime) -> None:
    """Release what is left of this group's holds whose time is over. To be called inside a transaction."""
    customers.lock_groups([canonical_id])
    if ended := ended_holds(at=at, canonical_id=canonical_id):
        holds.close(ended, _folded(canonical_id, policies, at).fold, policies, at)
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


@dataclass(slots=True)
class _Whole:
    """A group's whole history, folded and settled: who belongs to it, its items in order, and the fold."""

    members: list[int]
    items: list[Item]
    fold: Fold

    def then(self, item: Item) -> None:
        """Go on with an item that comes after all others."""
        self.items.append(item)
        self.fold.apply(item)
        self.fold.settle(item.at)


def _folded(canonical_id: int, policies: Policies, at: datetime) -> _Whole:
    groups, histories = queries.histories([canonical_id], policies)
    items = histories.get(canonical_id, [])
    return _Whole(sorted(groups), items, folded(items, policies, at))


def _without_ended_holds(canonical_id: int, policies: Policies, at: datetime) -> _Whole:
    """The history once holds whose time is over are released; when the command is refused, so is this."""
    whole = _folded(canonical_id, policies, at)
    if whole.fold.holds and (ended := ended_holds(at=at, canonical_id=canonical_id)):
        holds.close(ended, whole.fold, policies, at)
        return _folded(canonical_id, policies, at)
    return whole


def _continued(kind: ItemKind, refers_to: int | None, amount: int | None, whole: _Whole) -> tuple[int, int]:
    """Whose the command is that this one goes on from, and what is left of it."""
    earlier = next((item for item in whole.items if item.origin_id == refers_to and item.kind in CONTINUES[kind]), None)
    left = whole.fold.left_of(refers_to or 0) if earlier else None
    if earlier is None or left is None:
        raise UnknownCommand("There is no such command of this customer to continue.")
    if not left and earlier.kind == ItemKind.HOLD and holds.was_ended(earlier.origin_id):
        raise HoldEnded("The time of this hold is over, and what was left of it can be spent again.", left=0)
    if left < (amount or 1):
        raise NothingLeft(f"Only {left} points of it are left.", left=left)
    return earlier.customer_id, left


def _receipt(command: Command, fold: Fold) -> Receipt:
    left = fold.left_of(command.refers_to_id or command.pk) or 0
    return Receipt(
        command.pk, command.kind, command.customer_id, command.amount, command.at,
        spendable_of(fold, command.currency), left, command.currency,
    )  # fmt: skip
