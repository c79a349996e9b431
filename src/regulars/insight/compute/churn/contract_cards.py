"""Model cards of contracts, and what it takes to learn from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from regulars.insight.compute.cards import Card, Text, Verdict
from regulars.insight.compute.churn import choice, measures
from regulars.insight.compute.churn.backtest import Model, Trial
from regulars.insight.compute.churn.gate import EACH_OUTCOME, TESTED_OUTCOME
from regulars.insight.compute.churn.measures import Flags
from regulars.insight.compute.churn.threshold import Costs

CARDS = {"baseline": "rule_one_attribute", "logistic": "churn_contract", "boosted": "churn_contract_boosted"}
"""What a contender is called on its card."""
NEEDED = 5 * TESTED_OUTCOME
"""Of each outcome, so that every fifth has enough to be tested on and the rest enough to learn from."""
FEW = Text(
    "已结束的合同有 {ended} 份，进行中的有 {running} 份，两样都要有 {needed} 份以上才学得出差别，暂不打分。",
    "{ended} contracts have ended and {running} run; it takes {needed} of both to learn what sets them apart, so there "
    "are no scores yet.",
)
NO_ATTRIBUTES = Text(
    "除了客户编号和结束标记，表里没有能用的列，暂不打分。",
    "Besides the customer and the end, the table has no column to learn from, so there are no scores.",
)
IN_CONTRACT = {
    "serves": "serves_contract",
    "baseline": "baseline_contract",
    "rule_serves": "rule_serves_contract",
    "worse_than_rule": "worse_than_attribute",
}


IN_TIME = {
    "baseline": "baseline_contract",
    "rule_serves": "rule_serves_contract_time",
    "worse_than_rule": "worse_than_attribute_time",
}


@dataclass(frozen=True, slots=True)
class Window:
    """What a card says about its data. `first` and `horizon_days` only where the past was looked at."""

    day: date
    customers: int
    attribute: Text
    costs: Costs
    first: date | None = None
    horizon_days: int = 0
    labels: Mapping[str, Text] = field(default_factory=dict)


def closed(ended: Flags, columns: int) -> Verdict | None:
    """The verdict that keeps the model out, or None where there is enough of everything."""
    left = int(ended.sum())
    numbers = {"ended": left, "running": len(ended) - left, "needed": max(NEEDED, EACH_OUTCOME)}
    if min(left, len(ended) - left) < numbers["needed"]:
        return Verdict(False, "few_outcomes", FEW, numbers)
    return None if columns else Verdict(False, "no_attributes", NO_ATTRIBUTES, {})


def closed_card(verdict: Verdict, window: Window) -> Card:
    """The card where nothing can be learned."""
    return Card(
        model=CARDS["logistic"], purpose="contract", unit="", first_day=None, last_day=window.day,
        customers=window.customers, parameters={}, verdict=verdict,
    )  # fmt: skip


def card(one: str, serves: str | None, code: str, trial: Trial, model: Model | None, window: Window) -> Card:
    """The card of one contender."""
    figures = trial.card_figures(one, window.costs)
    if one != serves:
        code = choice.why_not(one, serves)
    code = IN_CONTRACT.get(code, code)
    numbers = {
        "auc": figures["auc"], "baseline_auc": figures["baseline_auc"], "champion_auc": trial.figures("logistic")["auc"]
    }  # fmt: skip
    words = _worded(code, window)
    return Card(
        model=CARDS[one], purpose="contract", unit="", first_day=None, last_day=window.day, customers=window.customers,
        parameters=model.parameters() if model else {}, verdict=Verdict(one == serves, code, words, numbers),
        backtest=figures, calibration=measures.bins(trial.lost, trial.risk[one]),
    )  # fmt: skip


def card_in_time(
    one: str, said: tuple[str, bool, Mapping[str, Any]], trial: Trial, model: Model | None, window: Window
) -> Card:
    """The card of one contender that was tested on later days.

    Args:
        said: The verdict's code, whether it serves, and numbers for its words.
    """
    code, serves, more = said
    figures = trial.card_figures(one, window.costs)
    numbers = {"auc": figures["auc"], "baseline_auc": figures["baseline_auc"],
               "champion_auc": trial.figures("logistic")["auc"], **more}  # fmt: skip
    code = IN_TIME.get(code, code)
    return Card(
        model=CARDS[one], purpose="contract", unit="day", first_day=window.first, last_day=window.day,
        customers=window.customers,
        parameters={"horizon_days": float(window.horizon_days), **(model.parameters() if model else {})},
        verdict=Verdict(serves, code, _worded(code, window), numbers),
        backtest=figures, calibration=measures.bins(trial.lost, trial.risk[one]),
    )  # fmt: skip


def _worded(code: str, window: Window) -> Text:
    words = choice.WORDS[code]
    return Text(
        words.zh.replace("{attribute}", window.attribute.zh), words.en.replace("{attribute}", window.attribute.en)
    )
