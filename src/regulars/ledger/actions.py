"""Posting: transfers are written, and lots and wallets follow from them, all at once."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from regulars.changes.rules import ChangeKind, note_of
from regulars.core import bulk
from regulars.ledger.rules import Account, Currency, Lot, Purpose, Transfer

ISSUED = int(Account.ISSUED)

INSERT_LOTS = """
INSERT INTO ledger_lot (customer_id, currency, origin_kind, origin_id, ordinal, issued, effective_at, expires_at,
                        matured, frozen, remaining, held, used, expired, revoked)
SELECT * FROM {table} AS n
"""
LOT_COLUMNS = (
    "bigint", "smallint", "smallint", "bigint", "int", "bigint", "timestamptz", "timestamptz", "boolean", "boolean",
    "bigint", "bigint", "bigint", "bigint", "bigint",
)  # fmt: skip
UPDATE_LOTS = """
UPDATE ledger_lot l SET issued = n.issued, effective_at = n.effective_at, expires_at = n.expires_at,
  matured = n.matured, frozen = n.frozen, remaining = n.remaining, held = n.held, used = n.used, expired = n.expired,
  revoked = n.revoked
FROM {unnest} AS n (id, issued, effective_at, expires_at, matured, frozen, remaining, held, used, expired, revoked)
WHERE l.id = n.id
"""
UPDATE_COLUMNS = ("bigint", "bigint", "timestamptz", "timestamptz", "boolean", "boolean") + ("bigint",) * 5
INSERT_TRANSFERS = f"""
WITH written AS (
  INSERT INTO ledger_transfer (customer_id, currency, source, target, amount, lot_id, at, origin_kind, origin_id,
                               purpose, corrects_id, recorded_at)
  SELECT n.customer_id, n.currency, n.source, n.target, n.amount, l.id, n.at, n.origin_kind, n.origin_id, n.purpose,
         n.corrects, %s
  FROM {{table}} AS n (customer_id, currency, source, target, amount, at, origin_kind, origin_id, purpose, corrects,
                      lot_kind, lot_origin, lot_ordinal)
  LEFT JOIN ledger_lot l ON l.origin_id = n.lot_origin AND l.origin_kind = n.lot_kind AND l.currency = n.currency
    AND l.ordinal = n.lot_ordinal
  RETURNING id, currency
) {note_of(ChangeKind.POINTS, f"SELECT id FROM written WHERE currency <> {Currency.GROWTH}")}
"""
TRANSFER_COLUMNS = (
    "bigint", "smallint", "smallint", "smallint", "bigint", "timestamptz", "smallint", "bigint", "smallint", "bigint",
    "smallint", "bigint", "int",
)  # fmt: skip
MOVE_WALLETS = """
MERGE INTO ledger_wallet w
USING {table} AS n (customer_id, currency, pending, available, held, debt, earned)
ON (w.customer_id, w.currency) = (n.customer_id, n.currency)
WHEN MATCHED THEN UPDATE SET pending = w.pending + n.pending, available = w.available + n.available,
  held = w.held + n.held, debt = w.debt + n.debt, earned = w.earned + n.earned
WHEN NOT MATCHED THEN INSERT (customer_id, currency, pending, available, held, debt, earned)
  VALUES (n.customer_id, n.currency, n.pending, n.available, n.held, n.debt, n.earned)
