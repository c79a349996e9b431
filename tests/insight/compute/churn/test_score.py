"""Churn without a contract, on shops whose truth is known."""

import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from regulars.insight.compute.churn import observations, rhythm, score, words
from regulars.insight.compute.churn.observations import cuts, observe
from regulars.insight.compute.churn.score import Assessment
from tests.insight.compute.churn.shops import DAY, DAYS, OPENED, build, named, of_orders, planted, with_orders

ORDERS = planted()


def assess(orders: list[dict[str, Any]], **more: Any) -> Assessment:
    return score.assess(of_orders(orders), DAY, build=build, **more)


@pytest.fixture(scope="module", autouse=True)
def three_cuts() -> Iterator[None]:
    """Two days to test on and one to learn from first."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(observations, "CUTS", 3)
        yield


@pytest.fixture(scope="module")
def assessed(three_cuts: None) -> Assessment:
    ids = sorted({order["customer"] for order in ORDERS})
    stages = pa.table({"customer_id": ids, "stage": ["active" if one % 2 else "new" for one in ids]})
    return assess(ORDERS, groups=stages)


def card_of(assessed: Assessment, model: str) -> Any:
    return next(card for card in assessed.cards if card.model == model)


def finite(value: Any) -> bool:
    """Whether there is no NaN and no infinity anywhere within."""
    if isinstance(value, dict):
        return all(finite(one) for one in value.values())
    if isinstance(value, list | tuple):
        return all(finite(one) for one in value)
    return not isinstance(value, float) or math.isfinite(value)


def all_finite(assessed: Assessment) -> bool:
    cards = [asdict(card) for card in assessed.cards]
    groups = [asdict(one) for one in assessed.drivers] + [asdict(one) for one in assessed.moments]
    return finite(cards) and finite(groups) and finite(assessed.scores.to_pylist()) and finite(assessed.model or {})


def test_the_model_beats_chance_and_the_rule_on_time_it_never_saw(assessed: Assessment) -> None:
    card = card_of(assessed, "churn_logistic")
    assert card.verdict.serves, card.verdict
    assert card.backtest["folds"] == 2
    assert card.backtest["auc"] > 0.7
    assert card.backtest["auc"] > card.backtest["baseline_auc"] + 0.05
    assert card.backtest["log_loss"] < card.backtest["baseline_log_loss"]
    assert card.backtest["calibration_error"] < 0.05
    assert card.backtest["top_decile_lift"] > 2
    assert sum(bin.count for bin in card.calibration) == card.backtest["rows"]
    assert [one.verdict.serves for one in assessed.cards].count(True) == 1


def test_the_threshold_follows_from_what_the_shop_earns(assessed: Assessment) -> None:
    told = card_of(assessed, "churn_logistic").backtest
    assert told["threshold"] == pytest.approx(500 / (0.10 * told["value_at_risk_minor"]))
    assert told["gain_minor_each"] > told["gain_all_contacted_minor_each"]


def test_everybody_has_a_level_and_whoever_is_active_a_risk_with_reasons(assessed: Assessment) -> None:
    rows = assessed.scores.to_pylist()
    assert [row["customer_id"] for row in rows] == sorted({order["customer"] for order in ORDERS})
    for row in rows:
        if row["level"] == "lost":
            assert row["churn_risk"] is None
            assert row["reasons"] == []
            continue
        assert 0 < row["churn_risk"] < 1
        assert row["level"] == ("high" if row["churn_risk"] >= 0.6 else "medium" if row["churn_risk"] >= 0.3 else "low")
        assert 1 <= len(row["reasons"]) <= 5
        strength = [abs(reason["effect"]) for reason in row["reasons"]]
        assert strength == sorted(strength, reverse=True)
    assert all_finite(assessed)


def test_the_planted_causes_come_out_with_the_right_sign(assessed: Assessment) -> None:
    parameters = card_of(assessed, "churn_logistic").parameters
    assert parameters["main_channel=online"] > 0.1
    assert parameters["main_channel=store"] < -0.1
    assert parameters["silence_ratio:log"] > 0.2
    online = {one.feature: one for one in assessed.drivers if one.group == "online"}
    store = {one.feature: one for one in assessed.drivers if one.group == "store"}
    assert online["main_channel"].effect > 0 > store["main_channel"].effect
    assert online["main_channel"].risk > store["main_channel"].risk


def test_reasons_are_sentences_in_both_languages(assessed: Assessment) -> None:
    told = {
        reason["feature"]: (words.sentence(reason, money=lambda minor: f"¥{minor / 100:.2f}"), reason)
        for row in assessed.scores.to_pylist()
        for reason in row["reasons"]
    }
    text, reason = told["silence_ratio"]
    days = int(reason["value"])
    assert f"{days} 天没来" in text.zh
    assert f"Silent for {days} day" in text.en
    for text, reason in told.values():
        assert text.zh.endswith("↑" if reason["direction"] == "raises" else "↓")
        assert text.en[-1] == text.zh[-1]
        assert "{" not in text.zh + text.en
        assert "None" not in text.zh + text.en


def test_groups_that_others_made_have_drivers_of_their_own(assessed: Assessment) -> None:
    assert {one.group for one in assessed.drivers if one.grouping == "stage"} == {"active", "new"}
    rows = assessed.scores.to_pylist()
    new = [row["churn_risk"] for row in rows if row["customer_id"] % 2 == 0 and row["churn_risk"] is not None]
    ((customers, risk),) = {(one.customers, one.risk) for one in assessed.drivers if one.group == "new"}
    assert customers == len(new)
    assert risk == pytest.approx(np.mean(new), abs=1e-6)


def test_two_imports_in_another_order_give_the_same_scores(assessed: Assessment) -> None:
    other = score.assess(of_orders(ORDERS[::-1], number=lambda one: 90_000 - one), DAY, build=build)
    assert assessed.model is not None
    assert other.model == assessed.model
    risks = {named(row["customer_id"]): row for row in assessed.scores.to_pylist()}
    for row in other.scores.to_pylist():
        same = risks[named(90_000 - row["customer_id"])]
        assert (row["churn_risk"], row["level"], row["reasons"]) == (same["churn_risk"], same["level"], same["reasons"])


def test_what_happens_after_a_day_changes_no_row_as_of_that_day() -> None:
    cut = OPENED + timedelta(days=200)
    told = of_orders(ORDERS)
    later = [
        {**order, "day": 200 + (order["day"] * 37) % 90, "paid": 1, "discount": 0, "channel": "online"}
        if order["day"] >= 200
        else order
        for order in ORDERS
    ]
    changed = with_orders(told, of_orders(later))
    before, after = (observe(some, cut, 28, build) for some in (told, changed))
    assert len(before) > 100
    assert before.attributes.names == after.attributes.names
    for name, column in before.attributes.numbers.items():
        assert np.array_equal(column, after.attributes.numbers[name], equal_nan=True), name
    for name, choice in before.attributes.choices.items():
        assert choice.words(slice(None)).tolist() == after.attributes.choices[name].words(slice(None)).tolist()
    assert not np.array_equal(before.lost, after.lost), "only what came of them differs"


def test_labels_are_silence_over_the_horizon() -> None:
    cut = OPENED + timedelta(days=100)
    visits = {1: [95, 100], 2: [95, 127], 3: [95, 128], 4: [95], 5: [60], 6: [101], 7: [10, 24], 8: [0, 14]}
    told = of_orders([{"customer": one, "day": day} for one, days in visits.items() for day in days])
    rows = observe(told, cut, 28, build)
    # 5 was silent for more than a horizon and two usual gaps (of 14 days, by 7 and 8), and 6 had not come yet.
    assert rows.lost.tolist() == [False, False, True, True]
    assert rows.value_minor.tolist() == [5_000, 5_000, 0, 0]


def test_past_days_lie_a_horizon_apart_with_history_before_and_an_outcome_after() -> None:
    found = cuts(OPENED, DAY, 70)
    assert found == [DAY - timedelta(days=70 * back) for back in (3, 2, 1)]
    assert cuts(OPENED, OPENED + timedelta(days=139), 70) == []


@pytest.mark.parametrize(
    ("gap", "before", "expected"),
    [(14, None, 28), (30, None, 63), (2, None, 28), (400, None, 182), (None, None, 182), (30, 56, 56), (60, 56, 119)],
)
def test_the_horizon_is_two_gaps_in_weeks_within_bounds_and_steady(gap: Any, before: Any, expected: int) -> None:
    assert rhythm.horizon_days(gap, before) == expected


def test_a_small_shop_gets_levels_by_rhythm_and_words_for_what_is_missing() -> None:
    assessed = assess(planted(60))
    (card,) = assessed.cards
    assert (card.model, card.verdict.serves, card.verdict.code) == ("rule_own_rhythm", True, "few_customers")
    said = card.verdict.words.said("zh", **card.verdict.numbers)
    assert "需要 200 位" in said
    assert "来过两次以上的顾客有" in said
    assert assessed.model is None
    for row in assessed.scores.to_pylist():
        assert row["churn_risk"] is None
        if row["level"] == "lost":
            continue
        (reason,) = row["reasons"]
        ratio = reason["value"] / reason["companion"]
        assert row["level"] == ("high" if ratio >= 3 else "medium" if ratio >= 1.5 else "low")
    assert all_finite(assessed)


DEGENERATE = {
    "empty": [],
    "one customer": [{"customer": 1, "day": 10}],
    "nobody comes twice": [{"customer": one, "day": one % DAYS} for one in range(300)],
    "everybody alike": [{"customer": one, "day": day} for one in range(250) for day in range(0, DAYS, 20)],
}


@pytest.mark.parametrize(
    ("shop", "code"),
    [
        ("empty", "nobody_bought"),
        ("one customer", "nobody_returned"),
        ("nobody comes twice", "nobody_returned"),
        ("everybody alike", "few_outcomes"),
    ],
)
def test_degenerate_shops_end_in_plain_words(shop: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "CUTS", 2)
    assessed = assess(DEGENERATE[shop])
    (card,) = assessed.cards
    assert card.verdict.code == code
    for language in ("zh", "en"):
        assert card.verdict.words.said(language, **card.verdict.numbers)
    assert all_finite(assessed)
    assert assessed.scores["churn_risk"].null_count == len(assessed.scores)
    if code != "few_outcomes":
        assert set(assessed.scores["level"].to_pylist()) <= {"unknown"}
