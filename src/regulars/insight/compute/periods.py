"""Weeks, months and quarters as running numbers, so that periods can be counted and subtracted on any engine."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

MONDAY = date(1969, 12, 29)
"""The first day of the week that 1970 begins in, which is week 0."""
_MONTHS = {"month": 1, "quarter": 3}


class Unit(StrEnum):
    """How long a period is. Weeks begin on Monday."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


def number(day: Any, unit: Unit) -> Any:
    """The number of the period that each day of a column falls into."""
    if unit is Unit.WEEK:
        return ((day.epoch_days() + 3) // 7).cast("int64")
    part = day.month() - 1 if unit is Unit.MONTH else day.quarter() - 1
    return (day.year().cast("int64") * (12 // _MONTHS[unit]) + part).cast("int64")


def number_from(day: Any, unit: Unit) -> Any:
    """The number of the first period that begins on each day of a column or later."""
    if unit is Unit.WEEK:
        begins = (day.epoch_days() + 3) % 7 == 0
    else:
        begins = (day.day() == 1) & ((day.month() - 1) % _MONTHS[unit] == 0)
    return number(day, unit) + 1 - begins.cast("int64")


def number_of(day: date, unit: Unit) -> int:
    """The number of the period that a day falls into."""
    if unit is Unit.WEEK:
        return (day - MONDAY).days // 7
    return (day.year * 12 + day.month - 1) // _MONTHS[unit]


def first_day(period: int, unit: Unit) -> date:
    """The day on which a period begins."""
    if unit is Unit.WEEK:
        return MONDAY + timedelta(days=7 * period)
    year, month = divmod(period * _MONTHS[unit], 12)
    return date(year, month + 1, 1)


def finished(period: int, unit: Unit, day: date) -> bool:
    """Whether all days of the period lie before `day`: until then its figures still grow."""
    return first_day(period + 1, unit) <= day


def latest(day: date, unit: Unit) -> int:
    """The last period of which something can be known: the one of the day before `day`."""
    return number_of(day - timedelta(days=1), unit)


def by_period(rows: Iterable[Mapping[str, Any]], of: str) -> dict[Any, dict[int, Mapping[str, Any]]]:
    """Rows of counts by their column `of`, then by their period; no two have both alike."""
    found: dict[Any, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[of], {})[row["period"]] = row
    return found
