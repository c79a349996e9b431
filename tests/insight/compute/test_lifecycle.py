"""Lifecycle stages on histories written down by hand, and moves between two days."""

from datetime import date, timedelta
from typing import Any

import pytest

from regulars.insight.compute import lifecycle
from regulars.insight.compute.tables import in_memory
from tests.insight.compute.features.shops import TODAY, by_customer, day, order, people

# Every 10 days is a usual gap of 10 and a spread of 5: at risk after 20 days, dormant after 30, churned after 90.


def shop(histories: dict[int, list[int]], *leads: int) -> Any:
    """A shop of customers who bought so many days before TODAY."""
    days = [(who, TODAY - timedelta(days=ago)) for who, history in histories.items() for ago in history]
    return in_memory({**people(*histories, *leads), "orders": [order(n, who, on) for n, (who, on) in enumerate(days)]})


def since(ago: int, *, gap: int = 10, times: int = 20) -> list[int]:
    return [ago + gap * n for n in range(times)]


HISTORIES: dict[str, tuple[list[int], str, str]] = {
    "regular": (since(1), "active", "in_rhythm"),
    "almost at risk": (since(19), "active", "in_rhythm"),
    "at risk": (since(20), "at_risk", "silent_own"),
    "almost dormant": (since(29), "at_risk", "silent_own"),
    "dormant": (since(30), "dormant", "silent_own"),
    "almost churned": (since(89), "dormant", "silent_own"),
    "churned": (since(90), "churned", "silent_own"),
    "slow and in time": (since(100, gap=80, times=6), "active", "in_rhythm"),
    "first visit": ([3], "new", "first_purchase"),
    "first visit, silent": ([60], "dormant", "silent_shop"),  # the shop's gap of 10: 10 + 4 × 10
    "second visit": ([3, 14], "growing", "forming"),
    "third visit": ([3, 14, 25], "growing", "forming"),
    # One absence of 100 days among twenty gaps of 10 widens the spread to 15 at most: dormant after 70.
    "back": ([2, 12, *since(112)], "won_back", "came_back"),
    "back after less": ([2, 12, *since(36)], "active", "in_rhythm"),
    "back, and silent again": ([45, 145, *since(155)], "at_risk", "silent_own"),
    "back long ago": ([*since(1), *since(300)], "active", "in_rhythm"),
    # 9 days in the last 90, one in the 90 before: (9 - 1)² > 4 × (9 + 1).
    "more and more": ([*range(5, 90, 10), 130, 300, 500], "growing", "more_often"),
}


@pytest.fixture(scope="module")
def staged() -> dict[str, dict[str, Any]]:
    numbered = {n: history for n, (history, _, _) in enumerate(HISTORIES.values(), 1)}
    found = by_customer(lifecycle.stages(shop(numbered, 99), TODAY))
    return {name: found[n] for n, name in enumerate([*HISTORIES], 1)} | {"lead": found[99]}


@pytest.mark.parametrize("name", HISTORIES)
def test_the_stage(name: str, staged: dict[str, dict[str, Any]]) -> None:
    _, stage, cause = HISTORIES[name]
    assert (staged[name]["stage"], staged[name]["cause"]) == (stage, cause)


def test_a_lead_is_new_and_has_no_limits(staged: dict[str, dict[str, Any]]) -> None:
    row = staged["lead"]
    assert (row["stage"], row["cause"], row["churned_after_days"]) == ("new", "never_bought", None)


def test_the_limits_follow_the_rhythm(staged: dict[str, dict[str, Any]]) -> None:
    names = ("at_risk_after_days", "dormant_after_days", "churned_after_days")
    assert tuple(staged["regular"][name] for name in names) == (20, 30, 90)  # 50 would be too soon
    assert tuple(staged["slow and in time"][name] for name in names) == (160, 240, 400)  # spread 40, half of 80


def test_the_cause_in_words(staged: dict[str, dict[str, Any]]) -> None:
    row = staged["at risk"]
    assert lifecycle.said("en", row["cause"], row) == "Silent for 20 days, usually comes every 10."
    assert lifecycle.said("zh-hans", row["cause"], row) == "已 20 天没来，通常每 10 天来一次。"
    assert lifecycle.said("en", "came_back", staged["back"]) == "Came back 12 days ago after 100 days away."


def test_every_stage_and_cause_has_words_in_both_languages(staged: dict[str, dict[str, Any]]) -> None:
    for stage in lifecycle.STAGES.values():
        assert all((*stage.name, *stage.strategy))
    for code in lifecycle.CAUSES:
        for language in ("zh", "en"):
            assert "{" not in lifecycle.said(language, code, dict.fromkeys(lifecycle.NUMBERS, 7))


def test_the_stage_is_a_function_of_the_history_before_the_day() -> None:
    """The same customer, looked at later and later; what comes after each day is there and changes nothing."""
    bought = [day("2024-01-01") + timedelta(days=10 * n) for n in range(12)] + [day("2024-09-01")]
    told = in_memory({**people(1), "orders": [order(n, 1, on) for n, on in enumerate(bought)]})
    seen = [
        by_customer(lifecycle.stages(told, day(on)))[1]["stage"] for on in ("2024-01-02", "2024-05-15", "2024-09-05")
    ]
    assert seen == ["new", "at_risk", "won_back"]


def test_moves_and_flows() -> None:
    told = shop({1: since(10), 2: since(1), 3: [5]}, 4)
    before = lifecycle.stages(told, TODAY - timedelta(days=7)).cache()
    after = lifecycle.stages(told, TODAY + timedelta(days=12)).cache()
    moved = by_customer(lifecycle.moves(before, after))
    assert {who: (row["from_stage"], row["to_stage"], row["cause"]) for who, row in moved.items()} == {
        1: ("active", "at_risk", "silent_own"),
    }  # fmt: skip
    assert moved[1]["recency_days"] == 22
    flows = lifecycle.flows(before, after).to_pyarrow().to_pylist()
    assert {(row["from_stage"], row["to_stage"]): row["customers"] for row in flows} == {
        ("active", "at_risk"): 1, ("active", "active"): 1, ("new", "new"): 2,
    }  # fmt: skip


def test_who_was_not_known_before_comes_from_nowhere() -> None:
    told = in_memory({**people(1), "orders": [order(1, 1, "2024-06-20")]})
    days = [date(2023, 12, 31), date(2024, 7, 1)]
    found = [(on, rows.to_pylist()) for on, rows in lifecycle.history(told, days)]
    assert [on for on, _ in found] == days[1:]
    assert [(row["from_stage"], row["to_stage"]) for _, rows in found for row in rows] == [(None, "new")]
