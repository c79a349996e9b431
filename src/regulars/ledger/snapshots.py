"""What customers had at an instant, out of the transfers themselves, for all of them at once.

Statements for whoever compares: they take parameters, and are put into larger statements of other rooms.
"""

from collections.abc import Collection

from django.db import connection

from regulars.core import bulk
from regulars.ledger.rules import Account, Currency, Purpose

PENDING, AVAILABLE, HELD, DEBT = (int(one) for one in (Account.PENDING, Account.AVAILABLE, Account.HELD, Account.DEBT))
_OWN = f"({PENDING}, {AVAILABLE})"

# What came into a lot less what left it, until then; the day of maturing and expiry counts, and not its posting.
LOTS_AT = f"""
SELECT c.canonical_id AS customer_id, l.expires_at, l.effective_at > %s OR l.frozen AS pending,
       sum(CASE WHEN t.target IN {_OWN} THEN t.amount ELSE 0 END
         - CASE WHEN t.source IN {_OWN} THEN t.amount ELSE 0 END)::bigint AS points
FROM ledger_transfer t JOIN ledger_lot l ON l.id = t.lot_id JOIN customers_customer c ON c.id = t.customer_id
WHERE t.currency = {Currency.POINTS} AND t.at < %s AND (l.expires_at IS NULL OR l.expires_at >= %s)
GROUP BY 1, 2, 3
"""
"""Points that were there at the end of a time: (customer, when they expire, whether they waited, points).

Parameters: the end, three times.
"""

MOVED = f"""
SELECT c.canonical_id AS customer_id,
  coalesce(sum(CASE WHEN t.target = {DEBT} THEN t.amount WHEN t.source = {DEBT} THEN -t.amount END)
    FILTER (WHERE t.at < %s), 0)::bigint AS debt,
  coalesce(sum(CASE WHEN t.target >= {Account.ISSUED} THEN -t.amount ELSE t.amount END)
    FILTER (WHERE t.at >= %s AND (t.source >= {Account.ISSUED}) <> (t.target >= {Account.ISSUED})), 0)::bigint AS after,
  coalesce(sum(CASE WHEN t.target >= {Account.ISSUED} THEN t.amount ELSE -t.amount END)
    FILTER (WHERE t.purpose = {Purpose.CLAWBACK} AND t.at < %s AND t.at >= %s), 0)::bigint AS clawed,
  coalesce(sum(t.amount) FILTER (
    WHERE t.purpose = {Purpose.EXPIRE} AND t.at < %s AND t.at >= %s), 0)::bigint AS expired,
  count(*) FILTER (WHERE t.purpose = {Purpose.EARN} AND t.at < %s)::int AS earnings,
  count(*) FILTER (WHERE t.purpose = {Purpose.TAKE_OVER})::int AS taken_over
FROM ledger_transfer t JOIN customers_customer c ON c.id = t.customer_id
WHERE t.currency = {Currency.POINTS} GROUP BY 1
"""
"""What moved in points, by customer: owed at the end (<= 0), after it, clawed back and expired shortly before it.

Parameters: the end, the end, then twice (the end, when 'shortly before' begins), then the end.
"""

GROWTH_AT = f"""
SELECT c.canonical_id AS customer_id,
  sum(CASE WHEN t.target = {Account.EARNED} THEN t.amount ELSE -t.amount END)::bigint AS growth
FROM ledger_transfer t JOIN customers_customer c ON c.id = t.customer_id
WHERE t.currency = {Currency.GROWTH} AND t.at >= %s AND t.at < %s GROUP BY 1
"""
"""Growth that was earned in a time. Parameters: its start, its end."""


def holders_among(customer_ids: Collection[int]) -> tuple[int, int]:
    """How many of these customers have points or growth, and how many points together, due ones included."""
    rows = bulk.run(
        connection,
        f"""SELECT count(DISTINCT c.canonical_id), coalesce(sum(pending + available + held + debt), 0)::bigint
            FROM ledger_wallet w JOIN customers_customer c ON c.id = w.customer_id
            WHERE c.canonical_id = ANY(%b::bigint[]) AND (pending, available, held, debt, earned) <> (0, 0, 0, 0, 0)
              AND (w.currency = {Currency.POINTS} OR earned <> 0)""",
        [bulk.Column("bigint", list(customer_ids))],
    )
    return rows[0][0], rows[0][1]
