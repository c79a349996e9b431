"""What lies ahead of a member: what reaches the next tier, when they fall, and what keeps them where they are. Pure.

Everything said here is what `timeline` will say once so much is earned by then; not one growth less.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from regulars.core.calendar import add_months
from regulars.loyalty.rules import FROM_SPEND, Grant, Policies, Policy
from regulars.loyalty.tiers import Interval, growth_on, position_on, tier_on, timeline

Dated = Sequence[tuple[date, int]]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Need:
    """So much growth (> 0), earned between two days, both included; `spend_minor` where growth comes from spend."""

    growth: int
    since: date
    by: date
    spend_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Rise:
    """The way to the next tier. Without a `need` it comes by itself, on the day `on`; otherwise `on` is None where it
    comes at once, or the day on which tiers are looked at again.
    """

    tier: int
    need: Need | None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Fall:
    """The next fall if nothing more is earned: on which day, to which tier, and what keeps the tier (保级).

    `keep` is None where nothing can: what counts on that day has to be earned from then on. `grace`: what still keeps
    it once the term is over, in the days of grace (保级缓冲期). `given` says that a tier ends which was given.
    """

    tier: int
    on: date
    keep: Need | None
    grace: Need | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a member stands today (tier index, growth that counts), and what comes."""

    tier: int
    growth: int
    rise: Rise | None
    fall: Fall | None


def projection(growth: Dated, policies: Policies, today: date, grants: Sequence[Grant] = ()) -> Projection:
    """What lies ahead of a member.

    Args:
        growth: (day, amount) in any order; no day adds up to less than nothing.
        grants: Tiers that were given.
    """
    return _Ahead(growth, policies, today, grants).told()


