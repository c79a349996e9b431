"""Customers as other systems are told of them: by the ids that those systems gave themselves, never by a contact."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk
from regulars.customers.identities import IdentityKind

EXTERNAL = f"""
SELECT c.canonical_id, i.space, i.value FROM customers_customer c JOIN customers_identity i ON i.customer_id = c.id
WHERE c.canonical_id = ANY(%b::bigint[]) AND i.kind = {IdentityKind.EXTERNAL_ID} AND i.space = ANY(%b::text[])
ORDER BY i.id
"""
OWN = f"""
SELECT i.customer_id, i.space, i.value FROM customers_identity i
WHERE i.customer_id = ANY(%b::bigint[]) AND i.kind = {IdentityKind.EXTERNAL_ID} AND i.space = ANY(%b::text[])
ORDER BY i.id
"""


class MergedPair(NamedTuple):
    """`child` was merged into `parent`; `undone_at` if they are two again."""

    child_id: int
    parent_id: int
    merged_at: datetime
    undone_at: datetime | None


def external_ids(
    customer_ids: Collection[int], sources: Collection[str], *, whole_group: bool = True
) -> dict[int, dict[str, list[str]]]:
    """The ids that these sources have for these customers: customer → source → ids, the oldest first.

    Args:
        whole_group: Those of everybody in the group that the customer stands for, else their own alone.
    """
    columns = [bulk.Column("bigint", sorted(customer_ids)), bulk.Column("text", sorted(sources))]
    found: dict[int, dict[str, list[str]]] = {}
    for customer_id, source, value in bulk.run(connection, EXTERNAL if whole_group else OWN, columns):
        found.setdefault(customer_id, {}).setdefault(source, []).append(value)
    return found


def merged_pairs(merge_ids: Collection[int]) -> dict[int, MergedPair]:
    """These merges by id."""
    rows = bulk.run(
        connection,
        "SELECT id, child_id, parent_id, merged_at, undone_at FROM customers_merge WHERE id = ANY(%b::bigint[])",
        [bulk.Column("bigint", sorted(merge_ids))],
    )
    return {row[0]: MergedPair(*row[1:]) for row in rows}


def groups_by_identity(identity_ids: Collection[int]) -> dict[int, int]:
    """identity id → who stands for the group that it belongs to."""
    rows = bulk.run(
        connection,
        """SELECT i.id, c.canonical_id FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
           WHERE i.id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", sorted(set(identity_ids)))],
    )
    return {row[0]: row[1] for row in rows}
