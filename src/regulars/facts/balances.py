"""Balances that were taken over from another programme."""

from django.db import connection

from regulars.core import bulk
from regulars.facts.kinds import balance_taken_over


def coupons_taken_back(import_id: int) -> list[int]:
    """Ids of retracted facts of an import that told of coupons."""
    rows = bulk.run(
        connection,
        f"""SELECT f.id FROM facts_fact f WHERE f.batch_id = %s AND f.kind = {balance_taken_over.CODE}
              AND f.retracted_at IS NOT NULL AND f.body ->> 'balance' = 'coupon' ORDER BY f.id""",
        [import_id],
    )
    return [row[0] for row in rows]
