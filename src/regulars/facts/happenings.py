"""What customers did within some weeks, a row a fact, as far as it can say that something is odd."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from regulars.core import bulk
from regulars.facts.kinds import FACT_KINDS, custom, order_cancelled, order_completed, order_refunded


class Happening(NamedTuple):
    """A fact without its lines: `product` is the first line's, `pieces` how many lines there are.

    `device` and `address` are marks (`facts.kinds.marks`), `event` the name of what is no order.
    """

    customer_id: int
    fact_id: int
    kind: int
    source_id: int
    key: str
    subject: str | None
    at: datetime
    day: date
    amount: int | None
    store_id: int | None
    online: bool
    product: str
    pieces: int
    device: str
    address: str
    event: str


TOLD = f"""
SELECT i.customer_id, f.id, f.kind, f.source_id, f.key, f.subject, f.occurred_at, f.business_date, f.amount, f.store_id,
       coalesce(f.body->>'channel' = 'online', false), coalesce(f.body->'lines'->0->>1, ''),
       CASE WHEN f.kind = {order_completed.CODE} THEN jsonb_array_length(f.body->'lines') ELSE 0 END,
       coalesce(f.body->>'device', ''), coalesce(f.body->>'address', ''), coalesce(f.body->>'event', '')
FROM customers_identity i JOIN facts_fact f ON f.identity_id = i.id
WHERE i.customer_id = ANY(%b::bigint[]) AND f.occurred_at > %s AND f.occurred_at <= %s AND f.retracted_at IS NULL
ORDER BY f.occurred_at, f.id
"""

ABOUT_ORDERS = (order_completed.CODE, order_refunded.CODE, order_cancelled.CODE)


def happenings(customer_ids: Sequence[int], *, since: datetime, until: datetime) -> list[Happening]:
    """Facts of these customers in (since, until] that stand, in the order of time."""
    rows = bulk.run(connection, TOLD, [bulk.Column("bigint", list(customer_ids)), since, until])
    return [_named(Happening(*row)) for row in rows]


def _named(one: Happening) -> Happening:
    if one.kind in ABOUT_ORDERS or one.kind == custom.CODE:
        return one
    return one._replace(event=FACT_KINDS[one.kind][0])
