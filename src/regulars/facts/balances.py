"""Balances that were taken over from another programme."""

from django.db import connection

from regulars.core import bulk
from regulars.facts.kinds import balance_taken_over


def coupons_taken_back(import_id: int) -> dict[int, str]:
    """Retracted facts of an import that told of coupons, and the codes that those kept, '' for none."""
    rows = bulk.run(
        connection,
        f"""SELECT f.id, coalesce(f.body ->> 'code', '') FROM facts_fact f
            WHERE f.batch_id = %s AND f.kind = {balance_taken_over.CODE}
              AND f.retracted_at IS NOT NULL AND f.body ->> 'balance' = 'coupon' ORDER BY f.id""",
        [import_id],
    )
    return {row[0]: row[1] for row in rows}
