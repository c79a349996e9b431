"""Figures over facts: revenue, buyers, and one customer's orders."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.facts.rules import Body

# Orders that were cancelled, wherever the cancellation stands from `since` on: they count as never made.
CANCELLED = """
cancelled AS (
  SELECT DISTINCT o.id, o.source_id, o.key, o.business_date, o.amount, o.identity_id, o.store_id FROM facts_fact c
  JOIN facts_fact o ON o.source_id = c.source_id AND o.kind = 1 AND o.key = c.subject AND o.retracted_at IS NULL
  WHERE c.kind = 3 AND c.retracted_at IS NULL AND c.business_date >= %(since)s
)"""
ANY_STORE = "(%(stores)s::bigint[] IS NULL OR {} = ANY(%(stores)s))"
ITS_ORDER = "o.source_id = r.source_id AND o.kind = 1 AND o.key = r.subject AND o.retracted_at IS NULL"
ITS_DAYS = "r.business_date >= %(since)s AND r.business_date < %(until)s AND r.kind = 2 AND r.retracted_at IS NULL"
# Told amounts come from the index alone; what it cannot know is put right by the few rows that follow: cancelled orders
# with what was given back for them, refunds of a store that only their order names, refunds of all that is left.
REVENUE = f"""
WITH {CANCELLED}, moves AS (
  SELECT business_date, identity_id IS NOT NULL AS member,
         sum(CASE kind WHEN 1 THEN amount ELSE -amount END) AS amount
  FROM facts_fact WHERE business_date >= %(since)s AND business_date < %(until)s AND kind IN (1, 2)
    AND retracted_at IS NULL AND {ANY_STORE.format("store_id")}
  GROUP BY 1, 2
  UNION ALL
  SELECT business_date, identity_id IS NOT NULL, -amount FROM cancelled WHERE {ANY_STORE.format("store_id")}
  UNION ALL
  SELECT r.business_date, r.identity_id IS NOT NULL, r.amount FROM cancelled c
  JOIN facts_fact r ON r.source_id = c.source_id AND r.subject = c.key AND r.kind = 2 AND r.retracted_at IS NULL
  WHERE {ANY_STORE.format("coalesce(r.store_id, c.store_id)")}
  UNION ALL
  SELECT r.business_date, r.identity_id IS NOT NULL, -r.amount FROM facts_fact r JOIN facts_fact o ON {ITS_ORDER}
  WHERE {ITS_DAYS} AND r.store_id IS NULL AND o.store_id = ANY(%(stores)s::bigint[])
  UNION ALL
  SELECT r.business_date, r.identity_id IS NOT NULL, -greatest(0, o.amount - coalesce((
           SELECT sum(p.amount) FROM facts_fact p WHERE p.source_id = r.source_id AND p.subject = r.subject
             AND p.kind = 2 AND p.retracted_at IS NULL AND (p.occurred_at, p.id) < (r.occurred_at, r.id)), 0))
  FROM facts_fact r JOIN facts_fact o ON {ITS_ORDER}
  WHERE {ITS_DAYS} AND r.amount IS NULL AND o.id NOT IN (SELECT id FROM cancelled)
    AND {ANY_STORE.format("coalesce(r.store_id, o.store_id)")}
)
SELECT d::date, coalesce(sum(amount) FILTER (WHERE member), 0)::bigint,
       coalesce(sum(amount) FILTER (WHERE NOT member), 0)::bigint
