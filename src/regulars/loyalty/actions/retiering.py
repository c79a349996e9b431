"""Tiers follow a version that has just gone live: from where each fold stands, without folding any history again.

What was earned before stays as it was, and so do the tiers of the days before. From the version's first day on a tier
depends on growth that still counts, which the kept standing has. Whoever needs more than that is folded whole.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection

from regulars.core import bulk
from regulars.core.calendar import business_date, start_of_day
from regulars.loyalty import queries
from regulars.loyalty.actions.kept_tiers import keep_tiers
from regulars.loyalty.actions.tier_notes import note_tiers
from regulars.loyalty.rules import Policies
from regulars.loyalty.tiers import Interval, continued, from_today

PORTION = 5_000
STANDINGS = """SELECT customer_id, growth FROM loyalty_standing
WHERE customer_id = ANY(%b::bigint[]) AND NOT whole AND last_at < %s"""


def begun_at(policies: Policies, number: int) -> datetime | None:
    """When the day starts on which a version goes live, if kept standings say all that its tiers depend on.

    A day follows the version that is live on it, also for what happened before that hour. Standings do not say all
    when it is the first version, or the first one that holds tiers for a term: those look at all growth there ever was,
    and standings kept only what counted.
    """
    earlier = [policy for _, policy in policies.versions if policy.number < number]
    found = next(((at, policy.zone) for at, policy in policies.versions if policy.number == number), None)
    if found is None or not earlier or policies.plain != all(policy.keeping.is_plain for policy in earlier):
        return None
    at, zone = found
    return start_of_day(business_date(at, zone), zone)


def portions() -> Iterator[list[int]]:
    """Everybody with a standing, by id."""
    after = 0
    while rows := bulk.run(
        connection,
        "SELECT customer_id FROM loyalty_standing WHERE customer_id > %s ORDER BY customer_id LIMIT %s",
        [after, PORTION],
    ):
        yield [row[0] for row in rows]
        after = rows[-1][0]


def left_over(since: datetime) -> list[int]:
    """Who has to be folded whole: something happened since, or the standing does not say all."""
    rows = bulk.run(
        connection, "SELECT customer_id FROM loyalty_standing WHERE whole OR last_at >= %s ORDER BY 1", [since]
    )
    return [row[0] for row in rows]


def retier(*, customer_ids: Sequence[int], policies: Policies, since: datetime, at: datetime) -> int:
    """Work out the tiers of these customers again from the version's first day on; returns for how many they changed.

    The caller holds their locks.
    """
    zone = policies.at(since).zone
    first = business_date(since, zone)
    # Days pass while a version waits for its job; what was kept of them followed the version before.
    rows = bulk.run(connection, STANDINGS, [bulk.Column("bigint", list(customer_ids)), since])
    known = queries.tier_intervals(customer_ids)
    tiers: dict[int, list[Interval]] = {}
    for customer_id, packed in rows:
        before = known.get(customer_id)
        if before is None:
            continue
        if len(before) == 1 and not before[0].tier and before[0].to_date is None:
            growth = queries.unpack_growth(packed)
            if policies.never_rises(sum(amount for _, amount in growth if amount > 0)):
                continue
        else:
            growth = queries.unpack_growth(packed)
        # Growth that no longer counts is not kept: without any, the lowest tier is what there is.
        ahead = from_today(growth, policies, since=first) or [Interval(0, first, None)]
        after = continued(before, ahead, first)
        if after != before:
            tiers[customer_id] = after
    keep_tiers(tiers, known)
    note_tiers(tiers, known, today=business_date(at, zone))
    return len(tiers)
