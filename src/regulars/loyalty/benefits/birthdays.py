"""One birthday benefit in a birthday year, whatever birthday the profile tells by then. Pure.

A birthday year begins on the first day of the window around the birthday, and lasts 365 days; the next begins no
sooner than the one before has ended. So n birthday benefits take at least n - 1 times 365 days less one window, however
often somebody changes the date, and who never changes it has one around every birthday.
"""

from datetime import date, timedelta
from typing import Protocol

from regulars.loyalty.benefits.rules import BIRTHDAY_YEAR, BirthdayUnknown, Holder, NotNow, QuotaUsedUp


class Windowed(Protocol):
    """What of a birthday benefit is asked here."""

    @property
    def days_before(self) -> int:
        """Days before the birthday."""

    @property
    def days_after(self) -> int:
        """Days after it."""

    @property
    def whole_month(self) -> bool:
        """The whole month of the birthday instead."""


def in_year(birthday: date, year: int) -> date:
    """The birthday in a year; 29 February is 28 February where there is none."""
    try:
        return birthday.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def window(benefit: Windowed, birthday: date, year: int) -> tuple[date, date]:
    """The first and the last day around the birthday of a year on which the benefit can be used."""
    day = in_year(birthday, year)
    if benefit.whole_month:
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day - timedelta(days=benefit.days_before), day + timedelta(days=benefit.days_after)


def current(benefit: Windowed, birthday: date, day: date) -> tuple[date, date]:
    """The window that `day` lies in, or the next one."""
    for year in (day.year - 1, day.year, day.year + 1):
        found = window(benefit, birthday, year)
        if day <= found[1]:
            break
    return found


def check(benefit: Windowed, holder: Holder, day: date) -> None:
    """Whether the holder can have a birthday benefit on this day.

    Raises:
        BirthdayUnknown, NotNow, QuotaUsedUp: As they say.
    """
    if holder.birthday is None:
        raise BirthdayUnknown("Nobody told this member's birthday.")
    again = holder.birthday_again
    if again is not None and day < again:
        raise QuotaUsedUp(f"There was a birthday benefit already; the next one is from {again}.", day=again)
    first, _ = current(benefit, holder.birthday, day)
    if day < first:
        raise NotNow(f"This benefit is for the birthday; it begins on {first}.", day=first)


def next_from(benefit: Windowed, holder: Holder, day: date) -> date:
    """The first day on which there may be another birthday benefit, once there was one on `day`."""
    assert holder.birthday is not None
    first, _ = current(benefit, holder.birthday, day)
    return max(first, holder.birthday_again or first) + BIRTHDAY_YEAR
