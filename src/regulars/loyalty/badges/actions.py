"""Keeping who has which badge, in the transaction of the facts that gave or took it."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.badges.holding import Holder, held
from regulars.loyalty.badges.queries import kept
from regulars.loyalty.badges.rules import Held
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item

COLUMNS = ("bigint", "text", "bigint", "text", "timestamptz")
INSERT = f"""
INSERT INTO loyalty_memberbadge (customer_id, code, fact_id, rule, at) SELECT * FROM {bulk.unnest(*COLUMNS)}
ON CONFLICT (customer_id, code)
"""
# What came in its turn is later than everything before it, so who has a badge already got it earlier.
ADD = f"{INSERT} DO NOTHING"
PUT = f"{INSERT} DO UPDATE SET fact_id = excluded.fact_id, rule = excluded.rule, at = excluded.at"
DROP = f"""
DELETE FROM loyalty_memberbadge b USING {bulk.unnest("bigint", "text")} AS n (customer_id, code)
WHERE b.customer_id = n.customer_id AND b.code = n.code
"""


def add(folds: Iterable[tuple[Sequence[Item], Fold]]) -> None:
    """Keep the badges that new items in their turn give."""
    new: dict[Holder, Held] = {}
    for items, fold in folds:
        new.update(held(items, fold))
    _send(ADD, new)


def keep(folds: Iterable[tuple[Sequence[Item], Fold]], *, members: Sequence[int]) -> None:
    """Keep what whole histories come to, and nothing else.

    Args:
        members: Everybody in these groups.
    """
    wanted: dict[Holder, Held] = {}
    for items, fold in folds:
        wanted.update(held(items, fold))
    known = kept(members)
    if gone := sorted(known.keys() - wanted.keys()):
        bulk.send(connection, DROP, bulk.columns(gone, ("bigint", "text")))
    _send(PUT, {holder: one for holder, one in wanted.items() if known.get(holder) != one})


def _send(statement: str, rows: Mapping[Holder, Held]) -> None:
    if rows:
        bulk.send(
            connection, statement, bulk.columns([(*holder, *one) for holder, one in sorted(rows.items())], COLUMNS)
        )
