"""Reading members as people look at them: lists, totals, one member's standing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import add_months
from regulars.ledger import statements as ledger
from regulars.loyalty.queries import standings
from regulars.loyalty.rules import Policies

# Each sort: the order of those who have it, whether that takes an order that stands, and the same order once more for
# the page alone. Whoever has none of it follows, newest first.
SORTS = {
    "spent": ("s.spent DESC, s.customer_id", True, "p.spent DESC, p.id"),
    "recent": ("s.last_order_at DESC, s.customer_id", True, "p.last_order_at DESC, p.id"),
    "silent": ("s.last_order_at, s.customer_id DESC", True, "p.last_order_at, p.id DESC"),
    "orders": ("s.orders DESC, s.customer_id", True, "p.orders DESC, p.id"),
    "joined": ("c.joined_on DESC, c.id DESC", False, "p.joined_on DESC, p.id DESC"),
    "name": ("upper(c.name), c.id", False, "upper(p.name), p.id"),
}
COLUMNS = (
    """c.id, c.name, coalesce(s.orders, 0) AS orders, coalesce(s.spent, 0) AS spent, s.last_order_at, c.joined_on"""
)
FROM = "FROM customers_customer c LEFT JOIN loyalty_standing s ON s.customer_id = c.id WHERE c.listed"
BOUGHT = """FROM loyalty_standing s JOIN customers_customer c ON c.id = s.customer_id
            WHERE c.listed AND s.last_order_at IS NOT NULL"""
BY_IDENTITY = """c.id IN (SELECT m.canonical_id FROM customers_identity i
                 JOIN customers_customer m ON m.id = i.customer_id"""
ON_DAY = "t.from_date <= %(today)s AND (t.to_date IS NULL OR t.to_date > %(today)s)"
WITH_TIER = f"""SELECT p.id, p.name, coalesce(t.tier, 0), p.orders, p.spent, p.last_order_at, p.joined_on FROM page p
                LEFT JOIN loyalty_tierinterval t ON t.customer_id = p.id AND {ON_DAY}"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which members: words to search for, tier index, the last order, day of joining, stores of any order.

    `ordered_since`: the last order came at that instant or later; `silent_since`: before it; `min_orders`: at least so
    many orders that stand.
    """

    words: str = ""
    tier: int | None = None
    ordered_since: datetime | None = None
    silent_since: datetime | None = None
    joined_since: date | None = None
    min_orders: int | None = None
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


def id_of(number: str) -> int | None:
    """The customer behind a member number; None if it is not one."""
    digits = number.upper().removeprefix("M")
    return int(digits) - 100_000 if digits.isascii() and digits.isdecimal() and 6 <= len(digits) <= 15 else None


def find(wanted: Filter, *, today: date, at: datetime, sort: str, offset: int, most: int) -> list[Member]:
    """A page of members."""
    where, values = _conditions(wanted, today)
    order, takes_an_order, again = SORTS[sort]
    values |= {"most": most, "offset": offset}
    source = BOUGHT if takes_an_order else FROM
    statement = "WITH page AS (SELECT {} {} {} ORDER BY {} LIMIT %(most)s OFFSET %(offset)s) {} ORDER BY {}"
    rows = list(_select(statement.format(COLUMNS, source, where, order, WITH_TIER, again), values))
    if takes_an_order and len(rows) < most:
        before = 0 if rows or not offset else _select(f"SELECT count(*) {source} {where}", values)[0][0]
        values |= {"most": most - len(rows), "offset": 0 if rows else offset - before}
        never = f"{FROM} AND s.last_order_at IS NULL"
        rows += _select(statement.format(COLUMNS, never, where, "c.id DESC", WITH_TIER, "p.id DESC"), values)
    return _members(rows, at)


def walk(wanted: Filter, *, today: date, at: datetime, size: int = 1000) -> Iterator[list[Member]]:
    """Everybody whom a filter finds, by member number, in portions; inside a transaction."""
    where, values = _conditions(wanted, today)
    with connection.cursor() as cursor:
        portion = f"""WITH page AS (SELECT {COLUMNS} {FROM} {where} AND c.id > %(after)s ORDER BY c.id LIMIT %(most)s)
                      {WITH_TIER} ORDER BY p.id"""
        after = 0
        while True:
            cursor.execute(portion, {**values, "after": after, "most": size})
            if not (rows := cursor.fetchall()):
                return
            yield _members(rows, at)
            after = rows[-1][0]


def group_ids(wanted: Filter, *, today: date) -> list[int]:
    """Everybody whom a filter finds, with those who were merged into them."""
    where, values = _conditions(wanted, today)
    found = f"SELECT c.id {FROM} {where}"
    return [
        row[0] for row in _select(f"SELECT g.id FROM customers_customer g WHERE g.canonical_id IN ({found})", values)
    ]


def totals(wanted: Filter, *, today: date) -> Totals:
    """How many members a filter finds and what they spent."""
    where, values = _conditions(wanted, today)
    row = _select(f"SELECT count(*), coalesce(sum(s.spent), 0)::bigint {FROM} {where}", values)[0]
    return Totals(row[0], row[1])


def counts(filters: Sequence[Filter], *, today: date) -> list[int]:
    """How many members each of these filters finds, in one statement."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for place, wanted in enumerate(filters):
        where, needed = _conditions(wanted, today)
        for name in sorted(needed, key=len, reverse=True):
            where = where.replace(f"%({name})s", f"%({name}_{place})s")
            values[f"{name}_{place}"] = needed[name]
        parts.append(f"SELECT {place}, count(*) {FROM} {where}")
    found = dict(_select(" UNION ALL ".join(parts), values)) if parts else {}
    return [found[place] for place in range(len(filters))]


def tier_counts(today: date) -> dict[int, int]:
    """Members by tier index today."""
    rows = _select(f"SELECT t.tier, count(*) FROM loyalty_tierinterval t WHERE {ON_DAY} GROUP BY 1", {"today": today})
    found = {row[0]: row[1] for row in rows if row[0]}
    everybody = _select("SELECT count(*) FROM customers_customer c WHERE c.listed", {})[0][0]
    return {0: everybody - sum(found.values()), **found}


def version() -> tuple[object, ...]:
    """What changes when something is recorded, posted, merged or undone: figures may be kept as long as it stays."""
    return tuple(
        bulk.run(
            connection,
            """SELECT (SELECT max(id) FROM facts_fact), (SELECT max(id) FROM ledger_transfer),
                      (SELECT max(id) FROM customers_customer), (SELECT max(undone_at) FROM facts_import),
                      (SELECT count(*) + count(undone_at) FROM customers_merge)""",
        )[0]
    )


@dataclass(frozen=True, slots=True)
class TierView:
    """A member's tier and what lies ahead: growth now, what the next tier takes, and the next fall if nothing comes.

    `to_keep` is the growth that has to come before the fall to prevent it.
    """

    tier: int
    since: date | None
    growth: int
    next_threshold: int | None
    falls_on: date | None
    falls_to: int | None
    to_keep: int | None


def tier_view(customer_id: int, policies: Policies, today: date) -> TierView:
    """Where a member stands in the tiers today."""
    rows = _select(
        """SELECT tier, from_date, to_date, lead(tier) OVER (ORDER BY from_date) FROM loyalty_tierinterval
           WHERE customer_id = %(id)s ORDER BY from_date""",
        {"id": customer_id},
    )
    current = next((row for row in rows if row[1] <= today and (row[2] is None or row[2] > today)), None)
    standing = standings([customer_id]).get(customer_id)
    dated = standing.growth if standing else []
    tiers = policies.on(today).tiers
    tier = min(current[0], len(tiers) - 1) if current else 0
    falls_on = current[2] if current else None
    to_keep = tiers[tier].threshold - _growth_on(falls_on, dated, policies) if falls_on else None
    return TierView(
        tier=tier,
        since=current[1] if current else None,
        growth=_growth_on(today, dated, policies),
        next_threshold=tiers[tier + 1].threshold if tier + 1 < len(tiers) else None,
        falls_on=falls_on,
        falls_to=current[3] if current and falls_on else None,
        to_keep=to_keep if to_keep is not None and to_keep > 0 else None,
    )


def _growth_on(day: date, dated: Sequence[tuple[date, int]], policies: Policies) -> int:
    return sum(amount for on, amount in dated if on <= day < add_months(on, policies.on(on).window_months))


def _members(rows: Sequence[tuple[Any, ...]], at: datetime) -> list[Member]:
    balances = ledger.balances([row[0] for row in rows], at=at)
    return [Member(*(row[0], number_of(row[0]), *row[1:], balances[row[0]].total)) for row in rows]


def _conditions(wanted: Filter, today: date) -> tuple[str, dict[str, Any]]:
    parts: list[str] = []
    values: dict[str, Any] = {"today": today}
    if words := wanted.words.strip():
        parts.append(_words_condition(words, values))
    if wanted.tier is not None:
        parts.append(
            f"""AND {"NOT" if wanted.tier == 0 else ""} c.id IN (SELECT t.customer_id FROM loyalty_tierinterval t
                WHERE {ON_DAY} AND t.tier {"<>" if wanted.tier == 0 else "="} %(tier)s)"""
        )
        values["tier"] = wanted.tier
    for name, condition in (
        ("ordered_since", "s.last_order_at >= %(ordered_since)s"),
        ("silent_since", "s.last_order_at < %(silent_since)s"),
        ("joined_since", "c.joined_on >= %(joined_since)s"),
        ("min_orders", "s.orders >= %(min_orders)s"),
    ):
        if (value := getattr(wanted, name)) is not None:
            parts.append(f"AND {condition}")
            values[name] = value
    if wanted.store_ids is not None:
        parts.append(
            """AND c.id IN (SELECT m.canonical_id FROM (
                 SELECT DISTINCT f.identity_id FROM facts_fact f
                 WHERE f.kind = 1 AND f.retracted_at IS NULL AND f.store_id = ANY(%(stores)s)
               ) b JOIN customers_identity i ON i.id = b.identity_id
               JOIN customers_customer m ON m.id = i.customer_id)"""
        )
        values["stores"] = list(wanted.store_ids)
    return " ".join(parts), values


def _words_condition(words: str, values: dict[str, Any]) -> str:
    """Name contains; or a member number, ours or their own; or how a phone ends (four digits on); or an e-mail."""
    values["like"] = "%" + words.upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    choices = ["upper(c.name) LIKE %(like)s"]
    if (customer_id := id_of(words)) is not None:
        choices.append("c.id = (SELECT canonical_id FROM customers_customer WHERE id = %(number)s)")
        values["number"] = customer_id
    digits = "".join(ch for ch in words if ch.isascii() and ch.isdigit())
    if len(digits) >= 4 and not any(ch.isalpha() for ch in words):
        choices.append(
            f"""{BY_IDENTITY}
               WHERE right(i.value, 4) = right(%(digits)s, 4) AND i.value LIKE '%%' || %(digits)s)"""
        )
        values["digits"] = digits
    if len(words) >= 4:
        choices.append(
            f"""{BY_IDENTITY} WHERE i.space = ''
               AND ((i.kind = 1 AND i.value = %(words)s) OR (i.kind = 7 AND i.value = lower(%(words)s))))"""
        )
        values["words"] = words
    return f"AND ({' OR '.join(choices)})"


def _select(statement: str, values: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
