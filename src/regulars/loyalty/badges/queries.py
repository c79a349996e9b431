"""Reading who has which badge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.badges.holding import Holder
from regulars.loyalty.badges.rules import Held

OF_GROUPS = """
SELECT DISTINCT ON (c.canonical_id, b.code) c.canonical_id, b.code, b.fact_id, b.rule, b.at
FROM customers_customer c JOIN loyalty_memberbadge b ON b.customer_id = c.id
WHERE c.canonical_id = ANY(%b::bigint[]) ORDER BY c.canonical_id, b.code, b.at, b.fact_id
"""


@dataclass(frozen=True, slots=True)
class MemberBadge:
    """A badge that a member has: since when, by which rule, for which fact."""

    code: str
    fact_id: int
    rule: str
    at: datetime


def of_members(canonical_ids: Iterable[int]) -> dict[int, list[MemberBadge]]:
    """The badges of these customers (their whole groups), the latest first; who has none is left out."""
    rows = bulk.run(connection, OF_GROUPS, [bulk.Column("bigint", sorted(set(canonical_ids)))])
    found: dict[int, list[MemberBadge]] = {}
    for canonical_id, *told in rows:
        found.setdefault(canonical_id, []).append(MemberBadge(*told))
    for badges in found.values():
        badges.sort(key=lambda one: (one.at, one.code), reverse=True)
    return found


def kept(customer_ids: Iterable[int]) -> dict[Holder, Held]:
    """What is kept of these very customers."""
    rows = bulk.run(
        connection,
        "SELECT customer_id, code, fact_id, rule, at FROM loyalty_memberbadge WHERE customer_id = ANY(%b::bigint[])",
        [bulk.Column("bigint", sorted(set(customer_ids)))],
    )
    return {(row[0], row[1]): Held(*row[2:]) for row in rows}


def counts() -> dict[str, int]:
    """How many members have each badge."""
    rows = bulk.run(
        connection,
        """SELECT b.code, count(DISTINCT c.canonical_id) FROM loyalty_memberbadge b
           JOIN customers_customer c ON c.id = b.customer_id GROUP BY 1""",
    )
    return dict(rows)