"""
WALLET_COLUMNS = ("bigint", "smallint") + ("bigint",) * 5


def post(
    *,
    transfers: Sequence[Transfer],
    new_lots: Iterable[Lot] = (),
    changed_lots: Iterable[tuple[int, Lot]] = (),
    at: datetime,
) -> None:
    """Write transfers with the lots they open and change, and move the wallets by them.

    The caller holds the locks of the customers and hands over lots as they stand after the transfers; the database
    refuses lots that do not add up and balances below zero. No statement waits for another's rows, so all of them
    may go through a pipeline.

    Args:
        changed_lots: (row id, lot) for lots that were there before.
        at: Recorded as the moment of posting.
    """
    _write_lots(new_lots)
    if changed := sorted(
        (row_id, lot.issued, lot.effective_at, lot.expires_at, lot.matured, lot.frozen, *lot.counters)
        for row_id, lot in changed_lots
    ):
        statement = UPDATE_LOTS.format(unnest=bulk.unnest(*UPDATE_COLUMNS))
        bulk.send(connection, statement, bulk.columns(changed, UPDATE_COLUMNS))
    rows = [
        (t.customer_id, t.currency, t.source, t.target, t.amount, t.at, t.origin_kind, t.origin_id, t.purpose,
         t.corrects, *((t.lot.origin_kind, t.lot.origin_id, t.lot.ordinal) if t.lot else (None, None, None)))
        for t in transfers
    ]  # fmt: skip
    if rows:
        table, parameters = bulk.table(rows, TRANSFER_COLUMNS)
        bulk.send(connection, INSERT_TRANSFERS.format(table=table), [at, *parameters])
        _move_wallets(transfers)


def _write_lots(lots: Iterable[Lot]) -> None:
    rows = [
        (lot.customer_id, lot.key.currency, lot.key.origin_kind, lot.key.origin_id, lot.key.ordinal, lot.issued,
         lot.effective_at, lot.expires_at, lot.matured, lot.frozen, *lot.counters)
        for lot in lots
    ]  # fmt: skip
    if rows:
        rows.sort(key=lambda row: (row[3], row[2], row[1], row[4]))
        table, parameters = bulk.table(rows, LOT_COLUMNS)
        bulk.send(connection, INSERT_LOTS.format(table=table), parameters)


def _move_wallets(transfers: Sequence[Transfer]) -> None:
    """A row is found first and then changed: an insert that turns into an update would lock and log it twice."""
    changes: dict[tuple[int, int], list[int]] = {}
    for transfer in transfers:
        key = (transfer.customer_id, transfer.currency)
        moved = changes.get(key)
        if moved is None:
            moved = changes[key] = [0, 0, 0, 0, 0]
        source, target, amount = transfer.source, transfer.target, transfer.amount
        if source < ISSUED:
            moved[source - 1] -= amount
        if target < ISSUED:
            moved[target - 1] += amount
    rows = [(*key, *moved) for key, moved in sorted(changes.items())]
    table, parameters = bulk.table(rows, WALLET_COLUMNS)
    bulk.send(connection, MOVE_WALLETS.format(table=table), parameters)


MOVED = note_of(ChangeKind.POINTS, f"SELECT id FROM moved WHERE currency <> {Currency.GROWTH}")
SETTLE = {
    "due": """SELECT DISTINCT customer_id FROM ledger_lot
              WHERE remaining > 0 AND ((NOT matured AND NOT frozen AND effective_at <= %s) OR expires_at <= %s)
              ORDER BY customer_id LIMIT %s""",
    "mature": f"""
WITH due AS (
  UPDATE ledger_lot SET matured = true
  WHERE customer_id = ANY(%b::bigint[]) AND NOT matured AND NOT frozen AND effective_at <= %s
  RETURNING id, customer_id, currency, remaining, effective_at, origin_kind, origin_id
), moved AS (
  INSERT INTO ledger_transfer (customer_id, currency, source, target, amount, lot_id, at, origin_kind, origin_id,
                               purpose, corrects_id, recorded_at)
  SELECT d.customer_id, d.currency, {Account.PENDING}, {Account.AVAILABLE}, d.remaining, d.id, d.effective_at,
         d.origin_kind, d.origin_id, {Purpose.MATURE}, e.id, %s
  FROM due d LEFT JOIN ledger_transfer e ON e.origin_id = d.origin_id AND e.origin_kind = d.origin_kind
    AND e.currency = d.currency AND e.purpose = {Purpose.MATURE} AND e.source = {Account.PENDING}
    AND e.target = {Account.AVAILABLE} AND e.lot_id = d.id AND e.corrects_id IS NULL
  WHERE d.remaining > 0
  RETURNING id, customer_id, currency, amount
), noted AS ({MOVED})
UPDATE ledger_wallet w SET pending = w.pending - m.amount, available = w.available + m.amount
FROM (SELECT customer_id, currency, sum(amount) AS amount FROM moved GROUP BY 1, 2) m
WHERE (w.customer_id, w.currency) = (m.customer_id, m.currency)""",
    "expire": f"""
