"""Growth can count spend, visits or the points that are earned; what is given back takes it back in the same way."""

from datetime import date
from typing import Any

import pytest

from regulars.ledger.rules import Account
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import InvalidPolicy, Item, ItemKind, Policies, Policy, preset_terms
from tests.loyalty.histories import SHANGHAI, when

DOUBLE = {"code": "double", "then": {"kind": "multiply", "percent": 200}}


def fold(growth_from: str, *items: Item, **terms: Any) -> Fold:
    policy = Policy.from_terms(1, {**preset_terms(2), "growth_from": growth_from, **terms}, SHANGHAI)
    found = Fold(Policies([(when("2000-01-01"), policy)]))
    for item in items:
        found.apply(item)
    return found


def order(number: int, text: str, amount: int, *lines: int, paid: int | None = None, skus: str = "") -> Item:
    at = when(text)
    parts = lines or (amount,)
    told = [
        [str(place), sku, 1, part] for place, (part, sku) in enumerate(zip(parts, skus or " " * 9, strict=False), 1)
    ]
    return Item(
        ItemKind.ORDER, number, 1, at, at.date(), 1, f"o{number}", amount, amount if paid is None else paid,
        lines=tuple((str(place), part) for place, part in enumerate(parts, 1)), goods=told,
    )  # fmt: skip


def refund(number: int, of: int, text: str, amount: int | None = None, lines: tuple[tuple[str, int], ...] = ()) -> Item:
    at = when(text)
    return Item(
        ItemKind.REFUND, number, 1, at, at.date(), 1, f"r{number}", amount, lines=lines, subject=f"o{of}"
    )  # fmt: skip


def grown(found: Fold) -> dict[str, int]:
    """Growth by day, and the ledger has as much."""
    by_day: dict[date, int] = {}
    for day, amount in found.growth:
        by_day[day] = by_day.get(day, 0) + amount
    moved = (
        one.amount if one.target == Account.EARNED else -one.amount for one in found.transfers if one.currency == 2
    )
    assert sum(moved) == sum(by_day.values())
    return {str(day): amount for day, amount in by_day.items() if amount}


def test_spend_called_by_its_name_counts_as_growth_value_does() -> None:
    orders = [order(1, "2024-03-01 10:00", 123_45)]
    assert grown(fold("amount", *orders)) == grown(fold("spend", *orders)) == {"2024-03-01": 123}


def test_a_visit_is_a_day_with_a_paid_order() -> None:
    found = fold(
        "visits", order(1, "2024-03-01 10:00", 5_00), order(2, "2024-03-01 18:00", 900_00),
        order(3, "2024-03-02 00:30", 1), order(4, "2024-03-03 10:00", 0, paid=0),
        order(5, "2024-03-04 10:00", 0, paid=30_00),
    )  # fmt: skip
    assert grown(found) == {"2024-03-01": 1, "2024-03-02": 1, "2024-03-04": 1}, "paid with stored value is a visit too"


def test_a_visit_is_taken_back_when_nothing_of_its_day_was_kept() -> None:
    first, second = order(1, "2024-03-01 10:00", 50_00, 20_00, 30_00), order(2, "2024-03-01 12:00", 10_00)
    part = refund(3, 1, "2024-03-02 10:00", lines=(("1", 20_00),))
    rest = refund(4, 1, "2024-03-03 10:00", lines=(("2", 30_00),))
    other = refund(5, 2, "2024-03-04 10:00")
    assert grown(fold("visits", first, part)) == {"2024-03-01": 1}, "something was kept"
    assert grown(fold("visits", first, part, rest)) == {}
    assert grown(fold("visits", first, second, part, rest)) == {"2024-03-01": 1}, "the other order was kept"
    assert grown(fold("visits", first, second, part, rest, other)) == {}


def test_who_exchanges_what_they_bought_was_there_once() -> None:
    found = fold(
        "visits", order(1, "2024-03-01 10:00", 50_00), refund(2, 1, "2024-03-01 10:05"),
        order(3, "2024-03-01 10:06", 60_00), order(4, "2024-03-01 10:07", 60_00),
    )  # fmt: skip
    assert grown(found) == {"2024-03-01": 1}


def test_points_count_as_they_are_earned_after_rules_and_caps() -> None:
    cap = [{"period": "day", "most": 150}]
    assert grown(fold("points", order(1, "2024-03-01 10:00", 100_00))) == {"2024-03-01": 100}
    assert grown(fold("points", order(1, "2024-03-01 10:00", 100_00), rules=[DOUBLE])) == {"2024-03-01": 200}
    assert grown(fold("points", order(1, "2024-03-01 10:00", 100_00), rules=[DOUBLE], caps=cap)) == {"2024-03-01": 150}


def test_events_that_earn_points_add_to_points_earned() -> None:
    rule = {"code": "in", "on": "Checked In", "then": {"kind": "fixed", "amount": 5}}
    at = when("2024-03-01 10:00")
    event = Item(ItemKind.EVENT, 9, 1, at, at.date(), 1, "e", event="Checked In")
    assert grown(fold("points", event, rules=[rule])) == {"2024-03-01": 5}
    assert grown(fold("visits", event, rules=[rule])) == {}, "only an order is a visit"


def test_refunds_take_points_earned_back_line_by_line() -> None:
    rule = {"code": "sku", "then": {"kind": "per_item", "amount": 30, "products": ["A"]}}
    lines = order(1, "2024-03-01 10:00", 100_00, 40_00, 60_00, skus="AB")
    assert grown(fold("points", lines, rules=[rule])) == {"2024-03-01": 130}
    back = refund(2, 1, "2024-03-02 10:00", lines=(("1", 40_00),))
    found = fold("points", lines, back, rules=[rule])
    assert grown(found) == {"2024-03-01": 60}
    assert sum(lot.issued - lot.revoked for lot in found.lots.values()) == 60
    rest = refund(3, 1, "2024-03-03 10:00", lines=(("2", 60_00),))
    assert grown(fold("points", lines, back, rest, rules=[rule])) == {}


def test_rules_may_add_visits() -> None:
    more = {"code": "more", "earns": "growth", "then": {"kind": "multiply", "percent": 200}}
    item = {"code": "item", "earns": "growth", "then": {"kind": "per_item", "amount": 3, "products": ["A"]}}
    both = order(1, "2024-03-01 10:00", 100_00, 40_00, 60_00, skus="AB")
    assert grown(fold("visits", both, rules=[more])) == {"2024-03-01": 2}
    assert grown(fold("visits", both, rules=[item])) == {"2024-03-01": 4}
    back = refund(2, 1, "2024-03-02 10:00", lines=(("1", 40_00),))
    assert grown(fold("visits", both, back, rules=[item])) == {"2024-03-01": 1}
    assert grown(fold("visits", both, back, refund(3, 1, "2024-03-03 10:00"), rules=[item])) == {}


@pytest.mark.parametrize(
    ("growth_from", "then"),
    [("moon", {"kind": "fixed", "amount": 1}), ("visits", {"kind": "per_amount", "minor": 100}),
     ("points", {"kind": "per_amount", "minor": 100}), ("points", {"kind": "multiply", "percent": 200})],
)  # fmt: skip
def test_terms_that_mean_nothing_are_refused(growth_from: str, then: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        fold(growth_from, rules=[{"code": "grow", "earns": "growth", "then": then}])
