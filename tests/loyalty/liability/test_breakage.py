"""Breakage from the programme's own vintages: known worlds, and whether the interval holds the truth."""

import numpy as np

from regulars.loyalty.liability.breakage import Breakage, Vintage, estimate

LIFE = 18


def world(seed: int, *, vintages: int = 24, mean: float = 0.08, today: int = 24) -> tuple[list[Vintage], int]:
    """Vintages a month apart, each used at its own pace; and what will truly be left of what is outstanding."""
    rng = np.random.default_rng(seed)
    found, truth = [], 0
    for born in range(vintages):
        issued = left = int(rng.integers(50_000, 150_000))
        pace = float(np.clip(rng.normal(mean, mean / 5), 0.01, 0.5))
        used, outstanding, age = [], 0, today - born
        for month in range(LIFE):
            if month == age:
                outstanding = left
            taken = int(rng.binomial(left, pace))
            left -= taken
            if month < age:
                used.append(taken)
        truth += left if age < LIFE else 0
        found.append(Vintage(issued, used, min(age, LIFE), LIFE, outstanding))
    return found, truth


def test_the_interval_holds_the_truth_about_nine_times_in_ten() -> None:
    held, errors = 0, []
    for seed in range(20):
        vintages, truth = world(seed)
        found = estimate(vintages)
        assert found.points is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
        errors.append(found.points / truth - 1)
    assert 15 <= held <= 20, held
    assert abs(float(np.mean(errors))) < 0.03


def test_too_little_history_says_so() -> None:
    vintages, _ = world(1, vintages=5, today=5)
    assert estimate(vintages) == Breakage(sum(v.outstanding for v in vintages), None, None, None, vintages=5)
    assert estimate([]) == Breakage(0, None, None, None)


def test_points_that_never_expire_are_no_breakage() -> None:
    vintages = [Vintage(100, [1] * age, age, None, 100 - age) for age in range(1, 13)]
    found = estimate(vintages)
    assert (found.points, found.low, found.high) == (0, 0, 0)


def test_a_shop_where_nobody_ever_uses_points_keeps_them_all() -> None:
    vintages = [Vintage(100, [0] * age, age, 24, 100) for age in range(1, 13)]
    found = estimate(vintages)
    assert (found.points, found.low, found.high) == (1200, 1200, 1200)
    assert found.by_vintage == (100,) * 12


def test_the_same_vintages_in_another_order_are_the_same() -> None:
    vintages, _ = world(3)
    one, other = estimate(vintages), estimate(vintages[::-1])
    assert (one.points, one.by_vintage) == (other.points, other.by_vintage[::-1])
