"""Reading the feed of changes."""

from django.db import connection

from regulars.changes.models import Follower
from regulars.changes.rules import Change, ChangeKind
from regulars.core import bulk

# The epoch of new changes is their column's default.
LIVE_EPOCH = """SELECT substring(pg_get_expr(d.adbin, d.adrelid) FROM '\\d+')::int AS live FROM pg_attrdef d
        JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = 'changes_change'::regclass AND a.attname = 'epoch'"""
END = f"SELECT live, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 FROM ({LIVE_EPOCH}) e"
FEED = f"""
WITH following AS (
  SELECT c.epoch, c.xid FROM changes_change c
  WHERE (c.epoch, c.xid) > (%s::smallint, %s::text::xid8)
    AND (c.epoch < (SELECT live FROM ({LIVE_EPOCH}) e) OR c.xid < pg_snapshot_xmin(pg_current_snapshot()))
  ORDER BY c.epoch, c.xid LIMIT %s
), last AS (SELECT epoch, xid FROM following ORDER BY epoch DESC, xid DESC LIMIT 1)
SELECT c.epoch, c.xid::text::bigint, c.kind, c.ids, c.at FROM last JOIN changes_change c
  ON (c.epoch, c.xid) > (%s::smallint, %s::text::xid8) AND (c.epoch, c.xid) <= (last.epoch, last.xid)
ORDER BY c.epoch, c.xid, c.id
"""


def feed(*, after: tuple[int, int], most: int) -> list[Change]:
    """Changes after a bound (epoch, xid), about `most` of them and always whole transactions.

    It ends below the oldest transaction that is still under way: whoever keeps the last one's (epoch, xid) as the next
    bound misses nothing.
    """
    epoch, xid = after
    rows = bulk.run(connection, FEED, [epoch, str(xid), most, epoch, str(xid)])
    return [Change(row[0], row[1], ChangeKind(row[2]), list(row[3]), row[4]) for row in rows]


def end() -> tuple[int, int]:
    """The bound of somebody who has read everything that is committed now."""
    row = bulk.run(connection, END)[0]
    return row[0], row[1]


def bound(name: str) -> tuple[int, int] | None:
    """How far a follower is; None if nobody of this name follows."""
    return Follower.objects.filter(name=name).values_list("epoch", "xid").first()
