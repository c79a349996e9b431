"""Reading the tiers that were given to members, by hand or for money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.rules import Grant, ItemKind

GRANTS = f"""SELECT k.id, k.customer_id, g.tier, g.from_date, g.until_date, g.source, g.reason, k.actor, k.at,
  e.id, e.business_date, e.note, e.actor, e.at
FROM loyalty_command k JOIN loyalty_tiergrant g ON g.command_id = k.id
LEFT JOIN loyalty_command e ON e.refers_to_id = k.id AND e.kind = {ItemKind.TIER_END}"""


@dataclass(frozen=True, slots=True)
class GrantEnd:
    """The command that ended a given tier before its time: from `day` on it no longer counts."""

    command_id: int
    day: date
    note: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantView:
    """A tier that was given.

    `id` is that of its command. `until_day` is the first day on which it no longer counts, as agreed (None: without
    end); `ended` says that somebody ended it before.
    """

    id: int
    customer_id: int
    tier: str
    from_day: date
    until_day: date | None
    source: str
    reason: str
    actor: str
    at: datetime
    ended: GrantEnd | None

    @property
    def grant(self) -> Grant:
        """The days on which it counts, as the fold has them."""
        until = self.until_day
        if self.ended is not None:
            until = min(until or self.ended.day, self.ended.day)
        return Grant(self.tier, self.from_day, until)

    def is_open(self, day: date) -> bool:
        """Whether it counts on this day or will later."""
        until = self.grant.until_day
        return until is None or (day < until and self.from_day < until)


def grants_of(canonical_id: int) -> list[GrantView]:
    """Every tier that was given to a customer (the whole group), newest first."""
    rows = bulk.run(
        connection,
        f"""{GRANTS} JOIN customers_customer c ON c.id = k.customer_id
            WHERE c.canonical_id = %s ORDER BY k.at DESC, k.id DESC""",
        [canonical_id],
    )
    return [_view(row) for row in rows]


def by_ids(command_ids: Sequence[int]) -> dict[int, GrantView]:
    """These given tiers, by the id of their command."""
    rows = bulk.run(
        connection, f"{GRANTS} WHERE k.id = ANY(%b::bigint[])", [bulk.Column("bigint", sorted(command_ids))]
    )
    return {row[0]: _view(row) for row in rows}


def _view(row: tuple[Any, ...]) -> GrantView:
    ended = GrantEnd(*row[9:14]) if row[9] is not None else None
    return GrantView(*(*row[:9], ended))
