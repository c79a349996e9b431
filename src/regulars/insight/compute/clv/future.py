"""What a customer who still buys will buy: the whole distribution, not only its mean.

Given that a customer with history (x, t_x, T) still buys, the rate is gamma(r+x, α+T) and the chance to leave is
beta(a, b+c). More than n purchases within h come about when n chances to leave are survived and the rate makes more
than n, which are independent:

    P(N > n) = B(a, b+c+n) / B(a, b+c) · P(NBD > n),    NBD ~ negative binomial (r+x, h/(α+T+h))

All quantities follow from this one: the mean is its sum over n (every term positive, so no hypergeometric function
that may lose its digits), and the chance that the customer is gone only scales it. The sum equals equation 10 of
Fader, Hardie & Lee 2005. It depends on x and T alone, so it is done once for each pair.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln

from regulars.insight.compute.clv.dropout import DropoutModel, Parameters
from regulars.insight.compute.clv.histories import Floats, Histories, Ints, unique_rows

TINY = 1e-9
CELLS = 2_000_000  # of one matrix at a time: 16 MB


@dataclass(frozen=True, slots=True)
class Group:
    """Histories with the same number of repeats.

    Attributes:
        repeats: x of them all.
        rows: Their places among the histories.
        line: For each of them the line of `beyond` that is theirs: lines are by T.
        beyond: P(N > n | still buying), a line for each T, a column for each n from 0; it falls along a line.
        rate: α + T of each line.
    """

    repeats: int
    rows: Ints
    line: Ints
    beyond: Floats
    rate: Floats


def groups(model: DropoutModel, told: Parameters, histories: Histories, horizon_days: int) -> Iterator[Group]:
    """The distribution of purchases within the horizon for all histories, by the number of repeats."""
    horizon = horizon_days / histories.unit_days
    order = np.argsort(histories.repeats, kind="stable")
    repeats, begin = np.unique(histories.repeats[order], return_index=True)
    for x, rows in zip(repeats.tolist(), np.split(order, begin[1:]), strict=True):
        living = model.living(told, x)
        (ages,), line, _ = unique_rows(histories.age_days[rows])
        rate = living.alpha + ages / histories.unit_days
        width = reach(living.r, horizon, float(rate[0]))
        lines = max(1, CELLS // width)
        for first in range(0, len(rate), lines):
            some = (line >= first) & (line < first + lines)
            part = rate[first : first + lines]
            yield Group(x, rows[some], line[some] - first, beyond(living, part, horizon, width), part)


def reach(shape: float, horizon: float, rate: float) -> int:
    """So many purchases that more are next to impossible (1e-9)."""
    chance = horizon / (rate + horizon)
    low, high = 0, 2
    while betainc(high, shape, chance) > TINY:  # P(NBD >= high)
        low, high = high, 2 * high
    while high - low > 1 + high // 32:
        middle = (low + high) // 2
        if betainc(middle, shape, chance) > TINY:
            low = middle
        else:
            high = middle
    return high + 1


def beyond(living: Parameters, rate: Floats, horizon: float | Floats, width: int) -> Floats:
    """P(N > n) for n = 0 … width - 1 and each rate α + T; `horizon` may go along with the rates."""
    return more_than(living.r, rate, horizon, width) * stays(living, width)


def more_than(shape: float, rate: Floats, horizon: float | Floats, width: int) -> Floats:
    """P(NBD > n) of a customer who never leaves."""
    n = np.arange(width, dtype=float)
    chance = horizon / (rate + horizon)
    with np.errstate(divide="ignore", invalid="ignore"):
        mass = np.multiply.outer(np.log(chance), n)
    mass[:, 0] = 0.0
    mass += gammaln(shape + n) - gammaln(shape) - gammaln(n + 1)
    mass += (shape * np.log1p(-chance))[:, None]
    np.exp(mass, out=mass)
    return np.asarray(np.maximum(1 - np.cumsum(mass, axis=1), 0))


def stays(living: Parameters, width: int) -> Floats:
    """B(a, b+n)/B(a, b): the chance to survive n purchases."""
    n = np.arange(width - 1, dtype=float)
    return np.concatenate([[1.0], np.exp(np.cumsum(np.log((living.b + n) / (living.a + living.b + n))))])


def expected_since_start(model: DropoutModel, told: Parameters, ages: Floats) -> Floats:
    """Repeat purchases expected of any customer up to each age (in units of time), before anything is seen."""
    living = model.living(told, 0)
    if not len(ages):
        return np.zeros(0)
    width = reach(living.r, float(ages.max()), living.alpha)
    whole = beyond(living, np.full(len(ages), living.alpha), ages, width).sum(axis=1)
    start = told.b / (told.a + told.b) if model.first_chance else 1.0
    return np.asarray(start * whole)
