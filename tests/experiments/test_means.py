"""The interval of a difference: against closed forms, against scipy, and against worlds whose truth is known."""

import numpy as np
import pytest
from scipy import optimize, stats

from regulars.experiments.cuped import adjust
from regulars.experiments.means import Comparison
from regulars.experiments.moments import Moments
from regulars.experiments.shapes import SHAPES_DIFFER, lend
from tests.experiments.worlds import arm_of, conversions, shop, spenders

Z = stats.norm.ppf(0.975)


@pytest.mark.parametrize(("one", "nought"), [((56, 70), (48, 80)), ((9, 10), (3, 10)), ((40, 900), (2, 100))])
@pytest.mark.parametrize("asked", [-0.1, 0.0, 0.15])
def test_shares_under_a_difference_are_the_likeliest_ones(
    one: tuple[int, int], nought: tuple[int, int], asked: float
) -> None:
    """Miettinen and Nurminen's constrained maximum likelihood, found here by scipy's search."""

    def unlikelihood(p0: float) -> float:
        told = stats.binom.logpmf(one[0], one[1], p0 + asked) + stats.binom.logpmf(nought[0], nought[1], p0)
        return -float(told)

    found = Comparison(conversions(*one), conversions(*nought), covariate=False).trial(asked)
    bounds = (max(0.0, -asked) + 1e-9, min(1.0, 1.0 - asked) - 1e-9)
    wanted = optimize.minimize_scalar(unlikelihood, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x
    assert float(found.held_out_mean) == pytest.approx(wanted, abs=1e-3), "but for n - 1"
    p1 = wanted + asked
    variance = p1 * (1 - p1) / (one[1] - 1) + wanted * (1 - wanted) / (nought[1] - 1)
    point = one[0] / one[1] - nought[0] / nought[1]
    assert float(found.raw) == pytest.approx((point - asked) / variance**0.5, abs=0.01)


def test_shares_known_from_the_literature() -> None:
    """56/70 against 48/80 (Newcombe 1998, example a): Miettinen and Nurminen give 0.0528 to 0.3382."""
    found = Comparison(conversions(56, 70), conversions(48, 80), covariate=False).solve()
    assert (float(found.low), float(found.high)) == pytest.approx((0.0528, 0.3382), abs=0.003)


def test_with_many_customers_it_is_welch() -> None:
    arms = [spenders(1, 400_000, p, sigma=0.4, seed=seed) for p, seed in ((0.5, 1), (0.45, 2))]
    found = Comparison(*arms).solve()
    error = sum(float(arm.variance[0]) / float(arm.n[0]) for arm in arms) ** 0.5
    assert float(found.low[0]) == pytest.approx(float(found.point[0]) - Z * error, abs=0.02 * error)
    assert float(found.high[0]) == pytest.approx(float(found.point[0]) + Z * error, abs=0.02 * error)
    assert float(found.error[0]) == pytest.approx(error, rel=0.01)


def test_the_interval_holds_what_the_test_does_not_rule_out() -> None:
    comparison = Comparison(spenders(300, 900, 0.12, seed=3), spenders(300, 200, 0.1, seed=4))
    found = comparison.solve()
    assert np.allclose(comparison.trial(found.low).z, Z, atol=1e-4)
    assert np.allclose(comparison.trial(found.high).z, -Z, atol=1e-4)
    assert ((found.p < 0.05) == ((found.low > 0) | (found.high < 0))).all()


def test_the_unit_of_money_does_not_matter() -> None:
    cents, euros = shop(3_000, lift=1.2), shop(3_000, lift=1.2)
    one = Comparison(*(Moments.of(arm, arm.revenue) for arm in (cents.treated, cents.held_out)))
    scaled = [
        Moments.of(arm, arm.revenue)._replace(
            power={(i, j): value / 100.0 ** (i + j) for (i, j), value in Moments.of(arm, arm.revenue).power.items()}
        )
        for arm in (euros.treated, euros.held_out)
    ]
    a, b = one.solve(), Comparison(*scaled).solve()
    assert float(a.low) == pytest.approx(100 * float(b.low), rel=1e-6)
    assert float(a.p) == pytest.approx(float(b.p), rel=1e-6)


def test_it_covers_where_welch_does_not() -> None:
    """Fifteen buyers among 150 held out, lognormal spending: a bench tries many such worlds with 4,000 runs each."""
    runs = 1_500
    treated, held_out = spenders(runs, 1_350, 0.1, seed=5), spenders(runs, 150, 0.1, seed=6)
    found = Comparison(treated, held_out).solve()
    ours = ((found.low <= 0) & (found.high >= 0)).mean()
    error = np.sqrt(treated.variance / treated.n + held_out.variance / held_out.n)
    welch = (abs(treated.mean - held_out.mean) <= Z * error).mean()
    assert 0.935 < ours < 0.965
    assert welch < 0.925


def test_shapes_are_lent_by_how_well_they_are_known() -> None:
    few = lend(spenders(1, 20_000, 0.1, seed=7), spenders(1, 100, 0.1, seed=8))
    many = lend(spenders(1, 20_000, 0.1, seed=7), spenders(1, 400_000, 0.1, seed=8))
    assert few[0].own > 0.8 > 0.5 > few[1].own
    assert many[1].own > 0.95
    same = lend(conversions(50, 500), conversions(5, 60))
    assert all(float(shape.spread) == 1.0 and float(shape.noise) == 0.0 for shape in same), "shares have one shape"


def test_shapes_that_plainly_differ_are_not_lent() -> None:
    """Everybody spends about the same in one arm, a few spend everything in the other."""
    wild, tame = spenders(1, 20_000, 0.9, sigma=1.0, seed=9), spenders(1, 2_000, 0.9, sigma=0.1, seed=10)
    assert float(lend(wild, tame)[1].own[0]) > 0.99
    assert SHAPES_DIFFER < 1


def test_cuped_by_hand() -> None:
    """Within the arms y = 2x + noise; θ and the adjusted difference computed on paper."""
    treated, _ = arm_of([5, 3, 8, 4], [2, 1, 3, 2])
    held_out, _ = arm_of([2, 4], [1, 2])
    theta = (4 * (45 / 4 - 5 * 2) + 2 * (10 / 2 - 3 * 1.5)) / (4 * (18 / 4 - 4) + 2 * (5 / 2 - 2.25))
    found = adjust(treated, held_out)
    assert float(found.theta) == pytest.approx(theta)
    difference = Comparison(treated, held_out).solve()
    assert float(difference.point) == pytest.approx((5 - 3) - theta * (2 - 1.5))


def test_cuped_takes_noise_away_and_keeps_the_difference() -> None:
    sums = shop(60_000, lift=1.0)
    arms = [Moments.of(arm, arm.revenue) for arm in (sums.treated, sums.held_out)]
    plain, adjusted = (Comparison(*arms, covariate=covariate).solve() for covariate in (False, True))
    assert float(adjusted.adjustment.less) > 0.1
    assert (adjusted.error / plain.error) ** 2 == pytest.approx(1 - float(adjusted.adjustment.less), abs=0.02)
    assert abs(float(adjusted.point - plain.point)) < 3 * float(plain.error)


def test_a_past_that_tells_nothing_is_not_used() -> None:
    lots = np.random.default_rng(11)
    arms = [arm_of(lots.poisson(2, n).tolist(), lots.poisson(2, n).tolist())[0] for n in (20_000, 2_000)]
    assert float(adjust(*arms).theta) == 0.0
    assert float(adjust(*arms).less) == 0.0


def test_more_given_back_than_bought() -> None:
    """No shape belongs to a mean below nought: Welch with Hall's correction."""
    sums = shop(5_000, sign=-1)
    comparison = Comparison(*(Moments.of(arm, arm.revenue) for arm in (sums.treated, sums.held_out)))
    found = comparison.solve()
    assert not comparison.modelled
    assert float(found.low) < float(found.point) < float(found.high)
    assert float(found.high - found.low) == pytest.approx(2 * Z * float(found.error), rel=0.1)


@pytest.mark.parametrize(
    ("one", "nought"), [((0, 50), (0, 10)), ((5, 50), (0, 10)), ((50, 50), (10, 10)), ((1, 1), (0, 1))]
)
def test_small_and_odd_arms_give_an_interval_all_the_same(one: tuple[int, int], nought: tuple[int, int]) -> None:
    found = Comparison(conversions(*one), conversions(*nought), covariate=False).solve()
    assert float(found.low) <= float(found.point) + 1e-9
    assert float(found.high) >= float(found.point) - 1e-9
    assert np.isfinite([found.low, found.high, found.p]).all()
