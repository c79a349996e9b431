"""The past win-back: what it did is planted here, so that what is measured can be laid beside it.

The effect: of the treated, PLANTED more than would have come by themselves order within the window, on average exactly.
Each treated customer who would stay away comes with the same chance, drawn for each alone. The orders of the held-out
are what they would have been.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from regulars.facts.connectors.camellia.dice import dice
from regulars.facts.connectors.camellia.seasons import open_day
from regulars.facts.connectors.camellia.visits import Calendar, Life

PLANTED = 0.22
WEEKS_BEFORE_END = 13
WINDOW_DAYS = 28
COMES_WITHIN_DAYS = 21
USES_COUPON = 0.75
"""Of the treated who come in the window, so many show their coupon; those whom it brought all do."""
COUPON_MINOR = 10_00
COUPON_LEAST_MINOR = 20_00
"""满 20 减 10: ten yuan off an order of twenty or more."""


@dataclass(frozen=True, slots=True)
class WinBack:
    """Who was written to with which code, who was held out, and whom it brought back on which day; all by place in the
    list of members.
    """

    started_on: date
    treated: Mapping[int, str]
    held_out: frozenset[int]
    brought: Mapping[int, date]

    @property
    def until(self) -> date:
        """The day after the last of the window."""
        return self.started_on + timedelta(days=WINDOW_DAYS)


def starts_on(calendar: Calendar) -> date:
    """The Monday on which it started."""
    return calendar.last + timedelta(days=1) - timedelta(weeks=WEEKS_BEFORE_END)


def plan(
    calendar: Calendar, lives: Mapping[int, Life], treated: Mapping[int, str], held_out: frozenset[int]
) -> WinBack:
    """Draw whom the win-back brings back."""
    start = starts_on(calendar)
    by_themselves = {place for place in treated if comes(lives[place], start)}
    stay_away = treated.keys() - by_themselves
    each = min(1.0, PLANTED * len(treated) / len(stay_away)) if stay_away else 0.0
    brought = {}
    for place in sorted(stay_away):
        chance = dice("win-back", place)
        if chance.random() < each:
            # Soon rather than late: the smaller of two.
            day = min(chance.random(), chance.random()) * COMES_WITHIN_DAYS
            brought[place] = open_day(start + timedelta(days=1 + int(day)))
    return WinBack(start, treated, held_out, brought)


def comes(life: Life, start: date) -> bool:
    """Whether somebody comes within the window by themselves."""
    return any(start <= visit.day < start + timedelta(days=WINDOW_DAYS) for visit in life.visits)


def uses_coupon(place: int) -> bool:
    """Whether a treated member who came by themselves shows the coupon."""
    return dice("coupon", place).random() < USES_COUPON
