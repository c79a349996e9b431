"""The cards of the value models: what each saw, found, foretold on held-back time, and why it serves or does not."""

from collections.abc import Mapping
from datetime import date

from regulars.insight.compute.cards import Card, Verdict
from regulars.insight.compute.clv import words
from regulars.insight.compute.clv.histories import Histories
from regulars.insight.compute.clv.orders import MODELS, Candidate, Trial
from regulars.insight.compute.clv.own_rate import OWN_RATE, own_rate
from regulars.insight.compute.clv.spending import Money
from regulars.insight.compute.clv.tracking import Point

UNITS = {1: "day", 7: "week"}
BASELINE_FIGURES = ("predicted_orders", "mean_absolute_error", "correlation", "log_score")


def without_orders(day: date) -> list[Card]:
    """All there is to say where nobody has bought."""
    verdict = Verdict(False, "no_orders", words.NO_ORDERS)
    names = [*(model.name for model in MODELS), OWN_RATE.name, "gamma_gamma", "own_average"]
    return [Card(name, "value", "", None, day, 0, {}, verdict) for name in names]


def of_all(
    histories: Histories,
    found: list[Candidate],
    rule: Trial | None,
    money: Money,
    tracks: Mapping[str, tuple[Point, ...]],
    *,
    first: date,
    day: date,
    terms: dict[str, float],
) -> list[Card]:
    """The order models and their rule, the spending model and its rule: one of three serves, and one of two.

    `terms` are the horizon and the rate that value is told for; the cards about money carry them.
    """
    made = [_of_model(one, histories, rule, tracks, first, day) for one in found]
    served = any(one.verdict.serves for one in found)
    made.append(_of_rule(histories, rule, tracks, first, day, served=served))
    return [*made, *_of_money(money, histories.customers, first, day, terms)]


def _of_model(
    one: Candidate, histories: Histories, rule: Trial | None, tracks: Mapping[str, tuple[Point, ...]],
    first: date, day: date,
) -> Card:  # fmt: skip
    parameters = dict(zip(("r", "alpha", "a", "b"), one.fit.parameters.tolist(), strict=True)) if one.fit else {}
    figures = dict(one.trial.figures) if one.trial else {}
    if rule and figures:
        figures |= {f"baseline_{name}": rule.figures[name] for name in BASELINE_FIGURES}
    return Card(
        one.model.name, "value", UNITS[histories.unit_days], first, day, histories.customers,
        {name: float(f"{number:.6g}") for name, number in parameters.items()}, one.verdict,
        log_likelihood=round(one.fit.log_likelihood, 4) if one.fit else None, backtest=figures,
        calibration=one.trial.calibration if one.trial else (), tracking=tracks.get(one.model.name, ()),
    )  # fmt: skip


def _of_rule(
    histories: Histories, rule: Trial | None, tracks: Mapping[str, tuple[Point, ...]], first: date, day: date,
    *, served: bool,
) -> Card:  # fmt: skip
    told = own_rate(histories)
    verdict = Verdict(False, "baseline", words.BASELINE) if served else Verdict(True, "rule", words.RULE_SERVES)
    return Card(
        OWN_RATE.name, "value", UNITS[histories.unit_days], first, day, histories.customers,
        {"shop_rate": float(f"{1 / told.alpha:.6g}")}, verdict, backtest=dict(rule.figures) if rule else {},
        calibration=rule.calibration if rule else (), tracking=tracks.get(OWN_RATE.name, ()),
    )  # fmt: skip


def _of_money(money: Money, customers: int, first: date, day: date, terms: dict[str, float]) -> list[Card]:
    parameters = dict(zip(("p", "q", "v_minor"), money.fit.parameters.tolist(), strict=True)) if money.fit else {}
    figures = {"frequency_money_correlation": money.correlation, **money.figures} if money.fit else {}
    model = Card(
        "gamma_gamma", "value", "", first, day, money.spenders,
        {name: float(f"{number:.6g}") for name, number in parameters.items()} | terms, money.verdict,
        log_likelihood=round(money.fit.log_likelihood, 4) if money.fit else None, backtest=figures,
    )  # fmt: skip
    served = money.spending is not None
    text = words.AVERAGE_BASELINE if served else words.AVERAGE_SERVES
    verdict = Verdict(not served, "baseline" if served else "rule", text)
    shop = {"shop_minor": round(money.shop, 2)} | terms
    return [model, Card("own_average", "value", "", first, day, customers, shop, verdict)]
