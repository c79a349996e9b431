"""Which contender serves: the simplest that nothing clearly beats on held-back rows."""

from collections.abc import Mapping

import numpy as np

from regulars.insight.compute.cards import Text
from regulars.insight.compute.churn import backtest
from regulars.insight.compute.churn.backtest import Contender, Split, Trial
from regulars.insight.compute.churn.measures import auc, log_loss, losses
from regulars.insight.compute.churn.observations import Observations

AUC_MARGIN = 0.005
"""The challenger wins when its mean AUC is higher by this much, its log loss is lower by at least two standard errors
of the difference customer by customer, and no single test has a higher log loss. Anything less is not worth giving up
reasons that can be checked by hand."""
ERRORS = 2.0


def orders_better(trial: Trial, challenger: str, champion: str) -> bool:
    """Whether the challenger's AUC is clearly higher. Calibration does not change it, so this is asked first."""
    return trial.figures(challenger)["auc"] >= trial.figures(champion)["auc"] + AUC_MARGIN


def clearly_better(trial: Trial, challenger: str, champion: str) -> bool:
    """Whether the challenger wins by the whole rule."""
    if not orders_better(trial, challenger, champion):
        return False
    gained = losses(trial.lost, trial.risk[champion]) - losses(trial.lost, trial.risk[challenger])
    error = float(gained.std()) / max(1, len(gained)) ** 0.5
    per_test = [float(gained[trial.fold == fold].mean()) for fold in np.unique(trial.fold)]
    return float(gained.mean()) >= ERRORS * error and min(per_test) >= 0


def no_worse_than_baseline(trial: Trial, name: str) -> bool:
    """Whether the model's log loss is at most that of the simple rule."""
    return log_loss(trial.lost, trial.risk[name]) <= log_loss(trial.lost, trial.risk["baseline"])


def tells_apart(trial: Trial, name: str) -> bool:
    """Whether the AUC is above one half by two standard errors (Hanley & McNeil 1982), over all tests together."""
    left, stayed = int(trial.lost.sum()), int((~trial.lost).sum())
    if not left or not stayed:
        return False
    area = auc(trial.lost, trial.risk[name])
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (left - 1) * (one - area**2) + (stayed - 1) * (two - area**2)
    return bool(area - ERRORS * (max(0.0, spread) / (left * stayed)) ** 0.5 > 0.5)


def compete(rows: Observations, splits: list[Split], contenders: Mapping[str, Contender], full: Contender) -> Trial:
    """All contenders on held-back rows; the challenger is calibrated (`full`) only where its order wins."""
    trial = backtest.run(rows, splits, contenders)
    if not orders_better(trial, "boosted", "logistic"):
        return trial
    calibrated = backtest.run(rows, splits, {"boosted": full})
    return Trial(trial.lost, trial.value_minor, trial.fold, {**trial.risk, **calibrated.risk})


def champion(trial: Trial) -> tuple[str | None, str]:
    """(who serves, the code why). Nobody where not even the best can tell customers apart."""
    best = "boosted" if clearly_better(trial, "boosted", "logistic") else "logistic"
    if not no_worse_than_baseline(trial, best):
        best = "baseline"
    if not tells_apart(trial, best):
        return None, "no_better_than_chance"
    return best, {"boosted": "serves_challenger", "logistic": "serves", "baseline": "rule_serves"}[best]


def why_not(one: str, serves: str | None) -> str:
    """The code of a contender that does not serve."""
    if one == "baseline":
        return "baseline"
    if serves is None:
        return "no_better_than_chance"
    if one == "boosted":
        return "not_clearly_better"
    return "beaten_by_challenger" if serves == "boosted" else "worse_than_rule"


