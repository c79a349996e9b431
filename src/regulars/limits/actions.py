"""Verbs of limits: hold, take, give back, sweep. Whoever holds a subject's EVER row decides alone about it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.limits import queries
from regulars.limits.rules import EVER, Counted, Kind, Limit, Take, decide

KEY = ("smallint", "bigint")
COUNTED = ("smallint", "bigint", "timestamptz", "bigint")
MAKE = f"""
INSERT INTO limits_use (kind, subject, bucket, used)
SELECT n.kind, n.subject, %s, 0 FROM {bulk.unnest(*KEY)} AS n (kind, subject)
WHERE NOT EXISTS (SELECT 1 FROM limits_use u WHERE (u.kind, u.subject, u.bucket) = (n.kind, n.subject, %s))
ORDER BY n.kind, n.subject
ON CONFLICT DO NOTHING
"""
HOLD = f"""
SELECT 1 FROM limits_use u JOIN {bulk.unnest(*KEY)} AS n (kind, subject) ON (u.kind, u.subject) = (n.kind, n.subject)
WHERE u.bucket = %s ORDER BY u.kind, u.subject FOR NO KEY UPDATE OF u
"""
ADD = f"""
INSERT INTO limits_use (kind, subject, bucket, used)
SELECT kind, subject, bucket, used FROM {bulk.unnest(*COUNTED)} AS n (kind, subject, bucket, used)
ORDER BY kind, subject, bucket
ON CONFLICT (kind, subject, bucket) DO UPDATE SET used = limits_use.used + excluded.used
"""
TAKE_BACK = f"""
UPDATE limits_use u SET used = greatest(0, u.used - n.used)
FROM {bulk.unnest(*COUNTED)} AS n (kind, subject, bucket, used)
WHERE (u.kind, u.subject, u.bucket) = (n.kind, n.subject, n.bucket)
"""

Found = TypeVar("Found")


class NoRoomLeft(DomainError):
    """A limit is used up; `retry_after` in the context says when there is room again, in seconds."""

    code = "no_room_left"


def hold(subjects: Iterable[tuple[Kind, int]]) -> None:
    """Keep everybody else from taking for these (kind, subject) until the caller's transaction ends.

    A row is made before it is locked, and all are locked in one order, so takers wait for one another and never for
    ever. What is read before this call may be outdated; what is read after it is not.
    """
    wanted = sorted({(int(kind), subject) for kind, subject in subjects})
    keys = bulk.columns(wanted, KEY)
    # One alone was mostly counted before, which saves a statement. Of several, none is locked before all are made: who
    # holds one and then waits for another to be made could wait for somebody who waits for the first.
    if len(wanted) == 1 and bulk.run(connection, HOLD, [*keys, EVER]):
        return
    bulk.run(connection, MAKE, [EVER, *keys, EVER])
    bulk.run(connection, HOLD, [*keys, EVER])


def take(takes: Sequence[Take], *, at: datetime, held: bool = False) -> list[bool]:
    """Take what finds room, for each in order; what finds none takes nothing. Any number at once.

    What was taken stays taken when the caller's transaction commits, and is free again when it rolls back.

    Args:
        held: The caller holds these subjects already.
    """
    if not takes:
        return []
    with transaction.atomic(savepoint=False):
        if not held:
            hold((one.limit.kind, one.subject) for one in takes)
        subjects: dict[Limit, set[int]] = {}
        for one in takes:
            subjects.setdefault(one.limit, set()).add(one.subject)
        used = {limit: queries.used(limit, sorted(who), at=at) for limit, who in subjects.items()}
        answers = decide(takes, used)
        _add((one for one, fits in zip(takes, answers, strict=True) if fits), at)
        return answers


def take_all(takes: Sequence[Take], *, at: datetime) -> None:
    """Take all of these, or nothing.

    Raises:
        NoRoomLeft: One of them finds no room.
    """
    with transaction.atomic():
        for one, fits in zip(takes, take(takes, at=at), strict=True):
            if not fits:
                wait = queries.retry_after(one.limit, one.subject, at=at)
                raise NoRoomLeft("This was tried too often; wait a while.", retry_after=wait)


def look(takes: Sequence[Take], find: Callable[[], Found | None], *, at: datetime) -> Found | None:
    """What `find` finds; where it finds nothing, these are taken. Not to be called inside a transaction.

    Made for guesses: only misses count, and who guesses holds the lock meanwhile. Of a thousand at once so many are
    looked at as the limits leave, and no other is looked at at all. What `find` writes is kept.

    Raises:
        NoRoomLeft: Misses have used a limit up; nothing was looked at.
    """
    with transaction.atomic():
        hold((one.limit.kind, one.subject) for one in takes)
        for one in takes:
            if not queries.room_left(one.limit, [one.subject], at=at)[one.subject]:
                wait = queries.retry_after(one.limit, one.subject, at=at)
                raise NoRoomLeft("Too many were wrong; wait before the next one.", retry_after=wait)
        found = find()
        if found is None:
            take(takes, at=at, held=True)
    return found


def give_back(takes: Sequence[Take], *, taken_at: datetime) -> None:
    """Undo takes of that moment; a bucket that was swept meanwhile has nothing to give back."""
    if not takes:
        return
    with transaction.atomic(savepoint=False):
        hold((one.limit.kind, one.subject) for one in takes)
        bulk.run(connection, TAKE_BACK, bulk.columns(_summed(takes, taken_at), COUNTED))


def sweep(*, before: datetime) -> int:
    """Forget buckets that began before a moment, which must lie outside every window; returns how many went."""
    rows = bulk.run(
        connection,
        """WITH gone AS (DELETE FROM limits_use WHERE bucket < %s AND bucket > %s RETURNING 1)
           SELECT count(*) FROM gone""",
        [before, EVER],
    )
    return int(rows[0][0])


def _add(takes: Iterable[Take], at: datetime) -> None:
    if rows := _summed(takes, at):
        bulk.run(connection, ADD, bulk.columns(rows, COUNTED))


def _summed(takes: Iterable[Take], at: datetime) -> list[tuple[int, int, datetime, int]]:
    """(kind, subject, bucket, amount), each bucket once: a statement cannot add to the same row twice."""
    sums: dict[tuple[Counted, datetime], int] = {}
    for limit, subject, amount in takes:
        key = ((int(limit.kind), subject), limit.bucket(at))
        sums[key] = sums.get(key, 0) + amount
    return sorted((*counted, bucket, amount) for (counted, bucket), amount in sums.items())
