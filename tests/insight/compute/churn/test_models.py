"""The two models: exact reasons, honest risks, and a form that is plain JSON."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from regulars.insight.compute.churn import boosted, logistic, measures
from regulars.insight.compute.churn.boosted import Boosted
from regulars.insight.compute.churn.design import Attributes, Choice, terms
from regulars.insight.compute.churn.logistic import Logistic

CHANCE = np.random.default_rng(11)
COUNT = 3_000


def told() -> tuple[Attributes, np.ndarray, np.ndarray]:
    """Customers with gaps: a number, one that is often missing, one that may be negative, and a choice."""
    visits = CHANCE.poisson(4, COUNT).astype(float)
    spent = np.where(CHANCE.random(COUNT) < 0.3, np.nan, CHANCE.lognormal(8, 1, COUNT))
    trend = CHANCE.normal(size=COUNT)
    channel = CHANCE.choice(["online", "store", ""], COUNT, p=[0.5, 0.4, 0.1])
    log_odds = 1 - 1.2 * np.log1p(visits) + 0.5 * trend + 0.8 * (channel == "online") + 0.5 * np.isnan(spent)
    lost = CHANCE.random(COUNT) < logistic.sigmoid(log_odds)
    attributes = Attributes({"visits": visits, "spent": spent, "trend": trend}, {"channel": Choice.of(channel)})
    return attributes, lost, CHANCE.integers(0, 3, COUNT)


TOLD, LOST, FOLD = told()
NEW, NEW_LOST, _ = told()
MODELS: dict[str, Any] = {"logistic": logistic.fit(TOLD, LOST, FOLD), "boosted": boosted.fit(TOLD, LOST, FOLD)}


@pytest.mark.parametrize("name", MODELS)
def test_of_customers_it_never_saw_it_tells_leavers_apart_and_is_honest(name: str) -> None:
    risk = MODELS[name].risk(NEW)
    assert measures.auc(NEW_LOST, risk) > 0.7
    assert measures.calibration_error(measures.bins(NEW_LOST, risk)) < 0.04


@pytest.mark.parametrize(("name", "kind"), [("logistic", Logistic), ("boosted", Boosted)])
def test_through_json_it_is_the_same_model(name: str, kind: type[Logistic] | type[Boosted]) -> None:
    again = kind.from_json(json.loads(json.dumps(MODELS[name].as_json(), allow_nan=False)))
    assert np.array_equal(again.risk(TOLD), MODELS[name].risk(TOLD))
    assert np.array_equal(again.effects(TOLD), MODELS[name].effects(TOLD))


def test_logistic_effects_sum_to_the_distance_from_the_average() -> None:
    model = MODELS["logistic"]
    log_odds = model.log_odds(TOLD)
    assert model.effects(TOLD).sum(axis=1) == pytest.approx(log_odds - log_odds.mean(), abs=1e-9)


def test_the_trees_read_here_are_those_of_scikit_learn() -> None:
    raw = boosted.fit_raw(TOLD, LOST)
    columns = np.column_stack([column.read(TOLD) for column in raw.columns])
    peer = HistGradientBoostingClassifier(
        max_iter=boosted.TREES, max_leaf_nodes=boosted.LEAVES, learning_rate=boosted.LEARNING_RATE,
        min_samples_leaf=boosted.SMALLEST_LEAF, l2_regularization=boosted.RIDGE, early_stopping=False,
        random_state=boosted.SEED,
    ).fit(columns, LOST)  # fmt: skip
    assert raw.risk(TOLD) == pytest.approx(peer.predict_proba(columns)[:, 1], abs=1e-12)


def test_boosted_effects_are_what_one_exchanged_feature_does() -> None:
    model = MODELS["boosted"]
    usual = Attributes({**TOLD.numbers, "visits": np.full(COUNT, np.median(TOLD.numbers["visits"]))}, TOLD.choices)
    expected = model.log_odds(TOLD) - model.log_odds(usual)
    assert model.effects(TOLD)[:, model.features.index("visits")] == pytest.approx(expected, abs=1e-9)


def test_what_is_the_same_for_all_or_told_already_gets_no_term() -> None:
    same = np.full(COUNT, 5.0)
    twin = Choice(TOLD.choices["channel"].codes, ("线上", "门店"))
    more = Attributes({**TOLD.numbers, "same": same}, {**TOLD.choices, "twin": twin})
    assert [term.name for term in terms(more)] == [term.name for term in terms(TOLD)]


def test_an_unknown_number_stands_at_the_mean_and_counts_as_missing() -> None:
    by_name = {term.name: term for term in terms(TOLD)}
    unknown = np.isnan(TOLD.numbers["spent"])
    assert not by_name["spent:log"].standardised(TOLD)[unknown].any()
    assert (by_name["spent:missing"].standardised(TOLD)[unknown] > 0).all()


@pytest.mark.parametrize("lost", [np.ones(COUNT, dtype=bool), np.zeros(COUNT, dtype=bool)])
@pytest.mark.parametrize("fit", [logistic.fit, boosted.fit])
def test_nothing_to_learn_gives_one_risk_for_all(fit, lost: np.ndarray) -> None:
    model = fit(TOLD, lost, FOLD)
    risk = model.risk(TOLD)
    assert np.unique(risk).size == 1
    assert 0 < risk[0] < 1
    assert np.isfinite(model.effects(TOLD)).all()


def test_platt_never_turns_the_order_round() -> None:
    slope, _ = logistic.platt(np.where(LOST, -1.0, 1.0) + CHANCE.normal(0, 0.1, COUNT), LOST)
    assert slope == 0.0