WORDS = {
    "serves": Text(
        "由它打分：在没有见过的时间里，一位走了的和一位留下的放在一起，它有 {auc:.0%} 的把握认出走的那位，"
        "简单规则是 {baseline_auc:.0%}。",
        "It gives the scores: on time it had not seen, of one customer who left and one who stayed it picked the "
        "leaver {auc:.0%} of the time, the simple rule {baseline_auc:.0%}.",
    ),
    "serves_contract": Text(
        "由它打分：在没有见过的顾客里，一位走了的和一位留下的放在一起，它有 {auc:.0%} 的把握认出走的那位，"
        "只看“{attribute}”是 {baseline_auc:.0%}。资料只有一个时点，所以检验用的是没见过的顾客，不是之后的时间。",
        "It gives the scores: of one customer who left and one who stayed, neither seen before, it picked the leaver "
        "{auc:.0%} of the time, “{attribute}” alone {baseline_auc:.0%}. What is known is of one day only, so customers "
        "were held back, not time.",
    ),
    "serves_challenger": Text(
        "由它打分：在没有见过的数据上，它明显赢过逻辑回归（认出要走的人，{auc:.0%} 对 {champion_auc:.0%}）。",
        "It gives the scores: on data it had not seen it clearly beat the logistic regression (picking the leaver "
        "{auc:.0%} of the time against {champion_auc:.0%}).",
    ),
    "not_clearly_better": Text(
        "不用它：认出要走的人，它是 {auc:.0%}，逻辑回归是 {champion_auc:.0%}，没有明显更好；"
        "而逻辑回归的理由可以逐项核对。",
        "It does not serve: it picked the leaver {auc:.0%} of the time, the logistic regression {champion_auc:.0%}, "
        "which is not clearly better; and the reasons of the latter can be checked one by one.",
    ),
    "beaten_by_challenger": Text(
        "不用它：另一个模型在没有见过的数据上明显更准。",
        "It does not serve: another model did clearly better on data that neither had seen.",
    ),
    "worse_than_rule": Text(
        "不用它：在没有见过的时间里，它没有赢过简单规则（每位顾客自己的来店节奏），所以由规则打分。",
        "It does not serve: on time it had not seen it did not beat the simple rule (each customer's own rhythm), so "
        "the rule gives the scores.",
    ),
    "rule_serves": Text(
        "按每位顾客自己的来店节奏打分：模型在没有见过的时间里没有赢过它。",
        "Scores follow each customer's own rhythm: the model did not beat this on time it had not seen.",
    ),
    "baseline": Text(
        "这是用来对比的简单规则：看顾客沉默了自己平时间隔的几倍。",
        "This is the simple rule for comparison: how many of their usual gaps a customer has been silent.",
    ),
    "baseline_contract": Text(
        "这是用来对比的简单规则：只看“{attribute}”这一项。",
        "This is the simple rule for comparison: “{attribute}” alone.",
    ),
    "rule_serves_contract": Text(
        "只按“{attribute}”这一项打分：模型在没有见过的顾客身上没有赢过它。",
        "Scores follow “{attribute}” alone: the model did not beat it on customers it had not seen.",
    ),
    "worse_than_attribute": Text(
        "不用它：在没有见过的顾客身上，它没有赢过只看“{attribute}”这一项，所以由后者打分。",
        "It does not serve: on customers it had not seen it did not beat “{attribute}” alone, which gives the scores.",
    ),
    "rule_serves_contract_time": Text(
        "只按“{attribute}”这一项打分：模型在没有见过的时间里没有赢过它。",
        "Scores follow “{attribute}” alone: the model did not beat it on time it had not seen.",
    ),
    "worse_than_attribute_time": Text(
        "不用它：在没有见过的时间里，它没有赢过只看“{attribute}”这一项，所以由后者打分。",
        "It does not serve: on time it had not seen it did not beat “{attribute}” alone, which gives the scores.",
    ),
    "no_better_than_chance": Text(
        "不用它：在没有见过的数据上，它分不清谁会走（{auc:.0%}，瞎猜是 50%）。",
        "It does not serve: on data it had not seen it could not tell who would leave ({auc:.0%}; guessing gives 50%).",
    ),
    "rule_levels": Text(
        "模型在没有见过的时间里分不清谁会走（{champion_auc:.0%}，瞎猜是 50%），"
        "所以按每位顾客自己的来店节奏判断，不给百分比。",
        "On time it had not seen the model could not tell who would leave ({champion_auc:.0%}; guessing gives 50%), so "
        "each customer is judged by their own rhythm, without a percentage.",
    ),
    "kept_previous": Text(
        "继续用 {trained_until} 之前训练的模型：这次重新训练的，在没有见过的时间里不如它。",
        "The model trained on facts before {trained_until} stays: the retrained one did worse on time it had not seen.",
    ),
    "retrained_worse": Text(
        "这次重新训练的不如上一个模型，所以没有换上。",
        "This retrained model did worse than the one before it, so it was not put in its place.",
    ),
}
"""Why a model serves or does not, by the verdict's code. Of one who left and one who stayed, the AUC is how often the
higher risk was told of the leaver; so it can be said in plain words."""
