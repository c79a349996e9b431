"""Wrong codes that were tried lately: how many, by whom, and whether that is more than typing errors."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from regulars.limits import queries as limits
from regulars.limits.rules import Kind
from regulars.loyalty.coupons.rules import ALARMING_AN_HOUR, Guesser

HOUR: Final = timedelta(hours=1)
LOOKED_AT: Final = timedelta(days=1)
"""An alarm stands for a day, so that whoever comes in the morning hears of the night."""


@dataclass(frozen=True, slots=True)
class WrongBy:
    """What one guesser tried: how many wrong codes, and when the first and the last."""

    guesser: Guesser
    codes: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class WrongGuesses:
    """Wrong codes of the last day: all, those of the worst hour, when that began, and by whom, the busiest first."""

    codes: int
    worst_hour: int
    worst_began: datetime | None
    by: tuple[WrongBy, ...]

    @property
    def alarms(self) -> bool:
        """Whether a person should look."""
        return self.worst_hour >= ALARMING_AN_HOUR


def wrong_guesses(*, at: datetime, within: timedelta = LOOKED_AT) -> WrongGuesses:
    """Wrong codes that everybody together tried lately."""
    taken = limits.taken(Kind.CODE_GUESSES, since=at - within)
    by: dict[int, WrongBy] = {}
    for subject, moment, codes in taken:
        one = by.get(subject) or WrongBy(Guesser.of(subject), 0, moment, moment)
        by[subject] = WrongBy(one.guesser, one.codes + codes, one.first_at, moment)
    worst, began = _worst((moment, codes) for _, moment, codes in taken)
    ordered = sorted(by.values(), key=lambda one: (-one.codes, one.guesser.subject))
    return WrongGuesses(sum(one.codes for one in ordered), worst, began, tuple(ordered))


def _worst(steps: Iterable[tuple[datetime, int]]) -> tuple[int, datetime | None]:
    """The most within any hour, and when that hour began; the steps are told in their order."""
    worst, began, running = 0, None, 0
    lately: deque[tuple[datetime, int]] = deque()
    for moment, codes in steps:
        lately.append((moment, codes))
        running += codes
        while lately[0][0] <= moment - HOUR:
            running -= lately.popleft()[1]
        if running > worst:
            worst, began = running, lately[0][0]
    return worst, began
