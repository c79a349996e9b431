"""Contracts in a refresh: watched over time they are tested on later days; seen once, on customers; few, not at all."""

import json
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from regulars.insight.compute.churn import contract_book, contract_score, contract_training
from regulars.insight.compute.churn.contract_score import Assessment, assess
from regulars.insight.compute.tables import Tables, in_memory

OPENED, DAY = date(2025, 1, 1), date(2026, 1, 1)
Rows = list[dict[str, Any]]


def told(day: date, number: str, event: str, *, ends_on: date | None = None, seen: bool = False, **what: str) -> Any:
    at = datetime(day.year, day.month, day.day)
    return {
        "contract": f"bank\x1f{number}", "number": number, "identity_id": int(number[1:]), "occurred_at": at,
        "day": day, "event": event, "ends_on": ends_on, "seen": seen, "attributes": json.dumps(what),
    }  # fmt: skip


def tables(rows: Rows) -> Tables:
    who = sorted({row["identity_id"] for row in rows})
    return in_memory(
        {
            "contracts": rows,
            "identities": [{"identity_id": one, "customer_id": 1000 + one // 2} for one in who],
            "customers": [{"customer_id": 1000 + one // 2, "who": str(one), "joined_on": OPENED} for one in who],
        }
    )


@cache
def watched(*, count: int = 600, seed: int = 4) -> tuple[Any, ...]:
    """A bank that tells every two months how idle each account is; who is idle for long closes it."""
    chance = np.random.default_rng(seed)
    rows: Rows = []
    for one in range(count):
        number, day = f"A{one}", OPENED + timedelta(days=int(chance.integers(0, 60)))
        rows.append(told(day, number, "started", ends_on=day + timedelta(days=365)))
        usual = int(chance.integers(0, 6))
        while day < DAY:
            idle = usual + int(chance.integers(0, 2))
            rows.append(told(day, number, "updated", 不活跃月数=str(idle), 卡种=str(chance.choice(["金卡", "普卡"]))))
            if chance.random() < 0.01 * idle**2:
                rows.append(told(day + timedelta(days=int(chance.integers(5, 45))), number, "ended"))
                break
            day += timedelta(days=60)
    return tuple(rows)


@pytest.fixture(scope="module")
def assessed() -> Assessment:
    return assess(tables(list(watched())), DAY)


def test_watched_over_time_it_is_tested_on_later_days_and_looks_ahead(assessed: Assessment) -> None:
    assert assessed.tested_on == contract_score.TIME
    assert assessed.horizon_days in contract_training.HORIZONS
    (serving,) = [card for card in assessed.cards if card.verdict.serves]
    assert (serving.purpose, serving.first_day, serving.last_day) == ("contract", OPENED, DAY)
    assert serving.backtest["auc"] > max(0.6, serving.backtest["baseline_auc"] - 0.02)
    assert serving.backtest["top_decile_lift"] > 1
    assert serving.calibration
    assert assessed.model is not None


def test_every_contract_that_runs_has_a_risk_and_reasons_that_its_holder_can_read(assessed: Assessment) -> None:
    rows = assessed.scores.to_pylist()
    assert len(rows) == 600
    for row in rows:
        assert (row["ended_on"] is None) == (row["risk"] is not None) == (row["level"] != "ended")
    reasons = {one["feature"] for row in rows for one in row["reasons"]}
    assert "不活跃月数" in reasons
    assert assessed.labels["不活跃月数"].en == "Idle months in a year", "the preset for banks knows the column"


def test_what_comes_later_changes_nothing_as_of_a_day() -> None:
    later = [one for one in watched() if one["day"] >= date(2025, 11, 1)]
    assert later
    known = [one for one in watched() if one["day"] < date(2025, 11, 1)]
    day = date(2025, 11, 1)
    one, two = assess(tables(list(watched())), day), assess(tables(known), day)
    assert one.scores.equals(two.scores)
    assert one.model == two.model


def test_another_order_of_the_same_facts_gives_the_same_scores(assessed: Assessment) -> None:
    rows = list(watched())
    np.random.default_rng(1).shuffle(rows)  # type: ignore[arg-type]
    assert assess(tables(rows), DAY).scores.equals(assessed.scores)


def test_a_retrained_model_that_is_worse_does_not_take_the_place_of_the_one_before(assessed: Assessment) -> None:
    assert assessed.model is not None
    better = {**assessed.model, "trained_until": DAY.isoformat(), "skill": 0.9}
    again = assess(tables(list(watched())), DAY, previous=better)
    assert again.model == better
    assert {card.verdict.code for card in again.cards if card.verdict.serves} == {"kept_previous"}


def test_a_column_that_turned_from_numbers_into_words_lets_the_last_model_go() -> None:
    rows = [
        {**one, "attributes": one["attributes"].replace('"不活跃月数": "', '"不活跃月数": "约')} for one in watched()
    ]
    first = assess(tables(list(watched())), DAY)
    assert first.model is not None
    model = {**first.model, "skill": 0.9}
    assert assess(tables(rows), DAY, previous=model).tested_on == contract_score.TIME


def snapshot(*, count: int = 600, dated: bool = False) -> Rows:
    """The same kind of bank, that tells its accounts on one day only, with a flag or with the day of the end."""
    chance = np.random.default_rng(6)
    rows: Rows = []
    for one in range(count):
        number, idle = f"A{one}", int(chance.integers(0, 7))
        rows.append(told(date(2025, 12, 1), number, "updated", 不活跃月数=str(idle)))
        if dated:
            rows.append(told(OPENED, number, "started"))
        if chance.random() < 0.05 + 0.09 * idle:
            day = OPENED + timedelta(days=int(chance.integers(30, 330))) if dated else date(2025, 12, 1)
            rows.append(told(day, number, "ended", seen=not dated))
    return rows


@pytest.mark.parametrize("dated", [False, True])
def test_seen_on_one_day_only_it_is_tested_on_customers_and_says_nothing_of_time(dated: bool) -> None:
    found = assess(tables(snapshot(dated=dated)), DAY)
    assert (found.tested_on, found.horizon_days, found.model) == (contract_score.CUSTOMERS, 0, None)
    (serving,) = [card for card in found.cards if card.verdict.serves]
    assert serving.backtest["folds"] == 5
    assert "one day only" in serving.verdict.words.en


def test_few_contracts_say_what_is_missing_and_none_say_nothing() -> None:
    few = assess(tables(snapshot(count=40)), DAY)
    (card,) = few.cards
    assert (few.tested_on, card.verdict.code) == ("", "few_outcomes")
    assert set(few.scores["level"].to_pylist()) == {"unknown", "ended"}
    none = assess(tables([]), DAY)
    assert (len(none.scores), len(none.holders), none.cards) == (0, 0, [])


def test_a_holder_has_the_worst_risk_and_the_soonest_end_of_what_runs() -> None:
    rows = [
        told(OPENED, "A2", "started", ends_on=date(2026, 3, 1)), told(OPENED, "A3", "started"),
        told(date(2025, 6, 1), "A3", "updated", ends_on=date(2026, 1, 11)), told(OPENED, "A4", "started"),
        told(date(2025, 12, 31), "A4", "ended"), told(DAY, "A5", "started"),
    ]  # fmt: skip
    found = {row.pop("customer_id"): row for row in assess(tables(rows), DAY).holders.to_pylist()}
    unknown = {"contract_risk": None, "contract_level": "unknown"}
    assert found[1001] == {"contracts_running": 2, "contract_days_left": 10, **unknown}
    ended = {"contract_risk": None, "contract_level": "ended"}
    assert found[1002] == {"contracts_running": 0, "contract_days_left": None, **ended}, "A5 begins today"


def test_an_attribute_holds_until_a_later_fact_tells_another() -> None:
    rows = [
        told(OPENED, "A1", "started", plan="basic", fee="10"), told(date(2025, 5, 1), "A1", "updated", plan="full"),
    ]  # fmt: skip
    (one,) = contract_book.read(tables(rows), DAY)
    days = [date(2025, 1, 1), date(2025, 5, 1), date(2025, 5, 2)]
    assert contract_book.columns((one, day) for day in days) == {
        "fee": [None, "10", "10"],
        "plan": [None, "basic", "full"],
    }
