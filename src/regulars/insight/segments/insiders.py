"""Who is in which segments, and was: for rooms that ask about some customers and may not read these tables."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection

from regulars.core import bulk

Stay = tuple[int, date, date | None]
"""(segment, entered on, left on): in it from one day to before another, None while they are."""


def inside(canonical_ids: Iterable[int], segment_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Who stands for a group → those of these segments that the group is in since the last refresh.

    Who is in none is left out. Nothing is read where no segment is asked about.
    """
    if not segment_ids:
        return {}
    rows = bulk.run(
        connection,
        """SELECT c.canonical_id, array_agg(m.segment_id)
           FROM customers_customer c JOIN insight_membership m ON m.customer_id = c.id AND m.left_on IS NULL
           WHERE c.canonical_id = ANY(%b::bigint[]) AND m.segment_id = ANY(%b::bigint[]) GROUP BY 1""",
        [bulk.Column("bigint", sorted(set(canonical_ids))), bulk.Column("bigint", sorted(segment_ids))],
    )
    return {who: frozenset(segments) for who, segments in rows}


def on_record(after: int, upto: int, segment_ids: Collection[int]) -> tuple[dict[int, list[Stay]], dict[int, date]]:
    """When groups that stand at an id in (after, upto] were in these segments, and since when that is on record.

    Groups that never were in one are left out, and segments that were never counted. Nothing is read where no segment
    is asked about.
    """
    if not segment_ids:
        return {}, {}
    return _stays(after, upto, segment_ids), _counted_since(segment_ids)


def _stays(after: int, upto: int, segment_ids: Collection[int]) -> dict[int, list[Stay]]:
    rows = bulk.run(
        connection,
        """SELECT c.canonical_id, m.segment_id, m.entered_on, m.left_on
           FROM customers_customer c JOIN insight_membership m ON m.customer_id = c.id
           WHERE c.canonical_id > %s AND c.canonical_id <= %s AND m.segment_id = ANY(%b::bigint[])
             AND (m.left_on IS NULL OR m.left_on > m.entered_on)""",
        [after, upto, bulk.Column("bigint", sorted(segment_ids))],
    )
    found: dict[int, list[Stay]] = {}
    for who, *stay in rows:
        found.setdefault(who, []).append((stay[0], stay[1], stay[2]))
    return found


def _counted_since(segment_ids: Collection[int]) -> dict[int, date]:
    rows = bulk.run(
        connection,
        """SELECT v.segment_id, min(r.day) FROM insight_segmentversion v
           JOIN insight_membershipcause c ON c.version_id = v.id JOIN insight_refresh r ON r.id = c.refresh_id
           WHERE v.segment_id = ANY(%b::bigint[]) GROUP BY 1""",
        [bulk.Column("bigint", sorted(segment_ids))],
    )
    return dict(rows)
