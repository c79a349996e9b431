"""The difference of two means per customer, with an interval that covers: most spend nothing, and few spend much.

A tenth is held out, so nearly all uncertainty comes from the smaller arm. There Welch's t is misled: a hold-out that
happens to lack a big spender has a low mean and a low variance at once, and a 95 % interval covers 88 to 93 %. Hence:

1. Score, not Wald (Miettinen & Nurminen 1985, for shares): whether a difference is possible is asked under that
   difference. Both means are moved, each by its part of the variance, until they differ by it; buyers move along as
   far as their number goes with the mean; the variance belongs to those means.
2. The variance is m²·(D/p - 1), with a shape D that the arms lend each other (`shapes`).
3. Bias and skewness are corrected for (Gart & Nam 1990 and Laud 2017 for shares; Hall 1992 for means; partly
   studentised here, since D is partly estimated), through the cube root of Wilson and Hilferty (1931), which stays
   monotone; then the tail (Cornish & Fisher), then t for normal, with Satterthwaite's degrees of freedom.

For y of 0 or 1, D is 1 and all this is the skewness-corrected score interval of a difference of shares. Where the
mean is not above 0 (more given back than bought), it is Welch's t with Hall's correction.

Limits: `uplift` gives no verdict below 30 held out or five buyers expected among them. Near that, and where the effect
changes the shape much in a small hold-out, a 95 % interval covers 93 to 97 %: a fixed amount on top of every purchase
makes it a little too narrow, an effect that differs much between customers a little too wide. Tails without a fourth
moment are beyond it. Everything works on arrays of experiments as well as on one.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy import special

from regulars.experiments.cuped import Adjustment, adjust
from regulars.experiments.moments import Array, Moments
from regulars.experiments.rules import LEVEL
from regulars.experiments.shapes import Shape, lend

STEPS: Final = 34
"""Of bisection for an end: far below a cent."""
ROUNDS: Final = 9
"""Of finding the means under a difference."""
FARTHEST: Final = 20.0
"""Standard errors beyond which no end is looked for."""
_Z: Final = float(special.ndtri((1 + LEVEL) / 2))
_LEAST: Final = 1e-3
"""Means are tried down to this share of the treated mean."""


class Trial(NamedTuple):
    """A difference put to the test: what the arms would be under it, and how far from it the data are.

    Attributes:
        held_out_mean, treated_mean: Under the difference, per customer.
        held_out_share, treated_share: Of buyers, under it.
        held_out_variance, treated_variance: Of the two means, under it, after CUPED.
        skewness, tail: Third and fourth cumulant of the estimate, standardised.
        lean: Covariance of the estimate with the logarithm of its variance, standardised.
        freedom: Degrees of freedom.
        raw: (estimate - difference) / standard error.
        z: The same after all corrections; the 95 % interval holds the differences with |z| <= 1.96.
    """

    held_out_mean: Array
    treated_mean: Array
    held_out_share: Array
    treated_share: Array
    held_out_variance: Array
    treated_variance: Array
    skewness: Array
    tail: Array
    lean: Array
    freedom: Array
    raw: Array
    z: Array

    @property
    def p(self) -> Array:
        """How likely chance alone puts the data as far from this difference."""
        return np.asarray(2 * special.ndtr(-np.abs(self.z)))


class Difference(NamedTuple):
    """Treated less held out, per customer: estimate, ends of the 95 % interval, p of no difference.

    `error` is the standard error at the estimate, `error_if_none` the one that there would be without a difference.
    """

    point: Array
    low: Array
    high: Array
    p: Array
    error: Array
    error_if_none: Array
    adjustment: Adjustment


class _Arm(NamedTuple):
    """What a trial needs of an arm: n, mean after CUPED, mean and share that buyers move along with, shape, rest."""

    n: Array
    mean: Array
    base: Array
    share: Array
    shape: Shape
    left: Array


class Comparison:
    """Two arms, ready to be asked about differences."""

    def __init__(self, treated: Moments, held_out: Moments, *, covariate: bool = True) -> None:
        self.adjustment = adjust(treated, held_out) if covariate else adjust(*map(_alone, (treated, held_out)))
        self._moments = treated, held_out
        shapes = lend(treated, held_out)
        others = (held_out, treated)
        self._arms = tuple(
            self._arm(*both) for both in zip((treated, held_out), others, shapes, self._left(shapes), strict=True)
        )
        self.point: Array = np.asarray(self._arms[0].mean - self._arms[1].mean)
        self.modelled = (treated.mean > 0) & (held_out.mean >= 0) & (treated.buyers >= 1)
        self._plain = _Plain(treated, held_out, self.adjustment.theta, self.point)

    def _left(self, shapes: tuple[Shape, Shape]) -> tuple[Array, Array]:
        """Variance left by CUPED, lent between the arms as the shape is."""
        one, two = (np.maximum(left, 1e-6) for left in (self.adjustment.treated, self.adjustment.held_out))
        return one ** shapes[0].own * two ** (1 - shapes[0].own), two ** shapes[1].own * one ** (1 - shapes[1].own)

    def _arm(self, arm: Moments, other: Moments, shape: Shape, left: Array) -> _Arm:
        whole = np.maximum(arm.n + other.n, 1.0)
        before = (arm.n * arm.mean_before + other.n * other.mean_before) / whole
        known = (arm.mean > 0) & (arm.buyers >= 1)
        base = np.where(known, arm.mean, other.mean)
        share = np.where(known, arm.buyers, other.buyers) / np.maximum(np.where(known, arm.n, other.n), 1.0)
        mean = arm.mean - self.adjustment.theta * (arm.mean_before - before)
        return _Arm(
            np.maximum(arm.n, 1.0), mean, np.where(base > 0, base, 1.0), np.where(share > 0, share, 1.0), shape, left
        )

    def trial(self, difference: Array | float) -> Trial:
        """How far the data are from this difference."""
        asked = np.asarray(difference, dtype=float)
        treated, held_out = self._arms
        m0 = self._held_out_mean(asked)
        m1 = np.maximum(m0 + asked, _LEAST * treated.base)
        (p0, v0), (p1, v1) = _under(held_out, m0), _under(treated, m1)
        modelled = self._corrected(asked, (m1, p1, v1), (m0, p0, v0))
        raw, z = self._plain.at(asked)
        return modelled._replace(
            raw=np.where(self.modelled, modelled.raw, raw), z=np.where(self.modelled, modelled.z, z)
        )

    def _held_out_mean(self, asked: Array) -> Array:
        """The held-out mean under a difference: moved by its part of the variance, which belongs to the moved mean.

        It lies between not moving at all and moving alone; chord and middle take turns to find it.
        """
        treated, held_out = self._arms
        least = _LEAST * treated.base
        floor = np.maximum(least, least - asked)
        moving = self.point - asked

        def beyond(m0: Array) -> Array:
            v0, v1 = _under(held_out, m0)[1], _under(treated, np.maximum(m0 + asked, least))[1]
            return np.asarray(m0 - held_out.mean - moving * v0 / np.maximum(v0 + v1, 1e-300))

        low = np.maximum(held_out.mean + np.minimum(moving, 0.0), floor)
        high = np.maximum(held_out.mean + np.maximum(moving, 0.0), floor)
        at_low, at_high = beyond(low), beyond(high)
        for turn in range(ROUNDS):
            gap = at_high - at_low
            chord = np.clip(low - at_low * (high - low) / np.where(gap > 0, gap, 1.0), low, high)
            middle = np.where((turn % 3 == 2) | (gap <= 0), (low + high) / 2, chord)
            found = beyond(middle)
            above = found > 0
            low, at_low = np.where(above, low, middle), np.where(above, at_low, found)
            high, at_high = np.where(above, middle, high), np.where(above, found, at_high)
        gap = at_high - at_low
        return np.asarray(np.clip(low - at_low * (high - low) / np.where(gap > 0, gap, 1.0), low, high))

    def _corrected(self, asked: Array, one: tuple[Array, ...], nought: tuple[Array, ...]) -> Trial:
        treated, held_out = self._arms
        (m1, p1, v1), (m0, p0, v0) = one, nought
        v = np.maximum(v0 + v1, 1e-300)
        a1, a0 = _bent(treated, m1, p1, v1 / v), _bent(held_out, m0, p0, v0 / v)
        skewness = (a1.third - a0.third) / v**1.5 * self.adjustment.skew
        tail = (a1.fourth + a0.fourth) / v**2 * self.adjustment.tail
        own1, own0 = treated.shape.own, held_out.shape.own
        gain1, gain0 = a1.gain * own1 + a0.gain * (1 - own0), a0.gain * own0 + a1.gain * (1 - own1)
        lean = (a1.leans * gain1 - a0.leans * gain0) / np.sqrt(v)
        noise = gain1**2 * treated.shape.noise + gain0**2 * held_out.shape.noise + a1.counting + a0.counting
        freedom = np.clip(2 / np.maximum(noise - lean**2, 1e-9), 3.0, 1e6)
        raw = (self.point - asked) / np.sqrt(v)
        return Trial(
            m0, m1, p0, p1, v0, v1, skewness, tail, lean, freedom, raw, _straight(raw, skewness, tail, lean, freedom)
        )

    def solve(self) -> Difference:
        """The interval: all differences that the data do not rule out."""
        at_point, at_nought = self.trial(self.point), self.trial(0.0)
        error, error_if_none = (self._error(trial) for trial in (at_point, at_nought))
        # Both ends at once, one row each.
        sign = np.array([-1.0, 1.0]).reshape(2, *[1] * self.point.ndim)
        inner, outer = self.point + 0 * sign, self.point + sign * FARTHEST * error
        for _ in range(STEPS):
            middle = (inner + outer) / 2
            inside = sign * self.trial(middle).z > -_Z
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        ends = (inner + outer) / 2
        return Difference(self.point, ends[0], ends[1], at_nought.p, error, error_if_none, self.adjustment)

    def _error(self, trial: Trial) -> Array:
        modelled = np.sqrt(trial.held_out_variance + trial.treated_variance)
        return np.where(self.modelled, modelled, self._plain.error)


class _Bent(NamedTuple):
    """What an arm gives to the corrections."""

    third: Array
    fourth: Array
    gain: Array
    leans: Array
    counting: Array


def _under(arm: _Arm, mean: Array) -> tuple[Array, Array]:
    """Share of buyers and variance of the mean, if the mean were this."""
    share = np.clip(arm.share * (mean / arm.base) ** _part(arm), 1e-9, 1.0)
    single = np.maximum(arm.shape.spread / share - 1, 1e-9)
    return share, mean**2 * single * arm.left / np.maximum(arm.n - 1, 1.0)


def _part(arm: _Arm) -> Array:
    """How much of the mean's noise is that of how many buy: their squared correlation."""
    return np.clip((1 - arm.share) / np.maximum(arm.shape.spread - arm.share, 1e-9), 0.0, 1.0)


