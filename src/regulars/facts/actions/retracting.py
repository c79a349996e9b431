"""Taking single facts back, as an import is taken back: they stay, and count no more."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from regulars.core import bulk


def retract_facts(fact_ids: Sequence[int], *, at: datetime) -> int:
    """Take these facts back; returns how many. The caller holds the lock of their customer, and folds again."""
    rows = bulk.run(
        connection,
        "UPDATE facts_fact SET retracted_at = %s WHERE id = ANY(%b::bigint[]) AND retracted_at IS NULL RETURNING 1",
        [at, bulk.Column("bigint", list(fact_ids))],
    )
    return len(rows)
