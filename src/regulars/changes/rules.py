"""Kinds of changes, and the statement that notes them in the transaction that makes them."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class ChangeKind(IntEnum):
    """What was changed; the number says which rows the ids of a change are."""

    POINTS = 1
    """Transfers of points."""
    TIERS = 2
    """Three numbers each: a canonical customer, the place of their tier until now, and of the one from now on."""
    COMMANDS = 3
    COUPONS_ISSUED = 4
    COUPONS_VOIDED = 5
    COUPON_USES = 6
    COUPON_USES_UNDONE = 7
    CUSTOMERS = 8
    """Customers who are new."""
    MERGES = 9
    MERGES_UNDONE = 10


@dataclass(frozen=True, slots=True)
class Change:
    """Rows that one transaction wrote. (epoch, xid) is that transaction, which orders the feed."""

    epoch: int
    xid: int
    kind: ChangeKind
    ids: list[int]
    at: datetime


def note_of(kind: ChangeKind, rows: str) -> str:
    """The end of a statement that writes rows: notes their ids, at no cost while nobody follows.

    >>> "INSERT INTO changes_change" in note_of(ChangeKind.POINTS, "SELECT id FROM written")
    True

    Args:
        rows: A query with one column, the ids; none is fine.
    """
    return f"""INSERT INTO changes_change (kind, ids) SELECT {int(kind)}, array_agg(n.id) FROM ({rows}) AS n (id)
               WHERE (SELECT EXISTS (SELECT 1 FROM changes_follower)) HAVING count(*) > 0"""
