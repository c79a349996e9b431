"""Where steps are taken: what holds there, whose turn it is, and the answers that were given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
from django.db import IntegrityError, connection

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts.rules import KeyReused
from regulars.loyalty import queries as loyalty
from regulars.loyalty.actions import offline
from regulars.loyalty.actions.commands import Receipt, UnknownCommand, UnknownCustomer, decide_locked, spendable_of
from regulars.loyalty.checkout import queries
from regulars.loyalty.checkout.queries import Kept
from regulars.loyalty.checkout.rules import CONTINUED, NO_WORTH, Ask, Step, TooFarAhead, TooLate, Worth
from regulars.loyalty.coupons.rules import OrderKey
from regulars.loyalty.refolding import folded
from regulars.loyalty.rules import ItemKind, Policies

SKEW: Final = timedelta(minutes=5)
"""So far may a till's clock run ahead."""

ONCE: Final = "checkout_step_once"
"""The constraint that takes a step once for its key."""

COLUMNS: Final = (
    "text", "smallint", "bytea", "bigint", "bigint", "bigint", "timestamptz", "bigint", "smallint", "text", "text",
    "text", "timestamptz", "boolean", "timestamptz",
)  # fmt: skip
KEEP: Final = f"""
INSERT INTO loyalty_checkoutstep (key, kind, digest, goes_on_id, command_id, customer_id, at, store_id, source_id,
                                  order_key, told, answer, ends_at, is_open, recorded_at)
SELECT key, kind, digest, goes_on_id, command_id, customer_id, at, store_id, source_id, order_key, told::jsonb,
       answer::jsonb, ends_at, is_open, recorded_at
FROM {bulk.unnest(*COLUMNS)} AS n (key, kind, digest, goes_on_id, command_id, customer_id, at, store_id, source_id,
                                   order_key, told, answer, ends_at, is_open, recorded_at)
RETURNING key, id
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and when a step is taken, and what holds there; `coupons` are the asked codes' coupons."""

    policies: Policies
    zone: ZoneInfo
    at: datetime
    worth: Worth = NO_WORTH
    store_id: int | None = None
    order: OrderKey | None = None
    coupons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a part of a step is refused: 'points', 'coupons' or 'benefits', and the code of the coupon or benefit."""

    part: str
    item: str
    error: DomainError


def together(refusals: Sequence[Refusal]) -> DomainError:
    """The first refusal, with all of them in its context."""
    first = refusals[0]
    first.error.context.update(part=first.part, item=first.item)
    first.error.context["refused"] = tuple((one.part, one.item, one.error) for one in refusals)
    return first.error


def moment(ask: Ask, desk: Desk) -> datetime:
    """When it happens: now, or when a till that was offline says that it did.

    Raises:
        TooLate, TooFarAhead: It happened too long ago to be told now, or has not happened yet.
    """
    if ask.told_at is None:
        return desk.at
    if ask.told_at > desk.at + SKEW:
        raise TooFarAhead("This time lies ahead; check the till's clock.", field="at")
    days = desk.policies.at(desk.at).checkout.offline_days
    if ask.told_at < desk.at - timedelta(days=days):
        raise TooLate(f"A till may tell at most {days} days later what it did while it was offline.", days=days)
    return min(ask.told_at, desk.at)


def take_turn(customer_id: int | None, *, hold: Kept | None = None) -> int | None:
    """Lock the customer's group; who stands for it. What was held for nobody is locked by itself.

    Raises:
        UnknownCustomer: There is no such customer.
    """
    if customer_id is None:
        if hold is not None:
            queries.lock(hold.step.id)
        return None
    if (canonical_id := customers.lock_one(customer_id)) is None:
        raise UnknownCustomer("No such customer.")
    return canonical_id


def same_again(ask: Ask) -> Step | None:
    """The answer that was given before with this key, if it was given to this very request.

    Raises:
        KeyReused: It was another request.
    """
    if (kept := queries.step_of(ask.key)) is None:
        return None
    same = kept.digest == ask.digest
    if same and ask.customer_id is not None and kept.customer_id != ask.customer_id:
        # By who stands for the group: a merge between two tries changes nothing of what was asked.
        own = kept.customer_id or 0
        group = customer_queries.canonicals([own, ask.customer_id])
        same = group.get(own) == group.get(ask.customer_id)
    if not same:
        raise KeyReused("This key was used for another request; nothing was changed.")
    return kept.step


def before(ask: Ask) -> Kept:
    """The hold or capture that a step goes on from.

    Raises:
        UnknownCommand: There is none.
    """
    found = queries.step(ask.refers_to or 0)
    if found is None or found.step.kind not in CONTINUED[ask.kind]:
        raise UnknownCommand(f"There is no such {CONTINUED[ask.kind][0].name.lower()}.")
    return found


def points(
    ask: Ask,
    desk: Desk,
    *,
    kind: ItemKind,
    customer_id: int,
    canonical_id: int,
    amount: int | None,
    refers_to: int | None = None,
) -> Receipt:
    """Decide what happens to points; what a till did while it was offline is recorded as it says."""
    key, policies = ask.key, desk.policies
    if ask.told_at is not None and kind in (ItemKind.REDEEM, ItemKind.CAPTURE):
        return offline.record(
            kind=kind, customer_id=customer_id, amount=amount, key=key, told_at=moment(ask, desk), at=desk.at,
            policies=policies, refers_to=refers_to, actor=ask.actor,
        )  # fmt: skip
    return decide_locked(
        kind=kind, customer_id=customer_id, canonical_id=canonical_id, amount=amount, key=key, at=desk.at,
        policies=policies, refers_to=refers_to, actor=ask.actor,
    )  # fmt: skip


def spendable_now(customer_id: int | None, desk: Desk) -> int:
    """What a customer can spend, where a step was about no points."""
    if customer_id is None:
        return 0
    _, histories = loyalty.histories([customer_id], desk.policies)
    return spendable_of(folded(histories.get(customer_id, []), desk.policies, desk.at))


def keep(
    ask: Ask,
    desk: Desk,
    step: Step,
    *,
    customer_id: int | None,
    command_id: int | None,
    told: Mapping[str, Any] | None = None,
) -> Step:
    """Keep the step with its answer; returns it with its number."""
    row = kept_as(ask, desk, step, customer_id=customer_id, command_id=command_id, told=told)
    with unless_the_key_was_used():
        return replace(step, id=keep_all([row])()[ask.key])


def kept_as(
    ask: Ask,
    desk: Desk,
    step: Step,
    *,
    customer_id: int | None,
    command_id: int | None,
    told: Mapping[str, Any] | None = None,
) -> tuple[Any, ...]:
    """The row that keeps a step."""
    source_id, order_key = desk.order or (None, "")
    is_open = step.ends_at is not None and command_id is not None
    more = orjson.dumps({name: value for name, value in (told or {}).items() if value}).decode()
    return (
        ask.key, int(step.kind), ask.digest, step.goes_on, command_id, customer_id, step.at, desk.store_id, source_id,
        order_key, more, orjson.dumps(step.answer).decode(), step.ends_at, is_open, desk.at,
    )  # fmt: skip


def keep_all(rows: Sequence[tuple[Any, ...]]) -> Callable[[], dict[str, int]]:
    """Keep steps; what is returned tells their numbers by key. `unless_the_key_was_used` goes around it."""
    return bulk.ask(connection, KEEP, bulk.columns(rows, COLUMNS), read=lambda told: {row[0]: row[1] for row in told})


@contextmanager
def unless_the_key_was_used() -> Iterator[None]:
    """Where nobody is named no lock tells of the same key at another till; the next try finds its answer.

    Raises:
        Contended: A key was used at the same moment.
    """
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != ONCE:
            raise
        raise customers.Contended("The key was used at the same moment.") from error
