"""The figures of a campaign's report as tables: both arms, the way of the messages, the arithmetic for a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

from regulars.console import figures
from regulars.console.campaigns.words import money, percent
from regulars.console.downloads import Cell, Formula
from regulars.console.reader import said
from regulars.core.money import LARGEST_MINOR, to_major
from regulars.experiments.arithmetic import arithmetic as steps_of
from regulars.experiments.formulas import as_cells
from regulars.experiments.queries import OutcomeView
from regulars.experiments.rules import Interval
from regulars.experiments.sums import POWERS
from regulars.experiments.uplift import Effect
from regulars.outreach.campaigns.rules import CampaignView
from regulars.outreach.deliveries.queries import Counts
from regulars.outreach.deliveries.words import STATES
from regulars.outreach.deliveries.words import said as why_said

Written: TypeAlias = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure in both arms, the difference with its interval, and whether chance alone hardly makes one like it."""

    label: str
    treated: str
    held_out: str
    difference: str = ""
    low: str = ""
    high: str = ""
    tone: str = ""


def arms(outcome: OutcomeView, currency: str) -> list[Row]:
    """Customers, buyers, orders and revenue of those written to and those left out, side by side."""
    found, sums = outcome.report, outcome.sums

    def amount(minor: float) -> str:
        return money(minor, currency)

    def each(value: float) -> str:
        return f"{value:.3f}" if isfinite(value) else "—"

    return [
        Row(_("Customers"), figures.count(found.treated), figures.count(found.held_out)),
        Row(
            _("Buyers"), figures.count(sums.treated.buyers), figures.count(sums.held_out.buyers)
        ),
        _compared(_("Share that bought"), found.conversion, percent, points),
        _compared(_("Orders per customer"), found.orders, each),
        _compared(_("Revenue per customer"), found.revenue, amount),
    ]  # fmt: skip


def points(share: float) -> str:
    """A difference of shares, in percentage points."""
    return _("%(size)s pt") % {"size": f"{100 * share:.1f}"}


def _compared(label: str, effect: Effect, written: Written, between: Written | None = None) -> Row:
    one, apart = effect.difference, between or written
    unit = points(0.0).removeprefix("0.0") if between is points else ""
    if not (isfinite(one.low) and isfinite(one.high)):
        return Row(label, written(effect.treated), written(effect.held_out))
    sign = "+" if one.point > 0 else ""
    return Row(
        label, written(effect.treated), written(effect.held_out), sign + apart(one.point),
        apart(one.low).removesuffix(unit), apart(one.high).removesuffix(unit), _tone(one),
    )  # fmt: skip


def _tone(one: Interval) -> str:
    return "up" if one.low > 0 else "down" if one.high < 0 else ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way of the messages; `width` in percent of all of them, `note` what belongs to it."""

    label: str
    count: int
    width: float
    note: str = ""


def funnel(view: CampaignView, counts: Counts) -> list[Step]:
    """What became of the messages, from queued to clicked."""
    whole, touched = max(1, counts.total), counts.touched
    sent = counts.states.get("sent", 0) + counts.states.get("unknown", 0)
    told = [(_("Queued"), counts.total, ""), (_("Sent"), sent, "")]
    if view.plan.channel == "email":
        told += [
            (_("Opened"), touched.opened, _machines(touched.opened_by_machines)),
            (_("Clicked"), touched.clicked, _machines(touched.clicked_by_machines)),
        ]
    return [Step(label, count, 100 * count / whole, note) for label, count, note in told]


def _machines(count: int) -> str:
    return _("and %(n)s by scanners alone, not counted") % {"n": figures.count(count)} if count else ""


def not_sent(counts: Counts) -> list[tuple[str, str, int]]:
    """Messages that did not arrive: state, why, and how many."""
    found = sorted(counts.reasons.items(), key=lambda one: -one[1])
    return [(said(STATES[state]), said(why_said(reason, None)), n) for (state, reason), n in found]


VALUES: Final = "E"
"""The column of the file in which the values stand, to which its formulas refer."""


def heading() -> list[str]:
    """The columns of the arithmetic."""
    return [_("Part"), _("Figure"), _("Written to"), _("Left out"), _("Value"), _("Called"), _("How it is computed")]


def arithmetic(outcome: OutcomeView, currency: str) -> list[list[Cell]]:
    """Every number of the report, and below each step from the sums to the gain as a formula that computes it again.

    The steps are worked out by their own formulas, so they check the report instead of repeating it.
    """
    rows = [[*row, None, None] for row in _reported(outcome, currency)]
    steps = steps_of(outcome.sums, outcome.report)
    cells = as_cells(steps, column=VALUES, first=2 + len(rows))
    for step, cell in zip(steps, cells, strict=True):
        value = Decimal(f"{step.value:.17g}") if isfinite(step.value) else None
        live = Formula(cell, value) if cell and value is not None else value
        rows.append([_("The computation"), said(step.label), None, None, live, step.name, step.formula or None])
    return rows


def _reported(outcome: OutcomeView, currency: str) -> Iterator[list[Cell]]:
    """What the report says, and the sums of both arms that it was made from."""
    found, sums = outcome.report, outcome.sums
    yield [_("Arms"), _("Customers"), found.treated, found.held_out, None]
    yield [_("Arms"), _("Buyers"), sums.treated.buyers, sums.held_out.buyers, None]
    for label, one, other in (
        (_("Orders"), sums.treated.orders, sums.held_out.orders),
        (_("Revenue (minor units)"), sums.treated.revenue, sums.held_out.revenue),
    ):
        for i, j in POWERS:
            yield [_("Sums"), f"{label}: Σ y^{i} x^{j}", str(one[i, j]), str(other[i, j]), None]
    yield [_("Check of the lot"), _("Expected left out"), None, _plain(found.ratio.expected), None]
    yield [_("Check of the lot"), "p", None, None, _plain(found.ratio.p)]
    for label, effect in (
        (_("Share that bought"), found.conversion), (_("Orders per customer"), found.orders),
        (_("Revenue per customer (minor units)"), found.revenue),
    ):  # fmt: skip
        yield [label, _("Mean"), _plain(effect.treated), _plain(effect.held_out), None]
        for name, value in (
            (_("Difference, corrected"), effect.difference.point), (_("95% interval from"), effect.difference.low),
            (_("95% interval to"), effect.difference.high), ("p", effect.difference.p),
            (_("Standard error without an effect"), effect.error), (_("Correction by the past (theta)"), effect.theta),
            (_("Share of the noise that it takes out"), effect.less),
        ):  # fmt: skip
            yield [label, name, None, None, _plain(value)]
    gain = found.gain
    for name, minor in (
        (_("Brought more"), gain.incremental.point), (_("Gifts given"), gain.costs.coupons_minor),
        (_("Cost of messages"), gain.costs.messages_minor),
        (_("Discounts, in the revenue already"), gain.costs.discounts_minor),
        (_("Net gain"), gain.net_minor), (_("95% interval from"), gain.low_minor),
        (_("95% interval to"), gain.high_minor), (_("Smallest difference that would show"), found.smallest_minor),
    ):  # fmt: skip
        told = to_major(round(minor), currency) if isfinite(minor) and abs(minor) < LARGEST_MINOR else None
        yield [_("Gain (%(currency)s)") % {"currency": currency}, name, None, None, told]
    yield [_("Verdict"), found.verdict.code, None, None, f"{outcome.measured_at:%Y-%m-%d %H:%M} UTC"]


def _plain(value: float) -> str | None:
    return f"{value:.10g}" if isfinite(value) else None
