"""IFRS 15, Illustrative Example 52, to the last unit; and what must hold for any numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.loyalty.liability.ifrs15 import NothingToShare, points_alone, recognised, share_price

minor = st.integers(0, 10**12)


def test_illustrative_example_52() -> None:
    alone = points_alone(points=10_000, redeemed_share=Fraction(95, 100), minor_per_point=Fraction(1))
    assert alone == 9_500
    shares = share_price(price=100_000, products_alone=100_000, points_alone=alone)
    assert (shares.products, shares.points) == (91_324, 8_676)
    first = recognised(deferred=shares.points, redeemed=4_500, expected=9_500)
    assert (first, shares.points - first) == (4_110, 4_566)
    both = recognised(deferred=shares.points, redeemed=8_500, expected=9_700)
    assert (both - first, shares.points - both) == (3_493, 1_073)


@given(minor, minor, minor)
def test_nothing_is_lost_between_products_and_points(price: int, products: int, points: int) -> None:
    if products + points == 0:
        with pytest.raises(NothingToShare):
            share_price(price=price, products_alone=products, points_alone=points)
        return
    shares = share_price(price=price, products_alone=products, points_alone=points)
    assert shares.products + shares.points == price
    assert 0 <= shares.products <= price


@given(minor, st.integers(0, 10**9), st.integers(0, 10**9))
def test_revenue_never_exceeds_what_was_deferred_and_is_whole_in_the_end(deferred: int, used: int, more: int) -> None:
    assert 0 <= recognised(deferred=deferred, redeemed=used, expected=used + more) <= deferred
    assert recognised(deferred=deferred, redeemed=used + more, expected=used + more) == deferred
