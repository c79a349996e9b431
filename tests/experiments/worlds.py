"""Small worlds whose truth is known."""

import numpy as np

from regulars.experiments.moments import Moments
from regulars.experiments.sums import POWERS, ArmSums, Powers, Sums


def shop(
    customers: int, *, lift: float = 1.0, rate: float = 0.5, share: float = 0.1, seed: int = 1, sign: int = 1
) -> Sums:
    """Customers with own rates and baskets, before and in the window; the campaign multiplies how often they come."""
    lots = np.random.default_rng(seed)
    held_out = lots.random(customers) < share
    own, basket = lots.gamma(0.7, rate / 0.7, customers), lots.lognormal(8, 0.5, customers)
    before, orders = lots.poisson(own), lots.poisson(own * np.where(held_out, 1.0, lift))
    return Sums.of(
        held_out=held_out,
        orders=orders,
        revenue_minor=(sign * basket * orders).astype(np.int64),
        orders_before=before,
        revenue_before_minor=(sign * basket * before).astype(np.int64),
    )


def conversions(buyers: int, customers: int) -> Moments:
    """An arm of which only who bought is known."""
    return Moments.of_conversion(ArmSums(customers, buyers))


def spenders(runs: int, customers: int, p: float, *, sigma: float = 0.8, seed: int) -> Moments:
    """Many arms at once: a share p buys, for a lognormal amount with mean 1."""
    lots = np.random.default_rng(seed)
    y = np.where(lots.random((runs, customers)) < p, lots.lognormal(-(sigma**2) / 2, sigma, (runs, customers)), 0.0)
    power = {(i, j): np.zeros(runs) if j else (y**i).mean(axis=1) for i, j in POWERS}
    return Moments(np.full(runs, float(customers)), (y > 0).sum(axis=1).astype(float), power)


def arm_of(y: list[int], x: list[int]) -> tuple[Moments, ArmSums]:
    """One arm from the amounts of each customer."""
    powers = Powers.of(np.array(y), np.array(x))
    arm = ArmSums(len(y), sum(one > 0 for one in y), powers, powers)
    return Moments.of(arm, powers), arm
