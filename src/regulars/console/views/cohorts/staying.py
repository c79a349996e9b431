"""Who stays: retention period by period, survival curves, and who buys less often than they used to."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import figures
from regulars.console.behind import people_url
from regulars.console.lines import customer_url
from regulars.console.views.cohorts.chosen import DECLINING, language, names_of, part_text, period_label
from regulars.console.views.cohorts.triangle import change
from regulars.customers import queries as customers
from regulars.insight.compute.cards import Verdict
from regulars.insight.compute.frequency import Decline
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.retention import Period, Retention
from regulars.insight.compute.survival import Curve, Survival
from regulars.insight.compute.visits import Part, Trait
from regulars.loyalty.membership import number_of

TRAITS: dict[Trait, Promise] = {
    "channel": gettext_lazy("Channel"), "store": gettext_lazy("Store"), "cohort": gettext_lazy("First month"),
}  # fmt: skip
MOST_PERIODS, MOST_CURVES, SHOWN_PEOPLE = 26, 5, 8
FEW = 20
MARKS = (30, 60, 90, 120, 180, 270, 365, 545, 730, 1095, 1460, 1825)
POINTS = 60
TONES = ("primary", "warning", "secondary", "error", "mute")


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval, all in per cent."""

    share: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Of the interval."""
        return self.high - self.low

    @classmethod
    def of(cls, rate: Rate) -> "Share | None":
        """None where nothing can be said of nobody."""
        if rate.share is None or rate.low is None or rate.high is None:
            return None
        return cls(100 * rate.share, 100 * rate.low, 100 * rate.high)


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A period: who bought before, who came again, who did not."""

    label: str
    running: bool
    before: int
    retained: int
    retained_url: str
    share: Share | None
    churn: Share | None
    lost: int
    lost_url: str
    new: int
    new_url: str
    returned: int
    returned_url: str


def overall(found: Retention) -> dict[str, object]:
    """Retention of everybody, as a chart of finished periods and a table of all of them."""
    periods = [one for group in found.groups for one in group.periods if one.before or one.active][-MOST_PERIODS:]
    lines = [_period(one, found.unit) for one in reversed(periods)]
    finished = [line for line in reversed(lines) if line.share and not line.running]
    latest = next((one for group in found.groups if (one := group.latest)), None)
    told: dict[str, object] = {"period_lines": lines, "retention_said": said(found.verdict), "latest": None}
    if latest is None:
        return told
    earlier = _year_before(found, latest)
    return told | {
        "latest": _period(latest, found.unit),
        "latest_before": _period(earlier, found.unit) if earlier else None,
        "latest_change": change(latest.retention, earlier.retention) if earlier else "",
        "retention_chart": {
            "x": [line.label for line in finished],
            "series": [
                {"name": _("Came again"), "data": _one_digit(finished, "share"), "tone": "primary", "area": True},
                {"name": _("Low"), "data": _one_digit(finished, "low"), "tone": "mute", "dash": True},
                {"name": _("High"), "data": _one_digit(finished, "high"), "tone": "mute", "dash": True},
            ],
            "unit": "%",
            "digits": 1,
        },
    }


def _one_digit(lines: Sequence[PeriodLine], end: str) -> list[float]:
    return [round(getattr(line.share, end), 1) for line in lines]


def _year_before(found: Retention, latest: Period) -> Period | None:
    """The same period a year before; weeks are not compared, since holidays move."""
    if found.unit is Unit.WEEK:
        return None
    day = latest.first_day.replace(year=latest.first_day.year - 1)
    return next(
        (one for group in found.groups for one in group.periods if one.first_day == day and one.before >= FEW), None
    )


