"""Figures of groups are read from a set as they were computed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from regulars.insight.compute import card_files, cohorts, figures, frequency, retention, survival
from regulars.insight.compute.cards import Bin, Card, Text, Verdict
from regulars.insight.compute.churn.drivers import Driver
from regulars.insight.compute.churn.moments import Moment
from regulars.insight.compute.churn.score import SCORES, Assessment
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.tables import Tables, in_memory
from regulars.insight.compute.visits import Trait

DAY = date(2025, 3, 1)


@pytest.fixture(scope="module")
def told() -> Tables:
    """Twelve weekly customers, of whom every third stops in autumn; two stores, one of them without a name."""
    orders: list[dict[str, object]] = []
    for who in range(12):
        for week in range(20 if who % 3 == 0 else 50):
            day = date(2024, 3, 4) + timedelta(days=7 * week + who)
            orders.append(
                {"order_id": len(orders), "identity_id": who, "day": day, "paid": 10_00, "base": 10_00, "discount": 0,
                 "occurred_at": datetime(day.year, day.month, day.day, 9), "channel": "store",
                 "store_id": 7 if who % 2 else None}
            )  # fmt: skip
    people = [{"customer_id": who, "who": f"{who:064x}", "joined_on": date(2024, 3, 1)} for who in range(12)]
    names = [{"identity_id": who, "customer_id": who} for who in range(12)]
    return in_memory({"orders": orders, "customers": people, "identities": names})


def test_cohorts_and_retention(told: Tables, tmp_path: Path) -> None:
    figures.count_cohorts(told, DAY, tmp_path)
    figures.count_retention(told, DAY, tmp_path)
    assert figures.cohorts_of(tmp_path, DAY, Unit.QUARTER) == cohorts.by_first_purchase(told, DAY, Unit.QUARTER)
    for unit, by in ((Unit.WEEK, None), (Unit.MONTH, "store"), (Unit.MONTH, "cohort")):
        expected = retention.rates(told, DAY, unit, by)  # type: ignore[arg-type]
        assert figures.retention_of(tmp_path, DAY, unit, by) == expected  # type: ignore[arg-type]


def test_survival_and_decline(told: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survival, "FEWEST", 3)
    figures.count_survival(told, DAY, tmp_path)
    whole = survival.curves(told, DAY)
    assert whole.limit_days is not None
    assert figures.survival_of(tmp_path) == whole
    traits: tuple[Trait, ...] = ("store", "cohort")
    for by in traits:
        expected = survival.curves(told, DAY, by, limit_days=whole.limit_days)
        assert figures.survival_of(tmp_path, by) == replace(expected, verdict=whole.verdict)
    figures.count_decline(told, DAY, tmp_path)
    found, expected_decline = figures.decline_of(tmp_path), frequency.declining(told, DAY)
    assert found.customers.equals(expected_decline.customers)
    assert replace(found, customers=None) == replace(expected_decline, customers=None)


def test_what_churn_says_of_groups(tmp_path: Path) -> None:
    assert figures.churn_of(tmp_path) is None
    driver = Driver("stage", "active", 12, 0.25, "recency_days", -0.5)
    moment = Moment("visit", 2, 40, 10, 0.25, 0.1, 0.4, 0.2, False)
    assessed = Assessment(SCORES.empty_table(), [], 90, {"format": 1}, [driver], [moment])
    figures.keep_churn(assessed, tmp_path)
    assert figures.churn_of(tmp_path) == figures.Churn(90, (driver,), (moment,), {"format": 1})


def test_verdicts_of_several_steps_stand_beside_each_other(tmp_path: Path) -> None:
    serves = Verdict(True, "serves", Text("好", "Good"), {"customers": 3})
    assert figures.verdicts_of(tmp_path) == {}
    figures.keep_verdicts({"rfm": serves}, tmp_path)
    figures.keep_verdicts({"lifecycle": replace(serves, serves=False)}, tmp_path)
    assert figures.verdicts_of(tmp_path) == {"rfm": serves, "lifecycle": replace(serves, serves=False)}


def test_cards(tmp_path: Path) -> None:
    card = Card(
        "bg_nbd", "value", "day", date(2024, 1, 1), DAY, 12, {"r": 0.5}, Verdict(False, "few", Text("少", "Few")),
        -12.5, {"coverage": 0.9}, (Bin(3, 0.1, 0.2),), ((1, 2.0, 2.5),),
    )  # fmt: skip
    file = tmp_path / "cards.json"
    assert card_files.read_cards(file) == []
    card_files.write_cards(file, [card, replace(card, first_day=None)])
    assert card_files.read_cards(file) == [card, replace(card, first_day=None)]
    with pytest.raises(ValueError, match="not JSON compliant"):
        card_files.write_cards(file, [replace(card, log_likelihood=float("nan"))])
