"""What rules ask about a member that no fact tells: the segments they are in, and their profile (ADR 33). Pure.

The fold must give the same for ever, and segments and profiles change. So what a fact's version asks is read once, when
the fact is recorded, and kept with it: yes or no, numbers, codes; never a name, a contact or a birthday.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from regulars.core.conditions import comparisons
from regulars.core.conditions.anniversaries import coming, number_of
from regulars.loyalty.earning.fields import as_agreed
from regulars.loyalty.earning.rules import EarningRule

SEGMENTS: Final = "segments"

Inputs = Mapping[str, Any]
"""What is kept with a fact, by field: {"segments": {"7": true}, "member_days": 12}. What is not there nobody asked."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who a fact is of, as they are known at a moment; `inside` are the segments they are in, by id."""

    joined_on: date | None = None
    birthday: date | None = None
    language: str = ""
    inside: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What rules for one kind of item ask about a member: fields of PROFILE, and segments by id."""

    fields: frozenset[str]
    segments: frozenset[int]
    codes: tuple[tuple[str, int], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Write the segments' codes once, since every order of a large import asks for them."""
        object.__setattr__(self, "codes", tuple((str(one), one) for one in sorted(self.segments)))

    def of(self, member: Member, day: date) -> dict[str, Any]:
        """What is kept of a member with a fact of a business day; None of what nobody knows."""
        found: dict[str, Any] = {}
        if self.codes:
            inside = member.inside
            found[SEGMENTS] = {code: one in inside for code, one in self.codes}
        for name in self.fields:
            found[name] = PROFILE[name](member, day)
        return found


def wanted(rules: Iterable[EarningRule]) -> Wanted | None:
    """What these rules ask about members; None if nothing."""
    fields, segments = set[str](), set[int]()
    for rule in rules:
        for leaf in comparisons(rule.condition):
            if leaf.field in PROFILE:
                fields.add(leaf.field)
            elif leaf.field == SEGMENTS and isinstance(leaf.value, tuple):
                segments |= {int(str(one)) for one in leaf.value}
    return Wanted(frozenset(fields), frozenset(segments)) if fields or segments else None


def asked_of(terms: Iterable[Mapping[str, Any]]) -> frozenset[int]:
    """The segments that rules of these terms ask about, by id."""
    ruled = [rule.get("if") for one in terms for rule in one.get("rules", ())]
    return frozenset(int(str(choice.value)) for choice in as_agreed(ruled)[SEGMENTS].choices)


def value(inputs: Inputs | None, field: str) -> Any:
    """What a condition sees of a field; None where nothing was kept, or nobody knew."""
    told = inputs.get(field) if inputs else None
    if field == SEGMENTS and told is not None:
        return {code for code, inside in told.items() if inside}
    return told


def _days(member: Member, day: date) -> int | None:
    return None if member.joined_on is None else max(0, (day - member.joined_on).days)


def _anniversary(member: Member, day: date) -> bool | None:
    if member.joined_on is None:
        return None
    return member.joined_on.year < day.year and number_of(member.joined_on) in coming(day, 0)


def _birthday(member: Member, day: date) -> bool | None:
    return None if member.birthday is None else number_of(member.birthday) in coming(day, 0)


def _birthday_month(member: Member, day: date) -> bool | None:
    return None if member.birthday is None else member.birthday.month == day.month


PROFILE: Final[Mapping[str, Callable[[Member, date], Any]]] = {
    "member_days": _days,
    "join_anniversary": _anniversary,
    "birthday": _birthday,
    "birthday_month": _birthday_month,
    "language": lambda member, day: member.language or None,
}
"""How each field of the profile gets its value, seen from the fact's business day."""
OF_MEMBERS: Final = frozenset({SEGMENTS, *PROFILE})
