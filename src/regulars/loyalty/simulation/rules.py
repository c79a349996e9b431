"""What a simulation is asked and what it answers. Pure; money in minor units, points whole, shares in basis points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

from regulars.core.calendar import add_months, start_of_day
from regulars.core.errors import DomainError
from regulars.loyalty.currencies import unnumbered
from regulars.loyalty.rules import Policies, Policy

USUAL_MONTHS = 12
USUAL_CHANGE_PERCENT = 5
WHOLE = 10_000
"""Basis points of a whole."""


class InvalidQuestion(DomainError):
    """The question makes no sense; the message says why."""

    code = "invalid_question"


class State(StrEnum):
    """Where a simulation stands."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Question:
    """What if these terms had been live since then?

    Attributes:
        terms: The draft, as a version of the programme keeps its terms.
        since: The first day on which they would have been live; None: ever since.
        thousand_cost: What a thousand points cost when they are spent, in minor units.
        change_percent: How far the spend of those who gain may move, for the range.
    """

    terms: Mapping[str, Any]
    since: date | None
    thousand_cost: int
    change_percent: int = USUAL_CHANGE_PERCENT

    def check(self, today: date) -> None:
        """Whether it can be answered on this day.

        Raises:
            InvalidQuestion: It cannot.
        """
        if self.since is not None and self.since > today:
            raise InvalidQuestion("The draft must have been live for a while: give a day that has come.")
        if not 0 <= self.thousand_cost <= 10**12:
            raise InvalidQuestion("The cost of a thousand points must not be below zero.")
        if not 0 <= self.change_percent <= 100:
            raise InvalidQuestion("The change in spend must lie between 0 and 100 percent.")


def usual_since(today: date) -> date:
    """From when a draft is replayed unless somebody says otherwise: a year back."""
    return add_months(today, -USUAL_MONTHS)


def digest_of(terms: Mapping[str, Any]) -> str:
    """What tells terms from others: the same promises have the same digest, whatever zone a version was kept with."""
    told = {name: value for name, value in unnumbered(terms).items() if name != "time_zone"}
    return sha256(dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def with_draft(live: Policies, draft: Policy, since: date | None) -> Policies:
    """The programme's versions had the draft come on that day and no other since; for None had there been no other."""
    if since is None:
        return Policies([(live.versions[0][0], draft)], live.currencies)
    starts = start_of_day(since, draft.zone)
    before = [(at, policy) for at, policy in live.versions if at < starts]
    # The first version also holds for all before it, so it does up to the draft.
    earlier = before or [(starts - timedelta(days=1), live.versions[0][1])]
    return Policies([*earlier, (starts, draft)], live.currencies)


def first_instant(since: date | None, zone: ZoneInfo) -> datetime | None:
    """From when on figures are added up."""
    return None if since is None else start_of_day(since, zone)


@dataclass(frozen=True, slots=True)
class RulePoints:
    """What a rule gave, and what its limits kept back; `code` '' for the base."""

    code: str
    given: int
    cut: int = 0


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How far a rule's budget for all members was used up by the end: points (or growth), or `times`.

    `used` is all that stands, also from before the window. `ended`: the day on which the last of it was given; None:
    there was always something left.
    """

    code: str
    most: int
    times: bool
    used: int
    ended: date | None


@dataclass(frozen=True, slots=True)
class OtherPoints:
    """The same of a currency of the programme's own: issued less clawed back, redeemed, expired; all of them net."""

    code: str
    issued: int
    redeemed: int
    expired: int


@dataclass(frozen=True, slots=True)
class BadgeMembers:
    """How many members have a badge."""

    code: str
    members: int


@dataclass(frozen=True, slots=True)
class Side:
    """One programme over the window, in points and what they cost.

    Attributes:
        earned: For orders and events, as promised; `rules` says by what, and `capped` what caps took off it.
        issued: Earned and granted, less what was clawed back when orders were.
        redeemed, expired, deducted: Net of what was given back. `taken_over`: from another programme, net of what that
            contained.
        outstanding: What members have at the end, spendable or not yet; `debt` what they owe.
        breakage: The share of all points ever given that is never used, as far as history tells, in basis points.
        unused: What of the outstanding will never be used, by how earlier points were; None where history cannot tell.
        cost: Issued less breakage, in minor units; `liability`: what is outstanding less `unused`.
        share: Cost in basis points of net revenue; None without revenue.
        others: What members got beside points; it has no part in cost and liability.
        badges: How many members have each badge at the end.
    """

    earned: int = 0
    granted: int = 0
    clawed_back: int = 0
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    deducted: int = 0
    outstanding: int = 0
    debt: int = 0
    breakage: int = 0
    unused: int | None = None
    cost: int = 0
    liability: int = 0
    share: int | None = None
    capped: int = 0
    rules: tuple[RulePoints, ...] = ()
    taken_over: int = 0
    others: tuple[OtherPoints, ...] = ()
    badges: tuple[BadgeMembers, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """How many members differ by `low` to `high` points, both inclusive; None: without an end."""

    low: int | None
    high: int | None
    members: int


@dataclass(frozen=True, slots=True)
class Change:
    """One member: points at the end today and under the draft, and tier indexes."""

    customer_id: int
    today: int
    draft: int
    tier_today: int
    tier_draft: int

    @property
    def difference(self) -> int:
        """Points more, or less, under the draft."""
        return self.draft - self.today


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier of one side, with its names."""

    code: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """Members who rise or fall; tiers are compared by their place."""

    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The draft if those who gain spent `percent` less, or more: an assumption spelled out, not a forecast.

    Attributes:
        revenue: Net revenue from those who gain, and `points` what the draft issues to them, as it really was.
        low_cost, high_cost: What the draft costs when they spend less, and more.
        low_share, high_share: That in basis points of the net revenue, which moves with their spend.
        low_revenue, high_revenue: Net revenue of everybody then.
    """

    percent: int
    revenue: int
    points: int
    low_cost: int
    high_cost: int
    low_revenue: int
    high_revenue: int
    low_share: int | None
    high_share: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """Who would gain and lose, and what it would cost, beside the programme as it was.

    A member gains who ends with more points: earned, less expired, clawed back and spent. `tiers[i][j]` counts members
    of tier i today and j under the draft. `revenue` is paid less given back for orders of the window. `guessed` counts
    orders and events for which who is in a segment now stood for who was: it was not on record yet. `budgets`: of the
    draft's rules.
    """

    since: date | None
    until: date
    members: int
    orders: int
    revenue: int
    today: Side
    draft: Side
    gaining: int
    losing: int
    same: int
    histogram: tuple[Bar, ...]
    most_gaining: tuple[Change, ...]
    most_losing: tuple[Change, ...]
    rungs_today: tuple[Rung, ...]
    rungs_draft: tuple[Rung, ...]
    tiers: tuple[tuple[int, ...], ...]
    behaviour: Behaviour
    thousand_cost: int
    guessed: int = 0
    budgets: tuple[BudgetUse, ...] = ()

    @property
    def moved(self) -> Moved:
        """Members who would be in a higher tier than they are, and in a lower one."""
        cells = [(i, j, members) for i, row in enumerate(self.tiers) for j, members in enumerate(row)]
        return Moved(sum(m for i, j, m in cells if j > i), sum(m for i, j, m in cells if j < i))
