"""Rules that give a coupon: it is there with the order that earned it, once, and goes with it."""

from typing import Any

import pytest

from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.rules import InvalidPolicy, Policy, preset_terms
from tests.flows.world import World, cancel, event, order, query, when
from tests.loyalty.coupons import shop

DAY = when("2024-03-01 10:00")
FIRST = {"field": "first_order", "op": "is", "value": True}


def world(**rule: Any) -> World:
    then = {"kind": "coupon", "offer": shop.offer()}
    rules = [{"code": "hello", "then": then, **rule}]
    return World(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", {"rules": rules})])


def held(books: World, who: str) -> list[str]:
    """Keys of this member's coupons that were not taken back."""
    rows = query(
        "SELECT key FROM loyalty_coupon WHERE customer_id = %s AND voided_at IS NULL ORDER BY id", [books.customer(who)]
    )
    return [row[0].rsplit(":", 2)[0] for row in rows]


def test_a_first_order_gives_a_coupon_once(db: None) -> None:
    books = world(**{"if": FIRST})
    facts = [order("A", "anna", DAY, 10_00), order("B", "anna", when("2024-03-02 10:00"), 10_00)]
    for _ in range(2):
        books.tell(*facts)
    assert held(books, "anna") == ["rule:hello"]
    assert books.wallet("anna")["available"] == 20, "points are earned as ever"
    books.assert_clean()


def test_an_event_may_give_some_within_limits(db: None) -> None:
    books = world(on="Checked In", limits=[{"period": "month", "most": 2}])
    books.tell(*(event(f"e{day}", "anna", when(f"2024-03-0{day} 10:00"), "Checked In") for day in (1, 2, 3)))
    assert held(books, "anna") == ["rule:hello"] * 2
    books.assert_clean()


def test_coupons_have_a_budget_too(db: None) -> None:
    books = world(limits=[{"period": "budget", "most": 2}])
    books.tell(*(order(f"O{n}", f"m{n}", DAY, 10_00) for n in range(3)))
    assert [len(held(books, f"m{n}")) for n in range(3)] == [1, 1, 0]
    books.assert_clean()


def test_a_cancelled_order_takes_its_coupon_back(db: None) -> None:
    books = world()
    books.tell(order("A", "anna", DAY, 10_00), order("B", "anna", when("2024-03-02 10:00"), 10_00))
    books.tell(cancel("x", "A", when("2024-03-03 10:00")))
    assert held(books, "anna") == ["rule:hello"]
    books.assert_clean()


def test_a_late_order_gives_its_coupon_and_changes_no_other(db: None) -> None:
    books = world()
    books.tell(order("B", "anna", when("2024-03-02 10:00"), 10_00))
    before = query("SELECT id, key FROM loyalty_coupon")
    books.tell(order("A", "anna", DAY, 10_00))
    assert set(before) < set(query("SELECT id, key FROM loyalty_coupon"))
    assert held(books, "anna") == ["rule:hello"] * 2


def test_merged_members_keep_theirs(db: None) -> None:
    books = world()
    books.tell(order("A", "anna", DAY, 10_00), order("B", "bo", DAY, 10_00))
    merge = books.merge("anna", "bo")
    books.tell(order("C", "anna", when("2024-04-01 10:00"), 10_00))
    books.undo(merge)
    assert query("SELECT count(*) FROM loyalty_coupon WHERE voided_at IS NULL") == [(3,)]
    books.assert_clean()


def test_an_offer_that_was_put_away_keeps_no_order_from_being_recorded(db: None) -> None:
    books = world()
    (offer,) = (row[0] for row in query("SELECT id FROM loyalty_offer"))
    coupons.archive(offer_id=offer, at=books.now)
    books.tell(order("A", "anna", DAY, 10_00))
    assert held(books, "anna") == []
    assert books.wallet("anna")["available"] == 10


@pytest.mark.parametrize(
    "rule",
    [
        {"then": {"kind": "coupon"}},
        {"then": {"kind": "coupon", "offer": 1, "amount": 11}},
        {"then": {"kind": "coupon", "offer": 1}, "earns": "points"},
        {"then": {"kind": "fixed", "amount": 5}, "earns": "coupon"},
    ],
)
def test_what_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        Policy.from_terms(1, {**preset_terms(2), "rules": [{"code": "x", **rule}]}, DAY.tzinfo)  # type: ignore[arg-type]
