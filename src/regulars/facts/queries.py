"""Reading facts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.facts.kinds import (
    CODES_BY_NAME,
    FACT_KINDS,
    balance_taken_over,
    contract_ended,
    contract_started,
    contract_updated,
    custom,
    order_cancelled,
    order_completed,
    order_refunded,
)
from regulars.facts.models import Import
from regulars.facts.rules import Body

ORDER_KINDS = (order_completed.CODE, order_refunded.CODE, order_cancelled.CODE)
RATED_KINDS = (*ORDER_KINDS, balance_taken_over.CODE)
"""What stands in everybody's history, whatever the programme rewards."""


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact about an order as it was told, with the customer it arrived for."""

    id: int
    kind: int
    source_id: int
    key: str
    subject: str | None
    occurred_at: datetime
    day: date
    amount: int | None
    body: Body
    customer_id: int
    store_id: int | None


TOLD = """f.id, f.kind, f.source_id, f.key, f.subject, f.occurred_at, f.business_date, f.amount, f.body::text,
          i.customer_id, f.store_id"""
_NAMED = f"""(f.kind = ANY(%b::smallint[])
              OR f.kind = {custom.CODE} AND f.body ->> 'event' = ANY(%b::text[]))"""


def of_customers(customer_ids: Sequence[int], events: Collection[str] = ()) -> list[StoredFact]:
    """What counts for these customers whoever they are: orders, refunds, balances; and the events of these names."""
    rows = bulk.run(
        connection,
        f"""SELECT {TOLD} FROM customers_identity i JOIN facts_fact f ON f.identity_id = i.id
            WHERE i.customer_id = ANY(%b::bigint[]) AND f.kind IN {RATED_KINDS} AND f.retracted_at IS NULL""",
        [bulk.Column("bigint", list(customer_ids))],
    )
    if events:
        rows += bulk.run(
            connection,
            f"""SELECT {TOLD} FROM customers_identity i JOIN facts_fact f ON f.identity_id = i.id
                WHERE i.customer_id = ANY(%b::bigint[]) AND f.retracted_at IS NULL AND {_NAMED}""",
            [bulk.Column("bigint", list(customer_ids)), *_named(events)],
        )
    return [_stored(row) for row in rows]


def told_in_groups(after: int, upto: int, events: Collection[str] = (), *, until: datetime) -> list[tuple[Any, ...]]:
    """The same for everybody whose group stands at an id in (after, upto], as rows, up to an instant.

    Whoever reads millions builds nothing in between. A row is (id of the group, a fact's columns as in `StoredFact`,
    with its body as text).
    """
    said = f"""SELECT c.canonical_id, {TOLD} FROM customers_customer c
               JOIN customers_identity i ON i.customer_id = c.id JOIN facts_fact f ON f.identity_id = i.id
               WHERE c.canonical_id > %s AND c.canonical_id <= %s AND f.occurred_at <= %s AND f.retracted_at IS NULL"""
    rows = bulk.run(connection, f"{said} AND f.kind IN {RATED_KINDS}", [after, upto, until])
    if events:
        rows += bulk.run(connection, f"{said} AND {_NAMED}", [after, upto, until, *_named(events)])
    return rows


def _named(events: Collection[str]) -> list[bulk.Column]:
    """What `_NAMED` asks for."""
    codes = [CODES_BY_NAME[name] for name in events if name in CODES_BY_NAME]
    return [bulk.Column("smallint", codes), bulk.Column("text", sorted(events))]


def _stored(row: tuple[Any, ...]) -> StoredFact:
    return StoredFact(*(*row[:8], orjson.loads(row[8]), *row[9:]))


def event_name(kind: int, body: Body) -> str:
    """What a fact that is no order is called: by its kind, or, a custom one, as its source calls it."""
    return str(body.get("event", "")) if kind == custom.CODE else FACT_KINDS[kind][0]


def of_same_orders(fact_ids: Sequence[int], customer_ids: Sequence[int]) -> list[StoredFact]:
    """The orders that these refunds are about and all that is about those, as far as they are these customers'."""
    rows = bulk.run(
        connection,
        f"""WITH w AS (SELECT DISTINCT source_id, subject FROM facts_fact WHERE id = ANY(%b::bigint[])), f AS (
              SELECT f.* FROM w JOIN facts_fact f
                ON f.source_id = w.source_id AND f.kind = {order_completed.CODE} AND f.key = w.subject
              UNION ALL
              SELECT f.* FROM w JOIN facts_fact f
                ON f.source_id = w.source_id AND f.kind IN {ORDER_KINDS} AND f.subject = w.subject)
            SELECT {TOLD} FROM f JOIN customers_identity i ON i.id = f.identity_id
            WHERE i.customer_id = ANY(%b::bigint[]) AND f.retracted_at IS NULL""",
        [bulk.Column("bigint", list(fact_ids)), bulk.Column("bigint", list(customer_ids))],
    )
    return [_stored(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: facts staged, and posted so far."""

    status: str
    staged: int
    posted: int


def import_progress(import_id: int) -> Progress:
    """How far an import is."""
    row = Import.objects.values_list("status", "staged_count", "posted_count").get(pk=import_id)
    return Progress(*row)


def identities_of_import(import_id: int, *, most: int) -> list[int | None]:
    """Identities that still have facts of this import (None for facts without one), at most so many."""
    rows = bulk.run(
        connection,
        """SELECT DISTINCT identity_id FROM facts_fact WHERE batch_id = %s AND retracted_at IS NULL
           ORDER BY identity_id NULLS LAST LIMIT %s""",
        [import_id, most],
    )
    return [row[0] for row in rows]


def without_facts(customer_ids: Sequence[int]) -> list[int]:
    """Those of these customers for whom no fact stands."""
    rows = bulk.run(
        connection,
        """SELECT c.id FROM unnest(%b::bigint[]) AS c (id) WHERE NOT EXISTS (
             SELECT 1 FROM customers_identity i JOIN facts_fact f ON f.identity_id = i.id
             WHERE i.customer_id = c.id AND f.retracted_at IS NULL)""",
        [bulk.Column("bigint", list(customer_ids))],
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class FedFact:
    """A fact as the feed hands it on: (epoch, xid) is its transaction, which orders the feed."""

    epoch: int
    xid: int
    id: int
    kind: int
    source_id: int
    key: str
    subject: str | None
    identity_id: int | None
    occurred_at: datetime
    day: date
    amount: int | None
    store_id: int | None
    body: Body


# The epoch of new facts is their column's default.
LIVE_EPOCH = """SELECT substring(pg_get_expr(d.adbin, d.adrelid) FROM '\\d+')::int AS live FROM pg_attrdef d
        JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = 'facts_fact'::regclass AND a.attname = 'epoch'"""
FEED = f"""
WITH limits AS (
  SELECT e.live, CASE WHEN %s < e.live THEN '18446744073709551615'::xid8
                      ELSE pg_snapshot_xmin(pg_current_snapshot()) END AS before
  FROM ({LIVE_EPOCH}) e
), following AS (
  SELECT f.xid FROM facts_fact f
  WHERE f.epoch = %s AND f.xid > %s::text::xid8 AND f.xid < (SELECT before FROM limits) ORDER BY f.xid LIMIT %s
)
SELECT f.epoch, f.xid::text::bigint, f.id, f.kind, f.source_id, f.key, f.subject, f.identity_id, f.occurred_at,
       f.business_date, f.amount, f.store_id, f.body::text, (SELECT live FROM limits)
FROM (SELECT 1) one LEFT JOIN facts_fact f ON f.epoch = %s AND f.xid > %s::text::xid8
  AND f.xid <= (SELECT xid FROM following ORDER BY xid DESC LIMIT 1)
ORDER BY f.xid, f.id
"""


def feed(*, after: tuple[int, int], most: int) -> list[FedFact]:
    """Facts after a bound (epoch, xid) in the order of the feed, about `most` of them and always whole transactions.

    Ids commit out of order. So the feed ends below the oldest transaction that is still under way, and whoever keeps
    the last fact's (epoch, xid) as the next bound misses nothing. An epoch begins with every restore.
    """
    epoch, xid = after
    while True:
        rows = bulk.run(connection, FEED, [epoch, epoch, str(xid), most, epoch, str(xid)])
        if rows[0][0] is not None:
            return [FedFact(*(*row[:12], orjson.loads(row[12]))) for row in rows]
        if epoch >= rows[0][13]:
            return []
        epoch, xid = epoch + 1, 0


# --- for the lake: read in one snapshot by a connection of its own, so these are statements and take no parameters ---

LAKE_BOUNDS = f"""
SELECT e.live AS epoch, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS before,
       (SELECT count(*) FROM facts_fact WHERE retracted_at IS NOT NULL AND kind = {order_completed.CODE}) AS retracted
FROM ({LIVE_EPOCH}) e
"""
"""The epoch that is live, the transaction below which the feed ends now, and how many orders were ever retracted."""

LAKE_RETRACTED = f"SELECT id FROM facts_fact WHERE retracted_at IS NOT NULL AND kind = {order_completed.CODE}"
"""Ids of retracted orders. A retraction leaves the fact's place in the feed as it is."""

# Refunds and cancellations are read whole each time: they take their order's identity when it arrives later, and lose
# their order when it is retracted, and neither shows in the feed.
LAKE_RETURNS = f"""
SELECT r.id AS return_id, o.id AS order_id, r.identity_id, r.occurred_at AT TIME ZONE 'UTC' AS occurred_at,
       r.business_date AS day, r.amount, r.kind = {order_cancelled.CODE} AS cancelled
FROM facts_fact r LEFT JOIN facts_fact o ON o.source_id = r.source_id AND o.kind = {order_completed.CODE}
  AND o.key = r.subject AND o.retracted_at IS NULL
WHERE r.subject IS NOT NULL AND r.kind IN ({order_refunded.CODE}, {order_cancelled.CODE}) AND r.retracted_at IS NULL
"""

# Read whole as well: contracts are few beside orders, and a partial index holds nothing else.
LAKE_CONTRACTS = f"""
SELECT s.name || chr(31) || (f.body->>'contract') AS contract, f.body->>'contract' AS number, f.identity_id,
       f.occurred_at AT TIME ZONE 'UTC' AS occurred_at, f.business_date AS day,
       CASE f.kind WHEN {contract_started.CODE} THEN 'started' WHEN {contract_updated.CODE} THEN 'updated'
                   ELSE 'ended' END AS event,
       (f.body->>'ends_on')::date AS ends_on, coalesce((f.body->>'seen')::boolean, false) AS seen,
       coalesce((f.body->'attributes')::text, '{{}}') AS attributes
FROM facts_fact f JOIN facts_source s ON s.id = f.source_id
WHERE f.kind IN ({contract_started.CODE}, {contract_updated.CODE}, {contract_ended.CODE}) AND f.retracted_at IS NULL
"""


def lake_orders(*, epoch: int, after: int | None, before: int) -> str:
    """Orders that stand, told in [after, before) of the live epoch; with no `after` also those of earlier epochs."""
    return f"""
SELECT f.id AS order_id, f.identity_id, f.occurred_at AT TIME ZONE 'UTC' AS occurred_at, f.business_date AS day,
       coalesce(f.amount, 0) AS paid, (f.body->>'base')::bigint AS base,
       coalesce((f.body->>'discount')::bigint, 0) AS discount, f.body->>'channel' AS channel, f.store_id
FROM facts_fact f WHERE {_told(epoch, after, before)}"""


def lake_lines(*, epoch: int, after: int | None, before: int) -> str:
    """Lines of the same orders."""
    return f"""
SELECT f.id AS order_id, f.identity_id, f.business_date AS day, nullif(l.line->>1, '') AS product,
       (l.line->>3)::bigint AS amount
FROM facts_fact f CROSS JOIN LATERAL jsonb_array_elements(f.body->'lines') AS l (line)
WHERE {_told(epoch, after, before)}"""


def _told(epoch: int, after: int | None, before: int) -> str:
    below = f"f.xid < '{before:d}'::xid8"
    since = (
        f"f.epoch = {epoch:d} AND f.xid >= '{after:d}'::xid8 AND {below}"
        if after is not None
        else (f"(f.epoch < {epoch:d} OR (f.epoch = {epoch:d} AND {below}))")
    )
    return f"f.kind = {order_completed.CODE} AND f.retracted_at IS NULL AND {since}"