FROM generate_series(%(since)s::date, %(until)s::date - 1, interval '1 day') d
LEFT JOIN moves m ON m.business_date = d::date GROUP BY 1 ORDER BY 1
"""
# Counts are narrowed to int, since sums of bigint are numeric and several times as slow.
BUYERS = f"""
WITH {CANCELLED}, bought AS (
  SELECT coalesce(m.canonical_id, i.customer_id), sum(b.latest) AS latest, sum(b.earlier) AS earlier FROM (
    SELECT identity_id, (count(*) FILTER (WHERE business_date >= %(split)s))::int AS latest,
           (count(*) FILTER (WHERE business_date < %(split)s))::int AS earlier
    FROM facts_fact WHERE business_date >= %(since)s AND business_date < %(until)s AND kind = 1
      AND retracted_at IS NULL AND identity_id IS NOT NULL
      AND {ANY_STORE.format("store_id")}
    GROUP BY 1
    UNION ALL
    SELECT identity_id, -(count(*) FILTER (WHERE business_date >= %(split)s))::int,
           -(count(*) FILTER (WHERE business_date < %(split)s))::int
    FROM cancelled WHERE business_date >= %(since)s AND business_date < %(until)s AND identity_id IS NOT NULL
      AND {ANY_STORE.format("store_id")}
    GROUP BY 1
  ) b JOIN customers_identity i ON i.id = b.identity_id
  LEFT JOIN customers_customer m ON m.id = i.customer_id AND NOT m.listed GROUP BY 1
)
SELECT count(*) FILTER (WHERE latest > 0), count(*) FILTER (WHERE latest > 1),
       count(*) FILTER (WHERE earlier > 0), count(*) FILTER (WHERE earlier > 1) FROM bought
"""


@dataclass(frozen=True, slots=True)
class DayRevenue:
    """Net revenue of a day in minor units: orders that stand less what was given back that day."""

    day: date
    members: int
    others: int


def revenue_by_day(*, since: date, until: date, store_ids: Sequence[int] | None = None) -> list[DayRevenue]:
    """Revenue of every day in [since, until), days without any included. A cancelled order was never made."""
    return [DayRevenue(*row) for row in _select(REVENUE, since, until, store_ids)]


@dataclass(frozen=True, slots=True)
class Buyers:
    """Members who bought in a period, and those of them who bought at least twice in it."""

    members: int
    twice: int

    @property
    def repurchase_rate(self) -> float | None:
        """Share of the buyers who bought at least twice in the period; None without buyers."""
        return self.twice / self.members if self.members else None


def buyers(*, since: date, until: date, store_ids: Sequence[int] | None = None) -> Buyers:
    """Who bought in [since, until); a merged group is one buyer."""
    return buyers_twice(since=since, split=since, until=until, store_ids=store_ids)[1]


def buyers_twice(
    *, since: date, split: date, until: date, store_ids: Sequence[int] | None = None
) -> tuple[Buyers, Buyers]:
    """Who bought in [since, split), and who in [split, until)."""
    latest, latest_twice, earlier, earlier_twice = _select(BUYERS, since, until, store_ids, split=split)[0]
    return Buyers(earlier, earlier_twice), Buyers(latest, latest_twice)


BY_MONTH = f"""
WITH {CANCELLED}, bought AS (
  SELECT date_trunc('month', business_date)::date AS month, identity_id, count(*)::int AS orders
  FROM facts_fact WHERE business_date >= %(since)s AND business_date < %(until)s AND kind = 1
    AND retracted_at IS NULL AND identity_id IS NOT NULL AND {ANY_STORE.format("store_id")}
  GROUP BY 1, 2
  UNION ALL
  SELECT date_trunc('month', business_date)::date, identity_id, -count(*)::int FROM cancelled
  WHERE business_date >= %(since)s AND business_date < %(until)s AND identity_id IS NOT NULL
    AND {ANY_STORE.format("store_id")}
  GROUP BY 1, 2
), people AS (
  SELECT b.month, coalesce(m.canonical_id, i.customer_id) AS customer_id FROM bought b
  JOIN customers_identity i ON i.id = b.identity_id
  LEFT JOIN customers_customer m ON m.id = i.customer_id AND NOT m.listed
  GROUP BY 1, 2 HAVING sum(b.orders) > 0
)
SELECT month, count(*) FROM people GROUP BY 1
"""


def buyers_by_month(*, since: date, until: date) -> dict[date, int]:
    """How many members bought in each month of [since, until), by its first day; a merged group is one."""
    return dict(_select(BY_MONTH, since, until, None))


def _select(
    statement: str, since: date, until: date, store_ids: Sequence[int] | None, **more: date
) -> list[tuple[Any, ...]]:
    stores = list(store_ids) if store_ids is not None else None
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": since, "until": until, "stores": stores, **more})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as a person reads it; `amount` in minor units."""

    id: int
    kind: int
    source: str
    key: str
    subject: str | None
    occurred_at: datetime
    amount: int | None
    store_id: int | None
    body: Body
    retracted_at: datetime | None = None


