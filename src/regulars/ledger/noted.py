"""Transfers by id, as other systems are told of them: one sum for each move, and what the customer has now."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk
from regulars.ledger.rules import Balance, Currency

MOVES = """
SELECT customer_id, origin_kind, origin_id, purpose, source, target, sum(amount)::bigint, recorded_at, max(at), currency
FROM ledger_transfer WHERE id = ANY(%b::bigint[])
GROUP BY 1, 2, 3, 4, 5, 6, 8, 10 ORDER BY min(id)
"""
WALLETS = f"""
SELECT c.canonical_id, w.currency, sum(w.pending)::bigint, sum(w.available)::bigint, sum(w.held)::bigint,
       -sum(w.debt)::bigint
FROM customers_customer c JOIN ledger_wallet w ON w.customer_id = c.id AND w.currency <> {Currency.GROWTH}
WHERE c.canonical_id = ANY(%b::bigint[]) GROUP BY 1, 2
"""


class Moved(NamedTuple):
    """Points of a customer that moved from one account to another for one reason, all lots together."""

    customer_id: int
    origin_kind: int
    origin_id: int
    purpose: int
    source: int
    target: int
    amount: int
    recorded_at: datetime
    at: datetime
    currency: int


def moves(transfer_ids: Collection[int]) -> list[Moved]:
    """What these transfers moved, in the order in which they were written."""
    rows = bulk.run(connection, MOVES, [bulk.Column("bigint", sorted(transfer_ids))])
    return [Moved(*row) for row in rows]


def balances(canonical_ids: Collection[int]) -> dict[tuple[int, int], Balance]:
    """What these groups have as it is posted, by (customer, currency); what they never had any of is left out."""
    rows = bulk.run(connection, WALLETS, [bulk.Column("bigint", sorted(canonical_ids))])
    return {(row[0], row[1]): Balance(*row[2:]) for row in rows}
