"""Retention and churn without a contract: of those who bought in one period, who bought in the next.

For a period: `before` bought in the period before it, `retained` of them bought in it too, the others are `lost`. Those
who bought in it without the period before are `new` (their first purchase ever) or `returned`. Retention is
retained / before, churn is the rest. Nobody says goodbye, so lost means "did not come", and many come again: choose a
period that customers usually come in at least once.

By channel or store, a customer belongs where they bought: `before` bought there in the period before, `retained`
bought again anywhere, `retained_here` in the same place. Who buys in two places is in both, so parts may add up to more
than the whole. The rest of `active` bought in the period before, there or elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

import ibis
import ibis.expr.types as ir

from regulars.insight.compute import periods, visits
from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.tables import Tables
from regulars.insight.compute.visits import By, Part

Figure: TypeAlias = Literal["active", "new", "returned", "before", "retained", "retained_here", "lost"]

_NOBODY = Verdict(False, "no_purchases", Text("还没有可识别顾客的订单，暂时算不出留存。",
    "No orders by known customers yet, so there is no retention to show."))  # fmt: skip
_TOO_EARLY = Verdict(False, "nothing_finished", Text("要有两个过完的时期才能比较，请过一阵再看。",
    "Two finished periods are needed to compare; please look again later."))  # fmt: skip
SERVES = Verdict(True, "ok", Text("没来不等于不再来：流失是指上一期买过、这一期没买。",
    "Not here is not gone for good: churn means bought in the period before and not in this one."))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """One period of one group; see the top of this file for the names.

    Attributes:
        finished: False while the period runs: whoever is missing may still come.
    """

    first_day: date
    finished: bool
    active: int
    new: int
    returned: int
    before: int
    retained: int
    retained_here: int

    @property
    def retention(self) -> Rate:
        """Of those who bought in the period before."""
        return Rate(self.retained, self.before)

    @property
    def churn(self) -> Rate:
        """Of those who bought in the period before."""
        return self.retention.rest

    @property
    def lost(self) -> int:
        """Bought in the period before and not in this one."""
        return self.before - self.retained


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the customers, period by period without gaps, from its first purchase to the period that runs."""

    part: Part
    periods: tuple[Period, ...]

    @property
    def latest(self) -> Period | None:
        """The last finished period that somebody bought in the period before of."""
        return next((one for one in reversed(self.periods) if one.finished and one.before), None)


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention as of a day: one group for each part, or a single one for all."""

    unit: Unit
    day: date
    groups: tuple[Group, ...]
    verdict: Verdict


def rates(told: Tables, day: date, unit: Unit = Unit.MONTH, by: By = None) -> Retention:
    """Retention and churn as of a day, by one query."""
    return table(counted(told, day, unit, by).to_pyarrow().to_pylist(), day, unit, by)


def counted(told: Tables, day: date, unit: Unit, by: By = None) -> ir.Table:
    """What `table` is made of: part, period, active, new, returned, kept, kept_here.

    `kept` bought in the next period too, `kept_here` in the next period and the same part.
    """
    came = _came(told, day, unit, by)
    return came.group_by("part", "period").aggregate(
        active=came.count(), new=came.new.sum().cast("int64"), returned=came.returned.sum().cast("int64"),
        kept=came.kept.sum().cast("int64"), kept_here=came.kept_here.sum().cast("int64"),
    )  # fmt: skip


def table(rows: Sequence[Mapping[str, Any]], day: date, unit: Unit, by: By = None) -> Retention:
    """The rates from the rows of `counted`, in any order; `by` as it was counted by."""
    by_part = periods.by_period(rows, "part")
    # What is not known comes last.
    ordered = sorted(by_part, key=lambda part: (part is None, part if part is not None else 0))
    groups = tuple(Group(visits.part_of(part, by, unit), _periods(by_part[part], day, unit)) for part in ordered)
    return Retention(unit, day, groups, _verdict(groups))


def behind(
    told: Tables, day: date, unit: Unit, first_day: date, figure: Figure, *, by: By = None, part: Part = None
) -> ir.Table:
    """The customers (customer_id) behind a figure of the period that begins on `first_day`."""
    period = periods.number_of(first_day, unit)
    came = visits.of_part(_came(told, day, unit, by), part, by, unit)
    if figure in ("active", "new", "returned"):
        chosen = came.filter(came.period == period)
        chosen = chosen if figure == "active" else chosen.filter(chosen[figure])
    else:
        chosen = came.filter(came.period == period - 1)
        wanted = {"before": ibis.literal(True), "retained": chosen.kept, "retained_here": chosen.kept_here,
                  "lost": ~chosen.kept}  # fmt: skip
        chosen = chosen.filter(wanted[figure])
    return chosen.select("customer_id").distinct()


def beside(dated: ir.Table) -> ir.Table:
    """The periods of each customer, wherever they bought, with the ones before (`last`) and after (`next`)."""
    came = dated.select("customer_id", "period").distinct()
    own = ibis.window(group_by="customer_id", order_by="period")
    return came.mutate(last=came.period.lag().over(own), next=came.period.lead().over(own))


def _came(told: Tables, day: date, unit: Unit, by: By) -> ir.Table:
    """One row for each customer, part and period with a purchase, and whether there is one in the periods beside it."""
    bought = visits.bought(told, day).mutate(period=lambda t: periods.number(t.day, unit))
    if by == "channel" or by == "store":
        dated = visits.with_part(bought, by).select("customer_id", "part", "period").distinct()
        # A window and no join, since a part that is not known is equal to itself only here.
        here = ibis.window(group_by=["customer_id", "part"], order_by="period")
        there = dated.mutate(next_here=dated.period.lead().over(here))
        joined = there.inner_join(beside(dated), ["customer_id", "period"])
    else:
        came = beside(bought)
        joined = _with_fixed_part(came.mutate(next_here=came["next"]), by)
    return joined.select(
        "customer_id", "part", "period",
        new=joined["last"].isnull(),
        returned=(joined["last"] < joined.period - 1).fill_null(False),
        kept=(joined["next"] == joined.period + 1).fill_null(False),
        kept_here=(joined.next_here == joined.period + 1).fill_null(False),
    )  # fmt: skip


def _with_fixed_part(came: ir.Table, by: By) -> ir.Table:
    """With the part of each customer, who has only one."""
    if by is None:
        return came.mutate(part=ibis.literal(0, type="int64"))
    if by == "cohort":
        return came.mutate(part=came.period.min().over(ibis.window(group_by="customer_id")))
    assert isinstance(by, ir.Table)
    return came.left_join(by, "customer_id").drop("customer_id_right")


def _periods(seen: Mapping[int, Mapping[str, Any]], day: date, unit: Unit) -> tuple[Period, ...]:
    told = []
    for period in range(min(seen), periods.latest(day, unit) + 1):
        now, before = seen.get(period, {}), seen.get(period - 1, {})
        counts = [now.get(name, 0) for name in ("active", "new", "returned")]
        counts += [before.get(name, 0) for name in ("active", "kept", "kept_here")]
        told.append(Period(periods.first_day(period, unit), periods.finished(period, unit, day), *counts))
    return tuple(told)


def _verdict(groups: tuple[Group, ...]) -> Verdict:
    if not groups:
        return _NOBODY
    return SERVES if any(group.latest for group in groups) else _TOO_EARLY
