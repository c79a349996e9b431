"""Gamma-Gamma: what a purchase of a customer is worth, drawn towards what purchases in this shop are worth.

A customer's purchases are gamma(p, ν), and ν is gamma(q, v) over customers; how often they buy and how much they spend
are taken to be unrelated (Fader & Hardie 2013, brucehardie.com note 025; Colombo & Jiang 1999). For the mean m of x
purchases

    LL = ln Γ(px+q) - ln Γ(px) - ln Γ(q) + q ln v + (px-1) ln m + px ln x - (px+q) ln(xm+v)

Given x and m, ν is gamma(q+px, v+xm), so a purchase is worth p (v+xm) / (q+px-1) on average.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln

from regulars.insight.compute.clv.fitting import Fit, maximise
from regulars.insight.compute.clv.histories import Floats, Ints

DISTINCT = 50_000
STARTS = ((2.0, 2.0, 1.0), (6.0, 4.0, 0.5), (1.0, 3.0, 2.0))


class Spending(NamedTuple):
    """p and q of the purchases and of the customers; v has the unit of money."""

    p: float
    q: float
    v: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Repeaters with what they spent: x purchases, a mean > 0, and how many customers are like that."""

    repeats: Ints
    mean: Floats
    count: Floats

    @classmethod
    def of(cls, repeats: Ints, total: Floats) -> "Spent":
        """From repeat purchases and the money of them; customers with none or without money are left out."""
        some = (repeats > 0) & (total > 0)
        spent = cls._counted(repeats[some], total[some] / repeats[some], np.ones(int(some.sum())))
        return spent.rounded(4) if len(spent.mean) > DISTINCT else spent

    @classmethod
    def _counted(cls, x: Ints, mean: Floats, count: Floats) -> "Spent":
        """Sorted and each once, so that the order of customers cannot change a sum."""
        order = np.lexsort((mean, x))
        x, mean, count = x[order], mean[order], count[order]
        new = np.ones(len(x), dtype=bool)
        new[1:] = (np.diff(x) != 0) | (np.diff(mean) != 0)
        begin = np.flatnonzero(new)
        return cls(x[begin], mean[begin], np.add.reduceat(count, begin) if len(begin) else count)

    def rounded(self, digits: int) -> "Spent":
        """The same customers with means of so many digits: fewer rows."""
        step = 10.0 ** (np.floor(np.log10(self.mean)) - digits + 1)
        return self._counted(self.repeats, np.rint(self.mean / step) * step, self.count)

    @property
    def customers(self) -> int:
        """How many customers there are in all."""
        return int(self.count.sum())

    @property
    def average(self) -> float:
        """The mean of their means."""
        return float(self.count @ self.mean / self.count.sum())

    @property
    def correlation(self) -> float:
        """Pearson's between how often and how much, which the model takes to be near 0; 0 where either is constant."""
        x, mean = self.repeats - self.count @ self.repeats / self.count.sum(), self.mean - self.average
        spread = float((self.count @ x**2) * (self.count @ mean**2))
        return float(self.count @ (x * mean) / np.sqrt(spread)) if spread > 0 else 0.0


def log_likelihood(told: Spending, spent: Spent) -> tuple[float, Floats]:
    """Of all repeaters, and its gradient by p, q, v."""
    p, q, v = told
    x, m, count = spent.repeats, spent.mean, spent.count
    shape = p * x
    whole = np.log(x * m + v)
    fit = count @ (
        gammaln(shape + q) - gammaln(shape) + (shape - 1) * np.log(m) + shape * np.log(x) - (shape + q) * whole
    ) + count.sum() * (q * np.log(v) - gammaln(q))
    both = digamma(shape + q)
    by_p = count @ (x * (both - digamma(shape) + np.log(m) + np.log(x) - whole))
    by_q = count @ (both - whole) + count.sum() * (np.log(v) - digamma(q))
    by_v = count.sum() * q / v - count @ ((shape + q) / (x * m + v))
    return float(fit), np.array([by_p, by_q, by_v])


def fit(spent: Spent) -> Fit:
    """The most likely p, q and v; `spent` is not empty."""
    scale = spent.average
    starts = [np.array([p, q, v * scale]) for p, q, v in STARTS]
    rough = spent.rounded(2) if len(spent.mean) > DISTINCT / 10 else None
    return maximise(
        lambda told: log_likelihood(Spending(*told), spent),
        starts,
        weight=float(spent.customers),
        coarse=(lambda told: log_likelihood(Spending(*told), rough)) if rough else None,
    )


def average_order(told: Spending, purchases: Ints, total: Floats) -> Floats:
    """What a purchase of each customer is worth on average, given those seen and their money; q is above 1."""
    return np.asarray(told.p * (told.v + np.maximum(total, 0)) / (told.p * purchases + told.q - 1))
