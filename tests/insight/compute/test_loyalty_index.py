"""The loyalty index: parts by hand, and parts that a shop does not record."""

from typing import Any

import ibis

from regulars.insight.compute import loyalty_index
from tests.insight.compute.features.shops import by_customer

REGULAR: dict[str, Any] = {
    "orders": 12, "silence_score": 0, "purchase_days_365": 13, "gap_days": 30.0, "gap_spread_days": 10.0,
    "buying_days": 1100, "recency_days": 5, "categories": 3, "points_earned": 1000, "points_redeemed": 250,
    "discounted_orders_share": 0.25, "discount_minor": 500,
}  # fmt: skip
STRANGER: dict[str, Any] = {
    "orders": 1, "silence_score": 90, "purchase_days_365": 0, "gap_days": None, "gap_spread_days": None,
    "buying_days": 500, "recency_days": 500, "categories": 0, "points_earned": 0, "points_redeemed": 0,
    "discounted_orders_share": 1.0, "discount_minor": 100,
}  # fmt: skip
NUMBERS = ("gap_days", "gap_spread_days", "discounted_orders_share")


def index(*customers: dict[str, Any]) -> dict[int, dict[str, Any]]:
    rows = [{"customer_id": n, **one} for n, one in enumerate(customers)]
    types = {name: "float64" if name in NUMBERS else "int64" for name in rows[0]}
    return by_customer(loyalty_index.index(ibis.memtable(rows, schema=types)))


def test_the_parts_and_the_index_by_hand() -> None:
    found = index(REGULAR, STRANGER)
    assert found[0] == {
        "customer_id": 0,
        "loyalty_staying": 100,
        "loyalty_visits": 75,  # 12 / (12 + 4)
        "loyalty_regularity": 75,  # 30 / (30 + 10)
        "loyalty_tenure": 75,  # 1095 / (1095 + 365)
        "loyalty_breadth": 50,  # 2 / (2 + 2)
        "loyalty_points": 50,  # 250 of 500
        "loyalty_full_price": 75,
        "loyalty_index": 77,  # (25·100 + 20·75 + 15·75 + 15·75 + 10·50 + 8·50 + 7·75) / 100 = 76.75
    }
    assert found[1]["loyalty_index"] == 3  # 25·10 / 100 = 2.5
    assert [found[1][f"loyalty_{name}"] for name in loyalty_index.PARTS] == [10, 0, 0, 0, 0, 0, 0]


def test_what_the_shop_does_not_record_is_left_out_for_everybody() -> None:
    nothing = {"categories": 1, "points_earned": 0, "points_redeemed": 0, "discount_minor": 0}
    found = index({**REGULAR, **nothing}, {**STRANGER, **nothing})
    assert [found[0][f"loyalty_{name}"] for name in ("breadth", "points", "full_price")] == [None] * 3
    assert found[0]["loyalty_index"] == 83  # (25·100 + 20·75 + 15·75 + 15·75) / 75 = 83.3


def test_who_never_bought_has_no_index() -> None:
    assert set(index({**STRANGER, "orders": 0}, REGULAR)) == {1}


def test_weights_are_hundredths() -> None:
    assert sum(part.weight for part in loyalty_index.PARTS.values()) == 100
