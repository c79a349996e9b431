"""What customers ordered and got back in a window and before it: the outcome that campaigns are measured by."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk

# A refund counts at its own moment, whenever its order was; an order that was ever cancelled was never made, nor was
# what was given back for it. A refund without an amount gives back all that is left of its order.
SPENDING = """
WITH moves AS (
  SELECT c.canonical_id, f.id, f.kind, f.source_id, f.amount, f.occurred_at, f.subject,
         CASE f.kind WHEN 1 THEN f.key ELSE f.subject END AS of_order,
         f.occurred_at >= %b AND f.occurred_at < %b AS inside
  FROM customers_customer c JOIN customers_identity i ON i.customer_id = c.id
  JOIN facts_fact f ON f.identity_id = i.id AND f.occurred_at >= least(%b, %b) AND f.occurred_at < greatest(%b, %b)
  WHERE c.canonical_id = ANY(%b::bigint[]) AND f.kind IN (1, 2) AND f.retracted_at IS NULL
), standing AS (
  SELECT m.* FROM moves m WHERE (m.inside OR (m.occurred_at >= %b AND m.occurred_at < %b)) AND NOT EXISTS (
    SELECT 1 FROM facts_fact x WHERE x.source_id = m.source_id AND x.subject = m.of_order AND x.kind = 3
      AND x.retracted_at IS NULL)
), valued AS (
  SELECT s.canonical_id, s.kind, s.inside, CASE WHEN s.kind = 1 OR s.amount IS NOT NULL THEN coalesce(s.amount, 0)
    ELSE greatest(0, coalesce((SELECT o.amount FROM facts_fact o WHERE o.source_id = s.source_id AND o.kind = 1
                                 AND o.key = s.subject AND o.retracted_at IS NULL), 0)
           - coalesce((SELECT sum(p.amount) FROM facts_fact p WHERE p.source_id = s.source_id AND p.subject = s.subject
                         AND p.kind = 2 AND p.retracted_at IS NULL
                         AND (p.occurred_at, p.id) < (s.occurred_at, s.id)), 0)) END AS amount
  FROM standing s
)
SELECT canonical_id,
       (count(*) FILTER (WHERE kind = 1 AND inside))::int,
       coalesce(sum(amount) FILTER (WHERE kind = 1 AND inside), 0)::bigint,
       coalesce(sum(amount) FILTER (WHERE kind = 2 AND inside), 0)::bigint,
       (count(*) FILTER (WHERE kind = 1 AND NOT inside))::int,
       coalesce(sum(amount) FILTER (WHERE kind = 1 AND NOT inside), 0)::bigint,
       coalesce(sum(amount) FILTER (WHERE kind = 2 AND NOT inside), 0)::bigint
FROM valued GROUP BY 1 ORDER BY 1
"""


class Period(NamedTuple):
    """From a moment to before another."""

    since: datetime
    until: datetime


class Spending(NamedTuple):
    """What a customer did in the window, and in the period before it; money in minor units."""

    customer_id: int
    orders: int
    paid: int
    refunded: int
    orders_before: int
    paid_before: int
    refunded_before: int

    @property
    def net(self) -> int:
        """Paid less what was given back, each at its own moment; below nought after a refund of an older order."""
        return self.paid - self.refunded

    @property
    def net_before(self) -> int:
        """The same of the time before."""
        return self.paid_before - self.refunded_before


def spending(canonical_ids: Sequence[int], *, window: Period, before: Period) -> list[Spending]:
    """What these customers did, each with the whole group's facts, by id; who did nothing in either is left out.

    Args:
        before: A period that does not overlap the window.
    """
    ends = [window.since, before.since, window.until, before.until]
    ids = bulk.Column("bigint", sorted(canonical_ids))
    return [Spending(*row) for row in bulk.run(connection, SPENDING, [*window, *ends, ids, *before])]