WITH due AS (
  SELECT id, remaining, CASE WHEN matured THEN {Account.AVAILABLE} ELSE {Account.PENDING} END AS account
  FROM ledger_lot WHERE customer_id = ANY(%b::bigint[]) AND remaining > 0 AND expires_at <= %s
), gone AS (
  UPDATE ledger_lot l SET expired = l.expired + due.remaining, remaining = 0 FROM due WHERE l.id = due.id
  RETURNING l.id, l.customer_id, l.currency, due.remaining, due.account, l.expires_at, l.origin_kind, l.origin_id
), moved AS (
  INSERT INTO ledger_transfer (customer_id, currency, source, target, amount, lot_id, at, origin_kind, origin_id,
                               purpose, corrects_id, recorded_at)
  SELECT g.customer_id, g.currency, g.account, {Account.BREAKAGE}, g.remaining, g.id, g.expires_at,
         g.origin_kind, g.origin_id, {Purpose.EXPIRE}, e.id, %s
  FROM gone g LEFT JOIN ledger_transfer e ON e.origin_id = g.origin_id AND e.origin_kind = g.origin_kind
    AND e.currency = g.currency AND e.purpose = {Purpose.EXPIRE} AND e.source = g.account
    AND e.target = {Account.BREAKAGE} AND e.lot_id = g.id AND e.corrects_id IS NULL
  RETURNING id, customer_id, currency, source, amount
), noted AS ({MOVED})
UPDATE ledger_wallet w SET available = w.available - m.available, pending = w.pending - m.pending
FROM (SELECT customer_id, currency,
        coalesce(sum(amount) FILTER (WHERE source = {Account.AVAILABLE}), 0) AS available,
        coalesce(sum(amount) FILTER (WHERE source = {Account.PENDING}), 0) AS pending
      FROM moved GROUP BY 1, 2) m
WHERE (w.customer_id, w.currency) = (m.customer_id, m.currency)""",
}


def due_customers(*, at: datetime, most: int) -> list[int]:
    """Customers with lots to mature or expire by an instant, at most so many."""
    return [row[0] for row in bulk.run(connection, SETTLE["due"], [at, at, most])]


def settle(*, customer_ids: Sequence[int], at: datetime) -> None:
    """Post what is due for these customers: pending points mature, expired ones become breakage, each at its date.

    The caller holds the customers' locks. The fold settles the same way; this is for those with no new item.
    """
    bulk.run(connection, SETTLE["mature"], [bulk.Column("bigint", list(customer_ids)), at, at])
    bulk.run(connection, SETTLE["expire"], [bulk.Column("bigint", list(customer_ids)), at, at])


CLOSE = f"""
WITH moved AS (
  SELECT currency, account, sum(amount) AS amount FROM (
    SELECT currency, target AS account, amount FROM ledger_transfer
    WHERE currency <> {Currency.GROWTH} AND id > %s AND id <= %s
    UNION ALL
    SELECT currency, source, -amount FROM ledger_transfer
    WHERE currency <> {Currency.GROWTH} AND id > %s AND id <= %s
  ) m GROUP BY 1, 2
), before AS (
  SELECT currency, account, balance FROM ledger_dailyclose
  WHERE day = (SELECT max(day) FROM ledger_dailyclose WHERE day < %s)
), own AS (
  SELECT {Currency.POINTS}::smallint AS currency UNION SELECT currency FROM moved UNION SELECT currency FROM before
)
INSERT INTO ledger_dailyclose (day, currency, account, balance, last_transfer_id)
SELECT %s, own.currency, a.account, coalesce(b.balance, 0) + coalesce(m.amount, 0), %s
FROM own CROSS JOIN unnest(ARRAY[1, 2, 3, 4, 11, 12, 13, 14, 15]) AS a (account)
LEFT JOIN before b ON b.currency = own.currency AND b.account = a.account
LEFT JOIN moved m ON m.currency = own.currency AND m.account = a.account
ON CONFLICT (day, currency, account) DO UPDATE
SET balance = excluded.balance, last_transfer_id = excluded.last_transfer_id
"""


def close_day(*, day: date) -> None:
    """Keep every account's running totals by currency, so that a trial balance need not add up everything again.

    Transfers commit out of the order of their ids, so the close stops below the first one that may still be under
    way: it waits for writers with a lock that readers do not notice.
    """
    with transaction.atomic():
        bulk.run(connection, "LOCK TABLE ledger_transfer IN SHARE MODE")
        last = bulk.run(connection, "SELECT coalesce(max(id), 0) FROM ledger_transfer")[0][0]
        before = bulk.run(
            connection,
            "SELECT coalesce(max(last_transfer_id), 0) FROM ledger_dailyclose WHERE day < %s",
            [day],
        )[0][0]
        bulk.run(connection, CLOSE, [before, last, before, last, day, day, last])
