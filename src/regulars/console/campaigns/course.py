"""How a campaign's net gain took shape, measured night after night: a picture, and the same as a table."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.console import figures
from regulars.console.campaigns.words import FARTHEST_SHOWN, money
from regulars.core.money import minor_digits, to_major
from regulars.experiments import queries as experiments
from regulars.experiments.uplift import Gain


@dataclass(frozen=True, slots=True)
class Line:
    """What was known on a day: the estimate and the ends of its interval."""

    day: date
    net: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Course:
    """For the page's template: the chart's figures, and its lines, the latest first."""

    chart: dict[str, object]
    lines: list[Line]


def course(experiment_id: int, currency: str) -> Course | None:
    """What was measured last on each day; None before the second day, since one point is no course."""
    by_day: dict[date, Gain] = {}
    for one in reversed(experiments.course(experiment_id)):
        by_day[timezone.localtime(one.measured_at).date()] = one.report.gain
    if len(by_day) < 2:
        return None
    series: list[dict[str, object]] = [
        {"name": _("Net gain"), "data": [_major(one.net_minor, currency) for one in by_day.values()]},
        {"name": _("95% interval from"), "data": [_major(one.low_minor, currency) for one in by_day.values()]},
        {"name": _("95% interval to"), "data": [_major(one.high_minor, currency) for one in by_day.values()]},
    ]
    for end in series[1:]:
        end |= {"tone": "mute", "dash": True}
    chart: dict[str, object] = {
        "x": [date_format(day, _("j M")) for day in by_day],
        "series": series,
        "prefix": figures.symbol(currency),
        "digits": minor_digits(currency),
    }
    return Course(chart, [_line(day, gain, currency) for day, gain in reversed(by_day.items())])


def _line(day: date, gain: Gain, currency: str) -> Line:
    return Line(day, *(money(minor, currency) for minor in (gain.net_minor, gain.low_minor, gain.high_minor)))


def _major(minor: int, currency: str) -> float | None:
    """An end that lies nowhere leaves a gap."""
    return float(to_major(minor, currency)) if abs(minor) < FARTHEST_SHOWN else None
