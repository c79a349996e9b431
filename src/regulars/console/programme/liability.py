"""What the programme owes, as its page shows it and its files hold it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import downloads
from regulars.core.money import minor_digits, to_major
from regulars.ledger.rules import Movement
from regulars.loyalty.liability.breakage import FEWEST_VINTAGES
from regulars.loyalty.liability.rules import Deferral, RevenueMonth, Statement, VintageLine, vintage_lines

SHOWN_MONTHS = 13
"""A year and the month that goes on; the files hold all of them."""

BASES: dict[str, Promise] = {
    "happened": gettext_lazy("When it happened"), "booked": gettext_lazy("When it was booked"),
}  # fmt: skip


def shown(found: Statement, currency: str) -> dict[str, object]:
    """Everything that the page says of a statement."""
    lines = [line for line in vintage_lines(found) if line.left]
    movements, known = found.movements[-SHOWN_MONTHS:], found.breakage.points is not None
    ends = sorted((found.low.liability, found.high.liability))
    return {
        "found": found,
        "known": known,
        "fewest": FEWEST_VINTAGES,
        "vintages_known": found.breakage.vintages,
        "unused_percent": 100 * (found.breakage.points or 0) / found.outstanding if found.outstanding > 0 else 0,
        "face": found.worth.of(max(0, found.outstanding)),
        "low": ends[0],
        "high": ends[1],
        "movements": list(reversed(movements)),
        "older": len(found.movements) - len(movements),
        "total": _total(movements),
        "took_over": any(one.taken_over for one in movements),
        "lines": lines,
        "owed": -found.owed,
        "lines_unused": found.breakage.points,
        "never_lapses": bool(lines) and all(line.last_month is None for line in lines),
        "revenue": list(reversed(found.deferral.months[-SHOWN_MONTHS:])),
        "steps": _steps(found),
        "outstanding_chart": _outstanding_chart(movements),
        "vintage_chart": _vintage_chart(lines, known),
        "revenue_chart": _revenue_chart(found.deferral.months[-SHOWN_MONTHS:], currency),
    }


def _total(months: Sequence[Movement]) -> Movement | None:
    """All the months that are shown as one."""
    if not months:
        return None
    return Movement(
        months[0].month, months[0].opening, sum(one.earned for one in months), sum(one.used for one in months),
        sum(one.expired for one in months), sum(one.revoked for one in months), sum(one.taken_over for one in months),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Steps:
    """The arithmetic from points to money, step by step; points, and money in minor units."""

    given: int
    used: int
    outstanding: int
    unused: int
    in_the_end: int
    percent: float
    sales: int
    alone: int
    deferral: Deferral


def _steps(found: Statement) -> Steps:
    given, used = (sum(getattr(one, name) for one in found.deferral.months) for name in ("earned", "used"))
    given += sum(one.taken_over for one in found.movements)
    unused = found.breakage.points or 0
    return Steps(
        given, used, found.outstanding, unused, used + found.outstanding - unused, 100 * float(found.deferral.share),
        sum(one.sales for one in found.deferral.months), sum(one.alone for one in found.deferral.months),
        found.deferral,
    )  # fmt: skip


def _outstanding_chart(months: Sequence[Movement]) -> dict[str, Any]:
    return {
        "x": [f"{one.month:%Y-%m}" for one in months],
        "series": [
            {"name": _("Points outstanding"), "data": [one.closing for one in months], "tone": "primary", "area": True}
        ],
    }


def _vintage_chart(lines: Sequence[VintageLine], known: bool) -> dict[str, Any]:
    by_month: dict[str, list[int]] = {}
    for line in lines:
        parts = by_month.setdefault(f"{line.month:%Y-%m}", [0, 0])
        parts[0] += line.left - (line.unused or 0)
        parts[1] += line.unused or 0
    used = {"name": _("Will be used") if known else _("Left"), "tone": "primary"}
    series = [used | {"data": [parts[0] for parts in by_month.values()]}]
    if known:
        unused = {"name": _("Probably never used"), "tone": "warning"}
        series.append(unused | {"data": [parts[1] for parts in by_month.values()]})
    return {"x": list(by_month), "stacked": True, "series": series}


def _revenue_chart(months: Sequence[RevenueMonth], currency: str) -> dict[str, Any]:
    def money(name: str) -> list[float]:
        return [float(to_major(getattr(one, name), currency)) for one in months]

    return {
        "x": [f"{one.month:%Y-%m}" for one in months],
        "digits": minor_digits(currency),
        "series": [
            {"name": _("Put aside"), "data": money("deferred"), "tone": "primary"},
            {"name": _("Became revenue"), "data": money("recognised"), "tone": "warning"},
        ],
    }


Table = tuple[list[str], list[list[downloads.Cell]]]


def movement_table(found: Statement, currency: str) -> Table:
    """The movement of all months."""
    heading = [
        _("Month"), _("Opening"), _("Earned"), _("Taken over"), _("Used"), _("Expired"), _("Clawed back"), _("Closing"),
    ]  # fmt: skip
    return heading, [
        [f"{one.month:%Y-%m}", one.opening, one.earned, one.taken_over, one.used, one.expired, one.revoked, one.closing]
        for one in found.movements
    ]


def vintage_table(found: Statement, currency: str) -> Table:
    """All vintages, also those of which nothing is left."""
    heading = [
        _("Spendable from"), _("Until the end of"), _("Issued"), _("Used"), _("Expired"), _("Clawed back"), _("Left"),
        _("of which held"), _("Probably never used"),
    ]  # fmt: skip
    return heading, [
        [f"{one.month:%Y-%m}", f"{one.last_month:%Y-%m}" if one.last_month else "", one.issued, one.used, one.expired,
         one.revoked, one.left, one.held, one.unused]
        for one in vintage_lines(found)
    ]  # fmt: skip


def revenue_table(found: Statement, currency: str) -> Table:
    """The deferred revenue of all months."""
    money = [_("Sales to members"), _("Points alone"), _("Put aside"), _("Became revenue"), _("Put aside at the end")]
    heading = [_("Month"), _("Points earned"), *(f"{name} ({currency})" for name in money)]
    return heading, [
        [f"{one.month:%Y-%m}", one.earned,
         *(to_major(value, currency)
           for value in (one.sales, one.alone, one.deferred, one.recognised, one.liability))]
        for one in found.deferral.months
    ]  # fmt: skip


TABLES = {"movement": movement_table, "vintages": vintage_table, "revenue": revenue_table}
