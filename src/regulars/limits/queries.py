"""Reading how much was used and what is left. Nothing is locked: what is read may be taken before one takes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from regulars.core import bulk
from regulars.limits.rules import EVER, Kind, Limit, seconds_until_room

HAD = """
SELECT u.subject, sum(u.used)::bigint FROM limits_use u
WHERE u.kind = %s AND u.bucket >= %s AND (%s OR u.bucket > %s) AND u.used > 0 AND u.subject = ANY(%b::bigint[])
GROUP BY 1
"""
HAD_BY_ALL = """
SELECT u.subject, sum(u.used)::bigint FROM limits_use u
WHERE u.kind = %s AND u.bucket >= %s AND (%s OR u.bucket > %s) AND u.used > 0 GROUP BY 1
"""
FEW = 20_000
"""Up to so many subjects are looked up by key; more are found by reading all that counts of the kind."""


def used(limit: Limit, subjects: Sequence[int], *, at: datetime) -> dict[int, int]:
    """subject → how much of the limit it has used at this moment; who used nothing is left out.

    Made for one subject and for a million.
    """
    ever = limit.window is None
    parameters = [limit.kind, limit.counts_from(at), ever, EVER]
    if len(subjects) <= FEW:
        return dict(bulk.run(connection, HAD, [*parameters, bulk.Column("bigint", list(subjects))]))
    wanted = set(subjects)
    return {subject: amount for subject, amount in bulk.run(connection, HAD_BY_ALL, parameters) if subject in wanted}


def had(kind: Kind, subjects: Sequence[int], *, at: datetime, window: timedelta) -> dict[int, int]:
    """subject → how much it had within the window before this moment; who had nothing is left out."""
    return used(Limit(kind, 0, window), subjects, at=at)


def room_left(limit: Limit, subjects: Sequence[int], *, at: datetime) -> dict[int, int]:
    """subject → how much it could still take; never below zero."""
    taken = used(limit, subjects, at=at)
    return {subject: max(0, limit.ceiling - taken.get(subject, 0)) for subject in subjects}


def retry_after(limit: Limit, subject: int, *, at: datetime) -> int | None:
    """Seconds until the subject finds room for one more: 0 at once, None never."""
    rows = bulk.run(
        connection,
        """SELECT bucket, used FROM limits_use WHERE kind = %s AND subject = %s AND bucket >= %s
           AND (%s OR bucket > %s) AND used > 0 ORDER BY bucket""",
        [limit.kind, subject, limit.counts_from(at), limit.window is None, EVER],
    )
    return seconds_until_room(limit, [(row[0], row[1]) for row in rows], at)


def taken(kind: Kind, *, since: datetime) -> list[tuple[int, datetime, int]]:
    """(subject, start of the step, how much) of all subjects from a moment on, the oldest first."""
    rows = bulk.run(
        connection,
        """SELECT subject, bucket, used FROM limits_use
           WHERE kind = %s AND bucket >= %s AND bucket > %s AND used > 0 ORDER BY bucket, subject""",
        [kind, since, EVER],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def kept(kind: Kind) -> dict[int, int]:
    """subject → what is counted for ever, for whoever compares it with the uses themselves."""
    rows = bulk.run(connection, "SELECT subject, used FROM limits_use WHERE kind = %s AND bucket = %s", [kind, EVER])
    return {row[0]: row[1] for row in rows}
