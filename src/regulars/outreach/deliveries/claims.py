"""Who works on what. A worker is known by an advisory lock that ends with its connection, so nobody has to wait for a
lease to run out: what a dead worker held is free at once, and what it may have sent is known to be unknown.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from regulars.core import bulk
from regulars.core.calendar import zone
from regulars.outreach.channels import CHANNELS
from regulars.outreach.deliveries.rules import Claimed, is_open, room_at
from regulars.outreach.queries import settings

LOCKS = 0x4D73_6773  # "Msgs"
PACE = 0x5061_6365  # "Pace"
LIVE = f"""
SELECT l.objid::bigint FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = {LOCKS} AND l.objsubid = 2
AND l.granted AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
"""
FREE_DEAD = f"""
UPDATE outreach_delivery SET claim = NULL,
  state = CASE state WHEN 'sending' THEN 'unknown' ELSE state END,
  reason = CASE state WHEN 'sending' THEN 'interrupted' ELSE reason END,
  ended_at = CASE state WHEN 'sending' THEN %s END
WHERE claim IS NOT NULL AND claim NOT IN ({LIVE}) AND state IN ('queued', 'sending') RETURNING state
"""
RUNNING = """
SELECT c.id, c.sends_from, c.sends_until, c.pace_per_hour FROM outreach_campaign c
WHERE c.state = 'running' AND c.channel = %s AND (%s::bigint IS NULL OR c.id = %s) AND EXISTS (
  SELECT 1 FROM outreach_delivery d WHERE d.state = 'queued' AND d.channel = c.channel AND d.campaign_id = c.id
) ORDER BY c.id
"""
LEFT_LATELY = """
SELECT count(*), count(*) FILTER (WHERE sending_at > %s) FROM outreach_delivery
WHERE campaign_id = %s AND sending_at > %s
"""
HELD = """
SELECT count(*) FROM outreach_delivery WHERE campaign_id = %s AND claim IS NOT NULL AND state = 'queued'
"""
CLAIM = """
UPDATE outreach_delivery d SET claim = %s FROM (
  SELECT q.id FROM outreach_delivery q WHERE q.state = 'queued' AND q.channel = %s AND {whose} AND q.claim IS NULL
  AND (q.not_before IS NULL OR q.not_before <= %s) ORDER BY q.id LIMIT %s FOR UPDATE SKIP LOCKED
) f LEFT JOIN outreach_campaign c ON c.id = {campaign} WHERE d.id = f.id
RETURNING d.id, d.campaign_id, d.customer_id, d.purpose, d.language, d.tries, d.admitted_at, d.coupon_id,
  coalesce(d.offer_id, c.offer_id), c.offer_version, coalesce(d.content, c.content)
"""
OF_CAMPAIGN = CLAIM.format(whose="q.campaign_id = %s", campaign="%s")
OF_NONE = CLAIM.format(whose="q.campaign_id IS NULL", campaign="NULL")


@contextmanager
def worker() -> Iterator[int]:
    """A number under which deliveries can be claimed while this connection lives."""
    number = secrets.randbelow(2**31 - 1) + 1
    bulk.run(connection, "SELECT pg_advisory_lock(%s, %s)", [LOCKS, number])
    try:
        yield number
    finally:
        with suppress(DatabaseError):  # a connection that is gone has let go of it already
            bulk.run(connection, "SELECT pg_advisory_unlock(%s, %s)", [LOCKS, number])


def free_dead(*, at: datetime) -> int:
    """Put back what dead workers held; what they were sending at that moment ends as unknown. Returns how many those
    are.
    """
    return sum(row[0] == "unknown" for row in bulk.run(connection, FREE_DEAD, [at]))


def claim(
    *, worker: int, channel: str, time_zone: str, at: datetime, most: int, campaign_id: int | None = None
) -> list[Claimed]:
    """Take deliveries whose campaigns run and whose hours are on, the oldest first; every campaign gets a share.

    Hours are for what leaves by itself: whoever sends by hand knows what time it is. In the caller's transaction:
    nobody else can take them, and they are free again if it rolls back.

    Args:
        campaign_id: Only this campaign's; None is every campaign's, and messages of their own.
    """
    now = at.astimezone(zone(time_zone)).time()
    hours = settings()
    by_hand = CHANNELS[channel].by_hand
    if not by_hand and not is_open(now, (hours.sends_from, hours.sends_until)):
        return []
    found = _take(OF_NONE, [worker, channel, at, most]) if campaign_id is None else []
    rows = bulk.run(connection, RUNNING, [channel, campaign_id, campaign_id])
    running = [row for row in rows if by_hand or is_open(now, (row[1], row[2]))]
    for place, (running_id, _, _, pace) in enumerate(running):
        share = -(-(most - len(found)) // (len(running) - place))
        if (room := _room(running_id, pace, share, at)) > 0:
            found += _take(OF_CAMPAIGN, [worker, channel, running_id, at, room, running_id])
    return sorted(found, key=lambda one: one.id)


def release(*, worker: int, delivery_ids: Sequence[int]) -> None:
    """Give deliveries back that this worker holds and did not send."""
    bulk.run(
        connection,
        "UPDATE outreach_delivery SET claim = NULL WHERE id = ANY(%b::bigint[]) AND claim = %s AND state = 'queued'",
        [bulk.Column("bigint", sorted(delivery_ids)), worker],
    )


def _room(campaign_id: int, pace: int | None, most: int, at: datetime) -> int:
    if pace is None or most <= 0:
        return most
    minute, hour = at - timedelta(minutes=1), at - timedelta(hours=1)
    # Two workers of one campaign count one after the other, or each would use the same room.
    bulk.run(connection, "SELECT pg_advisory_xact_lock(%s, %s)", [PACE, campaign_id])
    last_hour, last_minute = bulk.run(connection, LEFT_LATELY, [minute, campaign_id, hour])[0]
    held = bulk.run(connection, HELD, [campaign_id])[0][0]
    return room_at(pace, last_hour=last_hour + held, last_minute=last_minute + held, most=most)


def _take(statement: str, parameters: list[object]) -> list[Claimed]:
    return [Claimed(*row) for row in bulk.run(connection, statement, parameters)]
