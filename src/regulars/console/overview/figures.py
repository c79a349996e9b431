"""The figures of the overview: a period beside the one before it, and nothing that the data cannot say."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from regulars.console.sight import Reach
from regulars.facts import figures as facts
from regulars.facts.figures import Buyers, DayRevenue
from regulars.ledger import statements as ledger
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter

PERIODS = (7, 30, 90)
QUIET_DAYS, QUIET_ORDERS = 60, 3


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure changed against the previous period: in percent, or in points of a percentage."""

    amount: float
    is_points: bool = False

    @property
    def direction(self) -> str:
        """'up', 'down' or 'flat', as it is written with one decimal."""
        shown = round(self.amount, 1)
        return "up" if shown > 0 else "down" if shown < 0 else "flat"

    @property
    def size(self) -> float:
        """How much, without the sign."""
        return abs(round(self.amount, 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a period comes to; amounts in minor units. A change is None where there is nothing to compare."""

    days: int
    since: date
    until: date
    revenue: int
    all_revenue: int
    revenue_change: Change | None
    daily: list[DayRevenue]
    earlier: list[DayRevenue]
    buyers: Buyers
    buyers_change: Change | None
    rate_change: Change | None
    outstanding: int | None
    outstanding_change: Change | None
    outstanding_days: list[int]
    tiers: dict[int, int]
    members: int
    gone_quiet: int

    @property
    def member_share(self) -> float | None:
        """Members' part of all revenue, in percent."""
        return 100 * self.revenue / self.all_revenue if self.all_revenue > 0 else None

    @property
    def has_earlier(self) -> bool:
        """Whether there is a previous period to draw."""
        return bool(self.earlier)


def count(
    *,
    days: int,
    reach: Reach,
    quiet_since: datetime,
    stores: tuple[int, ...] | None,
    among: tuple[int, ...] | None,
    at: datetime,
) -> Figures:
    """Count a period that ends with the reach of the data.

    Args:
        stores: Only what belongs to these stores; points belong to none, so they are left out then.
        among: Only these members.
    """
    until = reach.day + timedelta(days=1)
    since = until - timedelta(days=days)
    before = since - timedelta(days=days)
    # Half a previous period would make every change look like growth.
    comparable = reach.since is not None and reach.since <= before
    series = facts.revenue_by_day(since=before if comparable else since, until=until, store_ids=stores)
    daily, earlier = (series[days:], series[:days]) if comparable else (series, [])
    old_buyers, buyers = facts.buyers_twice(
        since=before if comparable else since, split=since, until=until, store_ids=stores
    )
    revenue = sum(day.members for day in daily)
    points = ledger.outstanding(at=at) if stores is None else None
    closed = ledger.outstanding_by_day(since=since - timedelta(days=1)) if stores is None else []
    started_at = dict(closed).get(since - timedelta(days=1))
    tiers = membership.tier_counts(reach.day) if stores is None else {}
    everybody = sum(tiers.values()) if among is None else len(among)
    quiet = Filter(silent_since=quiet_since, min_orders=QUIET_ORDERS, among=among)
    return Figures(
        days=days,
        since=since,
        until=reach.day,
        revenue=revenue,
        all_revenue=revenue + sum(day.others for day in daily),
        revenue_change=_percent(revenue, sum(day.members for day in earlier)) if comparable else None,
        daily=daily,
        earlier=earlier,
        buyers=buyers,
        buyers_change=_percent(buyers.members, old_buyers.members) if comparable else None,
        rate_change=_difference(buyers.repurchase_rate, old_buyers.repurchase_rate) if comparable else None,
        outstanding=points,
        outstanding_change=_percent(points, started_at) if points is not None and started_at else None,
        outstanding_days=[amount for _, amount in closed],
        tiers=tiers,
        members=everybody,
        gone_quiet=membership.totals(quiet, today=reach.day).members,
    )


def _percent(now: int, before: int) -> Change | None:
    return Change(100 * (now - before) / before) if before > 0 else None


def _difference(now: float | None, before: float | None) -> Change | None:
    return Change(100 * (now - before), is_points=True) if now is not None and before is not None else None
