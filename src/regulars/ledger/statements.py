"""Reading balances and statements: by date, whether or not the nightly job has run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.ledger.rules import Account, Balance, Currency, OriginKind, Purpose

BALANCES = """
SELECT c.canonical_id, l.currency,
  coalesce(sum(l.remaining) FILTER (
    WHERE (l.effective_at > %s OR l.frozen) AND (l.expires_at IS NULL OR l.expires_at > %s)), 0)::bigint,
  coalesce(sum(l.remaining) FILTER (
    WHERE l.effective_at <= %s AND NOT l.frozen AND (l.expires_at IS NULL OR l.expires_at > %s)), 0)::bigint,
  coalesce(sum(l.held), 0)::bigint
FROM customers_customer c JOIN ledger_lot l ON l.customer_id = c.id AND l.currency = coalesce(%s::smallint, l.currency)
WHERE c.canonical_id = ANY(%b::bigint[]) AND (l.remaining > 0 OR l.held > 0) GROUP BY 1, 2
"""
DEBTS = """
SELECT c.canonical_id, w.currency, -sum(w.debt)::bigint FROM customers_customer c
JOIN ledger_wallet w ON w.customer_id = c.id AND w.currency = coalesce(%s::smallint, w.currency) AND w.debt < 0
WHERE c.canonical_id = ANY(%b::bigint[]) GROUP BY 1, 2
"""
ENTRIES = """
SELECT t.id, t.customer_id, t.currency, t.source, t.target, t.amount, t.at, t.origin_kind, t.origin_id, t.purpose,
       t.corrects_id, l.expires_at, l.effective_at, t.recorded_at
FROM ledger_transfer t LEFT JOIN ledger_lot l ON l.id = t.lot_id
"""
# Points that are issued again leave a house account for another first; that is nothing to a customer.
SHOWN = f"(t.lot_id IS NOT NULL OR least(t.source, t.target) < {Account.ISSUED})"
FEW = 200
AT_ONCE = 8
"""Currencies that can expire at the same instant; more than a programme can have."""
NOTHING = Balance(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as it stands in the books; `expires_at` and `effective_at` are its lot's.

    `at` is when it applies, `recorded_at` when it was written.
    """

    id: int
    customer_id: int
    currency: int
    source: int
    target: int
    amount: int
    at: datetime
    origin_kind: int
    origin_id: int
    purpose: int
    corrects_id: int | None
    expires_at: datetime | None
    effective_at: datetime | None
    recorded_at: datetime

    @property
    def change(self) -> int:
        """What it does to the customer's own points: plus, minus, or 0 when they only move between own accounts."""
        inside = Account.ISSUED
        return (self.amount if self.target < inside else 0) - (self.amount if self.source < inside else 0)


def balances(canonical_ids: Sequence[int], *, at: datetime) -> dict[int, Balance]:
    """Points of each of these customers (their whole group) at an instant."""
    found = _balances(canonical_ids, at, int(Currency.POINTS))
    return {customer_id: of_it.get(Currency.POINTS, NOTHING) for customer_id, of_it in found.items()}


def balances_by_currency(canonical_ids: Sequence[int], *, at: datetime) -> dict[int, dict[int, Balance]]:
    """The same in every currency that they ever had some of and that is not all gone; points always stand in it."""
    found = _balances(canonical_ids, at, None)
    return {customer_id: {int(Currency.POINTS): NOTHING, **of_it} for customer_id, of_it in found.items()}


def _balances(canonical_ids: Sequence[int], at: datetime, currency: int | None) -> dict[int, dict[int, Balance]]:
    ids = bulk.Column("bigint", list(canonical_ids))
    owed = {(row[0], row[1]): row[2] for row in bulk.run(connection, DEBTS, [currency, ids])}
    lots = {(row[0], row[1]): row[2:5] for row in bulk.run(connection, BALANCES, [at, at, at, at, currency, ids])}
    found: dict[int, dict[int, Balance]] = {customer_id: {} for customer_id in canonical_ids}
    for customer_id, number in sorted(lots.keys() | owed.keys()):
        pending, available, held = lots.get((customer_id, number), (0, 0, 0))
        found[customer_id][number] = Balance(pending, available, held, owed.get((customer_id, number), 0))
    return found


