"""Reading customers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.customers.identities import Identity


def members(canonical_ids: Iterable[int]) -> dict[int, int]:
    """customer id → canonical id for everybody in these groups."""
    rows = bulk.run(
        connection,
        "SELECT id, canonical_id FROM customers_customer WHERE canonical_id = ANY(%b::bigint[])",
        [bulk.Column("bigint", sorted(canonical_ids))],
    )
    return {row[0]: row[1] for row in rows}


def canonicals(customer_ids: Iterable[int]) -> dict[int, int]:
    """customer id → who stands for their group."""
    rows = bulk.run(
        connection,
        "SELECT id, canonical_id FROM customers_customer WHERE id = ANY(%b::bigint[])",
        [bulk.Column("bigint", sorted(customer_ids))],
    )
    return {row[0]: row[1] for row in rows}


def others(customer_ids: Iterable[int]) -> list[tuple[int, int]]:
    """(one of these customers, somebody else of their group); who was never merged is left out."""
    rows = bulk.run(
        connection,
        """SELECT c.id, m.id FROM customers_customer c
           JOIN customers_customer m ON m.canonical_id = c.canonical_id AND m.id <> c.id
           WHERE c.id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(customer_ids))],
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a customer; `identities` of the whole group, strongest first."""

    customer_id: int
    name: str
    birthday: date | None
    joined_on: date
    identities: tuple[Identity, ...]
    members: tuple[int, ...]


def profile(customer_id: int) -> Profile | None:
    """The group of a customer under who stands for it; None if there is no such customer."""
    rows = bulk.run(
        connection,
        """SELECT c.id, c.name, c.birthday, c.joined_on FROM customers_customer c
           WHERE c.canonical_id = (SELECT canonical_id FROM customers_customer WHERE id = %s)
           ORDER BY c.id <> c.canonical_id, c.id""",
        [customer_id],
    )
    if not rows:
        return None
    names = bulk.run(
        connection,
        """SELECT kind, space, value FROM customers_identity WHERE customer_id = ANY(%b::bigint[])
           ORDER BY kind, space, value""",
        [bulk.Column("bigint", [row[0] for row in rows])],
    )
    return Profile(
        rows[0][0],
        next((row[1] for row in rows if row[1]), ""),
        next((row[2] for row in rows if row[2]), None),
        min(row[3] for row in rows),
        tuple(Identity(*row) for row in names),
        tuple(row[0] for row in rows),
    )


def names(customer_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """customer id → (who stands for the group, that one's name)."""
    rows = bulk.run(
        connection,
        """SELECT c.id, k.id, k.name FROM customers_customer c JOIN customers_customer k ON k.id = c.canonical_id
           WHERE c.id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(set(customer_ids)))],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def phones(canonical_ids: Iterable[int]) -> dict[int, str]:
    """One phone of each group, unmasked: callers show it masked unless somebody may reveal it."""
    rows = bulk.run(
        connection,
        """SELECT DISTINCT ON (c.canonical_id) c.canonical_id, i.value FROM customers_customer c
           JOIN customers_identity i ON i.customer_id = c.id AND i.kind = 6
           WHERE c.canonical_id = ANY(%b::bigint[]) ORDER BY c.canonical_id, i.id""",
        [bulk.Column("bigint", sorted(set(canonical_ids)))],
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class MergeView:
    """Two customers who became one, and perhaps two again."""

    id: int
    child_id: int
    parent_id: int
    merged_at: datetime
    merged_by: str
    undone_at: datetime | None
    undone_by: str


def merges_of(customer_ids: Iterable[int]) -> list[MergeView]:
    """Every merge, undone or not, in which these customers took part, oldest first."""
    rows = bulk.run(
        connection,
        """SELECT id, child_id, parent_id, merged_at, merged_by, undone_at, undone_by FROM customers_merge
           WHERE child_id = ANY(%b::bigint[]) OR parent_id = ANY(%b::bigint[]) ORDER BY merged_at, id""",
        [bulk.Column("bigint", sorted(set(customer_ids)))] * 2,
    )
    return [MergeView(*row) for row in rows]


def birthdays(among: Iterable[int] | None = None) -> tuple[list[int], list[int]]:
    """Who stands for a group whose birthday is known, and the birthdays as month × 100 + day.

    Args:
        among: Only these birthdays; all if None.
    """
    rows = bulk.run(
        connection,
        """SELECT array_agg(who), array_agg(born) FROM (
             SELECT who, (extract(month FROM born) * 100 + extract(day FROM born))::int AS born FROM (
               SELECT canonical_id AS who, (array_agg(birthday ORDER BY id <> canonical_id, id))[1] AS born
               FROM customers_customer WHERE birthday IS NOT NULL GROUP BY canonical_id) AS groups) AS days
           WHERE %s OR born = ANY(%b::int[])""",
        [among is None, bulk.Column("int", sorted(among or ()))],
    )
    return rows[0][0] or [], rows[0][1] or []


def export_rows() -> Iterator[tuple[Any, ...]]:
    """Every customer with identities as 'kind:space:value' lines, for a recorded export; inside a transaction."""
    return bulk.stream(
        connection,
        """SELECT c.id, c.canonical_id, c.name, c.birthday, c.joined_on,
             coalesce(string_agg(i.kind || ':' || i.space || ':' || i.value, E'\\n' ORDER BY i.id), '')
           FROM customers_customer c LEFT JOIN customers_identity i ON i.customer_id = c.id
           GROUP BY c.id ORDER BY c.id""",
    )


LAKE_IDENTITIES = """
SELECT i.id AS identity_id, coalesce(c.canonical_id, c.id) AS customer_id
FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
"""
"""For the lake: every identity with who stands for its customer's group."""

# `who` is over the group's strongest identity, of equally strong ones the first by its bytes: whichever order things
# arrived in, the same people get the same.
LAKE_CUSTOMERS = """
SELECT k.id AS customer_id, encode(sha256(convert_to(n.name, 'UTF8')), 'hex') AS who, g.joined_on
FROM customers_customer k
JOIN (SELECT canonical_id, min(joined_on) AS joined_on FROM customers_customer GROUP BY 1) g ON g.canonical_id = k.id
LEFT JOIN (
  SELECT c.canonical_id,
         min((lpad(i.kind::text, 2, '0') || E'\\x1f' || i.space || E'\\x1f' || i.value) COLLATE "C") AS name
  FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id GROUP BY 1
) n ON n.canonical_id = k.id
WHERE k.listed
"""
"""For the lake: customers who stand for themselves or their group, with a name that says nothing but stays the same."""
