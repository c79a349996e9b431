"""What BG/NBD and MBG/NBD share: customers buy at a rate of their own until, after some purchase, they are gone.

Rates are gamma(r, α) over customers, the chance to leave is beta(a, b). In BG/NBD one may leave after each repeat
purchase, so x chances were survived or taken; in MBG/NBD also after the very first purchase, so x + 1. With c chances,

    LL = ln Γ(r+x) - ln Γ(r) + r ln α + ln B(a, b+c) - ln B(a, b)
         + ln[(α+T)^-(r+x) + (c > 0) a/(b+c-1) (α+t_x)^-(r+x)]

which is Fader, Hardie & Lee 2005 (Marketing Science 24, equation 6) for c = x and Batislam, Denizel & Filiztekin 2007
(IJRM 24) for c = x + 1. All is done in logarithms, and gamma functions once for each x.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, expit, gammaln

from regulars.insight.compute.clv.histories import Floats, Histories, Ints


class Parameters(NamedTuple):
    """r and α of the purchase rate (α in units of time), a and b of the chance to leave."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class DropoutModel:
    """A model by its name and whether the first purchase is a chance to leave already (1) or not (0)."""

    name: str
    first_chance: int

    def log_likelihood(self, told: Parameters, histories: Histories) -> tuple[float, Floats]:
        """Of all customers, and its gradient by r, α, a, b."""
        r, alpha, a, b = told
        x, count = histories.repeats, histories.count.astype(float)
        size = int(x.max(initial=0)) + 1
        every = np.arange(size, dtype=float)
        of_x = np.bincount(x, weights=count, minlength=size)
        chances = every + self.first_chance
        rate = gammaln(r + every) - gammaln(r) + r * np.log(alpha)
        stay = gammaln(b + chances) - gammaln(a + b + chances) + gammaln(a + b) - gammaln(b)
        alive_log, gone_log = np.log(alpha + histories.age), np.log(alpha + histories.last)
        odds = _odds_gone(told, chances)[x] + (r + x) * (alive_log - gone_log)
        gone = expit(odds)
        fit = count @ (np.logaddexp(0, odds) - (r + x) * alive_log) + of_x @ (rate + stay)

        weight, by_x = count * gone, np.bincount(x, weights=count * gone, minlength=size)
        left = np.maximum(b + chances - 1, np.finfo(float).tiny)
        by_r = of_x @ (digamma(r + every) - digamma(r) + np.log(alpha)) - count @ alive_log
        by_r += weight @ (alive_log - gone_log)
        alive_rate, gone_rate = (r + x) / (alpha + histories.age), (r + x) / (alpha + histories.last)
        by_alpha = count.sum() * r / alpha - count @ alive_rate + weight @ (alive_rate - gone_rate)
        both = digamma(a + b) - digamma(a + b + chances)
        by_a = of_x @ both + by_x.sum() / a
        by_b = of_x @ (both + digamma(b + chances) - digamma(b)) - (by_x / left).sum()
        return float(fit), np.array([by_r, by_alpha, by_a, by_b])

    def alive(self, told: Parameters, histories: Histories) -> Floats:
        """The chance that a customer with each history still buys."""
        x = histories.repeats
        silence = np.log(told.alpha + histories.age) - np.log(told.alpha + histories.last)
        odds = _odds_gone(told, x + float(self.first_chance)) + (told.r + x) * silence
        return np.asarray(expit(-odds))

    def living(self, told: Parameters, repeats: int) -> Parameters:
        """The parameters of a customer with so many repeats who still buys; T is to be added to α."""
        return Parameters(told.r + repeats, told.alpha, told.a, told.b + repeats + self.first_chance)


def _odds_gone(told: Parameters, chances: "Floats | Ints") -> Floats:
    """ln a/(b+c-1): minus infinity where there was no chance to leave yet, or none ever leaves."""
    odds = np.full(len(chances), -np.inf)
    if told.a > 0:
        some = chances > 0
        odds[some] = np.log(told.a) - np.log(told.b + chances[some] - 1)
    return odds
