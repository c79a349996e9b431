"""Keeping tier intervals: of most members the past stays, and that is most of their rows."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.tiers import Interval

KEEP = """INSERT INTO loyalty_tierinterval (customer_id, tier, from_date, to_date) SELECT * FROM {table} AS n
ON CONFLICT (customer_id, from_date) DO UPDATE SET tier = excluded.tier, to_date = excluded.to_date"""
COLUMNS = ("bigint", "smallint", "date", "date")
KEYS = ("bigint", "date")


def keep_tiers(tiers: Mapping[int, Sequence[Interval]], known: Mapping[int, Sequence[Interval]]) -> None:
    """Write the rows that differ from what is kept. The caller holds the locks of the customers.

    Args:
        tiers: All intervals of each customer as they are now.
        known: All that is kept of these customers.
    """
    gone: list[tuple[int, date]] = []
    new: list[tuple[int, int, date, date | None]] = []
    for customer_id, intervals in tiers.items():
        had = {one.from_date: one for one in known.get(customer_id, ())}
        for one in intervals:
            if had.pop(one.from_date, None) != one:
                new.append((customer_id, one.tier, one.from_date, one.to_date))
        gone += [(customer_id, day) for day in had]
    if gone:
        bulk.send(
            connection,
            f"""DELETE FROM loyalty_tierinterval t USING {bulk.unnest(*KEYS)} AS n (customer_id, from_date)
                WHERE (t.customer_id, t.from_date) = (n.customer_id, n.from_date)""",
            bulk.columns(sorted(gone), KEYS),
        )
    if new:
        table, parameters = bulk.table(sorted(new, key=lambda row: (row[0], row[2])), COLUMNS)
        bulk.send(connection, KEEP.format(table=table), parameters)
