"""Periods are running numbers: the engine's and Python's are the same, and each begins where the one before ends."""

from datetime import date, timedelta

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.insight.compute.periods import Unit, finished, first_day, latest, number, number_of

units = pytest.mark.parametrize("unit", list(Unit))


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(Unit))
def test_every_day_is_in_the_period_that_began_last(day: date, unit: Unit) -> None:
    period = number_of(day, unit)
    assert first_day(period, unit) <= day < first_day(period + 1, unit)


@units
def test_the_engine_counts_as_python_does(unit: Unit) -> None:
    days = [date(2019, 12, 20) + timedelta(days=n) for n in range(800)]
    table = ibis.memtable({"day": days}, schema={"day": "date"})
    assert table.select(n=number(table.day, unit)).to_pyarrow()["n"].to_pylist() == [number_of(d, unit) for d in days]


def test_a_period_is_finished_when_its_last_day_is_over() -> None:
    march = number_of(date(2024, 3, 10), Unit.MONTH)
    assert finished(march, Unit.MONTH, date(2024, 4, 1))
    assert not finished(march, Unit.MONTH, date(2024, 3, 31))
    assert latest(date(2024, 4, 1), Unit.MONTH) == march
    assert latest(date(2024, 4, 2), Unit.MONTH) == march + 1


def test_weeks_begin_on_monday() -> None:
    assert first_day(number_of(date(2024, 5, 5), Unit.WEEK), Unit.WEEK) == date(2024, 4, 29)