def _bent(arm: _Arm, mean: Array, share: Array, weight: Array) -> _Bent:
    spread, skew, tail, n = arm.shape.spread, arm.shape.skew, arm.shape.tail, arm.n
    single = np.maximum(spread / share - 1, 1e-9)
    third = mean**3 * (skew / share**2 - 3 * spread / share + 2) / n**2
    fourth = mean**4 * (tail / share**3 - 4 * skew / share**2 + 6 * spread / share - 3 - 3 * single**2) / n**3
    gain = weight * (spread / share) / single
    leans = mean * (skew / spread + 1 - 2 * spread) / share / n * arm.left
    return _Bent(third, fourth, gain, leans, gain**2 * (1 - _part(arm)) * (1 - share) / (share * n))


def _straight(raw: Array, skewness: Array, tail: Array, lean: Array, freedom: Array) -> Array:
    """The statistic as a standard normal one."""
    third = skewness - 3 * lean
    third = np.where(np.abs(third) < 1e-6, 1e-6, third)
    moved = raw + lean / 2
    bent = (np.cbrt(np.maximum(1 + third * moved / 2, 0.0)) - 1 + third**2 / 36) * 6 / third
    # The gamma that the cube root stands for has a tail of 1.5 skewness²; what is beyond moves z, but never backwards.
    held = np.clip(bent, -2.2, 2.2)
    bent = bent - np.clip(tail - 1.5 * skewness**2, 0.0, 2.0) / 24 * (held**3 - 3 * held)
    return np.asarray(-np.sign(bent) * special.ndtri(special.stdtr(freedom, -np.abs(bent))))


