"""Reading the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import zone
from regulars.ledger.rules import Account, Currency, Lot, LotKey, OriginKind, Purpose

POSTED = """
SELECT t.customer_id, t.currency, t.origin_kind, t.origin_id, t.purpose, t.lot_id,
       least(t.source, t.target), greatest(t.source, t.target),
       sum(CASE WHEN t.source < t.target THEN t.amount ELSE -t.amount END)::bigint, min(t.id), min(t.at)
FROM ledger_transfer t WHERE t.customer_id = ANY(%b::bigint[])
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
LOTS = """
SELECT id, customer_id, currency, origin_kind, origin_id, ordinal, issued, effective_at, expires_at, matured,
       remaining, held, used, expired, revoked, frozen
FROM ledger_lot WHERE customer_id = ANY(%b::bigint[])
"""

MoveKey = tuple[int, int, int, int, int, LotKey | None, int, int]
"""(customer, currency, origin kind, origin id, purpose, lot, smaller account, larger account)."""


@dataclass(slots=True)
class Posted:
    """What the ledger holds for some customers.

    `net` gives, for each move, (amount from the smaller to the larger account, first transfer's id, its time).
    """

    net: dict[MoveKey, tuple[int, int, datetime]]
    lots: dict[LotKey, tuple[int, Lot]]


def posted(customer_ids: Sequence[int]) -> Posted:
    """Every move and lot of these customers, corrections netted."""
    lots: dict[LotKey, tuple[int, Lot]] = {}
    names: dict[int, LotKey] = {}
    for row in bulk.run(connection, LOTS, [bulk.Column("bigint", list(customer_ids))]):
        key, kept = _lot(row)
        lots[key] = kept
        names[row[0]] = key
    net: dict[MoveKey, tuple[int, int, datetime]] = {}
    for row in bulk.run(connection, POSTED, [bulk.Column("bigint", list(customer_ids))]):
        lot = names[row[5]] if row[5] is not None else None
        net[(row[0], row[1], row[2], row[3], row[4], lot, row[6], row[7])] = (row[8], row[9], row[10])
    return Posted(net, lots)


def ask_open_lots(customer_ids: Sequence[int]) -> Callable[[], dict[int, dict[LotKey, tuple[int, Lot]]]]:
    """By customer their own lots that have points left or held, with row ids."""
    statement = f"{LOTS} AND (remaining > 0 OR held > 0)"
    return bulk.ask(connection, statement, [bulk.Column("bigint", list(customer_ids))], read=_by_customer)


def _by_customer(rows: Sequence[tuple[Any, ...]]) -> dict[int, dict[LotKey, tuple[int, Lot]]]:
    found: dict[int, dict[LotKey, tuple[int, Lot]]] = {}
    for row in rows:
        key, kept = _lot(row)
        found.setdefault(row[1], {})[key] = kept
    return found


SPENDABLE = f"""
SELECT coalesce(sum(remaining) FILTER (WHERE (matured OR (effective_at <= %s AND NOT frozen))
                                         AND (expires_at IS NULL OR expires_at > %s)), 0)::bigint,
       coalesce(sum(held), 0)::bigint
FROM ledger_lot WHERE customer_id = %s AND currency = {int(Currency.POINTS)}
"""


def ask_spendable(customer_id: int, *, at: datetime) -> Callable[[], tuple[int, int]]:
    """Points of a customer who owes nothing that may be spent at an instant, by date; and those that are held."""
    return bulk.ask(connection, SPENDABLE, [at, at, customer_id], read=lambda rows: (rows[0][0], rows[0][1]))


HELD_BY = f"""
SELECT l.origin_kind, l.origin_id, l.currency, l.ordinal,
       sum(CASE WHEN t.target = {int(Account.HELD)} THEN t.amount ELSE -t.amount END)::bigint
FROM ledger_transfer t JOIN ledger_lot l ON l.id = t.lot_id
WHERE t.customer_id = %s AND t.at >= %s AND t.origin_kind = {int(OriginKind.COMMAND)}
  AND t.origin_id = ANY(%b::bigint[]) AND {int(Account.HELD)} IN (t.source, t.target)
GROUP BY 1, 2, 3, 4
HAVING sum(CASE WHEN t.target = {int(Account.HELD)} THEN t.amount ELSE -t.amount END) > 0
"""


def held_by(customer_id: int, command_ids: Sequence[int], *, since: datetime) -> dict[LotKey, int]:
    """Points that a hold, the first of these commands, still has of each lot; the others went on from it."""
    rows = bulk.run(connection, HELD_BY, [customer_id, since, bulk.Column("bigint", list(command_ids))])
    return {LotKey(*row[:4]): row[4] for row in rows}


def _lot(row: tuple[Any, ...]) -> tuple[LotKey, tuple[int, Lot]]:
    key = LotKey(row[3], row[4], row[2], row[5])
    return key, (row[0], Lot(key, row[1], row[6], row[7], row[8], row[9], *row[10:16]))


