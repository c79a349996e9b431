"""One refresh's training: gather past days, test the contenders on time they had not seen, and decide who serves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from regulars.insight.compute.cards import Card, Verdict
from regulars.insight.compute.churn import backtest, boosted, choice, gate, keeping, logistic, measures, rhythm
from regulars.insight.compute.churn.backtest import Contender, Model, Trial
from regulars.insight.compute.churn.columns import MODELLED, SILENCE
from regulars.insight.compute.churn.observations import (
    Build,
    Buyers,
    Observations,
    buyers,
    cuts,
    gathered,
    joined,
    observe,
)  # fmt: skip
from regulars.insight.compute.churn.threshold import Costs
from regulars.insight.compute.tables import Tables

CARDS = {"baseline": "rule_own_rhythm", "logistic": "churn_logistic", "boosted": "churn_boosted"}
"""What a contender is called on its card."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training came to.

    Attributes:
        serves: Tells the risk of active customers; None: only the rule's levels can be told.
        kept: What to hand to the next training as `previous`; None where nothing was learned.
        everybody: All buyers as of the day; None where only a sample was brought here.
    """

    serves: Model | None
    horizon_days: int
    verdict: Verdict
    cards: list[Card]
    kept: dict[str, Any] | None
    everybody: Buyers | None = None


def train(told: Tables, day: date, *, previous: Mapping[str, Any] | None, build: Build, costs: Costs) -> Trained:
    """Train on what happened before this day."""
    here, whole = gathered(told, day)
    now = buyers(build(here, day))
    gap = rhythm.typical_gap_days(now.attributes.numbers["usual_gap_days"], now.attributes.numbers["purchase_days"])
    horizon = rhythm.horizon_days(gap, int(previous["horizon_days"]) if previous else None)
    first = day - timedelta(days=int(np.max(now.attributes.numbers["buying_days"], initial=0)))
    window = Window(first, day, horizon, gap, len(now.customer_id), costs)
    supply = _supply(now, window)
    everybody = now if whole else None
    if short := gate.closed(supply):
        return Trained(None, horizon, short, [_rule_card(window, short)], None, everybody)
    rows = joined([observe(here, cut, horizon, build) for cut in cuts(first, day, horizon)]).ordered()
    newest = int(rows.cut.max())
    learned, tested = backtest.outcomes(rows[rows.cut < newest]), backtest.outcomes(rows[rows.cut == newest])
    if short := gate.closed(replace(supply, learned=learned, tested=tested)):
        return Trained(None, horizon, short, [_rule_card(window, short)], None, everybody)
    return replace(decide(rows, window, previous), everybody=everybody)


@dataclass(frozen=True, slots=True)
class Window:
    """What a card says about its data."""

    first: date
    day: date
    horizon_days: int
    gap_days: float | None
    customers: int
    costs: Costs

    def parameters(self) -> dict[str, float]:
        """Of every card."""
        gap = {} if self.gap_days is None else {"typical_gap_days": self.gap_days}
        return {"horizon_days": float(self.horizon_days), **gap}


def _supply(now: Buyers, window: Window) -> gate.Supply:
    return gate.Supply(
        buyers=window.customers,
        customers=int(now.active(window.horizon_days).sum()),
        repeaters=int((now.attributes.numbers["purchase_days"] > 1).sum()),
        history_days=(window.day - window.first).days,
        horizon_days=window.horizon_days,
    )


def baseline(rows: Observations) -> Model:
    """The rule of the own rhythm, made a probability just as the model is: silence in usual gaps alone."""
    return logistic.fit(rows.attributes.only((SILENCE,)), rows.lost, rows.fold)


def usual(rows: Observations) -> Model:
    """The model that serves by default."""
    return logistic.fit(rows.attributes.only(MODELLED), rows.lost, rows.fold)


def challenger(rows: Observations) -> Model:
    """The model that must win clearly to serve."""
    return boosted.fit(rows.attributes.only(MODELLED), rows.lost, rows.fold)


def challenger_raw(rows: Observations) -> Model:
    """The same before calibration, which costs a quarter and orders customers alike."""
    return boosted.fit_raw(rows.attributes.only(MODELLED), rows.lost)


def decide(rows: Observations, window: Window, previous: Mapping[str, Any] | None) -> Trained:
    """Let the contenders compete on these rows and fit the one who serves on all of them."""
    fits: dict[str, Contender] = {"baseline": baseline, "logistic": usual, "boosted": challenger_raw}
    trial = choice.compete(rows, backtest.by_time(rows), fits, challenger)
    name, code = choice.champion(trial)
    fits["boosted"] = challenger
    fitted = {one: fits[one](rows) for one in fits if one != "boosted" or one == name}
    model: Model | None = fitted[name] if name else None
    kept = keeping.pack(model, name, trial, window.day, window.horizon_days) if model and name else None
    old = keeping.better(previous, trial, rows, name, window.horizon_days) if previous and name else None
    if old and previous:
        model, kept, code = old, dict(previous), "kept_previous"
    cards = [
        _card(one, name, code, trial, fitted.get(one), window, previous) for one in ("baseline", "logistic", "boosted")
    ]
    verdict = next((card.verdict for card in cards if card.verdict.serves), cards[1].verdict)
    return Trained(model, window.horizon_days, verdict, cards, kept)


def _card(
    one: str, serves: str | None, code: str, trial: Trial, model: Model | None, window: Window,
    previous: Mapping[str, Any] | None,
) -> Card:  # fmt: skip
    figures = trial.card_figures(one, window.costs)
    return Card(
        model=CARDS[one], purpose="churn", unit="day", first_day=window.first, last_day=window.day,
        customers=window.customers,
        parameters={**window.parameters(), **(model.parameters() if model else {})},
        verdict=_verdict(one, serves, code, trial, previous),
        backtest=figures,
        calibration=measures.bins(trial.lost, trial.risk[one]),
    )  # fmt: skip


def _verdict(one: str, serves: str | None, code: str, trial: Trial, previous: Mapping[str, Any] | None) -> Verdict:
    numbers: dict[str, Any] = {
        "auc": trial.figures(one)["auc"],
        "baseline_auc": trial.figures("baseline")["auc"],
        "champion_auc": trial.figures("logistic")["auc"],
    }
    if code == "kept_previous" and previous and one == previous["name"]:
        return Verdict(True, code, choice.WORDS[code], {**numbers, "trained_until": previous["trained_until"]})
    if one == serves:
        code = "retrained_worse" if code == "kept_previous" else code
        return Verdict(code != "retrained_worse", code, choice.WORDS[code], numbers)
    if one == "baseline" and serves is None:
        return Verdict(True, "rule_levels", choice.WORDS["rule_levels"], numbers)
    return Verdict(False, other := choice.why_not(one, serves), choice.WORDS[other], numbers)


def _rule_card(window: Window, verdict: Verdict) -> Card:
    """Of the rule where there is nothing to test it on; its verdict says why."""
    return Card(
        model=CARDS["baseline"], purpose="churn", unit="day",
        first_day=window.first if window.customers else None, last_day=window.day, customers=window.customers,
        parameters=window.parameters(), verdict=verdict,
    )  # fmt: skip
