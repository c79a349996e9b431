"""How busy days are: weekends, holidays, and the quiet of Spring Festival."""

from datetime import date, timedelta

SPRING_FESTIVALS = {
    year: date(year, month, day)
    for year, month, day in (
        (2022, 2, 1), (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26),
        (2029, 2, 13), (2030, 2, 3), (2031, 1, 23), (2032, 2, 11), (2033, 1, 31), (2034, 2, 19), (2035, 2, 8),
    )
}  # fmt: skip
"""The first day of the Chinese year."""
SATURDAY = 5


def busy(day: date) -> float:
    """How many visits a day has compared with an ordinary one; 0 while the café is closed."""
    festival = SPRING_FESTIVALS.get(day.year)
    if festival is not None:
        after = (day - festival).days
        if -1 <= after <= 2:
            return 0.0
        if -7 <= after <= 9:
            return 0.4
    if (day.month, day.day) >= (10, 1) and (day.month, day.day) <= (10, 7):
        return 1.15
    return 1.08 if day.month in (6, 7, 8) else 1.0


def open_day(day: date) -> date:
    """The day itself, or the next on which the café is open."""
    while not busy(day):
        day += timedelta(days=1)
    return day


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= SATURDAY


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
