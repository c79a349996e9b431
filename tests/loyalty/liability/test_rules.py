"""What points are worth, the share used in the end, and deferred revenue over the months."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.calendar import add_months
from regulars.ledger.rules import LotVintage, Movement
from regulars.loyalty.liability.rules import Worth, default_worth, defer, to_learn_from, used_in_the_end

MARCH = date(2024, 3, 1)
CENT = Worth(1, 1)


def months(*moved: tuple[int, int, int, int]) -> list[Movement]:
    """Movements of months on end: (earned, used, expired, revoked)."""
    found: list[Movement] = []
    for place, one in enumerate(moved):
        found.append(Movement(add_months(MARCH, place), found[-1].closing if found else 0, *one))
    return found


def test_the_example_of_the_standard_as_one_portfolio() -> None:
    """IE52: 10,000 points with goods for 100,000; 9,500 to be used at 1 each, of which 4,500 in the first year."""
    moved = months((10_000, 0, 0, 0), (0, 4_500, 0, 0))
    share = used_in_the_end(moved, outstanding=5_500, breakage=500)
    assert share == Fraction(95, 100)
    found = defer(moved, {MARCH: 100_000}, CENT, share)
    assert (found.deferred, found.recognised, found.liability) == (8_676, 4_110, 4_566)


def test_what_expired_was_not_used_in_the_end() -> None:
    moved = months((1_000, 300, 400, 0))
    assert used_in_the_end(moved, outstanding=300, breakage=100) == Fraction(500, 1_000)
    assert used_in_the_end([], outstanding=0, breakage=0) == 1


def test_once_all_points_are_gone_nothing_is_put_aside() -> None:
    moved = months((1_000, 0, 0, 0), (0, 600, 0, 0), (0, 0, 400, 0))
    found = defer(moved, {MARCH: 50_000}, CENT, used_in_the_end(moved, outstanding=0, breakage=0))
    assert found.liability == 0
    assert found.deferred == found.recognised > 0


def test_points_without_sales_put_nothing_aside() -> None:
    """Points that were taken over from an older programme came with no price."""
    assert defer(months((1_000, 0, 0, 0)), {}, CENT, Fraction(1)).deferred == 0


@given(
    st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), max_size=12),
    st.lists(st.integers(-(10**8), 10**9), min_size=12, max_size=12),
    st.fractions(0, 1),
)
def test_every_month_carries_over_and_nothing_falls_below_zero(
    moved: list[tuple[int, int, int, int]], sales: list[int], share: Fraction
) -> None:
    by_month = {add_months(MARCH, place): amount for place, amount in enumerate(sales)}
    before = 0
    for one in defer(months(*moved), by_month, CENT, share).months:
        assert one.liability == before + one.deferred - one.recognised
        assert 0 <= one.deferred <= max(0, one.sales)
        assert one.liability >= 0
        before = one.liability


def test_a_vintage_is_learned_from_in_calendar_months() -> None:
    """From March 2024 to the end of 2025 there are 22 months; in June three of them are over."""
    used = {MARCH: 5, add_months(MARCH, 2): 7, add_months(MARCH, 3): 1}
    one = LotVintage(MARCH, date(2025, 12, 1), False, 100, used, 0, 10, 0, 0)
    (found,) = to_learn_from([one], date(2024, 6, 1))
    assert (found.issued, list(found.used), found.age, found.life, found.outstanding) == (90, [5, 0, 7, 1], 3, 22, 77)
    (done,) = to_learn_from([one], date(2026, 6, 1))
    assert (done.age, done.life) == (22, 22)
    (ahead,) = to_learn_from([one], date(2024, 1, 1))
    assert ahead.age == 0


@pytest.mark.parametrize(
    ("minor_per_point", "digits", "worth"),
    [(100, 2, Fraction(1)), (0, 2, Fraction(1)), (1, 0, Fraction(1, 100)), (1000, 2, Fraction(10))],
)
def test_until_somebody_says_so_a_point_is_worth_a_hundredth_of_its_spend(
    minor_per_point: int, digits: int, worth: Fraction
) -> None:
    found = default_worth(minor_per_point, digits)
    assert (found.minor_per_point, found.is_chosen) == (worth, False)
    assert Worth(100, 150).of(7) == 11
