"""Who serves: the simplest that nothing clearly beats, and the model before where the retrained one is worse."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from regulars.insight.compute.churn import backtest, choice, keeping, logistic, training
from regulars.insight.compute.churn.backtest import Trial
from regulars.insight.compute.churn.design import Attributes
from regulars.insight.compute.churn.observations import EPOCH, Observations
from regulars.insight.compute.churn.threshold import Costs

CHANCE = np.random.default_rng(2)
COUNT = 3_000
TRUTH = CHANCE.uniform(0.05, 0.95, COUNT)
LOST = CHANCE.random(COUNT) < TRUTH
BLIND = np.full(COUNT, LOST.mean())
CUTS = [int((date(2024, 1, 1) - EPOCH).days + 60 * turn) for turn in range(3)]


def noisy(spread: float) -> np.ndarray:
    return logistic.sigmoid(np.log(TRUTH / (1 - TRUTH)) + CHANCE.normal(0, spread, COUNT))


def trial(**risk: np.ndarray) -> Trial:
    return Trial(LOST, np.zeros(COUNT), np.arange(COUNT) % 3, {"baseline": BLIND, **risk})


def test_a_challenger_that_clearly_wins_serves() -> None:
    assert choice.champion(trial(logistic=noisy(1.5), boosted=TRUTH)) == ("boosted", "serves_challenger")


def test_a_challenger_that_is_only_as_good_does_not() -> None:
    assert choice.champion(trial(logistic=TRUTH, boosted=TRUTH)) == ("logistic", "serves")
    assert choice.champion(trial(logistic=TRUTH, boosted=noisy(0.2))) == ("logistic", "serves")


def test_a_challenger_that_loses_one_test_does_not() -> None:
    flipped = np.where(np.arange(COUNT) % 3 == 0, noisy(2.0), TRUTH)
    assert choice.champion(trial(logistic=noisy(0.9), boosted=flipped))[0] == "logistic"


def test_a_model_that_loses_to_the_rule_leaves_it_to_the_rule() -> None:
    told = trial(logistic=np.clip(TRUTH * 0.2, 0.001, 1), boosted=BLIND)
    told = Trial(told.lost, told.value_minor, told.fold, {**told.risk, "baseline": noisy(0.1)})
    assert choice.champion(told) == ("baseline", "rule_serves")


def test_where_nobody_can_tell_customers_apart_nobody_serves() -> None:
    chance = np.clip(BLIND + CHANCE.normal(0, 0.001, COUNT), 0, 1)
    assert choice.champion(trial(logistic=chance, boosted=chance)) == (None, "no_better_than_chance")


def rows(slope: float, seed: int) -> Observations:
    """Three past days; how far a number tells who leaves is the slope."""
    chance = np.random.default_rng(seed)
    number = chance.normal(size=1_800)
    lost = chance.random(1_800) < logistic.sigmoid(slope * number)
    fold = chance.integers(0, 3, 1_800)
    return Observations(Attributes({"number": number}, {}), lost, np.zeros(1_800), fold, np.repeat(CUTS, 600))


def fit(some: Observations) -> backtest.Model:
    return logistic.fit(some.attributes, some.lost, some.fold)


def packed(some: Observations, until: date) -> dict[str, object]:
    tested = backtest.run(some, backtest.by_time(some), {"baseline": fit, "logistic": fit})
    return keeping.pack(fit(some), "logistic", tested, until, 60)


@pytest.mark.parametrize(("learned_from", "kept"), [(2.0, True), (-2.0, False)])
def test_the_model_before_stays_only_where_it_does_better_on_the_newest_test(learned_from: float, kept: bool) -> None:
    some = rows(2.0, 4)
    wrong = Observations(some.attributes, CHANCE.random(1_800) < 0.5, some.value_minor, some.fold, some.cut)
    retrained = backtest.run(some, backtest.by_time(some), {"baseline": fit, "logistic": lambda _: fit(wrong)})
    previous = packed(rows(learned_from, 5), EPOCH + timedelta(days=CUTS[-1]))
    found = keeping.better(previous, retrained, some, "logistic", 60)
    assert (found is not None) == kept


def test_a_model_that_has_seen_the_answers_stays_only_by_its_own_backtest() -> None:
    some, since = rows(2.0, 4), EPOCH + timedelta(days=CUTS[-1] + 30)
    tested = backtest.run(some, backtest.by_time(some), {"baseline": fit, "logistic": fit})
    assert keeping.better(packed(rows(0.5, 5), since), tested, some, "logistic", 60) is None
    assert keeping.better(packed(rows(6.0, 5), since), tested, some, "logistic", 60) is not None


def test_a_model_of_another_horizon_or_of_lost_columns_goes() -> None:
    some, since = rows(2.0, 4), EPOCH + timedelta(days=CUTS[-1] + 30)
    tested = backtest.run(some, backtest.by_time(some), {"baseline": fit, "logistic": fit})
    previous = packed(rows(6.0, 5), since)
    assert keeping.better(previous, tested, some, "logistic", 90) is None
    renamed = Observations(
        Attributes({"other": some.attributes.numbers["number"]}, {}), some.lost, some.value_minor, some.fold, some.cut
    )  # fmt: skip
    assert keeping.better(previous, tested, renamed, "logistic", 60) is None


def test_later_days_never_teach_earlier_tests() -> None:
    for train, test in backtest.by_time(some := rows(2.0, 4)):
        assert some.cut[train].max() < some.cut[test].min()


def test_where_only_silence_tells_the_rule_serves_with_a_tested_risk() -> None:
    chance = np.random.default_rng(8)
    silence = chance.gamma(1, 1, 1_800)
    noise = {name: chance.normal(size=1_800) for name in ("spend_trend", "returned_share")}
    lost = chance.random(1_800) < logistic.sigmoid(2 * np.log(silence))
    some = rows(1.0, 4)
    some = replace(some, attributes=Attributes({"silence_ratio": silence, **noise}, {}), lost=lost)
    window = training.Window(date(2023, 6, 1), date(2024, 7, 1), 60, 30.0, 900, Costs())
    trained = training.decide(some, window, None)
    verdicts = {card.model: (card.verdict.serves, card.verdict.code) for card in trained.cards}
    assert verdicts["rule_own_rhythm"] == (True, "rule_serves")
    assert verdicts["churn_logistic"] == (False, "worse_than_rule")
    assert trained.serves is not None
    assert trained.serves.features == ("silence_ratio",)
    assert json.loads(json.dumps(trained.kept)) == trained.kept
    again = training.decide(some, window, {**(trained.kept or {}), "skill": 0.9})
    assert again.verdict.code == "kept_previous"
    assert again.kept is not None
    assert again.kept["skill"] == 0.9
