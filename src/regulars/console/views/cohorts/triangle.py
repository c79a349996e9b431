"""The triangle: cohorts by the period of the first purchase, and what became of each period by period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import figures
from regulars.console.behind import people_url
from regulars.console.downloads import Cell as FileCell
from regulars.console.views.cohorts.chosen import last_day_of, period_label
from regulars.core.money import to_major
from regulars.insight.compute import cohorts
from regulars.insight.compute.cohorts import Cohort, Cohorts
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.rates import Rate, normal_quantile

UNITS: dict[Unit, Promise] = {
    Unit.WEEK: gettext_lazy("Weeks"), Unit.MONTH: gettext_lazy("Months"), Unit.QUARTER: gettext_lazy("Quarters"),
}  # fmt: skip
SHOWS: dict[str, Promise] = {
    "active": gettext_lazy("Bought in it"),
    "again": gettext_lazy("Came again by then"),
    "spent": gettext_lazy("Spent per customer"),
}
MOST_ROWS: dict[Unit, int] = {Unit.WEEK: 26, Unit.MONTH: 24, Unit.QUARTER: 16}
MOST_PERIODS = 12
FEW = 20
"""Cohorts below this size are shown in grey: one customer more or less is five points."""
WITHIN, TOGETHER, YEAR = 3, 3, 12
"""The answer: who came again within 3 months, of the cohorts of 3 months together, against those 12 months before."""


@dataclass(frozen=True, slots=True)
class TriangleCell:
    """A cell: what it says, how dark it is (0 to 8), and who is behind it. `said` is it in words."""

    text: str
    said: str
    heat: int
    running: bool
    url: str


@dataclass(frozen=True, slots=True)
class TriangleRow:
    """A cohort; `few` if it is too small to read much into."""

    label: str
    size: int
    url: str
    few: bool
    opening: bool
    cells: list[TriangleCell | None]


@dataclass(frozen=True, slots=True)
class Triangle:
    """The table as the page shows it; `means` stands under its columns, '' where no period is finished."""

    columns: list[int]
    rows: list[TriangleRow]
    means: list[str]
    left_out: int


def triangle(found: Cohorts, show: str, currency: str) -> Triangle:
    """The latest cohorts, newest last, and the first periods of each."""
    shown = found.cohorts[-MOST_ROWS[found.unit] :]
    start = 1 if show == "active" else 0
    longest = max((len(one.cells) for one in shown), default=0)
    columns = list(range(start, min(longest, MOST_PERIODS + 1)))
    amounts = [
        _amount(one, period, show)
        for one in shown
        for period in columns
        if one.size >= FEW and period < len(one.cells) and one.cells[period].finished
    ]
    span = (min(amounts, default=0.0), max(amounts, default=0.0))
    rows = [
        TriangleRow(
            period_label(one.first_day, found.unit), one.size, members_url(one, found.unit), one.size < FEW,
            one.opening,
            [
                _cell(one, period, show, found.unit, span, currency) if period < len(one.cells) else None
                for period in columns
            ],
        )
        for one in shown
    ]  # fmt: skip
    means = [_mean(found, period, show) for period in columns]
    return Triangle(columns, rows, means if any(means) else [], len(found.cohorts) - len(shown))


def members_url(cohort: Cohort, unit: Unit) -> str:
    """All members, by a condition, so that they can be kept as a segment."""
    span = [cohort.first_day.isoformat(), last_day_of(cohort.first_day, unit).isoformat()]
    return people_url({"field": "first_purchase_day", "op": "between", "value": span})


def _amount(cohort: Cohort, period: int, show: str) -> float:
    cell = cohort.cells[period]
    if show == "spent":
        return cell.net_so_far_per_member_minor
    return (cell.again if show == "again" else cell.active).share or 0.0


def _cell(cohort: Cohort, period: int, show: str, unit: Unit, span: tuple[float, float], currency: str) -> TriangleCell:
    cell, amount = cohort.cells[period], _amount(cohort, period, show)
    heat = 0 if cohort.size < FEW else heat_of(amount, span)
    if show == "spent":
        money = figures.compact_money(round(amount), currency)
        return TriangleCell(money, money, heat, not cell.finished, members_url(cohort, unit))
    rate = cell.again if show == "again" else cell.active
    more = {"again": 1} if show == "again" else {}
    url = people_url(None, cohort=cohort.first_day, unit=unit.value, after=period, **more) if rate.count else ""
    said = _("%(n)s of %(of)s") % {"n": figures.count(rate.count), "of": figures.count(rate.of)}
    return TriangleCell(percent(rate.share), said, heat if rate.count else 0, not cell.finished, url)


def heat_of(amount: float, span: tuple[float, float]) -> int:
    """How dark a cell is, from 1 to 6: between the least and the most of the table."""
    low, high = span
    return 3 if high <= low else min(6, max(1, 1 + round(5 * (amount - low) / (high - low))))


def _mean(found: Cohorts, period: int, show: str) -> str:
    active, again = found.average(period)
    rate = again if show == "again" else active
    return percent(rate.share) if show != "spent" and rate.of else ""


def percent(share: float | None) -> str:
    """A share in a cell: without decimals from ten per cent on."""
    if share is None:
        return "–"
    return f"{100 * share:.0f}%" if share >= 0.1 or share == 0 else f"{100 * share:.1f}%"


@dataclass(frozen=True, slots=True)
class Answer:
    """Who of the latest cohorts came again; `before` is the same a year ago, `change` better, worse, same or ''.

    Attributes:
        waiting_url: Those of them who have bought on one day only, to this day.
    """

    first: str
    last: str
    rate: Rate
    before: Rate | None
    change: str
    waiting_url: str

    @property
    def share(self) -> float:
        """In per cent."""
        return 100 * (self.rate.share or 0)

    @property
    def low(self) -> float:
        """The lower end of its interval, in per cent."""
        return 100 * (self.rate.low or 0)

    @property
    def high(self) -> float:
        """The upper end of its interval, in per cent."""
        return 100 * (self.rate.high or 0)

    @property
    def share_before(self) -> float:
        """In per cent."""
        return 100 * ((self.before.share if self.before else 0) or 0)


def answer(months: Cohorts) -> Answer | None:
    """The answer by months; None while no cohort has been there for so long."""
    ready = [one for one in months.cohorts if len(one.cells) > WITHIN and one.cells[WITHIN].finished]
    known = [one for one in ready if not one.opening] or ready
    if not known:
        return None
    latest = known[-TOGETHER:]
    rate = _again(latest)
    earlier = {one.first_day: one for one in months.cohorts if not one.opening}
    twins = [earlier.get(one.first_day.replace(year=one.first_day.year - 1)) for one in latest]
    there = [one for one in twins if one is not None]
    before = _again(there) if len(there) == len(latest) and sum(one.size for one in there) >= FEW else None
    span = [latest[0].first_day.isoformat(), last_day_of(latest[-1].first_day, Unit.MONTH).isoformat()]
    waiting = {"all": [
        {"field": "first_purchase_day", "op": "between", "value": span},
        {"field": "purchase_days", "op": "eq", "value": 1},
    ]}  # fmt: skip
    return Answer(
        period_label(latest[0].first_day, Unit.MONTH), period_label(latest[-1].first_day, Unit.MONTH), rate, before,
        change(rate, before) if before else "", people_url(waiting),
    )  # fmt: skip


def _again(chosen: Sequence[Cohort]) -> Rate:
    return Rate(sum(one.cells[WITHIN].again.count for one in chosen), sum(one.size for one in chosen))


def change(now: Rate, before: Rate) -> str:
    """Whether two shares differ by more than chance (the two-proportion test at 95 %)."""
    if not now.of or not before.of:
        return ""
    pooled = (now.count + before.count) / (now.of + before.of)
    spread = sqrt(pooled * (1 - pooled) * (1 / now.of + 1 / before.of))
    difference = now.count / now.of - before.count / before.of
    if abs(difference) <= normal_quantile(0.95) * spread:
        return "same"
    return "better" if difference > 0 else "worse"


def heading(currency: str) -> list[str]:
    """The columns of the file."""
    return [
        _("First purchase in"), _("Customers"), _("Period after"), _("Begins on"), _("Finished"), _("Bought in it"),
        _("Bought in it (%)"), _("Low (%)"), _("High (%)"), _("Came again by then"), _("Came again by then (%)"),
        _("Low (%)"), _("High (%)"), _("Orders"), _("Net spend (%(currency)s)") % {"currency": currency},
        _("Net spend so far (%(currency)s)") % {"currency": currency},
    ]  # fmt: skip


def rows_of(found: Cohorts, currency: str) -> Iterator[Sequence[FileCell]]:
    """Every cohort and period for a file."""
    for cohort in found.cohorts:
        for cell in cohort.cells:
            yield _file_row(cohort, cell, currency)


def _file_row(cohort: Cohort, cell: cohorts.Cell, currency: str) -> Sequence[FileCell]:
    return [
        cohort.first_day, cohort.size, cell.period, cell.first_day, _("yes") if cell.finished else _("no"),
        cell.active.count, *_shares(cell.active), cell.again.count, *_shares(cell.again), cell.orders,
        to_major(cell.net_minor, currency), to_major(cell.net_so_far_minor, currency),
    ]  # fmt: skip


def _shares(rate: Rate) -> list[str]:
    return [f"{100 * (part or 0):.2f}" for part in (rate.share, rate.low, rate.high)]
