"""Survival: how long customers stay, from the first purchase to the day on which they count as gone.

Without a contract, leaving is a silence. A customer leaves on the day on which they have, for the first time, been
silent for longer than the shop's limit; whoever comes back after that was won back, which is another story. The
day is then known for good, whatever happens later, so that a customer who has not left by the day of the picture
is censored there for no reason of their own, as Kaplan and Meier ask. Time is whole days since the first purchase.
Nobody can leave before the limit has passed once, so every curve begins with a level stretch.

The limit comes from the shop's rhythm: nine of ten customers who came back were never silent for longer between two
purchases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, log
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from regulars.insight.compute import periods, visits
from regulars.insight.compute.cards import Text, Verdict
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.rates import LEVEL, normal_quantile
from regulars.insight.compute.tables import Tables
from regulars.insight.compute.visits import By, Part

PATIENCE = 0.9
"""Of the customers who came back, so many never made the shop wait longer than the limit."""
FEWEST = 30
"""Customers who came back, below which no rhythm can be told."""

_NOBODY = Verdict(False, "no_purchases", Text("还没有可识别顾客的订单，暂时画不出留存曲线。",
    "No orders by known customers yet, so there is no curve to draw."))  # fmt: skip
_NO_RHYTHM = Text(
    "回来过的顾客只有 {returned} 位，至少要 {needed} 位才看得出本店的购买节奏；也可以自己设定多少天没来算离开。",
    "{returned} customers came back so far; it takes {needed} to see the rhythm of the shop. You may also set yourself "
    "after how many silent days a customer counts as gone.",
)
_TOO_EARLY = Text(
    "以 {limit_days} 天没来为准，记录还不够长，谁也谈不上离开。",
    "With a limit of {limit_days} silent days the records are too short for anybody to have left.",
)
_SERVES = Text(
    "超过 {limit_days} 天没来算离开：回来过的顾客里，十位有九位从没隔过这么久。",
    "More than {limit_days} silent days count as gone: nine of ten who came back never stayed away that long.",
)
_AS_TOLD = Text(
    "超过 {limit_days} 天没来算离开，这是您设定的。", "More than {limit_days} silent days count as gone, as you set it."
)


@dataclass(frozen=True, slots=True)
class Step:
    """A day on which somebody left.

    Attributes:
        day: Days since the first purchase.
        at_risk: Customers who were seen for that long and had not left before.
        share: Of all who stay beyond that day, by estimate; low and high are the ends of its 95 % interval.
    """

    day: int
    at_risk: int
    left: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """How long the customers of one part stay.

    Attributes:
        last_day: The longest time that anybody was seen; the curve says nothing beyond it.
        median_days: The first day by which half have left; None: fewer than half did. median_low_days and
            median_high_days are the ends of its 95 % interval, None where the records do not reach.
    """

    part: Part
    customers: int
    left: int
    last_day: int
    median_days: int | None
    median_low_days: int | None
    median_high_days: int | None
    steps: tuple[Step, ...]

    def share_at(self, day: int) -> float | None:
        """Of all who are still there so many days after the first purchase; None beyond the records."""
        if day > self.last_day:
            return None
        return next((step.share for step in reversed(self.steps) if step.day <= day), 1.0)


@dataclass(frozen=True, slots=True)
class Survival:
    """Curves as of a day; `limit_days` is None where no rhythm is known, and then there are none."""

    day: date
    limit_days: int | None
    curves: tuple[Curve, ...]
    verdict: Verdict


def curves(
    told: Tables, day: date, by: By = None, *, limit_days: int | None = None, unit: Unit = Unit.MONTH
) -> Survival:
    """How long customers stay, by two queries.

    Args:
        by: 'channel' and 'store' are those of the first purchase, 'cohort' is its period.
        limit_days: Of silence; from the shop's rhythm if None.
        unit: How long the period of a cohort is.
    """
    limit = limit_days
    if limit is None:
        limit, returned = shop_limit_days(longest_silences(told, day).to_pyarrow().to_pylist())
        if limit is None:
            numbers = {"returned": returned, "needed": FEWEST}
            return Survival(day, None, (), Verdict(False, "no_rhythm", _NO_RHYTHM, numbers))
    rows = durations(told, day, limit, by, unit).to_pyarrow().to_pylist()
    if not rows:
        return Survival(day, limit, (), _NOBODY)
    found = table(rows, by, unit)
    if not any(curve.left for curve in found):
        return Survival(day, limit, found, Verdict(False, "nobody_left", _TOO_EARLY, {"limit_days": limit}))
    words = _SERVES if limit_days is None else _AS_TOLD
    return Survival(day, limit, found, Verdict(True, "ok", words, {"limit_days": limit}))


def longest_silences(told: Tables, day: date) -> ir.Table:
    """How many customers came back after at most so many days: silence, customers."""
    gaps = visits.spaced(told, day)
    longest = gaps.filter(gaps.gap.notnull()).group_by("customer_id").aggregate(silence=lambda t: t.gap.max())
    return longest.group_by("silence").aggregate(customers=lambda t: t.count())


def shop_limit_days(rows: Sequence[Mapping[str, int]]) -> tuple[int | None, int]:
    """The shop's limit from the rows of `longest_silences` (None: too few came back), and how many came back."""
    returned = sum(row["customers"] for row in rows)
    if returned < FEWEST:
        return None, returned
    wanted, seen = ceil(PATIENCE * returned), 0
    for row in sorted(rows, key=lambda row: row["silence"]):
        seen += row["customers"]
        if seen >= wanted:
            return int(row["silence"]), returned
    raise AssertionError("the sum of all is at least a part of it")


