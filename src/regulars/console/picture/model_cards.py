"""Model cards as the page shows them: figures beside those of the simple rule, parameters, curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from regulars.console import reader
from regulars.console.picture import model_words
from regulars.console.picture.model_words import FIGURES, MODELS, Figure
from regulars.insight.compute.cards import Bin, Card

SIZE, EDGE = 220.0, 30.0
BASELINE = "baseline_"
HEADLINES = ("auc", "mean_absolute_error", "mean_absolute_error_minor")
"""The one figure by which contenders of a kind are compared at a glance."""
ORDER = {"churn": 0, "contract": 1, "value": 2}


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a test, written; `better` is 'model', 'baseline' or ''."""

    label: str
    meaning: str
    value: str
    baseline: str
    better: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, written, with its meaning."""

    name: str
    meaning: str
    value: str


@dataclass(frozen=True, slots=True)
class Point:
    """A bin of a calibration curve: written, and its place in the picture."""

    customers: int
    predicted: str
    actual: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A calibration curve in a square picture; `ends` are the ends of its axes, written."""

    points: list[Point]
    line: str
    zero: str
    end: str
    size: float
    edge: float


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model as the page shows it."""

    code: str
    name: str
    purpose: str
    serves: bool
    said: str
    first_day: date | None
    last_day: date
    customers: int
    unit: str
    log_likelihood: str
    headline: Measured | None
    measured: list[Measured]
    parameters: list[Parameter]
    calibration: Curve | None
    tracking: list[tuple[int, int, int]]
    chart: dict[str, Any]


def shown(cards: Sequence[Card], currency: str) -> list[ModelCard]:
    """All cards, those that serve first, churn before value."""
    ordered = sorted(cards, key=lambda card: (not card.verdict.serves, ORDER.get(card.purpose, 9)))
    return [_shown(card, currency) for card in ordered]


def _shown(card: Card, currency: str) -> ModelCard:
    known = MODELS.get(card.model)
    measured = _measured(card, currency)
    tracking = [(period, round(actual), round(predicted)) for period, actual, predicted in card.tracking]
    return ModelCard(
        code=card.model,
        name=str(known.name) if known else card.model,
        purpose=str(known.purpose) if known else "",
        serves=card.verdict.serves,
        said=reader.said(card.verdict.words, **card.verdict.numbers),
        first_day=card.first_day,
        last_day=card.last_day,
        customers=card.customers,
        unit={"day": _("days"), "week": _("weeks")}.get(card.unit, ""),
        log_likelihood="" if card.log_likelihood is None else f"{card.log_likelihood:,.2f}",
        headline=next((_line(name, card, currency) for name in HEADLINES if name in card.backtest), None),
        measured=measured,
        parameters=[
            Parameter(name, model_words.meaning_of(name), model_words.written(one, model_words.unit_of(name), currency))
            for name, one in card.parameters.items()
        ],
        calibration=curve(card.calibration, as_shares=card.purpose in ("churn", "contract")),
        tracking=tracking,
        chart=tracking_chart(tracking),
    )


def _measured(card: Card, currency: str) -> list[Measured]:
    plain = [name for name in card.backtest if not name.startswith(BASELINE)]
    order = list(FIGURES)
    plain.sort(key=lambda name: order.index(name) if name in order else len(order))
    return [_line(name, card, currency) for name in plain]


def _line(name: str, card: Card, currency: str) -> Measured:
    figure, value = FIGURES.get(name), card.backtest[name]
    is_baseline = card.model.startswith(("rule_", "own_"))
    other = None if is_baseline else card.backtest.get(BASELINE + name)
    unit = figure.unit if figure else "number"
    return Measured(
        label=str(figure.label) if figure else name,
        meaning=str(figure.meaning) if figure else "",
        value=model_words.written(value, unit, currency, digits=3),
        baseline="" if other is None else model_words.written(other, unit, currency, digits=3),
        better="" if other is None or figure is None else _better(figure, card, value, other),
    )


def _better(figure: Figure, card: Card, value: float, other: float) -> str:
    """Whose figure is better, the model's or that of the simple rule; '' where they are alike."""
    if not figure.better or value == other:
        return ""
    if figure.better in ("high", "low"):
        return "model" if (value > other) == (figure.better == "high") else "baseline"
    aim = card.backtest.get(figure.better)
    if aim is None or abs(value - aim) == abs(other - aim):
        return ""
    return "model" if abs(value - aim) < abs(other - aim) else "baseline"


def curve(bins: Sequence[Bin], *, as_shares: bool) -> Curve | None:
    """Where bins stand in a square whose diagonal is a forecast that comes true; None without any."""
    if not bins:
        return None
    most = max(max(one.predicted, one.actual) for one in bins) or 1.0

    def place(amount: float) -> float:
        return round(SIZE * amount / most, 1)

    def written(amount: float) -> str:
        return f"{100 * amount:.1f}%" if as_shares else f"{amount:.1f}"

    points = [
        Point(
            one.count, written(one.predicted), written(one.actual), EDGE + place(one.predicted),
            round(SIZE + 8 - place(one.actual), 1),
        )
        for one in bins
    ]  # fmt: skip
    line = " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points)
    return Curve(points, line, "0", written(most), SIZE, EDGE)


def tracking_chart(rows: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """How a forecast ran on time that the model had not seen, for the chart: rows of period, actual and predicted."""
    return {
        "x": [str(period) for period, _actual, _predicted in rows],
        "series": [
            {"name": _("Came"), "data": [row[1] for row in rows], "tone": "primary", "area": True},
            {"name": _("Expected"), "data": [row[2] for row in rows], "tone": "secondary", "dash": True},
        ],
    }