FACTS = """
SELECT f.id, f.kind, s.name, f.key, f.subject, f.occurred_at, f.amount, f.store_id, f.body::text, f.retracted_at
FROM facts_fact f JOIN facts_source s ON s.id = f.source_id
"""


def by_ids(fact_ids: Sequence[int]) -> dict[int, FactView]:
    """These facts by id, retracted ones too: an old entry still needs its reason."""
    rows = bulk.run(connection, f"{FACTS} WHERE f.id = ANY(%b::bigint[])", [bulk.Column("bigint", list(fact_ids))])
    return {row[0]: _view(row) for row in rows}


def orders_of(facts: Iterable[FactView]) -> dict[tuple[str, str], FactView]:
    """The orders that these refunds and cancellations are about, by (source, order number)."""
    wanted = {(fact.source, fact.subject) for fact in facts if fact.subject}
    found = _told_orders(wanted, "f.retracted_at IS NULL")
    return found | _told_orders(wanted - found.keys(), "f.retracted_at IS NOT NULL")


def _told_orders(wanted: Collection[tuple[str, str]], state: str) -> dict[tuple[str, str], FactView]:
    """Orders by (source, order number): those that stand, or those that were taken back; each has an index of its own,
    and to ask for both at once would read every fact."""
    if not wanted:
        return {}
    rows = bulk.run(
        connection,
        f"""{FACTS} JOIN {bulk.unnest("text", "text")} AS w (source, key) ON w.source = s.name AND w.key = f.key
            WHERE f.kind = 1 AND {state}""",
        bulk.columns(sorted(wanted), ("text", "text")),
    )
    return {(row[2], row[3]): _view(row) for row in rows}


def of_customer(canonical_id: int, *, most: int, before: tuple[datetime, int] | None = None) -> list[FactView]:
    """A customer's facts (the whole group's) that stand, newest first; a page goes on before (occurred_at, id)."""
    at, fact_id = before or (None, None)
    rows = bulk.run(
        connection,
        """SELECT f.id, f.kind, s.name, f.key, f.subject, f.occurred_at, f.amount, f.store_id, f.body::text,
                  f.retracted_at
           FROM customers_customer c JOIN customers_identity i ON i.customer_id = c.id, LATERAL (
             SELECT * FROM facts_fact f WHERE f.identity_id = i.id AND f.retracted_at IS NULL
               AND (%s::timestamptz IS NULL OR (f.occurred_at, f.id) < (%s, %s))
             ORDER BY f.occurred_at DESC, f.id DESC LIMIT %s
           ) f JOIN facts_source s ON s.id = f.source_id
           WHERE c.canonical_id = %s ORDER BY f.occurred_at DESC, f.id DESC LIMIT %s""",
        [at, at, fact_id, most, canonical_id, most],
    )
    return [_view(row) for row in rows]


def bought_in(canonical_id: int, store_ids: Sequence[int]) -> bool:
    """Whether a customer (the whole group) ever ordered in one of these stores."""
    rows = bulk.run(
        connection,
        """SELECT EXISTS (SELECT 1 FROM customers_customer c JOIN customers_identity i ON i.customer_id = c.id
             JOIN facts_fact f ON f.identity_id = i.id
             WHERE c.canonical_id = %s AND f.kind = 1 AND f.retracted_at IS NULL AND f.store_id = ANY(%b::bigint[]))""",
        [canonical_id, bulk.Column("bigint", list(store_ids))],
    )
    return bool(rows[0][0])


def _view(row: tuple[Any, ...]) -> FactView:
    return FactView(*(*row[:8], orjson.loads(row[8]), row[9]))


def newest_day() -> date | None:
    """The last day on which anything was bought: what 'recent' means for kept or demo data."""
    return days()[1]


def newest_contract_day() -> date | None:
    """The last day on which anything was told of a contract."""
    told = "SELECT max(business_date) FROM facts_fact WHERE kind IN (6, 7, 8) AND retracted_at IS NULL"
    found: date | None = bulk.run(connection, told)[0][0]
    return found


def days() -> tuple[date | None, date | None]:
    """The first and the last day on which anything was bought."""
    rows = bulk.run(
        connection,
        """SELECT min(business_date), max(business_date) FROM facts_fact
           WHERE kind IN (1, 2, 3) AND retracted_at IS NULL""",
    )
    return rows[0][0], rows[0][1]
