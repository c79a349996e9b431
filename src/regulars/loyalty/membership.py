"""Reading members as people look at them: lists, totals, one member's standing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.ledger import statements as ledger

SORTS = {
    "spent": "p.spent DESC, p.id",
    "recent": "p.last_order_at DESC NULLS LAST, p.id DESC",
    "silent": "p.last_order_at NULLS LAST, p.id DESC",
    "orders": "p.orders DESC, p.id",
    "joined": "p.joined_on DESC, p.id DESC",
    "name": "upper(p.name), p.id",
}
FOUND = """SELECT c.id, c.name, coalesce(s.orders, 0) AS orders, coalesce(s.spent, 0) AS spent,
                  s.last_order_at, c.joined_on
           FROM customers_customer c LEFT JOIN loyalty_standing s ON s.customer_id = c.id WHERE c.listed"""
ON_DAY = "t.from_date <= %(today)s AND (t.to_date IS NULL OR t.to_date > %(today)s)"
SHOWN = f"""SELECT p.id, p.name, coalesce(t.tier, 0), p.orders, p.spent, p.last_order_at, p.joined_on FROM page p
            LEFT JOIN loyalty_tierinterval t ON t.customer_id = p.id AND {ON_DAY}"""
# These orders come from the standings alone, as far as there is something to sort by: which column of SHOWN must tell.
BY_STANDING = {
    "spent": ("s.spent DESC, s.customer_id", 4),
    "recent": ("s.last_order_at DESC NULLS LAST, s.customer_id DESC", 5),
    "silent": ("s.last_order_at NULLS LAST, s.customer_id DESC", 5),
    "orders": ("s.orders DESC, s.customer_id", 3),
}
COUNT = "SELECT count(*), coalesce(sum(s.spent), 0)::bigint"
# Whoever has a standing is listed, so to count buyers no other table is needed.
BUYERS = f"{COUNT} FROM loyalty_standing s CROSS JOIN LATERAL (SELECT s.customer_id AS id) c WHERE true"
ANYBODY = f"{COUNT} FROM customers_customer c LEFT JOIN loyalty_standing s ON s.customer_id = c.id WHERE c.listed"
EVERYBODY = """SELECT (SELECT count(*) FROM customers_customer c WHERE c.listed),
                      (SELECT coalesce(sum(s.spent), 0)::bigint FROM loyalty_standing s)"""
BY_IDENTITY = """SELECT m.canonical_id FROM customers_identity i
                 JOIN customers_customer m ON m.id = i.customer_id"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which members: words to search for, tier index, the last order, day of joining; `among` these alone.

    `ordered_since`: the last order came at that instant or later; `silent_since`: before it; `min_orders`: at least so
    many orders that stand.
    """

    words: str = ""
    tier: int | None = None
    ordered_since: datetime | None = None
    silent_since: datetime | None = None
    joined_since: date | None = None
    min_orders: int | None = None
    among: tuple[int, ...] | None = None

    @property
    def counts_buyers(self) -> bool:
        """Whether only people with orders are meant, and nothing is asked that their profile would tell."""
        orders = (self.ordered_since, self.silent_since, self.min_orders, self.tier or None)
        return any(one is not None for one in orders) and not self.words and self.joined_since is None


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
    if wanted == Filter() and sort in BY_STANDING:
        by, column = BY_STANDING[sort]
        rows = _select(
            f"""WITH page AS ({FOUND} AND c.id IN (SELECT s.customer_id FROM loyalty_standing s
                  ORDER BY {by} LIMIT %(most)s OFFSET %(offset)s)) {SHOWN} ORDER BY {SORTS[sort]}""",
            {**values, "most": most, "offset": offset},
        )
        # Behind these stand members who never ordered, and those whose orders were all taken back, by their number.
        if len(rows) == most and rows[-1][column]:
            return _members(rows, at)
    rows = _select(
        f"""WITH page AS (SELECT p.* FROM ({FOUND} {where}) p ORDER BY {SORTS[sort]} LIMIT %(most)s OFFSET %(offset)s)
            {SHOWN} ORDER BY {SORTS[sort]}""",
        {**values, "most": most, "offset": offset},
    )
    return _members(rows, at)


def search(
    wanted: Filter, *, today: date, at: datetime, sort: str, offset: int, most: int
) -> tuple[list[Member], Totals]:
    """A page of members, and how many there are in all: looked for once."""
    where, values = _conditions(wanted, today)
    rows = _select(
        f"""WITH found AS MATERIALIZED ({FOUND} {where}),
              page AS (SELECT p.* FROM found p ORDER BY {SORTS[sort]} LIMIT %(most)s OFFSET %(offset)s)
            SELECT m.*, n.members, n.spent FROM (SELECT count(*) AS members, coalesce(sum(spent), 0)::bigint AS spent
              FROM found) n LEFT JOIN ({SHOWN}) m ON true
            ORDER BY {SORTS[sort].replace("p.", "m.")}""",
        {**values, "most": most, "offset": offset},
    )
    return _members([row[:7] for row in rows if row[0] is not None], at), Totals(*rows[0][7:])


def walk(wanted: Filter, *, today: date, at: datetime, size: int = 1000) -> Iterator[list[Member]]:
    """Everybody whom a filter finds, by member number, in portions; inside a transaction."""
    where, values = _conditions(wanted, today)
    portion = f"WITH page AS ({FOUND} {where} AND c.id > %(after)s ORDER BY c.id LIMIT %(most)s) {SHOWN} ORDER BY p.id"
    after = 0
    while rows := _select(portion, {**values, "after": after, "most": size}):
        yield _members(rows, at)
        after = rows[-1][0]


def in_stores(store_ids: Sequence[int]) -> tuple[int, ...]:
    """Members who ever ordered in one of these stores, for `Filter.among`."""
    rows = bulk.run(
        connection,
        """SELECT DISTINCT c.canonical_id FROM (
             SELECT DISTINCT f.identity_id FROM facts_fact f
             WHERE f.kind = 1 AND f.retracted_at IS NULL AND f.store_id = ANY(%b::bigint[])
           ) b JOIN customers_identity i ON i.id = b.identity_id JOIN customers_customer c ON c.id = i.customer_id""",
        [bulk.Column("bigint", list(store_ids))],
    )
    return tuple(row[0] for row in rows)


def totals(wanted: Filter, *, today: date) -> Totals:
    """How many members a filter finds and what they spent."""
    if wanted == Filter():
        return Totals(*_select(EVERYBODY, {})[0])
    where, values = _conditions(wanted, today)
    return Totals(*_select(f"{BUYERS if wanted.counts_buyers else ANYBODY} {where}", values)[0])


def counts(filters: Sequence[Filter], *, today: date, among: tuple[int, ...] | None = None) -> list[int]:
    """How many members each of these filters finds among these people, all in one pass."""
    base, values = _conditions(Filter(among=among), today)
    parts = ["0"]
    for place, wanted in enumerate(filters):
        where, needed = _conditions(replace(wanted, among=None), today)
        for name in needed.keys() - {"today"}:
            where = where.replace(f"%({name})s", f"%({name}_{place})s")
            values[f"{name}_{place}"] = needed[name]
        parts.append(f"count(*) FILTER (WHERE true {where})")
    source = "FROM customers_customer c LEFT JOIN loyalty_standing s ON s.customer_id = c.id WHERE c.listed"
    return list(_select(f"SELECT {', '.join(parts)} {source} {base}", values)[0][1:])


def everybody() -> int:
    """How many members there are."""
    return int(_select("SELECT count(*) FROM customers_customer c WHERE c.listed", {})[0][0])


def tier_counts(today: date) -> dict[int, int]:
    """Members by tier index today."""
    rows = _select(f"SELECT t.tier, count(*) FROM loyalty_tierinterval t WHERE {ON_DAY} GROUP BY 1", {"today": today})
    found = {row[0]: row[1] for row in rows if row[0]}
    return {0: everybody() - sum(found.values()), **found}


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
    if wanted.among is not None:
        parts.append("AND c.id IN (SELECT unnest(%(among)s::bigint[]))")
        values["among"] = list(wanted.among)
    return " ".join(parts), values


def _words_condition(words: str, values: dict[str, Any]) -> str:
    """Name contains; or a member number, ours or their own; or how a phone ends (four digits on); or an e-mail."""
    digits = "".join(ch for ch in words if ch.isascii() and ch.isdigit())
    is_number = len(digits) >= 4 and not any(ch.isalpha() for ch in words)
    named, known = "", []
    if not is_number:
        values["like"] = "%" + words.upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        named = "upper(c.name) LIKE %(like)s"
    if (customer_id := id_of(words)) is not None:
        known.append("SELECT canonical_id FROM customers_customer WHERE id = %(number)s")
        values["number"] = customer_id
    if is_number:
        known.append(
            f"""{BY_IDENTITY}
                WHERE right(i.value, 4) = right(%(digits)s, 4) AND i.value LIKE '%%' || %(digits)s"""
        )
        values["digits"] = digits
    if len(words) >= 4:
        values["words"] = words
        for kind, value in ((1, "%(words)s"), (7, "lower(%(words)s)")):
            known.append(f"{BY_IDENTITY} WHERE i.kind = {kind} AND i.space = '' AND i.value = {value}")
    others = f"c.id IN ({' UNION ALL '.join(known)})" if known else ""
    return f"AND ({' OR '.join(filter(None, (named, others)))})"


def _select(statement: str, values: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
