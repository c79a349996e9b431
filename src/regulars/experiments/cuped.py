"""CUPED: what customers did before the window takes part of the noise out of what they did in it.

Deng, Xu, Kohavi and Walker (2013): y - θ·x has the same difference of means, since the arms were drawn by lot and x
came before, and a smaller variance. θ is pooled within the arms, so that the effect itself does not enter it.
"""

from typing import Final, NamedTuple

import numpy as np

from regulars.experiments.moments import Array, Moments

HELPS: Final = 0.01
"""A covariate is used where it takes away at least this share of the variance."""


class Adjustment(NamedTuple):
    """What to take off, and what it leaves.

    Attributes:
        theta: Of x for each of y; 0 where it does not help.
        less: Share of the variance that is gone, over both arms.
        treated, held_out: Variance that is left, as a share of the arm's own.
        skew, tail: What is left of the third and the fourth cumulant.
    """

    theta: Array
    less: Array
    treated: Array
    held_out: Array
    skew: Array
    tail: Array


def adjust(treated: Moments, held_out: Moments) -> Adjustment:
    """How much the time before tells about the window."""
    arms = (treated, held_out)
    before = sum((arm.n * arm.variance_before for arm in arms), np.zeros(()))
    theta = sum((arm.n * arm.covariance for arm in arms), np.zeros(())) / np.where(before > 0, before, 1.0)
    less = 1 - _left(arms, theta, 0)
    theta = np.where(less >= HELPS, theta, 0.0)
    left = [_left((arm,), theta, 0) for arm in arms]
    return Adjustment(
        theta, np.where(theta == 0, 0.0, less), left[0], left[1],
        np.clip(_left(arms, theta, 1), 0.0, 1.2), np.clip(_left(arms, theta, 2), 0.0, 1.2),
    )  # fmt: skip


def _left(arms: tuple[Moments, ...], theta: Array, which: int) -> Array:
    """A cumulant of y - theta·x over that of y: 0 the variance, 1 the third, 2 the fourth."""
    whole = sum((arm.n * _cumulants(arm, np.zeros(()))[which] for arm in arms), np.zeros(()))
    rest = sum((arm.n * _cumulants(arm, theta)[which] for arm in arms), np.zeros(()))
    return np.where((theta == 0) | (whole == 0), 1.0, rest / np.where(whole == 0, 1.0, whole))


def _cumulants(arm: Moments, theta: Array) -> tuple[Array, Array, Array]:
    second, third, fourth = arm.central(theta)
    return second, third, fourth - 3 * second**2
