"""Days that come again every year, such as birthdays, as month × 100 + day."""

from calendar import isleap
from datetime import date, timedelta

LEAP_DAY, DAY_BEFORE = 229, 228
WHOLE_YEAR = 366


def number_of(day: date) -> int:
    """29 February is 229."""
    return day.month * 100 + day.day


def coming(day: date, days: int) -> frozenset[int]:
    """The anniversaries from `day` on until so many days later, both among them.

    In years without a 29 February, whoever was born on it has their day on the 28th.
    """
    found = set()
    for after in range(min(days, WHOLE_YEAR) + 1):
        one = day + timedelta(days=after)
        found.add(number_of(one))
        if number_of(one) == DAY_BEFORE and not isleap(one.year):
            found.add(LEAP_DAY)
    return frozenset(found)
