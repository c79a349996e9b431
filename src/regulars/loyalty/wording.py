"""How reasons are written: language, money, days, and the names that callers bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.core.money import minor_digits, to_major
from regulars.loyalty.reason_words import MONTHS, SAY, SIGNS


@dataclass(frozen=True, slots=True)
class Wording:
    """How to write: 'zh' or 'en', the currency, the business's zone, and names by id, SKU and actor key."""

    language: str
    currency: str
    zone: ZoneInfo
    stores: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """One sentence with its values."""
        return SAY[key][self.language != "zh"].format(**values)

    def money(self, minor: int) -> str:
        """An amount in full."""
        digits = minor_digits(self.currency)
        return f"{SIGNS.get(self.currency, self.currency + ' ')}{to_major(minor, self.currency):,.{digits}f}"

    def rate(self, minor: int) -> str:
        """An amount without cents where there are none: ¥1, ¥0.50."""
        return self.money(minor) if minor % 10 ** minor_digits(self.currency) else self.money(minor).split(".")[0]

    def points(self, count: int) -> str:
        """So many points."""
        return f"{count:,} 积分" if self.language == "zh" else f"{count:,} point{'' if count == 1 else 's'}"

    def day(self, day: date) -> str:
        """A date: 2026-03-05, or 5 Mar 2026."""
        return day.isoformat() if self.language == "zh" else f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def day_of(self, at: datetime) -> str:
        """The business's date of an instant."""
        return self.day(business_date(at, self.zone))

    def last_day(self, expires_at: datetime) -> str:
        """The last day before points expire."""
        return self.day_of(expires_at - timedelta(microseconds=1))
