"""Several campaigns looked at together, for shops whose campaigns are each too small to tell.

Random effects: campaigns differ in truth by a standard deviation τ (Paule & Mandel 1982), each is weighted by
1/(error² + τ²), and the interval of the mean follows Hartung and Knapp (2001) with t of k - 1 degrees, never narrower
than the errors alone make it (Röver, Knapp & Friede 2015). One campaign is itself. Two to four say next to
nothing of τ: unless they contradict each other they are taken to measure the same (fixed effect); `assumes` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from regulars.core.bilingual import Text
from regulars.experiments.rules import LEVEL, Interval, Verdict
from regulars.experiments.uplift import Report

CONTRADICT: Final = 0.1
"""p of Cochran's Q below which a few campaigns are not taken to measure the same."""
FEWEST_TO_DIFFER: Final = 5
"""Campaigns from which on it can be told how much they differ in truth."""

_NONE = Text(
    "还没有做完的活动可以合起来看。", "No campaign has come to its end yet that could be looked at with others."
)
_EARNED = Text(
    "把 {campaigns} 次活动合起来看：每发给一位，净增约 {net_minor}（95% 区间 {low_minor} 至 {high_minor}），是赚的。",
    "{campaigns} campaigns together: each customer they were sent to brought about {net_minor} after costs (95 % "
    "interval {low_minor} to {high_minor}). They earn.",
)
_LOST = Text(
    "把 {campaigns} 次活动合起来看：每发给一位，净增约 {net_minor}（95% 区间 {low_minor} 至 {high_minor}），是亏的。",
    "{campaigns} campaigns together: each customer they were sent to brought about {net_minor} after costs (95 % "
    "interval {low_minor} to {high_minor}). They lose.",
)
_CANNOT_TELL = Text(
    "把 {campaigns} 次活动合起来，还是看不出来：每发给一位，净增在 {low_minor} 到 {high_minor} 之间。"
    "再多做几次，范围会越来越窄。",
    "{campaigns} campaigns together still cannot tell: after costs, each customer brought between {low_minor} and "
    "{high_minor}. With more campaigns the range narrows.",
)
_ASSUMES: Final = {
    "none": Text("", ""),
    "one": Text("只有一次活动，就看这一次。", "There is one campaign only, which stands for itself."),
    "fixed": Text(
        "次数还少，先当作每次的效果差不多来算。", "There are few campaigns yet; they are taken to have the same effect."
    ),
    "random": Text(
        "每次活动的效果可以不一样，差多少是从数据里估出来的。",
        "Campaigns may differ in their effect; by how much was estimated from them.",
    ),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One campaign: what remained per treated customer after costs, in minor units, and its standard error."""

    about_id: int
    point: float
    error: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """Campaigns together.

    Attributes:
        method: 'none', 'one', 'fixed' or 'random'.
        between: τ, in the unit of the estimates.
        weights: Of each campaign that counted, adding up to 1, by its id.
    """

    method: str
    mean: Interval
    between: float
    weights: dict[int, float]
    verdict: Verdict

    @property
    def assumes(self) -> Text:
        """What was taken for granted, in words."""
        return _ASSUMES[self.method]


def measured_of(about_id: int, report: Report) -> Measured:
    """A campaign's part: net revenue per customer less its costs for each of the treated."""
    cost = report.gain.costs.whole_minor / max(report.treated, 1)
    return Measured(about_id, report.revenue.difference.point - cost, report.revenue.error)


def pool(campaigns: Sequence[Measured]) -> Pooled:
    """What campaigns say together; those without a standard error (nobody bought, nobody held out) are left out."""
    counted = [one for one in campaigns if isfinite(one.error) and one.error > 0]
    if not counted:
        return Pooled("none", Interval(0.0, float("-inf"), float("inf"), 1.0), 0.0, {}, Verdict("none", _NONE))
    points, errors = (np.array([getattr(one, name) for one in counted]) for name in ("point", "error"))
    method, between = _method(points, errors)
    weights = 1 / (errors**2 + between**2)
    mean = float((weights * points).sum() / weights.sum())
    error, freedom = sqrt(1 / weights.sum()), float("inf")
    if method == "random":
        spread = float((weights * (points - mean) ** 2).sum()) / (len(counted) - 1)
        error, freedom = error * sqrt(max(1.0, spread)), len(counted) - 1.0
    interval = _interval(mean, error, freedom)
    shares = {one.about_id: float(weight) for one, weight in zip(counted, weights / weights.sum(), strict=True)}
    return Pooled(method, interval, between, shares, _verdict(interval, len(counted)))


def contradiction(points: npt.NDArray[np.float64], errors: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Cochran's Q, and p of campaigns that differ as much by chance alone."""
    weights = 1 / errors**2
    q = float((weights * (points - (weights * points).sum() / weights.sum()) ** 2).sum())
    return q, float(special.chdtrc(max(len(points) - 1, 1), q))


def between_campaigns(points: npt.NDArray[np.float64], errors: npt.NDArray[np.float64]) -> float:
    """τ by Paule and Mandel: the weighted squares about the mean come to their degrees of freedom."""

    def squares(variance: float) -> float:
        weights = 1 / (errors**2 + variance)
        return float((weights * (points - (weights * points).sum() / weights.sum()) ** 2).sum())

    freedom = len(points) - 1
    if freedom < 1 or squares(0.0) <= freedom:
        return 0.0
    low, high = 0.0, float(((points - points.mean()) ** 2).sum() + errors.max() ** 2)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if squares(middle) > freedom else (low, middle)
    return sqrt((low + high) / 2)


def _method(points: npt.NDArray[np.float64], errors: npt.NDArray[np.float64]) -> tuple[str, float]:
    if len(points) == 1:
        return "one", 0.0
    if len(points) < FEWEST_TO_DIFFER and contradiction(points, errors)[1] >= CONTRADICT:
        return "fixed", 0.0
    return "random", between_campaigns(points, errors)


def _interval(mean: float, error: float, freedom: float) -> Interval:
    if isfinite(freedom):
        quantile, p = special.stdtrit(freedom, (1 + LEVEL) / 2), 2 * special.stdtr(freedom, -abs(mean / error))
    else:
        quantile, p = special.ndtri((1 + LEVEL) / 2), 2 * special.ndtr(-abs(mean / error))
    return Interval(mean, mean - float(quantile) * error, mean + float(quantile) * error, float(p))


def _verdict(interval: Interval, campaigns: int) -> Verdict:
    numbers = {
        "campaigns": campaigns,
        "net_minor": round(interval.point),
        "low_minor": round(interval.low),
        "high_minor": round(interval.high),
    }
    if interval.low > 0:
        return Verdict("earned", _EARNED, numbers)
    if interval.high < 0:
        return Verdict("lost", _LOST, numbers)
    return Verdict("cannot_tell", _CANNOT_TELL, numbers)
