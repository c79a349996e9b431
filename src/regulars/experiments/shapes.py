"""The shape of what customers spend, which the arms of an experiment lend each other.

With p the share of buyers and m the mean per customer, three figures do not change when a campaign changes how many
buy, or what everybody spends by a factor:

    spread D = p·E[y²] / m²      skew K = p²·E[y³] / m³      tail Q = p³·E[y⁴] / m⁴

The variance of y is then m²·(D/p - 1). How well an arm knows its own log D follows from K and Q (delta method); between
arms log D differs with a standard deviation of SHAPES_DIFFER, or by more where the data plainly say so. Each arm uses
the mean of both, weighted by the inverse of these variances. As customers grow in number, an arm's own shape decides.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from regulars.experiments.moments import Array, Moments

SHAPES_DIFFER: Final = 0.3
"""Standard deviation of log D between the arms, where the data do not say otherwise."""
PLAINLY: Final = 6.63
"""Squared standard errors beyond which shapes differ plainly: 1 % of a chi-square with one degree of freedom."""


class Shape(NamedTuple):
    """What an arm uses.

    Attributes:
        own: Weight of the arm's own log D, from 0 to 1; the rest is the other arm's.
        noise, others_noise: Variances of the two estimates of log D.
    """

    spread: Array
    skew: Array
    tail: Array
    own: Array
    noise: Array
    others_noise: Array


def lend(treated: Moments, held_out: Moments) -> tuple[Shape, Shape]:
    """The shapes that both arms use; an arm without buyers takes the other's whole."""
    spreads, skews, tails = zip(*(_figures(arm) for arm in (treated, held_out)), strict=True)
    knows = [(arm.buyers >= 1) & (arm.mean > 0) for arm in (treated, held_out)]
    (d1, d2), (k1, k2), (q1, q2) = (_filled(pair, knows) for pair in (spreads, skews, tails))
    b1, b2 = (np.where(known, arm.buyers, 0.0) for arm, known in zip((treated, held_out), knows, strict=True))
    whole = np.maximum(b1 + b2, 1.0)
    spread, skew, tail = (np.exp((b1 * np.log(d1) + b2 * np.log(d2)) / whole), *(
        (b1 * one + b2 * two) / whole for one, two in ((k1, k2), (q1, q2))
    ))  # fmt: skip
    a_buyer = np.maximum(tail / spread**2 - 1 + 4 * spread - 4 * skew / spread, 0.0)
    v1, v2 = (a_buyer / np.maximum(buyers, 0.5) for buyers in (b1, b2))
    between = np.maximum(SHAPES_DIFFER**2, (np.log(d1) - np.log(d2)) ** 2 - PLAINLY * (v1 + v2))
    between = np.where(a_buyer > 0, between, 0.0)
    shapes = []
    for (d, k), (other_d, other_k), v, others in (
        ((d1, k1), (d2, k2), v1, v2), ((d2, k2), (d1, k1), v2, v1),
    ):  # fmt: skip
        own = np.where(v > 0, (between + others) / np.maximum(between + others + v, 1e-300), 1.0)
        shapes.append(Shape(d**own * other_d ** (1 - own), own * k + (1 - own) * other_k, tail, own, v, others))
    return shapes[0], shapes[1]


def _figures(arm: Moments) -> tuple[Array, Array, Array]:
    p, m = arm.buyers / np.maximum(arm.n, 1.0), np.where(arm.mean > 0, arm.mean, 1.0)
    return p * arm.power[2, 0] / m**2, p**2 * arm.power[3, 0] / m**3, p**3 * arm.power[4, 0] / m**4


def _filled(pair: tuple[Array, Array], knows: list[npt.NDArray[np.bool_]]) -> tuple[Array, Array]:
    """An arm that knows nothing takes the other's figure; where neither knows, 1."""
    one, two = (
        np.where(known & np.isfinite(figure), figure, np.nan) for figure, known in zip(pair, knows, strict=True)
    )
    one, two = np.where(np.isnan(one), two, one), np.where(np.isnan(two), one, two)
    return np.where(np.isnan(one), 1.0, one), np.where(np.isnan(two), 1.0, two)
