"""What a till did while it was offline: recorded at its own time, never decided again. What was not there is owed."""

from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from django.db import IntegrityError

from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.facts.rules import KeyReused
from regulars.loyalty import queries
from regulars.loyalty.actions import holds, rating
from regulars.loyalty.actions.commands import (
    MOST_POINTS,
    NothingLeft,
    Receipt,
    UnknownCommand,
    UnknownCustomer,
    spendable_of,
)
from regulars.loyalty.checkout.rules import TooMuchDebt
from regulars.loyalty.currencies import POINTS
from regulars.loyalty.models import Command
from regulars.loyalty.refolding import folded
from regulars.loyalty.rules import Item, ItemKind, Policies


def record(
    *,
    kind: ItemKind,
    customer_id: int,
    amount: int | None,
    key: str,
    told_at: datetime,
    at: datetime,
    policies: Policies,
    refers_to: int | None = None,
    actor: str = "",
) -> Receipt:
    """Record a REDEEM, or a CAPTURE of a hold, as a till decided it then. To be called inside a transaction.

    Commands that were decided since stay decided: where they now lack points, these are owed. A hold that has ended
    meanwhile could still be captured then, so what its end gave back is taken out of it first.

    Raises:
        TooMuchDebt: More would be owed than the programme allows; nothing is recorded.
        NothingLeft, UnknownCommand, UnknownCustomer, KeyReused: As `commands.decide`.
    """
    digest = blake2b(f"{kind}|{customer_id}|{amount}|{refers_to}|{told_at}".encode(), digest_size=16).digest()
    groups = customers.lock_groups([customer_id])
    if not groups:
        raise UnknownCustomer("No such customer.")
    canonical_id = groups[customer_id]
    if (earlier := Command.objects.filter(key=key).first()) is not None and bytes(earlier.digest) != digest:
        raise KeyReused(f"The key {key} was used for another command.")
    members, histories = queries.histories([canonical_id], policies)
    items = histories.get(canonical_id, [])
    if earlier is not None:
        fold = folded(items, policies, at)
        left = fold.left_of(earlier.refers_to_id or earlier.pk) or 0
        return Receipt(earlier.pk, kind, customer_id, earlier.amount, earlier.at, spendable_of(fold), left)
    if kind is ItemKind.CAPTURE:
        held, left = _held(refers_to, items, policies, at)
        customer_id, told_at, amount = held.customer_id, max(told_at, held.at), amount or left
        if not 0 < amount <= left:
            raise NothingLeft(f"Only {left} points of it are left.", left=left)
    amount = amount or 0
    if not 0 < amount <= MOST_POINTS:
        raise NothingLeft(f"The amount must lie between 1 and {MOST_POINTS}.", left=0)
    owed = folded(items, policies, at).owes(POINTS)
    command = Command(
        kind=kind, customer_id=customer_id, key=key, digest=digest, amount=amount, refers_to_id=refers_to, actor=actor,
        at=told_at, business_date=business_date(told_at, policies.at(told_at).zone), recorded_at=at,
    )  # fmt: skip
    try:
        command.save(force_insert=True)
    except IntegrityError as error:
        raise customers.Contended("The key was used for another customer at the same moment.") from error
    item = queries.command_item(kind, command.pk, customer_id, told_at, command.business_date, amount, refers_to)
    items = sorted([*items, item], key=lambda one: (*one.position, one.kind))
    fold = folded(items, policies, at)
    now_owed, most = fold.owes(POINTS), policies.at(at).checkout.offline_debt
    if now_owed > max(owed, most):
        why = f"This member would owe {now_owed} points; a till that was offline may bring it to {most}."
        raise TooMuchDebt(why, most=most, owed=now_owed)
    rating.post_folds({canonical_id: (items, fold)}, members=sorted(members), policies=policies, at=at)
    left = fold.left_of(refers_to or command.pk) or 0
    return Receipt(command.pk, kind, customer_id, amount, told_at, spendable_of(fold), left)


def _held(refers_to: int | None, items: list[Item], policies: Policies, at: datetime) -> tuple[Item, int]:
    """The hold, and what would be left of it if its time had not ended."""
    hold = next((one for one in items if one.origin_id == refers_to and one.kind == ItemKind.HOLD), None)
    if hold is None:
        raise UnknownCommand("There is no such command of this customer to continue.")
    ends = Command.objects.filter(key=holds.key_of_end(hold.origin_id)).values_list("pk", flat=True).first()
    before = [
        replace(one, amount=0) if one.kind == ItemKind.RELEASE and one.origin_id == ends else one for one in items
    ]
    return hold, folded(before, policies, at).left_of(hold.origin_id) or 0
