"""When members come, day by day: their rhythm, weekends and holidays, leaving, bad beans, and coming back.

Somebody who left may come back much later by themselves, as people do. Whoever is won back begins anew.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from regulars.facts.connectors.camellia.dice import dice, exponential, happens
from regulars.facts.connectors.camellia.people import FAULTY_STORE, STORES, Member
from regulars.facts.connectors.camellia.seasons import busy, is_weekend

WEEKS = 78
FAULT_WEEKS_BEFORE_END = 30
FAULT_DAYS = 14
FAULT_LEAVING = 0.25
"""The chance that a visit in the days of the bad beans was the last."""
RETURNS_SHARE = 0.30
RETURNS_AFTER_DAYS = 130.0
"""Of those who left, so many come back by themselves, after so many days on average."""
ANOTHER_STORE = 0.07
WON_BACK_LEAVING = 0.12
"""Who was won back leaves again sooner than others."""

DAYS_OF: dict[str, tuple[float, float]] = {
    "commuter": (1.28, 0.30), "weekender": (0.45, 2.38), "anytime": (0.95, 1.12),
}  # fmt: skip
"""How much more often each habit comes on weekdays and at weekends than its rate says."""
HOURS: dict[str, tuple[float, float]] = {"commuter": (7.4, 10.2), "weekender": (10.0, 18.0), "anytime": (8.5, 20.5)}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the story; `first` is a Monday, `last` a Sunday."""

    first: date
    last: date

    @classmethod
    def until_last_week(cls, on: date) -> "Calendar":
        """The weeks that end with the week before the one of this day."""
        last = on - timedelta(days=on.weekday() + 1)
        return cls(last - timedelta(days=7 * WEEKS - 1), last)

    @property
    def fault_from(self) -> date:
        """The first day of the bad beans."""
        return self.last + timedelta(days=1) - timedelta(weeks=FAULT_WEEKS_BEFORE_END)

    @property
    def fault_until(self) -> date:
        """The day on which they were gone."""
        return self.fault_from + timedelta(days=FAULT_DAYS)

    def is_faulty(self, day: date, store: int) -> bool:
        """Whether the coffee was bad on this day in this store."""
        return store == FAULTY_STORE and self.fault_from <= day < self.fault_until


@dataclass(frozen=True, slots=True)
class Visit:
    """A member comes; `minute` of the day, `store` as a place in STORES."""

    day: date
    minute: int
    store: int


@dataclass(slots=True)
class Life:
    """What a member did: every visit, and when and why they left if they did. `why` is 'rhythm' or 'fault'.

    Who left and came back has left no more; `away` holds all the times, as [from, until the day of coming back).
    """

    visits: list[Visit] = field(default_factory=list)
    left_on: date | None = None
    why: str = ""
    away: list[tuple[date, date]] = field(default_factory=list)


def life(member: Member, calendar: Calendar) -> Life:
    """What the member does by themselves."""
    told = Life()
    if not member.comes:
        return told
    chance = dice("life", member.place)
    back_on: date | None = None
    day = max(member.joined_on, calendar.first)
    if member.joined_on >= calendar.first and busy(day):
        _come(told, member, day, chance)  # whoever joins does so with a cup in their hand
        day += timedelta(days=1)
    while day <= calendar.last:
        if told.left_on is not None:
            if back_on is None or back_on > calendar.last:
                break
            told.away.append((told.left_on, back_on))
            told.left_on, told.why, day = None, "", back_on
            back_on = None
            if busy(day):
                _come(told, member, day, chance)
                day += timedelta(days=1)
                continue
        if happens(chance, member.rate * _day_factor(member.habit, day)):
            visit = _come(told, member, day, chance)
            faulty, leaves = calendar.is_faulty(day, visit.store), chance.random()
            if leaves < member.leaving or (faulty and leaves < member.leaving + FAULT_LEAVING):
                told.left_on, told.why = day, "rhythm" if leaves < member.leaving else "fault"
                returns, after = chance.random() < RETURNS_SHARE, exponential(chance, RETURNS_AFTER_DAYS)
                back_on = day + timedelta(days=30 + int(after)) if returns else None
        day += timedelta(days=1)
    return told


def won_back(member: Member, calendar: Calendar, on: date) -> Life:
    """What the member does from the day, an open one, on which a win-back brought them back."""
    chance = dice("won back", member.place)
    told = Life()
    _come(told, member, on, chance)
    day = on + timedelta(days=1)
    while day <= calendar.last:
        if happens(chance, member.rate * _day_factor(member.habit, day)):
            _come(told, member, day, chance)
            if chance.random() < WON_BACK_LEAVING:
                told.left_on, told.why = day, "rhythm"
                break
        day += timedelta(days=1)
    return told


@cache
def _day_factor(habit: str, day: date) -> float:
    weekday, weekend = DAYS_OF[habit]
    return busy(day) * (weekend if is_weekend(day) else weekday)


def _come(told: Life, member: Member, day: date, chance: Random) -> Visit:
    store = int(chance.random() * len(STORES)) if chance.random() < ANOTHER_STORE else member.store
    early, late = HOURS["weekender" if member.habit == "commuter" and is_weekend(day) else member.habit]
    # The mean of two: most come in the middle of their hours.
    hour = early + (late - early) * (chance.random() + chance.random()) / 2
    visit = Visit(day, int(hour * 60), store)
    told.visits.append(visit)
    return visit
