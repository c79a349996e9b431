"""Who came again: orders that stand, of a customer's whole group, since a moment."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from regulars.core import bulk

# A cancelled order counts as never made.
FIRST_ORDERS = f"""
SELECT w.key, min(f.occurred_at)
FROM {bulk.unnest("bigint", "bigint", "timestamptz")} AS w (key, customer_id, since)
JOIN customers_customer me ON me.id = w.customer_id
JOIN customers_customer c ON c.canonical_id = me.canonical_id
JOIN customers_identity i ON i.customer_id = c.id
JOIN facts_fact f ON f.identity_id = i.id AND f.kind = 1 AND f.retracted_at IS NULL AND f.occurred_at >= w.since
WHERE NOT EXISTS (
  SELECT 1 FROM facts_fact x WHERE x.source_id = f.source_id AND x.kind = 3 AND x.subject = f.key
    AND x.retracted_at IS NULL)
GROUP BY 1
"""


def first_orders(asked: Iterable[tuple[int, int, datetime]]) -> dict[int, datetime]:
    """When customers first ordered since a moment; who did not is left out.

    Args:
        asked: (any number that tells the questions apart, customer id, since when).
    """
    rows = bulk.run(connection, FIRST_ORDERS, bulk.columns(sorted(asked), ("bigint", "bigint", "timestamptz")))
    return {row[0]: row[1] for row in rows}
