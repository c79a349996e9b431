"""Reading members as people look at them: lists, one member's standing, figures for the overview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core.calendar import add_months
from regulars.ledger import statements as ledger
from regulars.loyalty.queries import standings
from regulars.loyalty.rules import Policies

SORTS = {
    "spent": "s.spent DESC NULLS LAST, c.id DESC",
    "recent": "s.last_order_at DESC NULLS LAST, c.id DESC",
    "silent": "s.last_order_at ASC NULLS LAST, c.id",
    "orders": "s.orders DESC NULLS LAST, c.id DESC",
    "joined": "c.joined_on DESC, c.id DESC",
    "name": "upper(c.name), c.id",
}
FROM = """
FROM customers_customer c
LEFT JOIN loyalty_standing s ON s.customer_id = c.id
LEFT JOIN loyalty_tierinterval t ON t.customer_id = c.id AND t.from_date <= %(today)s
  AND (t.to_date IS NULL OR t.to_date > %(today)s)
WHERE c.canonical_id = c.id AND NOT c.hidden
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which members: words to search for, tier index, days of the last order, day of joining, store of any order."""

    words: str = ""
    tier: int | None = None
    ordered_since: date | None = None
    silent_since: date | None = None
    joined_since: date | None = None
    store_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the list: `spent` in minor units, `points` spendable or pending now, `number` the member number."""

    customer_id: int
    number: str
    name: str
    tier: int
    orders: int
    spent: int
    last_order_at: datetime | None
    joined_on: date
    points: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """How many members a filter finds, and what they spent in all (minor units)."""

    members: int
    spent: int


def number_of(customer_id: int) -> str:
    """The member number that people see."""
    return f"M{100_000 + customer_id}"


def find(wanted: Filter, *, today: date, at: datetime, sort: str, offset: int, most: int) -> list[Member]:
    """A page of members."""
    where, values = _conditions(wanted, today)
    rows = _select(
        f"""SELECT c.id, c.name, coalesce(t.tier, 0), coalesce(s.orders, 0), coalesce(s.spent, 0), s.last_order_at,
                   c.joined_on {FROM} {where} ORDER BY {SORTS[sort]} LIMIT %(most)s OFFSET %(offset)s""",
        {**values, "most": most, "offset": offset},
    )
    balances = ledger.balances([row[0] for row in rows], at=at)
    return [
        Member(row[0], number_of(row[0]), row[1], row[2], row[3], row[4], row[5], row[6], balances[row[0]].total)
        for row in rows
    ]


def totals(wanted: Filter, *, today: date) -> Totals:
    """How many members a filter finds and what they spent."""
    where, values = _conditions(wanted, today)
    row = _select(f"SELECT count(*), coalesce(sum(s.spent), 0)::bigint {FROM} {where}", values)[0]
    return Totals(row[0], row[1])


def tier_counts(today: date) -> dict[int, int]:
    """Members by tier index today."""
    rows = _select(f"SELECT coalesce(t.tier, 0), count(*) {FROM} GROUP BY 1", {"today": today})
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class TierView:
    """A member's tier and what lies ahead: growth now, what the next tier takes, and the next fall if nothing comes."""

    tier: int
    since: date | None
    growth: int
    next_threshold: int | None
    falls_on: date | None
    falls_to: int | None


def tier_view(customer_id: int, policies: Policies, today: date) -> TierView:
    """Where a member stands in the tiers today."""
    rows = _select(
        """SELECT tier, from_date, to_date, lead(tier) OVER (ORDER BY from_date) FROM loyalty_tierinterval
           WHERE customer_id = %(id)s ORDER BY from_date""",
        {"id": customer_id},
    )
    current = next((row for row in rows if row[1] <= today and (row[2] is None or row[2] > today)), None)
    growth = _growth(customer_id, policies, today)
    tiers = policies.on(today).tiers
    tier = current[0] if current else 0
    following = tiers[tier + 1].threshold if tier + 1 < len(tiers) else None
    return TierView(
        tier,
        current[1] if current else None,
        growth,
        following,
        current[2] if current else None,
        current[3] if current and current[2] else None,
    )


def _growth(customer_id: int, policies: Policies, today: date) -> int:
    standing = standings([customer_id]).get(customer_id)
    if standing is None:
        return 0
    return sum(
        amount for day, amount in standing.growth if day <= today < add_months(day, policies.on(day).window_months)
    )


def _conditions(wanted: Filter, today: date) -> tuple[str, dict[str, object]]:
    parts: list[str] = []
    values: dict[str, object] = {"today": today}
    words = wanted.words.strip()
    if words:
        parts.append(_words_condition(words, values))
    if wanted.tier is not None:
        parts.append("AND coalesce(t.tier, 0) = %(tier)s")
        values["tier"] = wanted.tier
    for name, condition in (
        ("ordered_since", "s.last_order_at >= %(ordered_since)s"),
        ("silent_since", "s.last_order_at < %(silent_since)s"),
        ("joined_since", "c.joined_on >= %(joined_since)s"),
    ):
        if (value := getattr(wanted, name)) is not None:
            parts.append(f"AND {condition}")
            values[name] = value
    if wanted.store_ids is not None:
        parts.append(
            """AND EXISTS (SELECT 1 FROM customers_customer m JOIN customers_identity i ON i.customer_id = m.id
               JOIN facts_fact f ON f.identity_id = i.id
               WHERE m.canonical_id = c.id AND f.retracted_at IS NULL AND f.store_id = ANY(%(stores)s))"""
        )
        values["stores"] = list(wanted.store_ids)
    return " ".join(parts), values


def _words_condition(words: str, values: dict[str, object]) -> str:
    """Name contains; or a member number; or how a phone ends (four digits and more)."""
    values["like"] = "%" + words.upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    choices = ["upper(c.name) LIKE %(like)s"]
    number = words.upper().removeprefix("M")
    if number.isdecimal() and number.isascii() and 6 <= len(number) <= 15:
        choices.append("c.id = %(number)s")
        values["number"] = int(number) - 100_000
    digits = "".join(ch for ch in words if ch.isascii() and ch.isdigit())
    if len(digits) >= 4 and not any(ch.isalpha() for ch in words):
        choices.append(
            """c.id IN (SELECT m.canonical_id FROM customers_identity i JOIN customers_customer m ON m.id = i.customer_id
               WHERE right(i.value, 4) = right(%(digits)s, 4) AND i.value LIKE '%%' || %(digits)s)"""
        )
        values["digits"] = digits
    if "@" in words:
        choices.append(
            """c.id IN (SELECT m.canonical_id FROM customers_identity i JOIN customers_customer m ON m.id = i.customer_id
               WHERE i.kind = 7 AND i.space = '' AND i.value = lower(%(words)s))"""
        )
        values["words"] = words
    return f"AND ({' OR '.join(choices)})"


def _select(statement: str, values: dict[str, object]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
