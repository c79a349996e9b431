"""What a purchase is worth: the gradient, known parameters, and what rounding does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.insight.compute.clv import gamma_gamma
from regulars.insight.compute.clv.gamma_gamma import Spending, Spent
from tests.insight.compute.clv.process import CDNOW_MONEY

positive = st.floats(0.1, 20)
rows = st.lists(st.tuples(st.integers(1, 50), st.floats(0.1, 1e6)), min_size=1, max_size=20)


@settings(max_examples=40, deadline=None)
@given(st.builds(Spending, positive, positive, positive), rows)
def test_the_gradient_is_the_slope(told: Spending, seen: list[tuple[int, float]]) -> None:
    spent = Spent.of(np.array([x for x, _ in seen]), np.array([x * mean for x, mean in seen]))
    _, gradient = gamma_gamma.log_likelihood(told, spent)
    for at, size in enumerate(told):
        step = 1e-5 * size
        up, down = (
            gamma_gamma.log_likelihood(told._replace(**{told._fields[at]: size + sign * step}), spent)[0]
            for sign in (1, -1)
        )
        assert gradient[at] == pytest.approx((up - down) / (2 * step), rel=1e-3, abs=1e-2)


def test_known_parameters_are_found_again_though_rounded() -> None:
    chance = np.random.default_rng(2)
    p, q, v = CDNOW_MONEY
    x = 1 + chance.poisson(2, 60_000)
    total = chance.gamma(p * x) / chance.gamma(q, 1 / v, 60_000)
    spent = Spent.of(x, total)
    assert len(spent.mean) < gamma_gamma.DISTINCT
    assert spent.customers == 60_000
    found = gamma_gamma.fit(spent)
    away = (np.log(found.parameters) - np.log(CDNOW_MONEY)) / np.sqrt(np.diag(found.covariance))
    assert np.abs(away).max() < 4
    assert abs(spent.correlation) < 0.02


def test_the_order_of_customers_changes_no_bit() -> None:
    chance = np.random.default_rng(4)
    x, total = 1 + chance.poisson(2, 500), chance.gamma(2, 1000, 500)
    turned = chance.permutation(500)
    one, other = gamma_gamma.fit(Spent.of(x, total)), gamma_gamma.fit(Spent.of(x[turned], total[turned]))
    assert one.parameters.tolist() == other.parameters.tolist()


def test_the_average_lies_between_the_customers_and_the_shops() -> None:
    shop = CDNOW_MONEY.p * CDNOW_MONEY.v / (CDNOW_MONEY.q - 1)
    none, little, much = gamma_gamma.average_order(CDNOW_MONEY, np.array([0, 1, 50]), np.array([0.0, 9_000, 450_000]))
    assert none == pytest.approx(shop)
    assert shop < little < much < 9_000
    assert gamma_gamma.average_order(CDNOW_MONEY, np.array([3]), np.array([-500.0]))[0] > 0


def test_those_who_came_for_nothing_are_left_out() -> None:
    spent = Spent.of(np.array([0, 2, 2, 2, 1]), np.array([0.0, 100, 100, 0, -5]))
    assert (spent.repeats.tolist(), spent.mean.tolist(), spent.count.tolist()) == ([2], [50.0], [2.0])
    assert spent.correlation == 0
