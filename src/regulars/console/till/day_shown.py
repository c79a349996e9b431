"""The day of a shop: what each person did at the till, and what looks odd."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.catalogue import queries as catalogue
from regulars.console import actors, figures, sight
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.lines import customer_url
from regulars.console.reader import said
from regulars.console.till.done import said_of
from regulars.customers import queries as customers
from regulars.loyalty.membership import number_of
from regulars.loyalty.risk import queries as risk
from regulars.loyalty.risk.detection import RISK_RULES
from regulars.loyalty.risk.rules import UNSETTLED
from regulars.loyalty.till import queries
from regulars.loyalty.till.queries import Total
from regulars.loyalty.till.rules import Step, needs_manager

LISTED: Final = 60
MANY_UNDONE: Final = 3
"""From so many steps undone in a day on somebody has a look."""


@dataclass(frozen=True, slots=True)
class Person:
    """A line of the table: who, and what they did."""

    name: str
    total: Total


@dataclass(frozen=True, slots=True)
class Line:
    """A step in the list."""

    step: Step
    who: str
    by: str
    words: str
    allowed_by: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Something to look at: a sentence, and where more of it stands, '' for nowhere."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the stores that somebody sees."""

    day: date
    people: list[Person]
    whole: Total
    lines: list[Line]
    odd: list[Odd]


def day_of(request: StaffRequest, day: date) -> Day:
    """What happened on a business day in this person's stores."""
    steps = queries.of_day(day, stores=sight.stores_of(request))
    names = actors.names_of({who for one in steps for who in (one.actor, one.allowed_by, one.undone_by) if who})
    totals = queries.totals(steps)
    return Day(
        day,
        [Person(names.get(one.actor, ""), one) for one in totals],
        _whole(totals),
        _lines(request, steps[:LISTED], names),
        _odd(request, steps, totals, names),
    )


def _whole(totals: Sequence[Total]) -> Total:
    whole = Total("")
    for one in totals:
        for name in ("sales", "paid", "stamps", "rewards", "undone", "late"):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def _lines(request: StaffRequest, steps: Sequence[Step], names: dict[str, str]) -> list[Line]:
    called = customers.names({one.customer_id for one in steps})
    whole = "customers.view" in request.capabilities
    found = []
    for one in steps:
        canonical, name = called.get(one.customer_id, (one.customer_id, ""))
        shown = name if whole or not name else f"{name[:1]}**"
        found.append(
            Line(one, shown or number_of(canonical), names.get(one.actor, ""), said_of(request, one),
                 names.get(one.allowed_by, ""))
        )  # fmt: skip
    return found


def _odd(request: StaffRequest, steps: Sequence[Step], totals: Sequence[Total], names: dict[str, str]) -> list[Odd]:
    found = []
    for one in totals:
        if one.undone >= MANY_UNDONE:
            words = _("%(name)s undid %(n)s steps.")
            found.append(Odd(words % {"name": names.get(one.actor, ""), "n": figures.count(one.undone)}, ""))
    limit = business_of(request).till_points
    for step in steps:
        points = step.given.get("points", 0)
        if step.undone_at is None and step.is_late and needs_manager(points, limit) and not step.allowed_by:
            words = _("%(name)s told %(points)s points late, without a manager: the till had no network.")
            told = {"name": names.get(step.actor, ""), "points": figures.count(abs(points))}
            found.append(Odd(words % told, ""))
    return found + _cases(request, steps)


def _cases(request: StaffRequest, steps: Sequence[Step]) -> list[Odd]:
    """Guests of the day whom the risk rules found odd."""
    groups = customers.canonicals({one.customer_id for one in steps})
    found = []
    cases = risk.cases_of({*groups, *groups.values()}) if groups else []
    for case in (one for one in cases if one.state in UNSETTLED):
        rules = "、" if request.language != "en" else ", "
        why = rules.join(said(RISK_RULES[one.rule].name) for one in case.evidence if one.rule in RISK_RULES)
        who = number_of(groups.get(case.customer_id, case.customer_id))
        url = ""
        if "risk.view" in request.capabilities:
            url = reverse("risk_case", args=[case.id])
        elif "customers.view" in request.capabilities:
            url = customer_url(groups.get(case.customer_id, case.customer_id))
        found.append(Odd(_("Member %(number)s: %(why)s.") % {"number": who, "why": why}, url))
    return found


def store_names_of(request: StaffRequest) -> list[str]:
    """The shops that somebody's day is about; none for all of them."""
    codes = request.member.store_codes
    names = catalogue.store_codes()
    return [] if codes is None else [names.get(code, code) for code in codes]