class _Ahead:
    """One member's growth, and what can be asked about it."""

    def __init__(self, growth: Dated, policies: Policies, today: date, grants: Sequence[Grant]) -> None:
        self.growth, self.policies, self.today, self.grants = list(growth), policies, today, grants
        self.first = min((day for day, amount in growth if amount), default=today)
        self.policy = policies.on(today)
        self.tier = min(tier_on(self.growth, policies, today, grants), len(self.policy.tiers) - 1)

    def told(self) -> Projection:
        known = timeline(self.growth, self.policies, self.grants)
        after = next((one for one in known if one.from_date > self.today and one.tier != self.tier), None)
        fall = self.fall(after) if after is not None and after.tier < self.tier else None
        return Projection(self.tier, growth_on(self.growth, self.policies, self.today), self.rise(after), fall)

    # --- up --------------------------------------------------------------------------------------------------------

    def rise(self, after: Interval | None) -> Rise | None:
        if after is not None and after.tier > self.tier:
            return Rise(min(after.tier, len(self.policies.on(after.from_date).tiers) - 1), None, after.from_date)
        if self.tier + 1 >= len(self.policy.tiers):
            return None
        need = self.at_once(self.tier + 1) if not self.policy.keeping.at_term else None
        if need is not None:
            return Rise(self.tier + 1, need)
        return self.rise_at_term() if self.policy.keeping.at_term else None

    def at_once(self, tier: int) -> Need | None:
        """What reaches a tier on the day on which it is complete, as long as nothing of what counts today leaves."""
        missing = self.policy.tiers[tier].threshold - growth_on(self.growth, self.policies, self.today)
        ends = [self.policies.leaves(self.today, self.first), *self.policies.changes_after(self.today)[:1]]
        ends += [leaves for day, amount in self.growth if amount > 0 and day <= self.today
                 and (leaves := self.policies.leaves(day, self.first)) > self.today]  # fmt: skip
        return self.need(missing, self.today, min(ends) - DAY) if missing > 0 else None

    def rise_at_term(self) -> Rise | None:
        """Tiers go up when a term ends, by what counts on the day before."""
        position = position_on(self.growth, self.policies, self.today)
        ends = position.until or self.policy.keeping.ends(self.today, first=self.first)
        if position.grace is not None or any(day <= ends for day in self.policies.changes_after(self.today)):
            return None
        missing = self.policy.tiers[self.tier + 1].threshold - growth_on(self.growth, self.policies, ends - DAY)
        last = ends - DAY if position.until else self.today
        need = self.need(missing, self.counts_from(ends - DAY), last) if missing > 0 else None
        return Rise(self.tier + 1, need, ends) if need and self.holds(need, self.tier + 1, ends) else None

    # --- down ------------------------------------------------------------------------------------------------------

    def fall(self, after: Interval) -> Fall:
        on, to = after.from_date, after.tier
        before = position_on(self.growth, self.policies, on - DAY)
        given = before.tier < self.tier
        policy = self.policies.on(on)
        if self.tier >= len(policy.tiers):
            return Fall(to, on, None, given=given)
        threshold = policy.tiers[self.tier].threshold
        if policy.keeping.held == "window" and not policy.keeping.at_term:
            keep = self.need(threshold - growth_on(self.growth, self.policies, on), self.counts_from(on), on - DAY)
            return Fall(to, on, self.checked(keep, on), given=given)
        if given:
            need = self.at_once(self.tier) if not policy.keeping.at_term else None
            keep = replace(need, by=min(need.by, on - DAY)) if need is not None else None
            return Fall(to, on, self.checked(keep, on), given=True)
        ends = before.until if before.grace is not None and before.until is not None else on
        grace = self.in_grace(threshold, ends, on) if ends < on else None
        if ends <= self.today:
            return Fall(to, on, grace, grace)
        missing = threshold - growth_on(self.growth, self.policies, ends - DAY)
        keep = self.need(missing, self.counts_from(ends - DAY), ends - DAY)
        return Fall(to, on, self.or_rise(self.checked(keep, on), on), self.checked(grace, on))

    def in_grace(self, threshold: int, ends: date, falls: date) -> Need | None:
        """What keeps the tier on any day of the grace that is left."""
        first, last = max(ends, self.today), falls - DAY
        missing = threshold - growth_on(self.growth, self.policies, last)
        return self.need(missing, max(first, self.counts_from(last)), last)

    def or_rise(self, keep: Need | None, on: date) -> Need | None:
        """Going up holds a tier too, and may take less while growth counts that will have left by then."""
        if self.tier + 1 >= len(self.policy.tiers) or self.policy.keeping.at_term:
            return keep
        up = self.checked(self.at_once(self.tier + 1), on)
        return up if up is not None and (keep is None or up.growth < keep.growth) else keep

    # --- what both need ----------------------------------------------------------------------------------------------

    def need(self, growth: int, since: date, by: date) -> Need | None:
        since = max(since, self.today)
        if growth <= 0 or since > by:
            return None
        return Need(growth, since, by, spend_for(growth, self.policy))

    def counts_from(self, day: date) -> date:
        """The first day, from today on, whose growth still counts on a later one."""
        found = self.today
        while found < day and self.policies.leaves(found, self.first) <= day:
            found = max(found + DAY, _next_start(found, self.policies, self.first))
        return found

    def checked(self, need: Need | None, on: date) -> Need | None:
        """A need that is true: earned on its first or on its last day, it keeps the tier on that day."""
        return need if need is not None and self.holds(need, self.tier, on) else None

    def holds(self, need: Need, tier: int, on: date) -> bool:
        return all(
            tier_on([*self.growth, (day, need.growth)], self.policies, on, self.grants) >= tier
            for day in {need.since, need.by}
        )


def spend_for(growth: int, policy: Policy) -> int | None:
    """Money (minor units) that brings so much growth by the base rate, without rules; None where money brings none."""
    if policy.growth_from not in FROM_SPEND or not policy.minor_per_growth:
        return None
    return growth * policy.minor_per_growth


def _next_start(day: date, policies: Policies, first: date) -> date:
    """A day from which to look on for growth that lasts longer: years end at once, a rolling window day by day."""
    keeping = policies.on(day).keeping
    return policies.leaves(day, first) if keeping.window != "rolling" else add_months(day, 0) + DAY
