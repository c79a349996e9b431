"""Dates and times as files write them, read as instants. Nothing is guessed for one cell alone.

A time without an offset is local to the zone that the import was told. Where clocks are put back, a time that happens
twice is the first of the two; where they are put forward, a time that never happens moves on by the gap.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from math import isfinite
from zoneinfo import ZoneInfo

from regulars.facts.reading.table import Cell, text_of
from regulars.facts.reading.values import Refusal, is_blank, plain

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_OLDEST_BIRTHDAY = date(1900, 1, 1)

_YEAR_FIRST = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT,]*(\d.*|[上下中凌早晚ap].*))?", re.I
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[\sT,]+(.+))?")
_NAMED_DAY_FIRST = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(\d{1,2})[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4})(?:[\s,T]+(.+))?", re.I
)
_NAMED_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[\s,T]+(.+))?", re.I)
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}(?:\s.*)?")
_CLOCK = re.compile(
    r"(上午|下午|中午|晚上|凌晨|早上|am|pm)?\s*(\d{1,2})[:时點点](\d{1,2})(?:分?(?::|(?<=分))(\d{1,2})(?:[.,](\d{1,9}))?秒?)?分?"
    r"\s*(am|pm|a\.m\.|p\.m\.)?\s*(z|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|utc|gmt)?",
    re.I,
)
_MONTHS = {name: month for month, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}  # noqa: SIM905
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class DayOrder(StrEnum):
    """What the cells of a column say about 05/01/2024."""

    NOT_ASKED = "not_asked"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    UNDECIDED = "undecided"
    CONTRADICTORY = "contradictory"


def day_order(cells: Iterable[Cell]) -> DayOrder:
    """Whether days or months come first in dates such as 25/01/2024, over a whole column."""
    day_first = month_first = asked = False
    for text in {cell for cell in cells if type(cell) is str}:
        if found := _YEAR_LAST.fullmatch(plain(text)):
            first, second = int(found[1]), int(found[3])
            asked = asked or first != second
            day_first = day_first or first > 12
            month_first = month_first or second > 12
    if day_first and month_first:
        return DayOrder.CONTRADICTORY
    if day_first or month_first:
        return DayOrder.DAY_FIRST if day_first else DayOrder.MONTH_FIRST
    return DayOrder.UNDECIDED if asked else DayOrder.NOT_ASKED


def excel_moment(serial: float) -> datetime | None:
    """The local time of an Excel serial number, to the second; None for 0, and for 60: 29 February 1900 never was.

    Excel counts that day, so serials above 60 stand one day further than the days since 1 January 1900.
    """
    if serial < 1 or 60 <= serial < 61 or serial >= 2_958_466:
        return None
    start = datetime(1899, 12, 31) if serial < 60 else datetime(1899, 12, 30)  # noqa: DTZ001 - local by meaning
    return start + timedelta(seconds=round(serial * 86_400))


class MomentReader:
    """Reads cells of one column as instants in UTC."""

    def __init__(
        self, zone: ZoneInfo, *, day_first: bool | None = None, earliest: datetime = EARLIEST, latest: datetime = LATEST
    ) -> None:
        self._zone = zone
        self._day_first = day_first
        self._earliest = earliest
        self._latest = latest

    def read(self, cell: Cell) -> datetime | Refusal | None:
        """The instant, None if the cell is blank."""
        found = self._told(cell)
        if not isinstance(found, datetime):
            return found
        return self._bounded(found, text_of(cell))

    def join(self, day: Cell, clock: Cell) -> datetime | Refusal | None:
        """The instant of a date in one column and a time in another; without the latter the date's own time counts."""
        told = self._told(day)
        if not isinstance(told, datetime):
            return told
        at = read_clock(clock)
        if isinstance(at, Refusal):
            return at
        if at is not None:
            told = datetime.combine(told.date(), at, tzinfo=told.tzinfo)
        return self._bounded(told, text_of(day))

    def _bounded(self, told: datetime, found: str) -> datetime | Refusal:
        try:
            at = (told if told.tzinfo else told.replace(tzinfo=self._zone)).astimezone(UTC)
        except (OverflowError, ValueError):
            return Refusal("date_out_of_range", found)
        return at if self._earliest <= at < self._latest else Refusal("date_out_of_range", found)

    def _told(self, cell: Cell) -> datetime | Refusal | None:
        """The date and time as told: with an offset only if the cell has one."""
        if isinstance(cell, datetime):
            return cell
        if isinstance(cell, date):
            return datetime.combine(cell, time())
        if isinstance(cell, time):
            return Refusal("date_unreadable", text_of(cell))
        text = plain(cell)
        if is_blank(text):
            return None
        if len(text) >= 8 and text[4:5] == "-" and text[7:8] == "-":
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                pass
        if _NUMBER.fullmatch(text):
            return _numeric(text)
        return self._written(text)

    def _written(self, text: str) -> datetime | Refusal:
        if found := _YEAR_FIRST.fullmatch(text):
            return _assemble(int(found[1]), int(found[2]), int(found[3]), found[4], text)
        if found := _YEAR_LAST.fullmatch(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            if self._day_first is None and first != second:
                return Refusal("date_ambiguous", text)
            day, month = (first, second) if self._day_first else (second, first)
            return _assemble(year, month, day, found[5], text)
        if (found := _NAMED_DAY_FIRST.fullmatch(text)) and (month := _MONTHS.get(found[2][:3].lower(), 0)):
            return _assemble(int(found[3]), month, int(found[1]), found[4], text)
        if (found := _NAMED_MONTH_FIRST.fullmatch(text)) and (month := _MONTHS.get(found[1][:3].lower(), 0)):
            return _assemble(int(found[3]), month, int(found[2]), found[4], text)
        return Refusal("two_digit_year" if _TWO_DIGIT_YEAR.fullmatch(text) else "date_unreadable", text[:100])


def _assemble(year: int, month: int, day: int, clock: str | None, text: str) -> datetime | Refusal:
    try:
        midnight = datetime(year, month, day)  # noqa: DTZ001 - local until the caller knows the zone
    except ValueError:
        return Refusal("date_unreadable", text[:100])
    if clock is None:
        return midnight
    at = _clock(clock)
    return Refusal("date_unreadable", text[:100]) if at is None else datetime.combine(midnight.date(), at)


def _clock(text: str) -> time | None:
    """A time of day with its offset if it has one; None if it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    half = (found[1] or found[6] or "").lower().replace(".", "")
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
    if half in ("pm", "下午", "晚上") and hour < 12:
        hour += 12
    elif half in ("am", "上午", "凌晨") and hour == 12:
        hour = 0
    try:
        return time(hour, minute, second, int((found[5] or "0").ljust(6, "0")[:6]), tzinfo=_offset(found[7]))
    except ValueError:
        return None


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    found = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?", text, re.I)
    if not found:
        return UTC
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _numeric(text: str) -> datetime | Refusal:
    """20240105, 20240105130500, unix seconds or milliseconds, or an Excel serial number, told apart by length."""
    whole, _, fraction = text.partition(".")
    zeros = not fraction.strip("0")
    try:
        if zeros and len(whole) in (8, 12, 14) and whole[:2] in ("19", "20"):
            form = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}[len(whole)]
            return datetime.strptime(whole, form)  # noqa: DTZ007 - local until the caller knows the zone
        if len(whole) == 10:
            return datetime.fromtimestamp(float(text), UTC)
        if zeros and len(whole) == 13:
            return datetime.fromtimestamp(int(whole) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return Refusal("date_unreadable", text[:100])
    if len(whole) == 5 and (moment := excel_moment(float(text))) is not None:
        return moment
    return Refusal("date_unreadable", text[:100])


def read_clock(cell: Cell) -> time | Refusal | None:
    """A time of day: 13:05, 下午1:05, an Excel fraction of a day; None if the cell is blank."""
    if isinstance(cell, datetime):
        return cell.timetz()
    if isinstance(cell, time):
        return cell
    text = plain(cell)
    if is_blank(text):
        return None
    if _NUMBER.fullmatch(text) and isfinite(float(text)):
        seconds = round(float(text) % 1 * 86_400)
        return (datetime(2000, 1, 1) + timedelta(seconds=min(seconds, 86_399))).time()  # noqa: DTZ001 - only its time
    at = _clock(text)
    if at is None and " " in text:
        at = _clock(text.split(" ", 1)[1])
    return Refusal("time_unreadable", text[:100]) if at is None else at


def read_birthday(cell: Cell, *, day_first: bool | None = None) -> date | None:
    """A date of birth, None if the cell has none that can be read: a birthday is never worth refusing an order."""
    told = MomentReader(ZoneInfo("UTC"), day_first=day_first)._told(cell)
    if isinstance(told, datetime) and _OLDEST_BIRTHDAY < told.date() < LATEST.date():
        return told.date()
    return None
