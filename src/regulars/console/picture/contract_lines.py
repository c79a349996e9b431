"""Contracts as pages show them: who holds one, until when, how likely it is to end, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import figures
from regulars.console.behind import people_url
from regulars.console.condition_words import Speaker
from regulars.console.lines import customer_url
from regulars.console.picture.churn_radar import Reason
from regulars.console.picture.people_list import TONES
from regulars.core.conditions import AllOf, Comparison, Op, Tree
from regulars.customers import queries as customers
from regulars.customers.rules import mask_phone
from regulars.insight.compute.browse import Row
from regulars.insight.compute.churn.reasons import RAISES
from regulars.insight.compute.churn.words import ARROWS, LOWERS_ARROW, sentence
from regulars.insight.compute.contract_files import SOON_DAYS, SORTS, Contracts, Wanted
from regulars.loyalty.membership import number_of

LEVELS: dict[str, Promise] = {
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low": gettext_lazy("Low"),
    "unknown": gettext_lazy("Not known yet"),
    "ended": gettext_lazy("Ended"),
}
SORT_LABELS: dict[str, Promise] = {"risk": gettext_lazy("Risk"), "ends": gettext_lazy("Soonest end")}
USUAL_SORT = "risk"


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter and order of the list, as in the address. `within` are days to the agreed end, '' for any."""

    level: str = ""
    within: str = ""
    sort: str = USUAL_SORT

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """What an address asks for; what makes no sense is left open."""
        level, within, sort = (query.get(name, "") for name in cls.__slots__)
        return cls(
            level if level in LEVELS and level != "ended" else "",
            within if within in map(str, SOON_DAYS) else "",
            sort if sort in SORTS else USUAL_SORT,
        )

    @property
    def query(self) -> str:
        """The address's part after the question mark, without what is left open."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in given.items() if value and (name, value) != USUAL})

    @property
    def wanted(self) -> Wanted:
        """The same for the picture."""
        return Wanted(self.level, int(self.within or 0))

    @property
    def people_url(self) -> str:
        """Where the holders are listed."""
        parts: list[Tree] = [Comparison("contracts_running", Op.GE, 1)]
        parts += [Comparison("contract_level", Op.IN, (self.level,))] if self.level else []
        parts += [Comparison("contract_days_left", Op.LE, int(self.within))] if self.within else []
        return people_url(AllOf(tuple(parts)) if len(parts) > 1 else parts[0])

    def changed(self, **parts: str) -> "Asked":
        """The same with some parts changed."""
        return replace(self, **parts)


USUAL = ("sort", USUAL_SORT)


@dataclass(frozen=True, slots=True)
class Line:
    """A contract. `risk` is a percentage, None where it has ended or no model tells; `left` days to the agreed end.

    `is_seen`: it was only found ended on `ended_on`.
    """

    url: str
    holder: str
    shown_as: str
    number: str
    started_on: date | None
    ends_on: date | None
    left: int | None
    ended_on: date | None
    is_seen: bool
    risk: float | None
    level: str
    tone: str
    reasons: list[Reason]


def lines(rows: Sequence[Row], told: Contracts, day: date, words: Speaker) -> list[Line]:
    """Rows of the picture with the names and phones of those who hold the contracts."""
    ids = [row["customer_id"] for row in rows if row["customer_id"] is not None]
    names, phones = customers.names(ids), customers.phones(ids)
    return [_line(row, told, day, words, names, phones) for row in rows]


def _line(
    row: Row, told: Contracts, day: date, words: Speaker, names: Mapping[int, tuple[int, str]],
    phones: Mapping[int, str],
) -> Line:  # fmt: skip
    who, ends, risk, level = row["customer_id"], row["ends_on"], row["risk"], row["level"]
    phone = phones.get(who, "")
    return Line(
        url=customer_url(who) if who is not None else "",
        holder=_("Nobody named") if who is None else names.get(who, (who, ""))[1] or _("No name yet"),
        shown_as=mask_phone(phone) if phone else number_of(who) if who is not None else "",
        number=row["number"],
        started_on=row["started_on"],
        ends_on=ends,
        left=(ends - day).days if ends is not None else None,
        ended_on=row["ended_on"],
        is_seen=bool(row["seen"]),
        risk=None if risk is None else 100 * risk,
        level=str(LEVELS.get(level, level)),
        tone=TONES.get(level, "mute"),
        reasons=[_reason(one, told, words) for one in row["reasons"] or ()],
    )


def _reason(one: Mapping[str, Any], told: Contracts, words: Speaker) -> Reason:
    """A reason in words, without its arrow."""
    said = words.text(
        sentence(
            one, money=lambda minor: figures.money(minor, words.currency), labels=told.labels, units=told.units
        )
    )  # fmt: skip
    for arrow in (*ARROWS.values(), LOWERS_ARROW):
        said = said.removesuffix(f" {arrow}")
    return Reason(said, one["direction"] == RAISES)
