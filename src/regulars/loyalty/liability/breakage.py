"""How many points will never be used: from how earlier vintages were used as they grew older.

A vintage is what became spendable in one month. At each age the share used of what was still there is pooled over all
vintages that have passed that age (the chain-ladder method, England & Verrall 2002, on hazards); what an open vintage
still holds is carried through the ages that it has left. Vintages drawn anew with replacement, and a pace for each open
one drawn from those that were seen, give the interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_VINTAGES = 6
DRAWS = 400
INTERVAL = (5.0, 95.0)
"""Percentiles: nine times in ten the true share lies between them, if vintages to come are like those that were."""


@dataclass(frozen=True, slots=True)
class Vintage:
    """What became spendable in one month, in points.

    Attributes:
        issued: All of it, less what was taken back.
        used: By age in whole months, from 0.
        age: Whole months that have passed; the last of `used` may be unfinished and is not learned from.
        life: Months after which what is left expires; None: never.
        outstanding: What is still there today, held points included.
    """

    issued: int
    used: Sequence[int]
    age: int
    life: int | None
    outstanding: int


@dataclass(frozen=True, slots=True)
class Breakage:
    """Points outstanding that will never be used: the estimate and its interval; None where history is too short.

    `by_vintage` stands in the order of the vintages asked about.
    """

    outstanding: int
    points: int | None
    low: int | None
    high: int | None
    by_vintage: tuple[int, ...] = ()
    vintages: int = 0


def estimate(vintages: Sequence[Vintage]) -> Breakage:
    """How much of what is outstanding will expire unused; points that never expire are expected to be used some day.

    Args:
        vintages: All that ever became spendable, in any order.
    """
    outstanding = sum(one.outstanding for one in vintages)
    known = [one for one in vintages if one.age >= 1 and one.issued > 0]
    if len(known) < FEWEST_VINTAGES:
        return Breakage(outstanding, None, None, None, vintages=len(known))
    oldest = max(one.age for one in known)
    used = np.zeros((len(known), oldest))
    there = np.zeros((len(known), oldest))
    for row, one in enumerate(known):
        left = float(one.issued)
        for age in range(min(one.age, oldest)):
            taken = float(one.used[age]) if age < len(one.used) else 0.0
            used[row, age], there[row, age] = taken, max(left, 0.0)
            left -= taken
    hazards = _hazards(used.sum(axis=0), there.sum(axis=0))
    point = _unused(vintages, hazards, np.ones(len(vintages)))
    expected = (there * hazards).sum(axis=1)
    paces = np.divide(used.sum(axis=1), expected, out=np.ones(len(known)), where=expected > 0)
    random = np.random.default_rng(len(known))
    drawn = np.zeros(DRAWS)
    for draw in range(DRAWS):
        rows = random.integers(0, len(known), len(known))
        again = _hazards(used[rows].sum(axis=0), there[rows].sum(axis=0))
        # The vintages that are open will differ from the mean as much as earlier ones did.
        drawn[draw] = _unused(vintages, again, random.choice(paces, len(vintages))).sum()
    low, high = np.percentile(drawn, INTERVAL)
    return Breakage(
        outstanding, round(float(point.sum())), int(low), int(np.ceil(high)),
        tuple(round(float(one)) for one in point), len(known),
    )  # fmt: skip


def _hazards(used: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share used at each age of what was there; ages that nobody has passed take the mean of the last three."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(there > 0, used / there, np.nan)
    seen = found[~np.isnan(found)]
    later = float(seen[-3:].mean()) if len(seen) else 0.0
    return np.clip(np.where(np.isnan(found), later, found), 0.0, 1.0)


def _unused(
    vintages: Sequence[Vintage], hazards: NDArray[np.float64], paces: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each vintage holds today and will still hold on its last day, each used at its own pace."""
    lives = np.array([one.age if one.life is None else one.life for one in vintages])
    later = float(hazards[-3:].mean()) if len(hazards) else 0.0
    longest = max(int(lives.max()), len(hazards))
    known = np.concatenate([hazards, np.full(longest - len(hazards), later)])
    ages = np.arange(longest)
    ahead = (ages >= np.array([one.age for one in vintages])[:, None]) & (ages < lives[:, None])
    stays = np.where(ahead, 1 - np.clip(known * paces[:, None], 0, 1), 1.0).prod(axis=1)
    expires = np.array([one.life is not None for one in vintages])
    return np.where(expires, np.array([one.outstanding for one in vintages]) * stays, 0.0)
