"""Shares say how sure they are, and nothing of nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from regulars.insight.compute.rates import Rate, wilson


@given(st.integers(1, 3000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilson_is_that_of_scipy(told: tuple[int, int]) -> None:
    expected = binomtest(*told).proportion_ci(0.95, method="wilson")
    assert wilson(*told) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_nothing_is_said_of_nobody() -> None:
    assert (Rate(0, 0).share, Rate(0, 0).low, Rate(0, 0).high) == (None, None, None)
    with pytest.raises(ValueError):
        wilson(0, 0)


def test_the_rest() -> None:
    assert Rate(3, 10).rest == Rate(7, 10)


def test_wilson_by_the_book() -> None:
    # Newcombe (1998), table I: 81 of 263 and 15 of 148.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