def _period(one: Period, unit: Unit) -> PeriodLine:
    def url(figure: str, count: int) -> str:
        return people_url(retention=figure, of=one.first_day, unit=unit.value) if count else ""

    return PeriodLine(
        period_label(one.first_day, unit), not one.finished, one.before, one.retained, url("retained", one.retained),
        Share.of(one.retention), Share.of(one.churn), one.lost, url("lost", one.lost), one.new, url("new", one.new),
        one.returned, url("returned", one.returned),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurveLine:
    """A curve in words and at some days: shares with intervals in per cent, None beyond the records."""

    name: str
    tone: str
    customers: int
    words: str
    marks: list[Share | None]


def survival(found: Survival, by: Trait | None) -> dict[str, object]:
    """The curves: everybody with the interval, or the largest groups beside each other."""
    curves = [curve for curve in found.curves if curve.customers >= (FEW if by else 1)]
    left_out = len(found.curves) - min(len(curves), MOST_CURVES)
    curves = sorted(curves, key=lambda one: -one.customers)[:MOST_CURVES]
    if by == "cohort":
        curves.sort(key=lambda one: str(one.part))
    told: dict[str, object] = {
        "curve_by": by or "", "traits": TRAITS.items(), "curves": [], "survival_said": said(found.verdict),
        "curves_left_out": left_out if by else 0,
    }  # fmt: skip
    if not curves:
        return told
    last = max(curve.last_day for curve in curves)
    marks = [day for day in MARKS if day <= last] or [last]
    names = names_of(by)

    def name(part: Part) -> str:
        return part_text(part, by, names).said(language()) if by else _("Everybody")

    return told | {
        "marks": marks,
        "curves": [
            CurveLine(name(one.part), tone, one.customers, _median(one), [_at(one, day) for day in marks])
            for one, tone in zip(curves, TONES, strict=False)
        ],
        "survival_chart": _curves_chart(curves, [name(one.part) for one in curves], last),
    }


def _curves_chart(curves: Sequence[Curve], names: Sequence[str], last: int) -> dict[str, Any]:
    step = max(1, -(-last // POINTS))
    days = list(range(0, last + 1, step))
    drawn = [[_at(curve, day) for day in days] for curve in curves]

    def data(points: Sequence[Share | None], end: str) -> list[float | None]:
        return [None if one is None else round(getattr(one, end), 1) for one in points]

    series: list[dict[str, object]] = [
        {"name": name, "data": data(points, "share"), "tone": tone}
        for name, points, tone in zip(names, drawn, TONES, strict=False)
    ]
    if len(curves) == 1:
        series.append({"name": _("Low"), "data": data(drawn[0], "low"), "tone": "mute", "dash": True})
        series.append({"name": _("High"), "data": data(drawn[0], "high"), "tone": "mute", "dash": True})
    return {"x": [_("day %(n)s") % {"n": day} for day in days], "series": series, "unit": "%", "digits": 1, "max": 100}


def _at(curve: Curve, day: int) -> Share | None:
    if day > curve.last_day:
        return None
    place = bisect_right(curve.steps, day, key=lambda step: step.day)
    if place == 0:
        return Share(100.0, 100.0, 100.0)
    step = curve.steps[place - 1]
    return Share(100 * step.share, 100 * step.low, 100 * step.high)


def _median(curve: Curve) -> str:
    """How long half of them stay, in words."""
    if curve.median_days is None:
        end = _at(curve, curve.last_day)
        assert end is not None
        words = _("More than half have not left: %(share)s%% are still there after %(days)s days.")
        return words % {"share": f"{end.share:.0f}", "days": figures.count(curve.last_day)}
    numbers = {"days": figures.count(curve.median_days)}
    low, high = curve.median_low_days, curve.median_high_days
    if low is None:
        return _("Half stay for %(days)s days or longer.") % numbers
    if high is None:
        words = _("Half stay for %(days)s days or longer (at least %(low)s, as far as chance goes).")
        return words % {**numbers, "low": figures.count(low)}
    words = _("Half stay for %(days)s days or longer (%(low)s to %(high)s, as far as chance goes).")
    return words % {**numbers, "low": figures.count(low), "high": figures.count(high)}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who buys less often: purchase days in the window, expected by their own past, and seen."""

    name: str
    url: str
    expected: float
    actual: int


def decline(found: Decline) -> dict[str, object]:
    """How many buy less often than they used to, and those who are missed most."""
    rows = found.customers.slice(0, SHOWN_PEOPLE).to_pylist()
    names = customers.names([row["customer_id"] for row in rows])

    def person(row: Mapping[str, Any]) -> Person:
        who = row["customer_id"]
        name = names.get(who, (who, ""))[1]
        return Person(name or number_of(who), customer_url(who), row["expected"], row["actual"])

    return {
        "fewer": found.fewer.count,
        "tested": found.tested,
        "by_chance": found.by_chance,
        "window": found.window_days,
        "decline_said": said(found.verdict),
        "fewer_url": people_url(None, **{DECLINING: 1}),
        "declining": [person(row) for row in rows],
    }


def said(verdict: Verdict) -> str:
    """What figures say of themselves, in the reader's language."""
    return verdict.words.said(language(), **verdict.numbers)
