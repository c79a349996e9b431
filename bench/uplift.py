"""Campaigns of a known effect: how often the 95 % interval covers it, and how often nought is called an effect.

`python -m bench.uplift 11 12 13` takes these seeds; without, three fresh ones. BENCH_UPLIFT_RUNS runs of each family.
Every figure comes from what reports are made of: exact powers summed per arm, then `Comparison.solve`.
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.experiments.means import Comparison
from regulars.experiments.moments import Moments
from regulars.experiments.sums import POWERS

RUNS = int(os.environ.get("BENCH_UPLIFT_RUNS", "4000"))
SHARE = 0.1
Lots = np.random.Generator
Drawn = tuple[Any, Any, Any]
"""Of customers: whether they bought, revenue in the window, revenue before it."""


@dataclass(frozen=True)
class Family:
    """A world: how so many customers behave if treated or not, and what is true of the difference per customer."""

    customers: int
    draw: Callable[[Lots, int, bool], Drawn]
    revenue: float
    conversion: float


def few_buy_much(p: float, sigma: float, *, more_buy: float = 1.0, spend: float = 1.0, customers: int) -> Family:
    """Lognormal spending times Bernoulli: the effect multiplies how many buy, and what they spend."""

    def draw(lots: Lots, n: int, treated: bool) -> Drawn:
        bought = lots.random(n) < p * (more_buy if treated else 1.0)
        revenue = np.zeros(n)
        revenue[bought] = lots.lognormal(-sigma * sigma / 2, sigma, int(bought.sum())) * (spend if treated else 1.0)
        return bought, revenue, None

    return Family(customers, draw, p * (more_buy * spend - 1), p * (more_buy - 1))


def gamma(p: float, shape: float, *, more_buy: float = 1.0, bonus: float = 0.0, customers: int) -> Family:
    """Gamma spending; the effect adds the same amount to each purchase."""

    def draw(lots: Lots, n: int, treated: bool) -> Drawn:
        bought = lots.random(n) < p * (more_buy if treated else 1.0)
        revenue = np.zeros(n)
        revenue[bought] = lots.gamma(shape, 1 / shape, int(bought.sum())) + (bonus if treated else 0.0)
        return bought, revenue, None

    return Family(customers, draw, p * (more_buy * (1 + bonus) - 1), p * (more_buy - 1))


def regulars(*, rate: float, spend_sigma: float, lift: float, reacts: float, customers: int) -> Family:
    """BG/NBD-like: own rates (gamma), some gone for good, own baskets. A share of them, `reacts`, comes more often.

    Conversion has no simple truth here and is left out, except where nothing happens.
    """

    def draw(lots: Lots, n: int, treated: bool) -> Drawn:
        own = lots.gamma(0.7, rate / 0.7, n)
        basket = np.exp(spend_sigma * lots.standard_normal(n) - spend_sigma**2 / 2)
        before = lots.poisson(own)
        alive = lots.random(n) < 0.7
        push = np.where(lots.random(n) < reacts, lift, 1.0) if treated else 1.0
        orders = lots.poisson(own * alive * push)
        seen = np.flatnonzero(orders)
        revenue, past = np.zeros(n), np.zeros(n)
        revenue[seen] = basket[seen] * lots.gamma(4.0 * orders[seen], 0.25)
        seen = np.flatnonzero(before)
        past[seen] = basket[seen] * lots.gamma(4.0 * before[seen], 0.25)
        return orders > 0, revenue, past

    effect = 0.7 * rate * reacts * (lift - 1)
    return Family(customers, draw, effect, float("nan") if effect else 0.0)


def own_levels(p: float, *, lift_sigma: float, lift: float, customers: int) -> Family:
    """Everybody has a level of their own before and in the window; the effect multiplies it, for each differently."""

    def draw(lots: Lots, n: int, treated: bool) -> Drawn:
        level = np.exp(0.8 * lots.standard_normal(n) - 0.32)
        bought = lots.random(n) < p
        past = np.where(lots.random(n) < p, level * lots.gamma(4, 0.25, n), 0.0)
        revenue = np.where(bought, level * lots.gamma(4, 0.25, n), 0.0)
        if treated:
            revenue *= lift * np.exp(lift_sigma * lots.standard_normal(n) - lift_sigma**2 / 2)
        return bought, revenue, past

    return Family(customers, draw, p * (lift - 1), 0.0)


def some_send_back(*, more_buy: float, customers: int) -> Family:
    """One purchase in eight is given back, one in fifty with something bought earlier: net revenue below 0."""

    def draw(lots: Lots, n: int, treated: bool) -> Drawn:
        bought = lots.random(n) < 0.15 * (more_buy if treated else 1.0)
        revenue = np.zeros(n)
        paid = lots.lognormal(0, 0.7, int(bought.sum()))
        fate = lots.random(len(paid))
        revenue[bought] = paid * np.where(fate < 0.02, -0.8, np.where(fate < 0.145, 0.0, 1.0))
        return bought, revenue, None

    whole = float(np.exp(0.245)) * (0.855 - 0.02 * 0.8)
    return Family(customers, draw, 0.15 * (more_buy - 1) * whole, 0.15 * (more_buy - 1))


FAMILIES = {
    "nothing, 2,000": few_buy_much(0.08, 0.9, customers=2_000),
    "nothing, 20,000": few_buy_much(0.03, 1.0, customers=20_000),
    "nothing, regulars": regulars(rate=0.6, spend_sigma=0.5, lift=1.0, reacts=0.0, customers=3_000),
    "nothing, own levels": own_levels(0.95, lift_sigma=0.0, lift=1.0, customers=2_000),
    "more buy, 3,000": few_buy_much(0.06, 0.8, more_buy=1.35, customers=3_000),
    "more buy, 50,000": few_buy_much(0.02, 1.1, more_buy=1.2, customers=50_000),
    "all spend more": few_buy_much(0.15, 1.0, spend=1.15, customers=6_000),
    "both": few_buy_much(0.1, 0.7, more_buy=1.2, spend=0.9, customers=10_000),
    "gamma": gamma(0.2, 1.5, more_buy=1.25, customers=3_000),
    "the same bonus": gamma(0.12, 1.0, more_buy=1.1, bonus=0.15, customers=10_000),
    "some regulars react": regulars(rate=0.5, spend_sigma=0.6, lift=1.6, reacts=0.3, customers=4_000),
    "each differently": own_levels(0.5, lift_sigma=0.4, lift=1.1, customers=4_000),
    "refunds": some_send_back(more_buy=1.3, customers=8_000),
    "it does harm": few_buy_much(0.12, 0.8, more_buy=0.85, customers=8_000),
}


def main() -> None:
    """Measure, and print one line of JSON."""
    seeds = [int(one) for one in sys.argv[1:]] or [secrets.randbelow(2**31) for _ in range(3)]
    print(json.dumps(measure(seeds)))


def measure(seeds: list[int]) -> dict[str, Any]:
    """The lowest and highest coverage over families and seeds, and of nought called an effect."""
    begun = time.perf_counter()
    with ProcessPoolExecutor(max_workers=min(len(seeds), os.cpu_count() or 1)) as processes:
        found = [one for of_seed in processes.map(all_families, seeds) for one in of_seed]
    figures: dict[str, list[float]] = {}
    for number in range(len(seeds)):
        of_seed = [one["revenue_covered"] for _, one in found[number * len(FAMILIES) : (number + 1) * len(FAMILIES)]]
        figures.setdefault("revenue_coverage_of_a_seed", []).append(round(float(np.mean(of_seed)), 5))
    for name, one in found:
        for outcome, truth in (("revenue", FAMILIES[name].revenue), ("conversion", FAMILIES[name].conversion)):
            if f"{outcome}_covered" in one:
                figures.setdefault(f"{outcome}_coverage", []).append(one[f"{outcome}_covered"])
                if truth == 0:
                    figures.setdefault(f"{outcome}_false_alarms", []).append(one[f"{outcome}_called"])
    ends = {f"{name}_{end.__name__}": end(values) for name, values in sorted(figures.items()) for end in (min, max)}
    return {
        "bench": "uplift", "families": len(FAMILIES), "runs": RUNS, "seeds": " ".join(map(str, seeds)), **ends,
        "cuped_takes_away_most": round(max(one["less"] for _, one in found), 3),
        "seconds": round(time.perf_counter() - begun, 1),
    }  # fmt: skip


def all_families(seed: int) -> list[tuple[str, dict[str, float]]]:
    """Every family with this seed."""
    found = []
    for number, (name, family) in enumerate(FAMILIES.items()):
        one = run(family, np.random.default_rng([seed, number]), RUNS)
        found.append((name, one))
        print(f"{seed:>10} {name:<22}", ", ".join(f"{key} {value:.4f}" for key, value in one.items()), file=sys.stderr)
    return found


def run(family: Family, lots: Lots, runs: int) -> dict[str, float]:
    """So many campaigns in one world."""
    held = lots.binomial(family.customers, SHARE, runs)
    treated, held_out = (
        arm(family, lots, n, is_treated) for n, is_treated in ((family.customers - held, True), (held, False))
    )
    comparison = Comparison(treated, held_out)
    found = {"less": float(np.median(comparison.adjustment.less))}
    found |= told("revenue", comparison, family.revenue)
    if not np.isnan(family.conversion):
        found |= told("conversion", Comparison(_shares(treated), _shares(held_out), covariate=False), family.conversion)
    return found


def told(outcome: str, comparison: Comparison, truth: float) -> dict[str, float]:
    """How often the interval covers, and how often nought is outside of it."""
    found = comparison.solve()
    covers = (found.low <= truth) & (truth <= found.high)
    return {
        f"{outcome}_covered": float(covers.mean()),
        f"{outcome}_called": float(((found.low > 0) | (found.high < 0)).mean()),
    }


def arm(family: Family, lots: Lots, sizes: Any, treated: bool) -> Moments:
    """The moments of one arm of all runs; a part of the runs at a time, to stay small."""
    parts: list[Any] = []
    for some in np.array_split(sizes, max(1, int(sizes.sum()) // 3_000_000)):
        bought, y, x = family.draw(lots, int(some.sum()), treated)
        seen = np.flatnonzero(bought | (y != 0) | (False if x is None else x != 0))
        one = np.searchsorted(np.cumsum(some), seen, side="right")
        ys = [np.ones(len(seen))] + [y[seen] ** i for i in range(1, 5)]
        xs = [np.ones(len(seen))] + ([] if x is None else [x[seen] ** j for j in range(1, 5)])
        weights = [bought[seen].astype(float), *(ys[i] * xs[j] if j < len(xs) else None for i, j in POWERS)]
        nought = np.zeros(len(some))
        parts.append([nought if w is None else np.bincount(one, w, len(some)) for w in weights])
    whole = np.concatenate(parts, axis=1)
    n = sizes.astype(float)
    return Moments(n, whole[0], {one: whole[1 + place] / n for place, one in enumerate(POWERS)})


def _shares(arm: Moments) -> Moments:
    share = arm.buyers / arm.n
    return arm._replace(power={(i, j): np.zeros_like(share) if j else share for i, j in POWERS})


if __name__ == "__main__":
    main()