def _alone(arm: Moments) -> Moments:
    return arm._replace(power={(i, j): np.zeros(()) if j else mean for (i, j), mean in arm.power.items()})


class _Plain:
    """Welch's t with Hall's cubic transformation (1992), for arms without a shape."""

    def __init__(self, treated: Moments, held_out: Moments, theta: Array, point: Array) -> None:
        n1, n0 = (np.maximum(arm.n, 2.0) for arm in (treated, held_out))
        (s1, t1, _), (s0, t0, _) = treated.central(theta), held_out.central(theta)
        v1, v0 = s1 / (n1 - 1), s0 / (n0 - 1)
        v = np.maximum(v1 + v0, 1e-150)
        self.error, self._point = np.sqrt(v), point
        self._skewness = (t1 / n1**2 - t0 / n0**2) / v**1.5
        self._freedom = np.maximum(v**2 / np.maximum(v1**2 / (n1 - 1) + v0**2 / (n0 - 1), 1e-300), 1.0)

    def at(self, asked: Array) -> tuple[Array, Array]:
        """The statistic before and after the transformation."""
        raw, a = (self._point - asked) / self.error, self._skewness
        bent = raw + a / 3 * raw**2 + a**2 / 27 * raw**3 + a / 6
        return raw, -np.sign(bent) * special.ndtri(special.stdtr(self._freedom, -np.abs(bent)))
