"""Reading steps of checkouts, and the holds whose time is over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.loyalty.checkout.rules import Lines, Step, Used
from regulars.loyalty.rules import ItemKind

STEP = """
SELECT h.id, h.kind, h.goes_on_id, h.at, h.ends_at, coalesce(s.code, ''), h.answer::text, h.digest, h.customer_id,
       h.command_id, h.told::text, h.source_id, h.order_key
FROM loyalty_checkoutstep h LEFT JOIN catalogue_store s ON s.id = h.store_id
"""
# A command takes the time of the last thing in its history if a clock runs ahead, so a hold may stand after its end.
ENDED = """
SELECT h.id, k.id, k.customer_id, c.canonical_id,
       greatest(h.ends_at, k.at, (SELECT max(n.at) FROM loyalty_command n WHERE n.refers_to_id = k.id))
FROM loyalty_checkoutstep h JOIN loyalty_command k ON k.id = h.command_id
JOIN customers_customer c ON c.id = k.customer_id
WHERE h.is_open AND h.ends_at <= %s
"""
IN_TURN = "ORDER BY h.ends_at, k.id LIMIT %s"
OF_GROUP = "AND h.customer_id IN (SELECT m.id FROM customers_customer m WHERE m.canonical_id = %s)"
MOST = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """A step with what tells its request from others, whose it was, and what later steps need.

    `command_id` is what it did to points, None if it was about none. `lines` are the basket's, () if nobody said.
    `refunded` are the lines that a refund gave back. `order` names the order by (source id, number), if it was said.
    """

    step: Step
    digest: bytes
    customer_id: int | None
    command_id: int | None
    lines: Lines
    refunded: Lines
    order: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class EndedHold:
    """A hold whose time is over and which nobody has released: its own customer, and from when on it is released."""

    step_id: int
    hold_id: int
    customer_id: int
    canonical_id: int
    at: datetime


def step_of(key: str) -> Kept | None:
    """The step that was taken with this key."""
    return next(iter(_steps("h.key = %s", key)), None)


def step(step_id: int) -> Kept | None:
    """A step by its number."""
    return next(iter(_steps("h.id = %s", step_id)), None)


def steps_of_ids(step_ids: Sequence[int]) -> dict[int, Kept]:
    """Steps by their numbers."""
    if not step_ids:
        return {}
    return {one.step.id: one for one in _steps("h.id = ANY(%b::bigint[])", bulk.Column("bigint", sorted(step_ids)))}


def ask_taken_keys(keys: Sequence[str]) -> Callable[[], set[str]]:
    """Those of these keys with which a step was taken."""
    statement = "SELECT key FROM loyalty_checkoutstep WHERE key = ANY(%b::text[])"
    named = [bulk.Column("text", sorted(keys))]
    return bulk.ask(connection, statement, named, read=lambda rows: {row[0] for row in rows})


def steps_after(step_id: int) -> list[Kept]:
    """The steps that went on from this one, the first taken first."""
    return _steps("h.goes_on_id = %s ORDER BY h.id", step_id)


def lock(step_id: int) -> None:
    """Keep everybody else from going on from this step until the transaction ends."""
    bulk.run(connection, "SELECT 1 FROM loyalty_checkoutstep WHERE id = %s FOR NO KEY UPDATE", [step_id])


def ended_holds(*, at: datetime, canonical_id: int | None = None, most: int = MOST) -> list[EndedHold]:
    """Holds whose time is over, the first to end first; of everybody, or of one group."""
    if canonical_id is None:
        rows = bulk.run(connection, f"{ENDED} {IN_TURN}", [at, most])
    else:
        rows = bulk.run(connection, f"{ENDED} {OF_GROUP} {IN_TURN}", [at, canonical_id, most])
    return [EndedHold(*row) for row in rows]


def _steps(condition: str, value: int | str | bulk.Column) -> list[Kept]:
    return [_kept(row) for row in bulk.run(connection, f"{STEP} WHERE {condition}", [value])]


def _kept(row: tuple[Any, ...]) -> Kept:
    step_id, kind, goes_on, at, ends_at, store, answer, digest, customer_id, command_id, told, *named = row
    answered, more = orjson.loads(answer), orjson.loads(told)
    taken = Step(
        step_id, ItemKind(kind), goes_on, answered["points"], answered["left"], answered["spendable"], at, ends_at,
        store, _used(answered, "coupons"), _used(answered, "benefits"),
        tuple((code, why) for code, why in answered.get("not_counted", ())),
    )  # fmt: skip
    order = None if named[0] is None else (named[0], named[1])
    return Kept(taken, bytes(digest), customer_id, command_id, _lines(more, "lines"), _lines(more, "refunded"), order)


def _used(answered: Mapping[str, Any], part: str) -> tuple[Used, ...]:
    return tuple(Used(*one) for one in answered.get(part, ()))


def _lines(told: Mapping[str, Any], name: str) -> Lines:
    return tuple((str(line), int(amount)) for line, amount in told.get(name, ()))
