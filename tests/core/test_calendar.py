"""Days belong to the business's zone; months end where months end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regulars.core.calendar import (
    UnknownTimeZone,
    add_months,
    business_date,
    days_before,
    end_of_next_year,
    first_day_within,
    start_of_day,
    zone,
)

SHANGHAI, NEW_YORK = zone("Asia/Shanghai"), zone("America/New_York")
# Zones where midnight itself is skipped or repeated on some days, and zones with odd offsets.
zones = st.sampled_from(
    ["Asia/Shanghai", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Kathmandu", "Asia/Beirut", "UTC"]
).map(zone)
days = st.dates(date(1995, 1, 1), date(2035, 12, 31))
months = st.integers(1, 60)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Asia/Shang\x00hai", "x" * 300])
def test_no_such_zone(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        zone(name)


def test_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = datetime(2024, 3, 1, 16, tzinfo=UTC)
    assert business_date(midnight, SHANGHAI) == date(2024, 3, 2)
    assert business_date(midnight - timedelta(microseconds=1), SHANGHAI) == date(2024, 3, 1)
    assert business_date(midnight, NEW_YORK) == date(2024, 3, 1)
    assert start_of_day(date(2024, 3, 2), SHANGHAI) == midnight


def test_days_of_23_and_25_hours() -> None:
    short, long = date(2024, 3, 10), date(2024, 11, 3)
    assert start_of_day(short + timedelta(1), NEW_YORK) - start_of_day(short, NEW_YORK) == timedelta(hours=23)
    assert start_of_day(long + timedelta(1), NEW_YORK) - start_of_day(long, NEW_YORK) == timedelta(hours=25)


@given(days, zones)
@example(date(2018, 11, 4), zone("America/Sao_Paulo"))
@example(date(2017, 2, 19), zone("America/Sao_Paulo"))
@example(date(2024, 11, 3), zone("America/Havana"))
def test_a_day_starts_at_its_first_instant(day: date, in_zone) -> None:
    start = start_of_day(day, in_zone)
    assert business_date(start, in_zone) == day
    assert business_date(start - timedelta(microseconds=1), in_zone) == day - timedelta(days=1)


def test_months_in_plain_dates() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert end_of_next_year(date(2024, 12, 31)) == date(2026, 1, 1)
    assert end_of_next_year(date(2025, 1, 1)) == date(2027, 1, 1)
    assert days_before(date(2024, 3, 1), 1) == date(2024, 2, 29)


@given(days, days, months)
def test_windows_end_in_the_order_in_which_they_begin(one: date, other: date, length: int) -> None:
    first, second = sorted([one, other])
    assert add_months(first, length) <= add_months(second, length)


@given(days, months)
@example(date(2024, 2, 29), 12)
@example(date(2023, 2, 28), 6)
def test_first_day_within_is_the_first_whose_window_is_open(day: date, length: int) -> None:
    first = first_day_within(day, length)
    assert add_months(first, length) > day
    assert add_months(first - timedelta(days=1), length) <= day