def expiring(
    canonical_id: int, *, at: datetime, most: int = 6, currency: int = Currency.POINTS
) -> list[tuple[datetime, int]]:
    """What expires when, soonest first: (instant, points) of what can still be spent."""
    rows = bulk.run(
        connection,
        """SELECT l.expires_at, sum(l.remaining)::bigint FROM customers_customer c
            JOIN ledger_lot l ON l.customer_id = c.id
            WHERE c.canonical_id = %s AND l.currency = %s AND l.remaining > 0 AND l.expires_at > %s
            GROUP BY 1 ORDER BY 1 LIMIT %s""",
        [canonical_id, int(currency), at, most],
    )
    return [(row[0], row[1]) for row in rows]


def maturing(canonical_id: int, *, at: datetime, most: int = 6) -> list[tuple[datetime, int]]:
    """What becomes spendable when, soonest first: (instant, points)."""
    rows = bulk.run(
        connection,
        f"""SELECT l.effective_at, sum(l.remaining)::bigint
            FROM customers_customer c JOIN ledger_lot l ON l.customer_id = c.id
            WHERE c.canonical_id = %s AND l.currency = {Currency.POINTS} AND l.remaining > 0 AND l.effective_at > %s
            GROUP BY 1 ORDER BY 1 LIMIT %s""",
        [canonical_id, at, most],
    )
    return [(row[0], row[1]) for row in rows]


def outstanding(*, at: datetime) -> int:
    """Points that customers have and may still spend one day: pending, available and held, not expired."""
    rows = bulk.run(
        connection,
        f"""SELECT (SELECT coalesce(sum(pending + available + held), 0) FROM ledger_wallet
                    WHERE currency = {Currency.POINTS})::bigint
                 - (SELECT coalesce(sum(remaining), 0) FROM ledger_lot
                    WHERE currency = {Currency.POINTS} AND remaining > 0 AND expires_at <= %s)::bigint""",
        [at],
    )
    return int(rows[0][0])


def outstanding_by_day(*, since: date) -> list[tuple[date, int]]:
    """What customers had at the end of each closed day from `since` on, oldest first."""
    rows = bulk.run(
        connection,
        f"""SELECT day, sum(balance)::bigint FROM ledger_dailyclose
            WHERE currency = {Currency.POINTS} AND account IN (1, 2, 3) AND day >= %s GROUP BY 1 ORDER BY 1""",
        [since],
    )
    return [(row[0], row[1]) for row in rows]


def newest(
    *,
    most: int,
    before_id: int | None = None,
    purposes: Sequence[int] = (),
    day: date | None = None,
    customer_ids: Sequence[int] | None = None,
    currency: int = Currency.POINTS,
) -> list[Entry]:
    """The newest entries in a currency, newest first; a page goes on before an id.

    Args:
        purposes: Only these (all if empty).
        customer_ids: Only these customers' own, not their groups'.
    """
    # The numbers stand in the statement itself, so that the index of rare purposes can be used.
    only = f"AND t.purpose IN ({', '.join(str(int(purpose)) for purpose in purposes)})" if purposes else ""
    values: list[Any] = [before_id, before_id, day, day, day]
    if customer_ids is not None:
        # A few customers are looked up; for many it is quicker to go back through everything, which + 0 makes it do.
        only += f" AND t.customer_id{' + 0' if len(customer_ids) > FEW else ''} = ANY(%b::bigint[])"
        values.append(bulk.Column("bigint", sorted(customer_ids)))
    rows = bulk.run(
        connection,
        f"""{ENTRIES} WHERE {SHOWN} AND t.currency = {int(currency)} AND (%s::bigint IS NULL OR t.id < %s)
            AND (%s::date IS NULL OR (t.recorded_at >= %s::date AND t.recorded_at < %s::date + 1)) {only}
            ORDER BY t.id DESC LIMIT %s""",
        [*values, most],
    )
    return [Entry(*row) for row in rows]


def of_origins(canonical_id: int, *, fact_ids: Sequence[int] = (), command_ids: Sequence[int] = ()) -> list[Entry]:
    """What these facts and commands did to a customer (the whole group), in the order of writing."""
    rows = bulk.run(
        connection,
        f"""{ENTRIES} JOIN customers_customer c ON c.id = t.customer_id
            WHERE c.canonical_id = %s AND ((t.origin_kind = {OriginKind.FACT} AND t.origin_id = ANY(%b::bigint[]))
              OR (t.origin_kind = {OriginKind.COMMAND} AND t.origin_id = ANY(%b::bigint[]))) ORDER BY t.id""",
        [canonical_id, bulk.Column("bigint", list(fact_ids)), bulk.Column("bigint", list(command_ids))],
    )
    return [Entry(*row) for row in rows]


