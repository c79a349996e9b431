"""How tiers are kept: windows by the calendar, a term that a tier is held for, retaining 保级, grace 保级缓冲期, and
going down one step at a time 逐级降级. Pure; without it a tier simply follows the growth inside a rolling window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from regulars.core.calendar import add_months, end_of_next_year
from regulars.core.errors import DomainError

Window = Literal["rolling", "calendar_year", "member_year"]
Held = Literal["window", "months", "end_of_next_year"]
WINDOWS: tuple[Window, ...] = ("rolling", "calendar_year", "member_year")
HELD: tuple[Held, ...] = ("window", "months", "end_of_next_year")


class InvalidKeeping(DomainError):
    """The terms on how tiers are kept cannot be read."""

    code = "invalid_keeping"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long growth counts, and how long a tier is held.

    Attributes:
        window: 'rolling' (the version's `window_months`), 'calendar_year' (until 31 December), or 'member_year' (until
            the next anniversary of the first growth).
        held: 'window': a tier ends with the growth that reached it. 'months' or 'end_of_next_year' 次年年底: it is held
            for that term whatever happens, and looked at again when the term ends.
        months: For 'months'.
        grace_days: Days after the term in which what is missing can still be earned.
        one_step: Who does not retain a tier goes down one; otherwise to the one that their growth reaches.
        at_term: Tiers also go up only when a term ends, by what counts on its last day; otherwise at once. Where a tier
            is held for its window, the window is the term: the growth of one year makes the tier of the next.
    """

    window: Window = "rolling"
    held: Held = "window"
    months: int = 12
    grace_days: int = 0
    one_step: bool = False
    at_term: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing but a rolling window is meant."""
        return self.window == "rolling" and self.held == "window"

    @classmethod
    def read(cls, told: Any) -> "Keeping":
        """The terms as they are kept in JSON; missing ones are plain.

        Raises:
            InvalidKeeping: A term is unknown or out of range.
        """
        known = {"window", "held", "months", "grace_days", "one_step", "at_term"}
        if not isinstance(told, Mapping) or not set(told) <= known:
            raise InvalidKeeping("How tiers are kept is an object with " + ", ".join(sorted(known)) + ".")
        keeping = cls(**told)
        if keeping.window not in WINDOWS or keeping.held not in HELD:
            raise InvalidKeeping("Growth counts in a rolling, calendar or member year; a tier is held for its window, "
                                 "for months, or until the end of the next year.")  # fmt: skip
        for number, most in ((keeping.months, 60), (keeping.grace_days, 365)):
            if type(number) is not int or not 0 <= number <= most:
                raise InvalidKeeping("Months lie between 1 and 60, days of grace between 0 and 365.")
        if not keeping.months or type(keeping.one_step) is not bool or type(keeping.at_term) is not bool:
            raise InvalidKeeping("Months are at least 1; one_step and at_term are yes or no.")
        if keeping.held == "window" and (keeping.grace_days or keeping.one_step):
            raise InvalidKeeping("Grace and steps need a term that a tier is held for.")
        if keeping.held == "window" and keeping.at_term and keeping.window == "rolling":
            raise InvalidKeeping("A rolling window has no end at which tiers could go up.")
        return keeping

    def leaves(self, day: date, months: int, first: date) -> date:
        """The first day on which growth of `day` no longer counts.

        Args:
            months: The version's rolling window.
            first: The day of the customer's first growth.
        """
        if self.window == "calendar_year":
            return date(day.year + 1, 1, 1)
        if self.window == "member_year":
            years = max(1, day.year - first.year)
            while (anniversary := add_months(first, 12 * years)) <= day:
                years += 1
            return anniversary
        return add_months(day, months)

    def ends(self, day: date, *, retained: bool = False, first: date | None = None) -> date:
        """The day on which a term that begins on `day` ends: then the tier is looked at again.

        Args:
            retained: It begins because the one before ended, so it was earned in the year of the day before.
            first: The day of the customer's first growth, from which member years count.
        """
        if self.held == "window":
            return self.leaves(day, 0, first or day)
        if self.held == "end_of_next_year":
            return end_of_next_year(day - timedelta(days=1) if retained else day)
        return add_months(day, self.months)


PLAIN = Keeping()


@dataclass(slots=True)
class Position:
    """Where a member stands while the days pass: the tier, the day on which its term ends, and the end of grace.

    `first` is the day of the first growth.
    """

    tier: int = 0
    until: date | None = None
    grace: date | None = None
    first: date | None = None

    def pass_day(self, day: date, *, before: int, now: int, keeping: Keeping) -> None:
        """What the day does to the tier.

        Args:
            before: The tier that the growth up to the day before reaches.
            now: The tier that the growth counting on this day reaches.
        """
        self.first = self.first or day
        if keeping.held == "window" and not keeping.at_term:
            self.tier, self.until, self.grace = now, None, None
        elif keeping.held == "window":
            if self.until is None or day >= self.until:
                reached = self.tier if self.until is None else before
                self._hold(reached, keeping.ends(day, first=self.first))
        elif self.until is None:
            self._hold(self.tier if keeping.at_term else max(self.tier, now), keeping.ends(day))
        elif now > self.tier and not keeping.at_term:
            self._hold(now, keeping.ends(day))
        elif self.grace is not None:
            if now >= self.tier:
                self._hold(self.tier, keeping.ends(day))
            elif day >= self.grace:
                self._fall(max(before, now), day, keeping)
        elif day >= self.until:
            if before >= self.tier:
                self._hold(before if keeping.at_term else self.tier, keeping.ends(day, retained=True))
            elif keeping.grace_days and self.tier:
                self.grace = day + timedelta(days=keeping.grace_days)
            else:
                self._fall(before, day, keeping)

    def next_look(self) -> date | None:
        """The next day on which something can happen by itself."""
        return self.grace or self.until

    def _hold(self, tier: int, until: date) -> None:
        self.tier, self.until, self.grace = tier, until, None

    def _fall(self, reached: int, day: date, keeping: Keeping) -> None:
        tier = max(reached, self.tier - 1) if keeping.one_step else min(reached, self.tier)
        self._hold(tier, keeping.ends(day, retained=True))


def days_of(growth: Sequence[tuple[date, int]]) -> dict[date, int]:
    """Growth by day, what adds up to nothing left out."""
    found: dict[date, int] = {}
    for day, amount in growth:
        found[day] = found.get(day, 0) + amount
    return {day: amount for day, amount in found.items() if amount}
