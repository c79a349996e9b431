"""Figures over facts: revenue, buyers, and one customer's orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.facts.queries import ORDER_KINDS
from regulars.facts.rules import Body


@dataclass(frozen=True, slots=True)
class DayRevenue:
    """Net revenue of a day in minor units: orders less what was given back that day."""

    day: date
    members: int
    others: int


def revenue_by_day(*, since: date, until: date, store_ids: Sequence[int] | None = None) -> list[DayRevenue]:
    """Revenue of every day in [since, until), days without any included."""
    rows = bulk.run(
        connection,
        """SELECT d::date, coalesce(sum(v) FILTER (WHERE m), 0)::bigint, coalesce(sum(v) FILTER (WHERE NOT m), 0)::bigint
           FROM generate_series(%s::date, %s::date - 1, interval '1 day') d LEFT JOIN (
             SELECT business_date, identity_id IS NOT NULL AS m,
                    sum(CASE kind WHEN 1 THEN amount ELSE -coalesce(amount, 0) END) AS v
             FROM facts_fact WHERE business_date >= %s AND business_date < %s AND kind IN (1, 2)
               AND retracted_at IS NULL AND (%s::bigint[] IS NULL OR store_id = ANY(%s::bigint[]))
             GROUP BY 1, 2
           ) f ON f.business_date = d::date GROUP BY 1 ORDER BY 1""",
        [since, until, since, until, *[list(store_ids) if store_ids is not None else None] * 2],
    )
    return [DayRevenue(*row) for row in rows]


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
    rows = bulk.run(
        connection,
        """SELECT count(*), count(*) FILTER (WHERE n > 1) FROM (
             SELECT c.canonical_id, count(*) AS n FROM facts_fact f
             JOIN customers_identity i ON i.id = f.identity_id JOIN customers_customer c ON c.id = i.customer_id
             WHERE f.business_date >= %s AND f.business_date < %s AND f.kind = 1 AND f.retracted_at IS NULL
               AND (%s::bigint[] IS NULL OR f.store_id = ANY(%s::bigint[]))
             GROUP BY 1) b""",
        [since, until, *[list(store_ids) if store_ids is not None else None] * 2],
    )
    return Buyers(rows[0][0], rows[0][1])


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


FACTS = """
SELECT f.id, f.kind, s.name, f.key, f.subject, f.occurred_at, f.amount, f.store_id, f.body::text
FROM facts_fact f JOIN facts_source s ON s.id = f.source_id
"""


def by_ids(fact_ids: Sequence[int]) -> dict[int, FactView]:
    """These facts by id, retracted ones too: an old entry still needs its reason."""
    rows = bulk.run(connection, f"{FACTS} WHERE f.id = ANY(%b::bigint[])", [bulk.Column("bigint", list(fact_ids))])
    return {row[0]: _view(row) for row in rows}


def of_customer(canonical_id: int, *, most: int, before: tuple[datetime, int] | None = None) -> list[FactView]:
    """A customer's facts (the whole group's) that stand, newest first; a page goes on before (occurred_at, id)."""
    at, fact_id = before or (None, None)
    rows = bulk.run(
        connection,
        f"""{FACTS} JOIN customers_identity i ON i.id = f.identity_id JOIN customers_customer c ON c.id = i.customer_id
            WHERE c.canonical_id = %s AND f.retracted_at IS NULL
              AND (%s::timestamptz IS NULL OR (f.occurred_at, f.id) < (%s, %s))
            ORDER BY f.occurred_at DESC, f.id DESC LIMIT %s""",
        [canonical_id, at, at, fact_id, most],
    )
    return [_view(row) for row in rows]


def _view(row: tuple[Any, ...]) -> FactView:
    return FactView(*row[:8], orjson.loads(row[8]))


def newest_day() -> date | None:
    """The last day on which anything was bought: what 'recent' means for kept or demo data."""
    rows = bulk.run(
        connection, f"SELECT max(business_date) FROM facts_fact WHERE kind IN {ORDER_KINDS} AND retracted_at IS NULL"
    )
    return rows[0][0] if rows else None