DISAGREEMENTS = {
    "wallets": """
SELECT coalesce(w.customer_id, t.customer_id), coalesce(w.currency, t.currency)
FROM ledger_wallet w FULL JOIN (
  SELECT customer_id, currency,
    sum(CASE WHEN target = 1 THEN amount WHEN source = 1 THEN -amount ELSE 0 END) AS pending,
    sum(CASE WHEN target = 2 THEN amount WHEN source = 2 THEN -amount ELSE 0 END) AS available,
    sum(CASE WHEN target = 3 THEN amount WHEN source = 3 THEN -amount ELSE 0 END) AS held,
    sum(CASE WHEN target = 4 THEN amount WHEN source = 4 THEN -amount ELSE 0 END) AS debt,
    sum(CASE WHEN target = 5 THEN amount WHEN source = 5 THEN -amount ELSE 0 END) AS earned
  FROM ledger_transfer GROUP BY 1, 2
) t ON (t.customer_id, t.currency) = (w.customer_id, w.currency)
WHERE coalesce(w.pending, 0) <> coalesce(t.pending, 0) OR coalesce(w.available, 0) <> coalesce(t.available, 0)
  OR coalesce(w.held, 0) <> coalesce(t.held, 0) OR coalesce(w.debt, 0) <> coalesce(t.debt, 0)
  OR coalesce(w.earned, 0) <> coalesce(t.earned, 0)
LIMIT 100""",
    "lots": """
SELECT l.customer_id, l.id
FROM ledger_lot l LEFT JOIN (
  SELECT lot_id,
    sum(CASE WHEN source = 11 THEN amount WHEN target = 11 THEN -amount ELSE 0 END) AS issued,
    sum(CASE WHEN target IN (1, 2) THEN amount ELSE 0 END
        - CASE WHEN source IN (1, 2) THEN amount ELSE 0 END) AS remaining,
    sum(CASE WHEN target = 3 THEN amount WHEN source = 3 THEN -amount ELSE 0 END) AS held,
    sum(CASE WHEN target = 13 THEN amount WHEN source = 13 THEN -amount ELSE 0 END) AS expired,
    sum(CASE WHEN target = 14 THEN amount WHEN source = 14 THEN -amount ELSE 0 END) AS revoked
  FROM ledger_transfer WHERE lot_id IS NOT NULL GROUP BY 1
) t ON t.lot_id = l.id
WHERE (l.issued, l.remaining, l.held, l.expired, l.revoked) IS DISTINCT FROM
  (coalesce(t.issued, 0), coalesce(t.remaining, 0), coalesce(t.held, 0), coalesce(t.expired, 0), coalesce(t.revoked, 0))
LIMIT 100""",
    "lots and wallets": """
SELECT w.customer_id, w.currency
FROM ledger_wallet w LEFT JOIN (
  SELECT customer_id, currency, sum(remaining) FILTER (WHERE matured) AS available,
         sum(remaining) FILTER (WHERE NOT matured) AS pending
  FROM ledger_lot GROUP BY 1, 2
) l ON (l.customer_id, l.currency) = (w.customer_id, w.currency)
WHERE (w.available, w.pending) IS DISTINCT FROM (coalesce(l.available, 0), coalesce(l.pending, 0))
LIMIT 100""",
    "transit": """
SELECT currency, sum(CASE WHEN target = 15 THEN amount WHEN source = 15 THEN -amount ELSE 0 END)::bigint
FROM ledger_transfer WHERE target = 15 OR source = 15 GROUP BY 1
HAVING sum(CASE WHEN target = 15 THEN amount ELSE -amount END) <> 0""",
}


def disagreements() -> tuple[list[str], dict[str, int]]:
    """Where the ledger does not agree with itself, in words; and how much was checked."""
    found = [
        f"{what}: row {row[0]}/{row[1]} is not what its transfers add up to"
        for what, statement in DISAGREEMENTS.items()
        for row in bulk.run(connection, statement)
    ]
    counted = {
        name: int(bulk.run(connection, f"SELECT count(*) FROM ledger_{table}")[0][0])
        for name, table in (("transfers", "transfer"), ("lots", "lot"), ("wallets", "wallet"))
    }
    return found, counted


def lake_points(time_zone: str) -> str:
    """For the lake: points a customer (the whole group) and day, as a statement; days are those of a time zone.

    What the house accounts gave and took says it all, corrections netted: earned is issued less revoked.
    """
    moved = "sum(CASE WHEN t.{side} = {account} THEN t.amount WHEN t.{other} = {account} THEN -t.amount ELSE 0 END)"
    issued, revoked, redeemed, expired = (
        moved.format(side=side, other=other, account=int(account))
        for side, other, account in (
            ("source", "target", Account.ISSUED), ("target", "source", Account.REVOKED),
            ("target", "source", Account.REDEEMED), ("target", "source", Account.BREAKAGE),
        )
    )  # fmt: skip
    return f"""
SELECT * FROM (
  SELECT c.canonical_id AS customer_id, (t.at AT TIME ZONE '{zone(time_zone).key}')::date AS day,
         ({issued} - {revoked})::bigint AS earned, {redeemed}::bigint AS redeemed, {expired}::bigint AS expired
  FROM ledger_transfer t JOIN customers_customer c ON c.id = t.customer_id
  WHERE t.currency = {Currency.POINTS} AND greatest(t.source, t.target) >= {int(Account.ISSUED)}
  GROUP BY 1, 2
) p WHERE (earned, redeemed, expired) <> (0, 0, 0)"""


LEFT = f"""
WITH l AS (SELECT id, customer_id, issued - expired AS had FROM ledger_lot
           WHERE origin_kind = 1 AND currency = {int(Currency.POINTS)} AND origin_id = ANY(%b::bigint[]))
SELECT coalesce((SELECT sum(had) FROM l), 0)::bigint - coalesce((
  SELECT sum(CASE WHEN t.target = {int(Account.REVOKED)} THEN t.amount ELSE -t.amount END) FROM ledger_transfer t
  WHERE t.purpose = {int(Purpose.CLAWBACK)} AND {int(Account.REVOKED)} IN (t.source, t.target)
    AND t.customer_id = ANY(SELECT customer_id FROM l) AND t.lot_id IN (SELECT id FROM l)), 0)::bigint
"""


def left_of_facts(fact_ids: Sequence[int]) -> int:
    """Points that these facts earned, spent or not, less what expired unused and what a refund took back."""
    return int(bulk.run(connection, LEFT, [bulk.Column("bigint", list(fact_ids))])[0][0])
