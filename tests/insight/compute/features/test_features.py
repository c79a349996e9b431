"""Every feature against values counted by hand, in a shop of three customers on 1 July 2024."""

from datetime import date, datetime
from typing import Any

import pytest

from regulars.insight.compute.features import FAMILIES, FEATURES, build
from regulars.insight.compute.tables import in_memory
from tests.insight.compute.features.shops import TODAY, Rows, by_customer, day, order, people, visits

SHOP: Rows = {
    **people(1, 2, 3),
    "orders": [
        order(1, 1, "2024-01-01", 1000),
        order(2, 1, "2024-01-11", 2000, discount=500, channel="online", store_id=None),
        order(3, 1, "2024-01-11", 400),
        order(4, 1, "2024-03-01", 3000, store_id=2),
        order(5, 1, "2024-05-01", 600, store_id=2),
        order(6, 1, "2024-06-01", 9999, store_id=1),  # cancelled
        order(7, 3, "2024-06-30", 800),  # given back in full: customer 3 came all the same
        order(8, None, "2024-06-30", 777),
    ],
    "returns": [
        {"return_id": 1, "order_id": 4, "day": day("2024-03-05"), "amount": 1000, "cancelled": False},
        {"return_id": 2, "order_id": 6, "day": day("2024-06-02"), "amount": None, "cancelled": True},
        {"return_id": 3, "order_id": 7, "day": day("2024-06-30"), "amount": None, "cancelled": False},
    ],
    "products": [{"product": f"P{n}", "category": f"C{n}"} for n in range(3)] + [{"product": "none", "category": None}],
    "lines": [
        {"order_id": number, "identity_id": 1, "day": day("2024-01-01"), "product": product, "amount": 100}
        for number, product in [(1, "P0"), (1, "P1"), (3, "P1"), (6, "P2"), (3, "none"), (3, "unknown")]
    ],
    "points": [
        {"customer_id": 1, "day": day("2024-01-01"), "earned": 50, "redeemed": 0, "expired": 0},
        {"customer_id": 1, "day": day("2024-06-30"), "earned": 10, "redeemed": 15, "expired": 2},
    ],
}
BY_HAND: dict[str, dict[int, dict[str, Any]]] = {
    "recency": {
        1: {"last_purchase_day": date(2024, 5, 1), "recency_days": 61},
        2: {"last_purchase_day": None, "recency_days": None},
        3: {"last_purchase_day": date(2024, 6, 30), "recency_days": 1},
    },
    "frequency": {
        1: {"orders": 5, "orders_365": 5}, 2: {"orders": 0, "orders_365": 0}, 3: {"orders": 1, "orders_365": 1},
    },
    "money": {
        1: {"spent_minor": 1000 + 2000 + 400 + 2000 + 600, "spent_365_minor": 6000},
        2: {"spent_minor": 0, "spent_365_minor": 0},
        3: {"spent_minor": 0, "spent_365_minor": 0},
    },
    "order_value": {
        1: {"average_order_minor": 1200, "largest_order_minor": 2000},
        2: {"average_order_minor": None, "largest_order_minor": None},
        3: {"average_order_minor": 0, "largest_order_minor": 0},
    },
    "tenure": {
        1: {"tenure_days": 183, "first_purchase_day": date(2024, 1, 1), "buying_days": 182},
        2: {"tenure_days": 183, "first_purchase_day": None, "buying_days": None},
    },
    # Gaps of 10, 50 and 61 days: median 50, deviation √(4322 / 6) = 26.84. Silent for 61: k = 11 / 26.84 = .4098,
    # 100 k² / (1 + k²) = 14.4.
    "rhythm": {
        1: {
            "purchase_days": 4, "purchase_days_365": 4, "purchase_days_90": 1, "purchase_days_90_before": 2,
            "gap_days": 50.0, "gap_spread_days": 26.8, "longest_gap_days": 61, "usual_gap_days": 50.0,
            "usual_gap_basis": "own", "usual_spread_days": 26.8, "silence_ratio": 1.22, "silence_score": 14,
            "absence_days": 61, "back_days": 61,
        },
        2: {
            "purchase_days": 0, "purchase_days_365": 0, "purchase_days_90": 0, "purchase_days_90_before": 0,
            "gap_days": None, "gap_spread_days": None, "longest_gap_days": None, "usual_gap_days": None,
            "usual_gap_basis": None, "usual_spread_days": None, "silence_ratio": None, "silence_score": None,
            "absence_days": None, "back_days": None,
        },
        3: {"usual_gap_days": 50.0, "usual_gap_basis": "shop", "usual_spread_days": 50.0, "silence_ratio": 0.02,
            "silence_score": 0, "gap_days": None, "absence_days": None},
    },
    # 2 April to 30 June against 3 January to 1 April.
    "trend": {
        1: {"orders_90": 1, "orders_90_before": 3, "spent_90_minor": 600, "spent_90_before_minor": 4400,
            "spend_trend": -0.76},
        2: {"orders_90": 0, "orders_90_before": 0, "spent_90_minor": 0, "spent_90_before_minor": 0,
            "spend_trend": None},
    },
    "breadth": {1: {"categories": 2}, 2: {"categories": 0}},
    "returns": {
        1: {"returned_minor": 1000, "returned_orders": 1, "returned_share": 0.1429},
        2: {"returned_minor": 0, "returned_orders": 0, "returned_share": None},
        3: {"returned_minor": 800, "returned_orders": 1, "returned_share": 1.0},
    },
    "discount": {
        1: {"discount_minor": 500, "discount_share": 0.0667, "discounted_orders_share": 0.2},
        2: {"discount_minor": 0, "discount_share": None, "discounted_orders_share": None},
    },
    "channel": {
        1: {"online_share": 0.2, "main_channel": "store", "main_store_id": 2},  # two orders each: the one visited last
        2: {"online_share": None, "main_channel": None, "main_store_id": None},
    },
    "points": {
        1: {"points_earned": 60, "points_redeemed": 15, "points_expired": 2, "redeemed_share": 0.25},
        2: {"points_earned": 0, "points_redeemed": 0, "points_expired": 0, "redeemed_share": None},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def counted() -> dict[int, dict[str, Any]]:
    return by_customer(build(in_memory(SHOP), TODAY))


def test_every_family_is_counted_by_hand() -> None:
    assert list(BY_HAND) == list(FAMILIES)
    for family, hand in BY_HAND.items():
        assert set(hand[1]) == {one.name for one in FAMILIES[family].features}


@pytest.mark.parametrize("family", FAMILIES)
def test_by_hand(family: str, counted: dict[int, dict[str, Any]]) -> None:
    for customer, hand in BY_HAND[family].items():
        assert {name: counted[customer][name] for name in hand} == hand


def test_one_row_for_each_customer_and_the_columns_that_are_told(counted: dict[int, dict[str, Any]]) -> None:
    assert set(counted) == {1, 2, 3}
    assert list(counted[1]) == ["customer_id", *FEATURES]
    for name, one in FEATURES.items():
        assert one.name == name
        assert all((*one.label, *one.meaning))


def test_some_families_alone_give_the_same(counted: dict[int, dict[str, Any]]) -> None:
    for families in [("recency", "tenure", "rhythm"), ("recency", "money")]:
        for customer, row in by_customer(build(in_memory(SHOP), TODAY, families)).items():
            assert row == {name: counted[customer][name] for name in row}


def test_half_a_minor_unit_rounds_up_and_shares_keep_four_digits() -> None:
    told = in_memory({**people(1), "orders": [order(1, 1, "2024-06-01", 1), order(2, 1, "2024-06-02", 2, discount=1)]})
    row = by_customer(build(told, TODAY, ["order_value", "discount", "channel"]))[1]
    assert (row["average_order_minor"], row["discount_share"], row["main_channel"]) == (2, 0.25, "store")


def test_stores_that_nothing_tells_apart_are_none() -> None:
    orders = [order(n, 1, "2024-06-01", store_id=n, occurred_at=datetime(2024, 6, 1)) for n in (1, 2)]
    told = in_memory({**people(1), "orders": orders})
    assert by_customer(build(told, TODAY, ["channel"]))[1]["main_store_id"] is None


def test_an_order_before_joining_counts_from_the_order() -> None:
    told = in_memory({**people(1, joined=day("2024-06-20")), "orders": [order(1, 1, "2024-06-01")]})
    assert by_customer(build(told, TODAY, ["tenure"]))[1]["tenure_days"] == 30


def test_identities_of_one_customer_are_one_customer() -> None:
    """Orders of one day under two names are one visit, and gaps run across names."""
    told = in_memory(
        {
            **people(1),
            "identities": [{"identity_id": 1, "customer_id": 1}, {"identity_id": 9, "customer_id": 1}],
            "orders": [order(1, 1, "2024-06-01"), order(2, 9, "2024-06-01"), order(3, 9, "2024-06-15")],
        }
    )
    row = by_customer(build(told, TODAY, ["frequency", "rhythm"]))[1]
    assert (row["orders"], row["purchase_days"], row["longest_gap_days"]) == (3, 2, 14)


@pytest.mark.parametrize(
    ("days", "usual", "basis", "spread", "ratio", "score"),
    [
        # Nobody came twice: the default.
        (["2024-04-02"], 90.0, "default", 90.0, 1.0, 0),
        # One gap of 20: too few of one's own, but it is all that the shop has.
        (["2024-05-12", "2024-06-01"], 20.0, "shop", 20.0, 1.5, 20),
        # Two gaps of 10 and 30: their median, 20, is the shop's and lies between them.
        (["2024-04-22", "2024-05-02", "2024-06-01"], 20.0, "own", 20.0, 1.5, 20),
        # A clockwork customer: the spread is half the gap, k = (30 - 10) / 5 = 4.
        (["2024-05-02", "2024-05-12", "2024-05-22", "2024-06-01"], 10.0, "own", 5.0, 3.0, 94),
        # One long absence, of 300 days: the median stays at 10 and the spread at one and a half of it.
        (["2023-07-17", "2024-05-12", "2024-05-22", "2024-06-01"], 10.0, "own", 15.0, 3.0, 64),
    ],
)  # fmt: skip
def test_the_own_rhythm(days: list[str], usual: float, basis: str, spread: float, ratio: float, score: int) -> None:
    row = by_customer(build(visits(*days), TODAY, ["rhythm"]))[1]
    assert (row["usual_gap_days"], row["usual_gap_basis"], row["usual_spread_days"]) == (usual, basis, spread)
    assert (row["silence_ratio"], row["silence_score"]) == (ratio, score)


def test_three_purchase_days_lean_on_the_shop_between_their_own_gaps() -> None:
    """The shop's usual gap is 10; gaps of 2 and 6 keep it to 6, gaps of 20 and 300 raise it to 20."""
    orders = [order(n, 1, date(2024, 1, 1 + 10 * n)) for n in range(3)]
    orders += [order(10 + n, 2, date(2024, 1, 1 + 10 * n)) for n in range(3)]
    orders += [order(20 + n, 3, date(2024, 1, 1 + 10 * n)) for n in range(3)]
    orders += [order(30 + n, 4, one) for n, one in enumerate(["2024-01-01", "2024-01-03", "2024-01-09"])]
    orders += [order(40 + n, 5, one) for n, one in enumerate(["2023-01-01", "2023-01-21", "2023-11-17"])]
    rows = by_customer(build(in_memory({**people(*range(1, 6)), "orders": orders}), TODAY, ["rhythm"]))
    assert {who: row["usual_gap_days"] for who, row in rows.items()} == {1: 10.0, 2: 10.0, 3: 10.0, 4: 6.0, 5: 20.0}


def test_the_longest_absence_that_ended_lately() -> None:
    row = by_customer(build(visits("2023-01-01", "2023-12-01", "2024-04-10", "2024-06-20"), TODAY, ["rhythm"]))[1]
    assert (row["absence_days"], row["back_days"]) == (131, 82)  # the 334 days ended too long ago
    row = by_customer(build(visits("2024-03-01", "2024-04-10", "2024-05-20"), TODAY, ["rhythm"]))[1]
    assert (row["absence_days"], row["back_days"]) == (40, 42)  # of two equal ones the latest
