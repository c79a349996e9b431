"""What an earning rule is: when, if, then, at most; and what became of it. Pure; amounts of money in minor units."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, Predicate, Tree, predicate
from regulars.core.errors import DomainError


class InvalidRule(DomainError):
    """An earning rule cannot be read or contradicts itself; `context["rule"]` says which."""

    code = "invalid_rule"


class Earns(StrEnum):
    """What a rule can give in every programme; a currency of its own is named by its code."""

    POINTS = "points"
    GROWTH = "growth"
    COUPON = "coupon"
    BADGE = "badge"


class Counted(NamedTuple):
    """How so many of something are written: its name, the name of a single one in English, its measure in Chinese."""

    name: Text
    one: str
    measure: str = ""

    def of(self, amount: int) -> Text:
        """So many of it: 10 积分, 3 个印花; 10 points, 1 stamp."""
        name = self.called(amount)
        return Text(f"{amount:,} {self.measure}{name.zh}", f"{amount:,} {name.en}")

    def called(self, amount: int) -> Text:
        """Its name beside so many of it."""
        return Text(self.name.zh, self.one if abs(amount) == 1 else self.name.en)


class Period(StrEnum):
    """How long a limit counts, in business days; a week starts on Monday."""

    ORDER = "order"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    EVER = "ever"
    BUDGET = "budget"
    """Not a time: what all members together get from one rule, ever 活动预算."""

    def starts(self, day: date) -> date:
        """The first day of the period that `day` lies in; for EVER and BUDGET the first day there is."""
        match self:
            case Period.WEEK:
                return date.fromordinal(day.toordinal() - day.weekday())
            case Period.MONTH:
                return day.replace(day=1)
            case Period.YEAR:
                return day.replace(month=1, day=1)
            case Period.EVER | Period.BUDGET:
                return date.min
        return day


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so much for one member in one period: what the rule earns, or `times`; of a BUDGET, for all members.

    Args:
        by_tier: Other ceilings for some tiers, by tier code.
    """

    period: Period
    most: int
    times: bool = False
    by_tier: Mapping[str, int] = field(default_factory=dict)

    def ceiling(self, tier: str) -> int:
        """The most for a member of this tier."""
        return self.by_tier.get(tier, self.most)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order: product id, whole pieces (half a pound is none), amount in minor units."""

    sku: str
    pieces: int
    amount: int


Exact = tuple[int, int]
"""A part of a point, exactly: numerator and denominator above zero. Plain numbers, since this is a hot path."""


@dataclass(frozen=True, slots=True)
class Deal:
    """What a rule counts from: the base that earns, its lines, the money for one point or growth value (0: none)."""

    base: int
    minor_per_one: int
    lines: Callable[[], Sequence[Line]] = tuple


class Effect(Protocol):
    """What a rule gives; a kind of rule is one file with one of these."""

    def worth(self, deal: Deal) -> Exact:
        """How much it gives on top of the base, exactly."""

    def by_line(self, deal: Deal) -> list[int] | None:
        """In which proportion that divides over the lines; None if it belongs to the order as a whole."""

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """The effect in words, to stand behind its condition; `products` has names by product id."""


@dataclass(frozen=True, slots=True)
class EarningRule:
    """One rule of one version.

    Attributes:
        on: 'order', or the event that it rewards, as the fact kind or the custom event is called.
        earns: One of `Earns`, or the code of a currency of the programme's own.
        starts, ends: The business days on which it holds, both inclusive; None: without an end.
        group: Of the rules of a group that apply, only the first in order gives anything.
        alone: Where it applies, no rule after it does.
        applies: Whether the condition is fulfilled by the values of its fields; None: it holds for everybody.
    """

    code: str
    names: Mapping[str, str]
    on: str
    effect: Effect
    earns: str = Earns.POINTS
    condition: Tree = EVERYBODY
    limits: tuple[Limit, ...] = ()
    starts: date | None = None
    ends: date | None = None
    priority: int = 0
    group: str = ""
    alone: bool = False
    applies: Predicate | None = field(init=False, compare=False, default=None)

    def __post_init__(self) -> None:
        """Make the condition a function; it asks about the item itself and never about 'today', so any day does."""
        if self.condition != EVERYBODY:
            object.__setattr__(self, "applies", predicate(self.condition, day=date.min))

    def __reduce__(self) -> tuple[Any, ...]:
        # Functions do not travel to other processes; the condition does, and the function is made again there.
        return EarningRule, tuple(getattr(self, one.name) for one in fields(self) if one.init)

    @property
    def budget(self) -> Limit | None:
        """What all members together may get from it."""
        return next((limit for limit in self.limits if limit.period is Period.BUDGET), None)

    def holds_on(self, day: date) -> bool:
        """Whether the rule holds on this day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Award:
    """What one rule gave: `wished` before limits, `given` after them; `cut_by` the limit that cut, '' if none did.

    `code` is the rule's; '' for the base, which every order earns.
    """

    code: str
    earns: str
    wished: int
    given: int
    cut_by: Limit | None = None


class Own(NamedTuple):
    """What an item earns of a currency of the programme's own; `lines` divides it as `Earning.line_points` does."""

    amount: int
    lines: list[int] | None = None


@dataclass(slots=True)
class Earning:
    """What an item earns in all, with its trace.

    `line_points` and `line_growth` divide them over the order's lines; None: in proportion to the lines' amounts.
    `taken`: what it used of limits, which is free again if the order is cancelled. `own`: other currencies, by code.
    """

    points: int = 0
    growth: int = 0
    awards: list[Award] = field(default_factory=list)
    line_points: list[int] | None = None
    line_growth: list[int] | None = None
    taken: list[tuple["Slot", int]] = field(default_factory=list, compare=False)
    own: dict[str, Own] = field(default_factory=dict)


Shares = Mapping[str, int]
"""What an item was given of the budgets of rules, by rule code, once that is decided; then it stays decided."""

Slot = tuple[str, Period, date]
Used = dict[Slot, int]
"""What of each limit a member has used: (rule code, '' for the programme's caps; period, its first day) → amount.

Limits on times are kept under the code with a `#` behind it, caps of a currency under its code between two of them.
"""
