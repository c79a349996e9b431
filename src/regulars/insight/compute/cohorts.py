"""Cohorts: customers by the period of their first purchase, and what they did in each period since.

A purchase is an order that stands; one that was given back in full counts too, since the customer came. Money is net of
what was given back by the day of the picture, and counted in the period of its order. "Bought again" means on a later
day than the first: two orders on one day are one visit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.insight.compute import periods, visits
from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.tables import Tables

_NOBODY = Verdict(False, "no_purchases", Text("还没有可识别顾客的订单，有了以后这里会按首购月份列出。",
    "No orders by known customers yet; once there are, they are listed here by first purchase."))  # fmt: skip
_TOO_EARLY = Verdict(False, "nothing_finished", Text("第一个时期还没过完，现在看复购还太早。",
    "The first period is not over yet, so it is too early to say who comes back."))  # fmt: skip
_NO_REPEATS = Verdict(True, "no_repeats", Text("到目前为止，还没有顾客第二次购买。",
    "So far no customer has bought a second time."))  # fmt: skip
_SERVES = Verdict(True, "ok", Text("未过完的时期只是“到目前为止”的数字，不代表下滑。",
    "Figures of an unfinished period are “so far”; they do not mean a drop."))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A cohort in one period.

    Attributes:
        period: Periods since that of the first purchase, which is 0.
        finished: False while the period runs: its figures still grow, and no drop may be read out of them.
        active: Members who bought in this period.
        again: Members who bought again by the end of it.
        net_minor: What they paid for orders of this period, less returns. net_so_far_minor: Since the first one.
    """

    period: int
    first_day: date
    finished: bool
    active: Rate
    again: Rate
    orders: int
    net_minor: int
    net_so_far_minor: int

    @property
    def net_so_far_per_member_minor(self) -> float:
        """Since the first purchase, over all members."""
        return self.net_so_far_minor / self.active.of


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers whose first purchase fell into one period.

    Attributes:
        opening: The first cohort of all: it may hold customers who bought before the records begin.
        cells: Without gaps, from period 0 to the one that runs.
    """

    first_day: date
    size: int
    opening: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """All cohorts as of a day, the oldest first."""

    unit: Unit
    day: date
    cohorts: tuple[Cohort, ...]
    verdict: Verdict

    def average(self, period: int) -> tuple[Rate, Rate]:
        """(active, again) so many periods after the first, over all cohorts for which that period is finished."""
        cells = [cell for cohort in self.cohorts for cell in cohort.cells[period : period + 1] if cell.finished]
        of = sum(cell.active.of for cell in cells)
        return Rate(sum(cell.active.count for cell in cells), of), Rate(sum(cell.again.count for cell in cells), of)


def by_first_purchase(told: Tables, day: date, unit: Unit = Unit.MONTH) -> Cohorts:
    """All cohorts as of a day, by one query."""
    return table(counted(told, day, unit).to_pyarrow().to_pylist(), day, unit)


def counted(told: Tables, day: date, unit: Unit) -> ir.Table:
    """What a table of cohorts is made of: cohort, period, active, orders, net, again.

    `again` counts those whose first later purchase day falls into this period. Where nobody came there is no row.
    """
    came = _came(told, day, unit)
    return came.group_by("cohort", "period").aggregate(
        active=came.count(), orders=came.orders.sum().cast("int64"), net=came.net.sum().cast("int64"),
        again=came.count(where=came.again),
    )  # fmt: skip


def table(rows: Iterable[Mapping[str, Any]], day: date, unit: Unit) -> Cohorts:
    """The cohorts from the rows of `counted`, in any order."""
    by_cohort = periods.by_period(rows, "cohort")
    opening = min(by_cohort, default=0)
    cohorts = tuple(_cohort(n, by_cohort[n], day, unit, opening=n == opening) for n in sorted(by_cohort))
    return Cohorts(unit, day, cohorts, _verdict(cohorts))


def members(
    told: Tables, day: date, unit: Unit, first_day: date, *, period: int | None = None, again: bool = False
) -> ir.Table:
    """The customers (customer_id) behind a figure of the cohort that begins on `first_day`.

    Args:
        period: None for all members; else those active so many periods after the first.
        again: Those who bought again by the end of that period (or at all) instead of those active in it.
    """
    came = _came(told, day, unit)
    chosen = came.filter(came.cohort == periods.number_of(first_day, unit))
    if again:
        chosen = chosen.filter(chosen.again)
        chosen = chosen if period is None else chosen.filter(chosen.period <= period)
    elif period is not None:
        chosen = chosen.filter(chosen.period == period)
    return chosen.select("customer_id").distinct()


def _came(told: Tables, day: date, unit: Unit) -> ir.Table:
    """One row for each customer and period with a purchase: customer_id, cohort, period, orders, net, again.

    `again` marks the period of the first purchase on a later day than the first. Orders are read once; all else comes
    of one window over the few rows of each customer.
    """
    bought = visits.bought(told, day).mutate(at=lambda t: periods.number(t.day, unit))
    seen = bought.group_by("customer_id", "at").aggregate(
        orders=lambda t: t.count(), net=lambda t: t.net.sum(), twice=lambda t: t.day.max() > t.day.min()
    )
    own = ibis.window(group_by="customer_id", order_by="at")
    placed = seen.mutate(
        cohort=seen["at"].min().over(own), place=ibis.row_number().over(own), before=seen.twice.lag().over(own)
    )
    again = ((placed.place == 0) & placed.twice) | ((placed.place == 1) & ~placed.before.fill_null(False))
    return placed.select("customer_id", "cohort", "orders", "net", period=placed["at"] - placed.cohort, again=again)


def _cohort(cohort: int, seen: Mapping[int, Mapping[str, Any]], day: date, unit: Unit, *, opening: bool) -> Cohort:
    size, again, net = seen[0]["active"], 0, 0
    cells = []
    for period in range(periods.latest(day, unit) - cohort + 1):
        row = seen.get(period, {"active": 0, "orders": 0, "net": 0, "again": 0})
        again, net = again + row["again"], net + row["net"]
        begins, done = periods.first_day(cohort + period, unit), periods.finished(cohort + period, unit, day)
        active = Rate(row["active"], size)
        cells.append(Cell(period, begins, done, active, Rate(again, size), row["orders"], row["net"], net))
    return Cohort(periods.first_day(cohort, unit), size, opening, tuple(cells))


def _verdict(cohorts: tuple[Cohort, ...]) -> Verdict:
    if not cohorts:
        return _NOBODY
    if not any(cell.finished for cohort in cohorts for cell in cohort.cells):
        return _TOO_EARLY
    if not any(cohort.cells[-1].again.count for cohort in cohorts):
        return _NO_REPEATS
    return _SERVES
