"""What became of orders, whoever told of it: cancelled, refunded whole, or taken back with an import."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded

Order = tuple[int, str]
"""The id of the system that numbered it, and its number there."""

ORDER = ("int", "text")
RETURNS = f"""
SELECT r.source_id, r.subject, r.kind, r.amount, (r.body->'lines')::text, o.amount, (o.body->'lines')::text
FROM {bulk.unnest(*ORDER)} AS n (source, key)
JOIN facts_fact r ON r.source_id = n.source AND r.subject = n.key AND r.retracted_at IS NULL
  AND r.kind IN ({order_refunded.CODE}, {order_cancelled.CODE})
LEFT JOIN facts_fact o ON o.source_id = n.source AND o.kind = {order_completed.CODE} AND o.key = n.key
  AND o.retracted_at IS NULL
"""


class Gone(StrEnum):
    """Why an order does not count any more."""

    CANCELLED = "cancelled"
    REFUNDED = "refunded"


def gone(orders: Sequence[Order]) -> dict[Order, Gone]:
    """Those of these orders that were cancelled, or whose money went back whole, in one refund or in several."""
    if not orders:
        return {}
    told: dict[Order, list[tuple[Any, ...]]] = {}
    for source, key, *fact in bulk.run(connection, RETURNS, bulk.columns(sorted(set(orders)), ORDER)):
        told.setdefault((source, key), []).append(tuple(fact))
    return {order: why for order, returns in told.items() if (why := _why(returns)) is not None}


def _why(returns: Sequence[tuple[Any, ...]]) -> Gone | None:
    """Of an order, by (kind, amount, lines, what the order came to, its lines) of all that was given back for it."""
    if any(kind == order_cancelled.CODE for kind, *_ in returns):
        return Gone.CANCELLED
    paid, lines = returns[0][3:]
    refunds = [(amount, orjson.loads(back)) for _, amount, back, _, _ in returns]
    if lines is None:
        # The order is still to come, and nobody can say how much a part is of it.
        return Gone.REFUNDED if any(amount is None and not back for amount, back in refunds) else None
    bought = [(line[0], line[3]) for line in orjson.loads(lines)]
    return Gone.REFUNDED if order_refunded.is_whole(paid or 0, bought, refunds) else None


def buyers(orders: Sequence[Order]) -> dict[Order, int]:
    """The customers for whom these orders arrived; one of nobody is left out."""
    rows = bulk.run(
        connection,
        f"""SELECT f.source_id, f.key, i.customer_id FROM {bulk.unnest(*ORDER)} AS n (source, key)
            JOIN facts_fact f ON f.source_id = n.source AND f.kind = {order_completed.CODE} AND f.key = n.key
            JOIN customers_identity i ON i.id = f.identity_id WHERE f.retracted_at IS NULL""",
        bulk.columns(sorted(set(orders)), ORDER),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def lines_of(order: Order) -> tuple[tuple[str, int], ...] | None:
    """(line id, amount in minor units) of an order that stands; None if it has not arrived."""
    rows = bulk.run(
        connection,
        f"""SELECT (f.body->'lines')::text FROM facts_fact f
            WHERE f.source_id = %s AND f.kind = {order_completed.CODE} AND f.key = %s AND f.retracted_at IS NULL""",
        list(order),
    )
    return tuple((str(line[0]), int(line[3])) for line in orjson.loads(rows[0][0])) if rows else None


def taken_back_with_codes(import_id: int) -> list[tuple[int, int, str]]:
    """(fact, system, number) of orders of an import that told coupon codes and are retracted."""
    rows = bulk.run(
        connection,
        f"""SELECT f.id, f.source_id, f.key FROM facts_fact f WHERE f.batch_id = %s AND f.kind = {order_completed.CODE}
              AND f.retracted_at IS NOT NULL AND f.body ? 'coupons'""",
        [import_id],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def returns_taken_back(import_id: int) -> list[Order]:
    """The orders that retracted refunds and cancellations of an import were about."""
    rows = bulk.run(
        connection,
        f"""SELECT DISTINCT f.source_id, f.subject FROM facts_fact f WHERE f.batch_id = %s
              AND f.kind IN ({order_refunded.CODE}, {order_cancelled.CODE}) AND f.retracted_at IS NOT NULL""",
        [import_id],
    )
    return [(row[0], row[1]) for row in rows]


def retracted(fact_ids: Sequence[int]) -> set[int]:
    """Those of these facts that were taken back."""
    rows = bulk.run(
        connection,
        "SELECT f.id FROM facts_fact f WHERE f.id = ANY(%b::bigint[]) AND f.retracted_at IS NOT NULL",
        [bulk.Column("bigint", sorted(fact_ids))],
    )
    return {row[0] for row in rows}
