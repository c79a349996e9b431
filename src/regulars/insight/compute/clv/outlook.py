"""For every history: purchases to be expected, a range that 90 % end up in, and what they are worth.

**Ranges of orders** are whole numbers, so no range holds exactly 90 % of what may come. At most 5 % lie below the lower
end; the upper end is the number for which the whole range comes nearest to 90 %. A customer who is all but sure to
stay away has the range 0 to 0, which holds more. `held` is what a range really holds, so the mean of it over
customers is what their ranges should cover, and a backtest compares the two.

**Ranges of money** have no such steps above 0. Given n purchases the spending divided by v+xm is beta prime
(pn, q+px), as ν is integrated out; over n it is a mixture, inverted on a grid. Here x counts the first purchase too.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv

from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.future import Group, beyond, groups, reach
from regulars.insight.compute.clv.gamma_gamma import Spending
from regulars.insight.compute.clv.histories import Floats, Histories, Ints

OUTSIDE = 0.10  # of what may come lies outside a range
BELOW = 0.05  # at most so much below it
NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)
GRID = 96
SINGLE = 32  # purchases up to here are taken one by one, more of them in steps of 6 %


@dataclass(frozen=True, slots=True)
class Outlook:
    """Arrays with a place for each history.

    Attributes:
        alive: The chance that the customer still buys.
        expected: Orders expected within the horizon.
        low, high: The range of orders.
        held: The probability of that range.
        discounted: Expected orders, each less by the yearly rate for the time until it comes.
        spent_low, spent_high: The range of money in multiples of v + what the customer spent so far; None where
            no Spending was given.
    """

    alive: Floats
    expected: Floats
    low: Ints
    high: Ints
    held: Floats
    discounted: Floats
    spent_low: Floats | None
    spent_high: Floats | None


def outlook(
    model: DropoutModel,
    told: Parameters,
    histories: Histories,
    *,
    horizon_days: int,
    yearly_discount: float = 0.0,
    spending: Spending | None = None,
) -> Outlook:
    """What is to be expected of every history within the horizon."""
    size = len(histories.repeats)
    alive = model.alive(told, histories)
    expected, held, discounted, spent_low, spent_high = (np.zeros(size) for _ in range(5))
    low, high = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for group in groups(model, told, histories, horizon_days):
        rows, line, living = group.rows, group.line, alive[group.rows]
        sums = group.beyond.sum(axis=1)
        expected[rows] = living * sums[line]
        low[rows], high[rows], held[rows] = _range(group, living)
        if yearly_discount:
            kept = model.living(told, group.repeats)
            sums = _discounted(kept, group.rate, sums, horizon_days, histories.unit_days, yearly_discount)
        discounted[rows] = living * sums[line]
        if spending:
            spent_low[rows], spent_high[rows] = _spent(group, living, spending)
    money = (spent_low, spent_high) if spending else (None, None)
    return Outlook(alive, expected, low, high, held, discounted, *money)


def chance_of(model: DropoutModel, told: Parameters, histories: Histories, horizon_days: int, orders: Ints) -> Floats:
    """The probability of exactly so many orders within the horizon, for each history; never 0 (1e-12 at least)."""
    alive = model.alive(told, histories)
    found = np.zeros(len(orders))
    for group in groups(model, told, histories, horizon_days):
        rows, line, living = group.rows, group.line, alive[group.rows]
        more, least = _more(group, line, living, orders[rows]), _more(group, line, living, orders[rows] - 1)
        found[rows] = least - more
    return np.maximum(found, 1e-12)


def _more(group: Group, line: Ints, alive: Floats, orders: Ints) -> Floats:
    """P(N > orders), 1 for -1."""
    width = group.beyond.shape[1]
    told = alive * group.beyond[line, np.clip(orders, 0, width - 1)]
    return np.asarray(np.where(orders < 0, 1.0, np.where(orders >= width, 0.0, told)))


def _first_at_most(falling: Floats, line: Ints, level: Floats, *, strictly: bool = False) -> Ints:
    """For each line and level the first column that is at most (or below) the level; the width if there is none."""
    width = falling.shape[1]
    keys = (2.0 * np.arange(len(falling))[:, None] + (1 - falling)).ravel()
    wanted = 2.0 * line + np.maximum(1 - level, -0.5)
    return np.asarray(np.searchsorted(keys, wanted, side="right" if strictly else "left") - line * width)


def _range(group: Group, alive: Floats) -> tuple[Ints, Ints, Floats]:
    line, width = group.line, group.beyond.shape[1]
    low = _first_at_most(group.beyond, line, (1 - BELOW) / np.maximum(alive, 1e-300), strictly=True)
    at_least = _more(group, line, alive, low - 1)
    left = at_least - (1 - OUTSIDE)
    wide = np.clip(_first_at_most(group.beyond, line, left / np.maximum(alive, 1e-300)), low, width - 1)
    tight = np.maximum(wide - 1, low)
    above_wide, above_tight = _more(group, line, alive, wide), _more(group, line, alive, tight)
    tighter = above_tight - left < left - above_wide
    high = np.where(tighter, tight, wide)
    return low, high, at_least - np.where(tighter, above_tight, above_wide)


def _discounted(
    living: Parameters, rate: Floats, whole: Floats, horizon_days: int, unit_days: int, yearly: float
) -> Floats:
    """Σ over orders of exp(-δ t): e^(-δh) E(h) + δ ∫ e^(-δs) E(s) ds, the integral by four Gauss-Legendre nodes."""
    delta = np.log1p(yearly) / 365
    found = np.exp(-delta * horizon_days) * whole
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        days = horizon_days * (1 + node) / 2
        width = reach(living.r, days / unit_days, float(rate.min()))
        expected = beyond(living, rate, days / unit_days, width).sum(axis=1)
        found = found + delta * horizon_days / 2 * weight * np.exp(-delta * days) * expected
    return np.asarray(found)


def _spent(group: Group, alive: Floats, spending: Spending) -> tuple[Floats, Floats]:
    """The ends of the range of money in multiples of v+xm; the lower is 0 where nothing may well come."""
    width = group.beyond.shape[1]
    edges = np.arange(1, min(SINGLE, width) + 1)
    while edges[-1] < width:
        edges = np.append(edges, min(width, int(edges[-1] * 1.06) + 1))
    reached = np.column_stack([group.beyond[:, edges[:-1] - 1], np.zeros(len(group.beyond))])
    orders = (edges[:-1] + edges[1:] - 1) / 2
    mass = reached[:, :-1] - reached[:, 1:]
    own = spending.q + spending.p * (group.repeats + 1)
    likely = orders[reached[:, :-1].max(axis=0) > OUTSIDE / 10]
    top = float(likely[-1]) if len(likely) else 1.0
    ends = np.clip([betaincinv(spending.p, own, 1e-3), betaincinv(spending.p * top, own, 1 - 1e-3)], 1e-12, 1 - 1e-12)
    first, last = np.log(ends) - np.log1p(-ends)
    logit = np.linspace(first, last, GRID)
    share = 1 / (1 + np.exp(-logit))
    above = mass @ (1 - betainc(spending.p * orders[:, None], own, share[None, :]))
    some = alive * group.beyond[group.line, 0]
    low = np.where(some >= 1 - BELOW, _solve(above, group.line, (1 - BELOW) / alive, logit), 0.0)
    tail = np.where(low > 0, OUTSIDE - BELOW, OUTSIDE)
    return low, np.where(some > OUTSIDE, _solve(above, group.line, tail / np.maximum(alive, 1e-300), logit), 0.0)


def _solve(falling: Floats, line: Ints, level: Floats, logit: Floats) -> Floats:
    after = np.clip(_first_at_most(falling, line, level), 1, len(logit) - 1)
    upper, lower = falling[line, after - 1], falling[line, after]
    part = np.clip((upper - level) / np.maximum(upper - lower, 1e-300), 0, 1)
    return np.asarray(np.exp(logit[after - 1] + part * (logit[after] - logit[after - 1])))
