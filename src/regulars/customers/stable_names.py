"""The stable names of customers by which they are held out: as the lake has them, for few at once."""

from collections.abc import Sequence

from django.db import connection

from regulars.core import bulk
from regulars.customers.queries import LAKE_CUSTOMERS


def stable_names(customer_ids: Sequence[int]) -> dict[int, str]:
    """customer id → the lake's `who`, '' without an identity; only for those who stand for their group. For few."""
    rows = bulk.run(
        connection,
        f"{LAKE_CUSTOMERS} AND k.id = ANY(%b::bigint[]) ORDER BY k.id",
        [bulk.Column("bigint", list(customer_ids))],
    )
    return {row[0]: row[1] or "" for row in rows}
