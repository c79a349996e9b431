"""Days that come again every year: which lie ahead, and what becomes of 29 February."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.conditions import Op, predicate
from regulars.core.conditions.anniversaries import coming, number_of
from tests.core.conditions.samples import leaf


def test_today_belongs_to_it() -> None:
    assert coming(date(2024, 6, 1), 0) == {601}
    assert coming(date(2024, 5, 30), 3) == {530, 531, 601, 602}


def test_it_goes_on_past_the_end_of_the_year() -> None:
    assert coming(date(2024, 12, 30), 3) == {1230, 1231, 101, 102}


@pytest.mark.parametrize(
    ("day", "has_it"),
    [
        (date(2024, 2, 28), False),  # it comes tomorrow
        (date(2024, 2, 29), True),
        (date(2023, 2, 27), False),
        (date(2023, 2, 28), True),  # there is no 29th
        (date(2023, 3, 1), False),
        (date(2100, 2, 28), True),  # no leap year, though divisible by four
    ],
)
def test_who_was_born_on_29_february_has_one_birthday_every_year(day: date, has_it: bool) -> None:
    assert predicate(leaf("birthday", Op.COMES_WITHIN_DAYS, 0), day=day)({"birthday": 229}) is has_it


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(1904, 1, 1), date(2023, 12, 31)))
def test_everybody_has_exactly_one_day_in_a_year(start: date, born: date) -> None:
    days = (date(start.year + 1, 1, 1) - date(start.year, 1, 1)).days
    year = [date(start.year, 1, 1) + timedelta(days=after) for after in range(days)]
    assert sum(number_of(born) in coming(day, 0) for day in year) == 1
    assert number_of(born) in coming(start, 366)


def test_a_month_has_its_own_days() -> None:
    in_february = predicate(leaf("birthday", Op.IN_MONTHS, (2,)), day=date(2023, 2, 1))
    assert [in_february({"birthday": one}) for one in (201, 229, 301, 1202, None)] == [True, True, False, False, False]