def expiries(canonical_id: int, *, most: int, before: datetime | None = None) -> list[tuple[datetime, dict[int, int]]]:
    """When something of a customer (the whole group) expired, newest first; goes on before an instant.

    Returns:
        (instant, {currency: how many}), at most so many.
    """
    rows = bulk.run(
        connection,
        f"""SELECT t.at, t.currency,
                   sum(CASE WHEN t.target = {Account.BREAKAGE} THEN t.amount ELSE -t.amount END)::bigint
            FROM ledger_transfer t JOIN customers_customer c ON c.id = t.customer_id
            WHERE c.canonical_id = %s AND t.purpose = {Purpose.EXPIRE} AND (%s::timestamptz IS NULL OR t.at < %s)
            GROUP BY 1, 2 HAVING sum(CASE WHEN t.target = {Account.BREAKAGE} THEN t.amount ELSE -t.amount END) > 0
            ORDER BY 1 DESC, 2 LIMIT %s""",
        [canonical_id, before, before, most * AT_ONCE],
    )
    found: dict[datetime, dict[int, int]] = {}
    for at, currency, amount in rows:
        found.setdefault(at, {})[currency] = amount
    return list(found.items())[:most]


def statement(canonical_id: int, *, most: int, before: tuple[datetime, int] | None = None) -> list[Entry]:
    """One customer's entries (the whole group's), newest first by when they apply; a page goes on before (at, id)."""
    at, entry_id = before or (None, None)
    rows = bulk.run(
        connection,
        f"""{ENTRIES} JOIN customers_customer c ON c.id = t.customer_id
            WHERE {SHOWN} AND c.canonical_id = %s AND (%s::timestamptz IS NULL OR (t.at, t.id) < (%s, %s))
            ORDER BY t.at DESC, t.id DESC LIMIT %s""",
        [canonical_id, at, at, entry_id, most],
    )
    return [Entry(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account's balance over all customers in one currency; they sum to zero."""

    accounts: dict[int, int]

    @property
    def balanced(self) -> bool:
        """Whether the accounts sum to zero."""
        return sum(self.accounts.values()) == 0


def trial_balance(currency: int = Currency.POINTS) -> TrialBalance:
    """Every account's balance in a currency: the last daily close and the tail after it."""
    return trial_balances().get(int(currency), TrialBalance({}))


def trial_balances() -> dict[int, TrialBalance]:
    """The same in every currency that can be spent and was ever moved, by its number."""
    rows = bulk.run(
        connection,
        f"""WITH close AS (
              SELECT currency, account, balance, last_transfer_id FROM ledger_dailyclose
              WHERE day = (SELECT max(day) FROM ledger_dailyclose)
            ), tail AS (
              SELECT currency, source, target, sum(amount) AS amount FROM ledger_transfer
              WHERE currency <> {Currency.GROWTH} AND id > coalesce((SELECT max(last_transfer_id) FROM close), 0)
              GROUP BY 1, 2, 3
            )
            SELECT currency, account, sum(balance)::bigint FROM (
              SELECT currency, account, balance FROM close
              UNION ALL SELECT currency, target, amount FROM tail
              UNION ALL SELECT currency, source, -amount FROM tail
            ) moves GROUP BY 1, 2 ORDER BY 1""",
    )
    found: dict[int, TrialBalance] = {}
    for currency, account, balance in rows:
        found.setdefault(currency, TrialBalance({})).accounts[account] = balance
    return found


def export_balances() -> Iterator[tuple[Any, ...]]:
    """Every wallet, for an export; inside a transaction."""
    return bulk.stream(
        connection,
        """SELECT customer_id, currency, pending, available, held, debt, earned FROM ledger_wallet
           ORDER BY customer_id, currency""",
    )


def export_transfers() -> Iterator[tuple[Any, ...]]:
    """Every transfer in the order of its id, for an export; inside a transaction."""
    return bulk.stream(
        connection,
        """SELECT id, customer_id, currency, source, target, amount, lot_id, at, origin_kind, origin_id, purpose,
                  corrects_id, recorded_at FROM ledger_transfer ORDER BY id""",
    )
