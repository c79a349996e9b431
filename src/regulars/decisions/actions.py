"""Writing the trace."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from django.db import IntegrityError, connection, transaction

from regulars.core import bulk
from regulars.decisions.rules import NO_NUMBERS, About, NewDecision

COLUMNS = ("bigint", "smallint", "text", "text")
RECORD = f"""
WITH written AS (
  INSERT INTO decisions_decision (about_kind, about_id, customer_id, outcome, reason, numbers, decided_at)
  SELECT %s, %s, customer, outcome, reason, coalesce(numbers, '{{{{}}}}')::jsonb, %s
  FROM {bulk.unnest(*COLUMNS)} AS n (customer, outcome, reason, numbers)
  {{unless}} RETURNING 1
)
SELECT count(*) FROM written
"""
TAKEN = "ON CONFLICT (about_kind, about_id, customer_id) DO NOTHING"


def record_many(*, about: About, decisions: Sequence[NewDecision], at: datetime) -> int:
    """Keep what was decided; returns how many are new. Made for batches of 50,000 and more.

    Who was decided about before keeps that decision, whatever is said now: so whoever acts on decisions reads them back
    (`queries.ids`) instead of trusting what it has just decided.

    Args:
        decisions: One for each customer who stands for a group; of two for one customer the first stands.
    """
    ordered = sorted(decisions, key=lambda one: one.customer_id)
    told = [
        (customer_id, outcome, reason, None if numbers is NO_NUMBERS else orjson.dumps(numbers))
        for customer_id, outcome, reason, numbers in ordered
    ]
    parameters = [about.kind, about.id, at, *bulk.columns(told, COLUMNS)]
    try:
        # Without the conflict clause it takes a third of the time, and mostly nobody was decided about before. To look
        # first would be as quick, until a plan that was made for the empty table reads the whole of it for each row.
        with transaction.atomic():
            rows = bulk.run(connection, RECORD.format(unless=""), parameters)
    except IntegrityError:
        rows = bulk.run(connection, RECORD.format(unless=TAKEN), parameters)
    return int(rows[0][0])
