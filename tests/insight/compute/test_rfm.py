"""RFM on values small enough to score by hand, and on the sample of the R package rfm."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest

from regulars.insight.compute import rfm
from tests.insight.compute.features.shops import by_customer

SAMPLE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "rfm_data_orders.csv"


def scored(*values: tuple[int | None, int, int]) -> dict[int, dict[str, Any]]:
    """Scores of customers 0, 1, … with these recency days, orders and spending."""
    rows = [
        {"customer_id": n, "recency_days": one[0], "orders": one[1], "spent_minor": one[2]}
        for n, one in enumerate(values)
    ]
    types = {"customer_id": "int64", "recency_days": "int64", "orders": "int64", "spent_minor": "int64"}
    return by_customer(rfm.scores(ibis.memtable(rows, schema=types)))


def test_ten_customers_by_hand() -> None:
    """Two a fifth where all differ. Of the orders, six are lowest: they score 1, those above them 4 and 5."""
    orders = [1, 1, 1, 1, 1, 1, 2, 2, 3, 4]
    found = scored(*((100 - 10 * n, orders[n], 1000 + n) for n in range(10)))
    assert [found[n]["recency_score"] for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [found[n]["frequency_score"] for n in range(10)] == [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]
    assert [found[n]["monetary_score"] for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [found[n]["rfm"] for n in (0, 5, 9)] == [111, 313, 555]
    # Means: recency 3, frequency 2.4, money 3.
    assert [found[n]["rfm_eight"] for n in (0, 5, 6, 9)] == [
        "general_win_back", "general_win_back", "key_value", "key_value",
    ]  # fmt: skip
    assert [found[n]["rfm_ten"] for n in (0, 4, 6, 8)] == ["hibernating", "about_to_sleep", "loyal", "champions"]


def test_equal_values_score_alike_wherever_a_fifth_ends() -> None:
    found = scored(*((7, n % 3 + 1, 500 * (n % 2)) for n in range(11)))
    for value, score in [("orders", "frequency_score"), ("money", "monetary_score")]:
        by_value: dict[int, set[int]] = {}
        for n, row in found.items():
            by_value.setdefault(n % 3 if value == "orders" else n % 2, set()).add(row[score])
        assert all(len(scores) == 1 for scores in by_value.values())
    assert {row["recency_score"] for row in found.values()} == {5}


def test_who_never_bought_has_no_score() -> None:
    assert set(scored((None, 0, 0), (5, 1, 100))) == {1}


def test_each_of_the_eight() -> None:
    """One customer of each kind: high in exactly these of recency, frequency and money."""
    kinds = list(rfm.EIGHT_OF)
    found = scored(*((1 if r else 9, 9 if f else 1, 9 if m else 1) for r, f, m in kinds))
    assert {kind: found[n]["rfm_eight"] for n, kind in enumerate(kinds)} == rfm.EIGHT_OF


def test_every_cell_of_the_grid_has_a_name_and_every_name_words() -> None:
    assert [len(row) for row in rfm.GRID] == [5] * 5
    assert {name for row in rfm.GRID for name in row} == set(rfm.TEN)
    assert set(rfm.EIGHT_OF.values()) == set(rfm.EIGHT)
    for group in (*rfm.EIGHT.values(), *rfm.TEN.values()):
        assert all((group.name.zh, group.name.en, group.advice.zh, group.advice.en))
    for names in (rfm.EIGHT, rfm.TEN):
        assert len({group.name.zh for group in names.values()}) == len({group.name.en for group in names.values()})


@pytest.mark.skipif(not SAMPLE.exists(), reason="the reference data are not beside the checkout")
def test_the_scores_of_the_r_package() -> None:
    """Its README lists the first ten customers as of 2006-12-31; these eight are in the sample under the same name.

    Its fifths are interpolated quantiles, so a few of 995 customers at a border may differ by one.
    """
    listed = {
        "Add Senger": (4, 1, 2), "Admiral Senger": (4, 3, 3), "Agness O'Keefe": (5, 5, 5), "Aileen Barton": (5, 5, 5),
        "Ailene Hermann": (3, 5, 5), "Alannah Borer": (1, 2, 1),
    }  # fmt: skip
    bought: dict[str, list[tuple[date, int]]] = {}
    with SAMPLE.open() as file:
        for row in csv.DictReader(file):
            bought.setdefault(row["customer_id"], []).append(
                (date.fromisoformat(row["order_date"]), int(row["revenue"]))
            )
    today = date(2006, 12, 31)
    names = sorted(bought)
    found = scored(
        *(((today - max(bought[who])[0]).days, len(bought[who]), sum(paid for _, paid in bought[who])) for who in names)
    )
    assert len(found) == 995
    for who, scores in listed.items():
        row = found[names.index(who)]
        assert (row["recency_score"], row["frequency_score"], row["monetary_score"]) == scores, who
    assert Counter(row["frequency_score"] for row in found.values()) == {1: 268, 2: 187, 3: 176, 4: 244, 5: 120}
