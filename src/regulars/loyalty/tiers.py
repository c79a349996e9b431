"""Tiers as a pure function of dated growth: who is what from when to when, and what comes if nothing more happens."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from regulars.core.calendar import add_months
from regulars.loyalty.keeping import Position, days_of
from regulars.loyalty.rules import Grant, Policies, Policy


class Interval(NamedTuple):
    """Tier index `tier` from `from_date` to before `to_date` (None: with no end in sight)."""

    tier: int
    from_date: date
    to_date: date | None


def tier_of(growth: int, policy: Policy) -> int:
    """Index of the highest tier whose threshold this growth reaches."""
    reached = 0
    for index, tier in enumerate(policy.tiers):
        if growth >= tier.threshold:
            reached = index
    return reached


def tier_on(
    growth: Sequence[tuple[date, int]], policies: Policies, day: date, grants: Sequence[Grant] = ()
) -> int:  # fmt: skip
    """The tier on one day: what `timeline` says of it, 0 where it says nothing.

    Args:
        growth: (day, amount) in any order.
        grants: Tiers that were given.
    """
    if grants:
        return max(tier_on(growth, policies, day), granted_on(grants, policies.on(day), day))
    if not policies.plain:
        return next((one.tier for one in timeline(growth, policies) if one.from_date <= day and _lasts(one, day)), 0)
    start = policies.window_start(day)
    if start is not None:
        total = sum(amount for earned_on, amount in growth if start <= earned_on <= day)
    else:
        total = sum(
            amount
            for earned_on, amount in growth
            if earned_on <= day < add_months(earned_on, policies.on(earned_on).window_months)
        )
    return tier_of(total, policies.on(day))


def _lasts(interval: Interval, day: date) -> bool:
    return interval.to_date is None or day < interval.to_date


def granted_on(grants: Sequence[Grant], policy: Policy, day: date) -> int:
    """The highest tier that is given on a day under its version; one that the version no longer has gives nothing."""
    given = {code for code, starts, ends in grants if starts <= day and (ends is None or day < ends)}
    return max((place for place, tier in enumerate(policy.tiers) if tier.code in given), default=0) if given else 0


def growth_on(growth: Iterable[tuple[date, int]], policies: Policies, day: date) -> int:
    """The growth that counts on one day."""
    known = sorted(growth)
    first = known[0][0] if known else day
    return sum(amount for earned_on, amount in known if earned_on <= day < policies.leaves(earned_on, first))


def timeline(
    growth: Iterable[tuple[date, int]], policies: Policies, grants: Sequence[Grant] = (), *, since: date = date.min
) -> list[Interval]:
    """Tier intervals from dated growth, oldest first: what was, and what comes if nothing more is earned.

    Growth of a day counts from that day to before the same day `window_months` later, unless the version keeps tiers
    in another way (`keeping.py`). The intervals touch, neighbours differ in tier, and the last one is open. A day
    follows the thresholds of the version that is live when it starts. Where a tier is given, the higher one counts.

    Args:
        growth: (day, amount) in any order; a day may stand several times, and amounts may be negative.
        grants: Tiers that were given, each from a day to before another.
        since: Leave out what lies before this day; the first interval then starts no earlier.
    """
    if grants:
        return _overlaid(timeline(growth, policies, since=since), grants, policies, since)
    if not policies.plain:
        return _kept(growth, policies, since)
    changes: dict[date, int] = {}
    for day, amount in growth:
        if amount:
            changes[day] = changes.get(day, 0) + amount
            leaves = add_months(day, (policies.one or policies.on(day)).window_months)
            changes[leaves] = changes.get(leaves, 0) - amount
    if changes:
        first = min(changes)
        for day in policies.changes_after(first):
            changes.setdefault(day, 0)
    intervals: list[Interval] = []
    total, tier, start = 0, -1, date.min
    low, high = 1.0, 0.0
    for day in sorted(changes):
        total += changes[day]
        if policies.one is not None and low <= total < high:
            continue
        policy = policies.on(day)
        now = tier_of(total, policy)
        low, high = _room(now, policy)
        if now != tier:
            if tier >= 0 and day > since:
                intervals.append(Interval(tier, max(start, since), day))
            tier, start = now, day
    if tier >= 0:
        intervals.append(Interval(tier, max(start, since), None))
    return intervals


def _kept(growth: Iterable[tuple[date, int]], policies: Policies, since: date) -> list[Interval]:
    """The timeline where tiers are held for a term."""
    by_day = days_of(list(growth))
    if not by_day:
        return []
    intervals: list[Interval] = []
    start, now = min(by_day), 0
    for day, tier, position in _looked_at(by_day, policies):
        if position.tier != tier:
            if day > max(start, since):
                intervals.append(Interval(tier, max(start, since), day))
            start, now = day, position.tier
    intervals.append(Interval(now, max(start, since), None))
    return intervals


def position_on(growth: Iterable[tuple[date, int]], policies: Policies, day: date) -> Position:
    """Where growth alone puts a member at the end of a day, and when that is looked at again by itself."""
    found = Position()
    if by_day := days_of(list(growth)):
        for looked, _, position in _looked_at(by_day, policies):
            if looked > day:
                break
            found = replace(position)
    return found


def _looked_at(by_day: dict[date, int], policies: Policies) -> Iterator[tuple[date, int, Position]]:
    """Each day on which something changes or a term ends: the tier before, and the position that it leads to."""
    first = min(by_day)
    changes = dict(by_day)
    for day, amount in by_day.items():
        leaves = policies.leaves(day, first)
        changes[leaves] = changes.get(leaves, 0) - amount
    ahead = sorted({*changes, *policies.changes_after(first)}, reverse=True)
    position, total = Position(), 0
    while ahead:
        day = ahead.pop()
        before, total = total, total + changes.pop(day, 0)
        policy = policies.on(day)
        tier = position.tier
        position.tier = min(tier, len(policy.tiers) - 1)
        position.pass_day(day, before=tier_of(before, policy), now=tier_of(total, policy), keeping=policy.keeping)
        yield day, tier, position
        look = position.next_look()
        if look is not None and look > day and (position.tier or changes) and (not ahead or look < ahead[-1]):
            ahead.append(look)


def _overlaid(reached: list[Interval], grants: Sequence[Grant], policies: Policies, since: date) -> list[Interval]:
    """What growth reaches and what is given, whichever is higher; from the first day on which there is either."""
    given = [one for one in grants if one[2] is None or (one[1] < one[2] and one[2] > since)]
    if not given:
        return reached
    days = {one.from_date for one in reached} | {max(one[1], since) for one in given}
    days |= {one[2] for one in given if one[2] is not None}
    days |= set(policies.changes_after(min(days)))
    intervals: list[Interval] = []
    ahead, tier, start = list(reversed(reached)), -1, since
    base = -1
    for day in sorted(days):
        while ahead and ahead[-1].from_date <= day:
            base = ahead.pop().tier
        now = max(base, granted_on(given, policies.on(day), day))
        if (base < 0 and not now and tier < 0) or now == tier:
            continue
        if tier >= 0:
            intervals.append(Interval(tier, start, day))
        tier, start = now, day
    return [*intervals, Interval(tier, start, None)] if tier >= 0 else []


def from_today(growth: list[tuple[date, int]], policies: Policies, *, since: date) -> list[Interval]:
    """`timeline` from a day on after which nothing comes any more: growth only leaves, under the last version.

    Growth then leaves in the order in which it came, so one pass over the amounts finds the few days on which the tier
    falls. Anything else is left to `timeline`.

    Args:
        growth: (day, amount) by day; the last is of the day `since` or before.
    """
    start = policies.window_start(since)
    if start is None or not growth or growth[-1][0] > since or (policies.one is None and policies.changes_after(since)):
        return timeline(growth, policies, since=since)
    policy = policies.one or policies.on(since)
    counting = growth[bisect_left(growth, (start, -(10**18))) :]
    amounts = [amount for _, amount in counting]
    total = sum(amounts)
    tier = tier_of(total, policy)
    if min(amounts, default=0) < 0:
        return timeline(growth, policies, since=since)
    if not tier:
        return [Interval(0, since, None)]
    low = policy.tiers[tier].threshold
    intervals: list[Interval] = []
    starts = since
    for place, amount in enumerate(amounts):
        total -= amount
        if total >= low:
            continue
        leaves = add_months(counting[place][0], policy.window_months)
        if place + 1 < len(counting) and add_months(counting[place + 1][0], policy.window_months) == leaves:
            continue  # the month is shorter: more leaves on the same day
        intervals.append(Interval(tier, starts, leaves))
        tier, starts = tier_of(total, policy), leaves
        low = policy.tiers[tier].threshold
    intervals.append(Interval(tier, starts, None))
    return intervals


def _room(tier: int, policy: Policy) -> tuple[float, float]:
    """Growth from which and below which a tier stays the same."""
    low = policy.tiers[tier].threshold if tier else float("-inf")
    return low, policy.tiers[tier + 1].threshold if tier + 1 < len(policy.tiers) else float("inf")


def continued(known: list[Interval], ahead: list[Interval], since: date) -> list[Interval]:
    """`known` up to `since`, then `ahead` (which starts there), with equal neighbours made one."""
    joined: list[Interval] = []
    for interval in known:
        if interval.from_date < since:
            if interval.to_date is None or interval.to_date > since:
                interval = Interval(interval.tier, interval.from_date, since)
            joined.append(interval)
    for interval in ahead:
        if joined and joined[-1].tier == interval.tier and joined[-1].to_date == interval.from_date:
            interval = Interval(interval.tier, joined.pop().from_date, interval.to_date)
        joined.append(interval)
    return joined


def day_by_day(
    known: list[Interval], growth: list[tuple[date, int]], place: int, policies: Policies
) -> list[Interval]:  # fmt: skip
    """`known` gone on from with the growth from `place` on, as if each of its days had come alone: that costs less.

    Args:
        growth: (day, amount) by day, as far as it still counts.
    """
    while place < len(growth):
        since = growth[place][0]
        while place < len(growth) and growth[place][0] == since:
            place += 1
        known = continued(known, from_today(growth[:place], policies, since=since), since)
    return known
