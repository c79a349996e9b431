"""A/A: customers whom nobody treated are split by lot many times over. A test of our own statistics, not of a campaign.

About one split in twenty may be called an effect at 5 %; more would mean that reports claim what is not there.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from regulars.experiments import words
from regulars.experiments.means import Comparison
from regulars.experiments.moments import Array, Moments
from regulars.experiments.rules import Verdict
from regulars.experiments.sums import POWERS
from regulars.insight.compute.rates import Rate

CHUNK_CELLS: Final = 20_000_000
"""Customers times splits that are held at once: 160 MB."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many splits were called an effect, by outcome: 'conversion', 'orders', 'revenue'. `verdict` is on revenue."""

    splits: int
    called: dict[str, Rate]
    verdict: Verdict


def split(
    *,
    orders: npt.NDArray[np.int64],
    revenue_minor: npt.NDArray[np.int64],
    orders_before: npt.NDArray[np.int64],
    revenue_before_minor: npt.NDArray[np.int64],
    share: float,
    splits: int,
    seed: int,
) -> Found:
    """Split the same customers so many times, and ask each time whether the arms differ.

    Args:
        share: To hold out, above 0 and below 1.
        seed: Of the lots.
    """
    lots = np.random.default_rng(seed)
    buyers = (orders > 0).astype(float)
    figures = {
        "conversion": _powers(buyers, np.zeros(len(orders))),
        "orders": _powers(orders.astype(float), orders_before.astype(float)),
        "revenue": _powers(_scaled(revenue_minor), _scaled(revenue_before_minor)),
    }
    columns = np.column_stack([np.ones(len(orders)), buyers, *figures.values()])
    whole, held = columns.sum(axis=0), []
    for begin in range(0, splits, chunk := max(1, CHUNK_CELLS // max(len(orders), 1))):
        drawn = lots.random((min(chunk, splits - begin), len(orders))) < share
        held.append(drawn.astype(float) @ columns)
    sums = np.concatenate(held)
    called = {}
    for place, name in enumerate(figures):
        arms = [_moments(one, 2 + place * len(POWERS)) for one in (whole - sums, sums)]
        p = Comparison(arms[0], arms[1], covariate=name != "conversion").trial(0.0).p
        called[name] = Rate(int((p < 0.05).sum()), splits)
    rate = called["revenue"]
    numbers = {"splits": splits, "called": rate.count, "called_share": rate.share}
    return Found(splits, called, Verdict("aa", words.OUR_OWN_TEST, numbers))


def _powers(y: Array, x: Array) -> Array:
    return np.column_stack([y**i * x**j for i, j in POWERS])


def _scaled(minor: npt.NDArray[np.int64]) -> Array:
    """In units of the usual amount, so that fourth powers stay exact enough; p does not depend on the unit."""
    seen = np.abs(minor[minor != 0])
    return minor / float(seen.mean()) if len(seen) else minor.astype(float)


def _moments(sums: Array, first: int) -> Moments:
    n = sums[:, 0]
    power = {one: sums[:, first + place] / np.maximum(n, 1) for place, one in enumerate(POWERS)}
    return Moments(n, sums[:, 1], power)
