"""How reasons are written: language, money, days, and the names that callers bring."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.core.money import minor_digits, to_major
from regulars.loyalty.earning.rules import Counted, Earns
from regulars.loyalty.earning.taking import COUNTED
from regulars.loyalty.reason_words import MONTHS, SAY, SIGNS

POINTS: Final = COUNTED[Earns.POINTS]
OUTSIDE: Final = r"(?<!{{){}(?!}})"
"""A word that is no place for a number."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How to write: 'zh' or 'en', the money, the business's zone, and names by id, SKU and actor key.

    `unit` is what sentences about points are about: points, or a currency of the programme's own.
    """

    language: str
    currency: str
    zone: ZoneInfo
    stores: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    unit: Counted = POINTS

    def of(self, unit: Counted) -> "Wording":
        """The same about another currency than points."""
        return self if unit == self.unit else replace(self, unit=unit)

    def say(self, key: str, **values: object) -> str:
        """One sentence with its values."""
        return self.renamed(SAY[key]).format(**values)

    def renamed(self, words: tuple[str, str]) -> str:
        """Words that speak of points, in the reader's language and with the name of the currency that is meant."""
        told = words[self.language != "zh"]
        if self.unit is POINTS:
            return told
        name = self.unit.name.said(self.language).replace("{", "{{").replace("}", "}}")
        return re.sub(OUTSIDE.format(POINTS.name.said(self.language)), lambda _: name, told)

    def money(self, minor: int) -> str:
        """An amount in full."""
        digits = minor_digits(self.currency)
        return f"{SIGNS.get(self.currency, self.currency + ' ')}{to_major(minor, self.currency):,.{digits}f}"

    def rate(self, minor: int) -> str:
        """An amount without cents where there are none: ¥1, ¥0.50."""
        return self.money(minor) if minor % 10 ** minor_digits(self.currency) else self.money(minor).split(".")[0]

    def points(self, count: int) -> str:
        """So many points, or of the currency that is meant."""
        return self.unit.of(count).said(self.language)

    def day(self, day: date) -> str:
        """A date: 2026-03-05, or 5 Mar 2026."""
        return day.isoformat() if self.language == "zh" else f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def day_of(self, at: datetime) -> str:
        """The business's date of an instant."""
        return self.day(business_date(at, self.zone))

    def last_day(self, expires_at: datetime) -> str:
        """The last day before points expire."""
        return self.day_of(expires_at - timedelta(microseconds=1))