def durations(told: Tables, day: date, limit_days: int, by: By = None, unit: Unit = Unit.MONTH) -> ir.Table:
    """How long customers were seen: part, duration (days), gone, customers."""
    gaps = visits.spaced(told, day)
    silent = gaps.group_by("customer_id").aggregate(
        first=gaps.day.min(), last=gaps.day.max(),
        since=(gaps.day.epoch_days() - gaps.gap).min(where=gaps.gap > limit_days),
    )  # fmt: skip
    today = ibis.literal(day).epoch_days()
    last = silent["last"].epoch_days()
    since = ibis.coalesce(silent.since, ibis.ifelse(today - last > limit_days, last, ibis.null("int64")))
    begun = silent["first"].epoch_days()
    seen = silent.mutate(
        duration=ibis.coalesce(since + (limit_days + 1), today).cast("int64") - begun, gone=since.notnull()
    )
    parted = _with_part(seen, visits.bought(told, day), by, unit)
    return parted.group_by("part", "duration", "gone").aggregate(customers=lambda t: t.count())


def _with_part(seen: ir.Table, bought: ir.Table, by: By, unit: Unit) -> ir.Table:
    if by is None:
        return seen.mutate(part=ibis.literal(0, type="int64"))
    if by == "cohort":
        return seen.mutate(part=periods.number(seen["first"], unit))
    parts = visits.first_parts(bought, by) if by == "channel" or by == "store" else by
    assert isinstance(parts, ir.Table)
    return seen.left_join(parts, "customer_id")


def table(rows: Sequence[Mapping[str, Any]], by: By = None, unit: Unit = Unit.MONTH) -> tuple[Curve, ...]:
    """The curves from the rows of `durations`, in any order; `by` as they were counted by."""
    by_part: dict[Any, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_part.setdefault(row["part"], []).append(row)
    ordered = sorted(by_part, key=lambda part: (part is None, part if part is not None else 0))
    return tuple(_curve(visits.part_of(part, by, unit), by_part[part]) for part in ordered)


def kaplan_meier(duration: Any, gone: Any, customers: Any) -> tuple[Step, ...]:
    """The product-limit estimate (Kaplan & Meier 1958) with log(-log) intervals by Greenwood's variance.

    Args:
        duration, gone, customers: Arrays in step: so many customers were seen for so long, and then left or did not.
            Who was last seen on the day on which somebody leaves was at risk then.
    """
    days, place = np.unique(np.asarray(duration, dtype=np.int64), return_inverse=True)
    weight = np.asarray(customers, dtype=np.int64)
    seen = np.bincount(place, weights=weight, minlength=len(days))
    left = np.bincount(place, weights=weight * np.asarray(gone, dtype=bool), minlength=len(days))
    at_risk = seen[::-1].cumsum()[::-1]
    share = np.cumprod(1 - left / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(left / (at_risk * (at_risk - left))))
    steps: list[Step] = []
    for at in np.flatnonzero(left):
        low, high = _ends(float(share[at]), float(spread[at]), steps[-1].high if steps else 1.0)
        steps.append(Step(int(days[at]), int(at_risk[at]), int(left[at]), float(share[at]), low, high))
    return tuple(steps)


def _ends(share: float, spread: float, before: float) -> tuple[float, float]:
    # Where all have left Greenwood's variance has no end: at worst nobody stays, at best as many as before.
    if share <= 0:
        return 0.0, before
    turn = normal_quantile(LEVEL) * spread / log(share)
    return float(share ** np.exp(-turn)), float(share ** np.exp(turn))


def _curve(part: Part, rows: Sequence[Mapping[str, Any]]) -> Curve:
    steps = kaplan_meier(*([row[name] for row in rows] for name in ("duration", "gone", "customers")))
    customers, last_day = sum(row["customers"] for row in rows), max(row["duration"] for row in rows)
    middle = (_first(steps, "share"), _first(steps, "low"), _first(steps, "high"))
    return Curve(part, customers, sum(step.left for step in steps), last_day, *middle, steps)


def _first(steps: Sequence[Step], name: str) -> int | None:
    """The first day on which the curve (or an end of its interval) is at a half or below."""
    return next((step.day for step in steps if getattr(step, name) <= 0.5), None)
