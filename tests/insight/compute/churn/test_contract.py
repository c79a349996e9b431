"""Churn with an end date: IBM's Telco sample, a fictional company's, read from beside the checkout."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from regulars.insight.compute.churn import contract, presets, words
from regulars.insight.compute.churn.contract import ContractScores, UnknownContract

TELCO = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "Telco-Customer-Churn.csv"
DAY = date(2024, 1, 1)
needs_telco = pytest.mark.skipif(not TELCO.exists(), reason=f"the reference data are not there: {TELCO.name}")


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pyarrow.csv.read_csv(TELCO)


@pytest.fixture(scope="module")
def read(table: pa.Table) -> contract.Contract:
    return contract.recognise(table.column_names, presets.SUBSCRIPTION)


@pytest.fixture(scope="module")
def assessed(table: pa.Table, read: contract.Contract) -> ContractScores:
    return contract.assess(table, read, DAY)


@needs_telco
def test_telco_reaches_the_bar_by_what_serves(assessed: ContractScores) -> None:
    (serving,) = [card for card in assessed.cards if card.verdict.serves]
    assert serving.model == "churn_contract"
    assert serving.backtest["folds"] == 5
    assert serving.backtest["auc"] >= 0.845
    assert serving.backtest["calibration_error"] <= 0.02
    assert len(serving.calibration) == 10
    assert serving.backtest["top_decile_lift"] > 2.5
    assert serving.backtest["baseline_auc"] < serving.backtest["auc"]
    assert "合同期" in serving.verdict.words.zh, "the baseline is the one attribute that tells most"


@needs_telco
def test_reasons_of_ten_customers_follow_from_the_coefficients_by_hand(
    table: pa.Table, read: contract.Contract, assessed: ContractScores
) -> None:
    model, rows = assessed.model, table.to_pylist()
    assert model is not None
    effects: dict[str, np.ndarray] = {}
    for term, coefficient in zip(model["terms"], model["coefficients"], strict=True):
        column = [row[term["feature"]] for row in rows]
        if term["form"] == "is":
            raw = np.array([str(value) == term["choice"] for value in column], dtype=float)
        else:
            told = np.array([float(value) if str(value).strip() else np.nan for value in column])
            assert term["form"] == "log"
            raw = np.log(1 + np.clip(told, term["low"], term["high"]))
        standardised = np.where(np.isnan(raw), 0.0, (raw - term["mean"]) / term["scale"])
        effect = coefficient * (standardised - standardised.mean())
        effects[term["feature"]] = effects.get(term["feature"], 0.0) + effect
    running = [place for place, row in enumerate(rows) if row["Churn"] == "No"][:10]
    for place in running:
        by_hand = {name: round(float(effect[place]), 6) for name, effect in effects.items()}
        strongest = sorted(by_hand, key=lambda name: -abs(by_hand[name]))[:5]
        reasons = assessed.scores["reasons"][place].as_py()
        assert [reason["feature"] for reason in reasons] == strongest
        assert [reason["effect"] for reason in reasons] == pytest.approx(
            [by_hand[name] for name in strongest], abs=2e-6
        )
        assert [reason["direction"] for reason in reasons] == [
            "raises" if by_hand[name] > 0 else "lowers" for name in strongest
        ]


@needs_telco
def test_a_customer_reads_why_in_both_languages(read: contract.Contract, assessed: ContractScores) -> None:
    reasons = assessed.scores["reasons"][0].as_py()
    said = [words.sentence(reason, labels=read.labels, units=read.units) for reason in reasons]
    assert ("合同期：Month-to-month ↑", "Contract: Month-to-month ↑") in said
    assert ("已订月数 1，一般是 29 ↑", "Months subscribed 1 (typical: 29) ↑") in said
    assert ("宽带：DSL ↓", "Internet: DSL ↓") in said


@needs_telco
def test_blank_charges_are_not_known_and_nobody_is_left_without_a_risk(
    table: pa.Table, read: contract.Contract, assessed: ContractScores
) -> None:
    blank = np.array([not one.strip() for one in table["TotalCharges"].to_pylist()])
    assert blank.sum() == 11
    charges = contract.attributes(table, read).numbers["TotalCharges"]
    assert np.array_equal(np.isnan(charges), blank)
    ended = np.array(table["Churn"].to_pylist()) == "Yes"
    risk = assessed.scores["churn_risk"].to_numpy()
    assert np.array_equal(np.isnan(risk), ended)
    assert ((risk[~ended] > 0) & (risk[~ended] < 1)).all()
    assert set(np.array(assessed.scores["level"].to_pylist())[ended]) == {"ended"}


def leases(count: int, seed: int = 5) -> pa.Table:
    """A bank's table in Chinese headers, whose dormant customers close their accounts."""
    chance = np.random.default_rng(seed)
    idle = chance.integers(0, 7, count)
    left = chance.random(count) < 0.05 + 0.1 * idle
    ends = [DAY - timedelta(days=30) if gone else None for gone in left]
    return pa.table(
        {
            "客户编号": [f"B{one}" for one in range(count)],
            "不活跃月数": idle,
            "余额": chance.integers(0, 90_000, count),
            "流失原因": ["搬家" if gone else "" for gone in left],
            "销户日期": pa.array(ends, type=pa.date32()),
        }
    )


def test_a_bank_is_read_by_its_preset_and_a_column_known_only_afterwards_is_ignored() -> None:
    table = leases(1_200)
    read = contract.recognise(table.column_names, presets.BANK)
    assert (read.customer, read.ended) == ("客户编号", "销户日期")
    assessed = contract.assess(table, read, DAY)
    serving = [card for card in assessed.cards if card.verdict.serves]
    assert len(serving) == 1
    assert serving[0].backtest["auc"] > 0.6
    features = {reason["feature"] for row in assessed.scores["reasons"].to_pylist() for reason in row}
    assert "不活跃月数" in features
    assert "流失原因" not in features
    ended = np.array([end is not None for end in table["销户日期"].to_pylist()])
    assert np.array_equal(assessed.scores["churn_risk"].is_null().to_numpy(zero_copy_only=False), ended)


def test_an_end_that_lies_ahead_has_not_come() -> None:
    ends = pa.chunked_array([pa.array([DAY, DAY - timedelta(days=1), None], type=pa.date32())])
    assert contract.ended_flags(ends, DAY).tolist() == [False, True, False]


@pytest.mark.parametrize("count", [0, 1, 150])
def test_few_contracts_end_in_plain_words(count: int) -> None:
    table = leases(count)
    assessed = contract.assess(table, contract.recognise(table.column_names, presets.BANK), DAY)
    (card,) = assessed.cards
    assert not card.verdict.serves
    assert card.verdict.code == "few_outcomes"
    assert "100" in card.verdict.words.said("zh", **card.verdict.numbers)
    assert assessed.scores["churn_risk"].null_count == count


def test_attributes_that_tell_nothing_give_no_scores() -> None:
    table = leases(500)
    shuffled = table.set_column(1, "不活跃月数", pa.array(np.random.default_rng(1).integers(0, 7, 500)))
    assessed = contract.assess(shuffled, contract.recognise(shuffled.column_names, presets.BANK), DAY)
    assert [card.verdict.code for card in assessed.cards if card.model == "churn_contract"] == ["no_better_than_chance"]
    assert assessed.model is None
    assert set(assessed.scores["level"].to_pylist()) == {"ended", "unknown"}


def test_a_table_without_an_end_says_so() -> None:
    with pytest.raises(UnknownContract, match="ended"):
        contract.recognise(["客户编号", "余额"], presets.BANK)
