"""Days, months and periods in the business's own time zone. Periods are half open: [from, to)."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from regulars.core.errors import DomainError


class UnknownTimeZone(DomainError):
    """No such IANA time zone."""

    code = "unknown_time_zone"


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name.

    Raises:
        UnknownTimeZone: The name is not in the time-zone database.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownTimeZone(f"{name!r} is not a time zone; write one such as Asia/Shanghai.") from error


def business_date(at: datetime, in_zone: ZoneInfo) -> date:
    """The day on which an instant falls for the business."""
    return at.astimezone(in_zone).date()


@lru_cache(maxsize=8192)
def start_of_day(day: date, in_zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a business day begins."""
    return datetime.combine(day, time(), in_zone).astimezone(UTC)


def end_of_next_year(day: date) -> date:
    """次年年底: the first day on which points earned on `day` no longer count."""
    return date(day.year + 2, 1, 1)


@lru_cache(maxsize=8192)
def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of a shorter month (29 February → 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=8192)
def first_day_within(day: date, months: int) -> date:
    """The earliest day whose window of so many months has not ended on `day`."""
    first = add_months(day, -months)
    while add_months(first, months) <= day:
        first += timedelta(days=1)
    return first


def days_before(day: date, days: int) -> date:
    """`days` earlier."""
    return day - timedelta(days=days)
