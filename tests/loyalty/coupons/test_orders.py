"""Orders that tell codes: each use counted once, whoever told it first, and no order refused for a code."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from regulars.facts.actions import ensure_source
from regulars.facts.kinds import order_completed
from regulars.facts.models import Import
from regulars.facts.rules import MalformedFact, NewFact, Outcome
from regulars.flows.record_facts import record_facts
from regulars.flows.undo_import import undo_import
from regulars.loyalty.coupons import codes, queries
from regulars.loyalty.coupons.actions import Issued
from regulars.loyalty.coupons.rules import OrderKey
from tests.flows.world import World, cancel, query, refund
from tests.flows.world import order as plain_order
from tests.loyalty.coupons import shop
from tests.loyalty.coupons.shop import AT, DAY, PART_OFF, TEN_OFF

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> World:
    return World(now="2026-03-20 12:00")


def order(key: str, *told: str, who: Any = "anna", paid: int = 40_00, at: datetime = AT, discount: int = 0) -> NewFact:
    fact = plain_order(key, who, at, paid)
    fact.body = order_completed.make_body(currency="CNY", paid=paid, lines=[], coupons=told, discount=discount)
    return fact


def standing(coupon: Issued) -> list[tuple[str, int, int | None]]:
    """(order, discount, customer) of the uses that stand."""
    rows = query(
        """SELECT order_key, discount_minor, customer_id FROM loyalty_couponuse
           WHERE coupon_id = %s AND undone_at IS NULL ORDER BY at, order_key""",
        [coupon.coupon_id],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def reasons() -> dict[str, int]:
    shop.assert_agrees()
    return queries.unmatched(since=datetime(2000, 1, 1, tzinfo=AT.tzinfo))


def test_an_order_uses_its_coupon_once_however_often_it_is_told(books: World) -> None:
    coupon = shop.issue(shop.offer())
    told = order("A", codes.shown(coupon.code))
    assert [books.tell(told)[0].outcome for _ in range(3)] == [Outcome.RECORDED, Outcome.REPEATED, Outcome.REPEATED]
    assert standing(coupon) == [("A", 10_00, books.customer("anna"))]
    assert reasons() == {}
    assert query("SELECT at, spend_minor FROM loyalty_couponuse") == [(AT, 50_00)]


def test_an_order_of_nobody_uses_its_coupon_too(books: World) -> None:
    coupon = shop.issue(shop.offer())
    books.tell(order("A", coupon.code, who=()))
    assert standing(coupon) == [("A", 10_00, None)]


def test_no_order_is_refused_for_a_code(books: World) -> None:
    made = shop.offer()
    ended, early, personal = shop.issue(made, "a"), shop.issue(made, "b", valid_from=AT + DAY), None
    books.tell(plain_order("first", "bo", AT, 1_00))
    personal = shop.issue(made, "c", books.customer("bo"))
    answers = books.tell(
        order("A", "SPRING10", "222222222222"),
        order("B", ended.code, at=AT + 16 * DAY),
        order("C", early.code),
        order("D", personal.code),
        order("E", shop.issue(made, "d").code, paid=5_00),
    )
    assert {one.outcome for one in answers} == {Outcome.RECORDED}
    assert reasons() == {
        "unknown_code": 2, "below_minimum_spend": 1, "coupon_expired": 1, "coupon_not_yet_valid": 1,
        "somebody_elses_coupon": 1,
    }  # fmt: skip
    assert query("SELECT count(*) FROM loyalty_couponuse") == [(0,)]


def test_of_many_orders_with_the_same_code_the_earliest_have_it(books: World) -> None:
    shared = shop.issue(shop.offer(replace(TEN_OFF, uses_most=3)))
    hours = [7, 2, 5, 3, 9]
    books.tell(*(order(f"O{hour}", shared.code, who=f"m{hour}", at=AT.replace(hour=10 + hour)) for hour in hours))
    assert [one[0] for one in standing(shared)] == ["O2", "O3", "O5"]
    assert reasons() == {"coupon_used_up": 2}


def test_a_use_at_the_till_and_the_order_that_tells_it_later_are_one(books: World) -> None:
    made = shop.offer()
    with_order, without = shop.issue(made, "a"), shop.issue(made, "b")
    shop.redeem(with_order, "till:1", order=OrderKey(ensure_source("till"), "A"))
    shop.redeem(without, "till:2")
    books.tell(order("A", with_order.code), order("B", without.code))
    assert [one[0] for one in (*standing(with_order), *standing(without))] == ["A", "B"]
    books.tell(order("C", without.code))
    assert reasons() == {"coupon_used_up": 1}


def test_an_order_that_arrives_before_the_till_redeems_is_the_same_use(books: World) -> None:
    coupon = shop.issue(shop.offer())
    books.tell(order("A", coupon.code))
    receipt = shop.redeem(coupon, "till:1", order=OrderKey(ensure_source("till"), "A"))
    assert shop.redeem(coupon, "till:1", order=OrderKey(ensure_source("till"), "A")) == receipt
    assert len(standing(coupon)) == 1
    assert reasons() == {}
    shop.undo(receipt)
    assert shop.left(coupon) == [1]


def test_a_cancelled_order_gives_its_coupon_back(books: World) -> None:
    made = shop.offer()
    coupon, at_till = shop.issue(made, "a"), shop.issue(made, "b")
    shop.redeem(at_till, "till:1", order=OrderKey(ensure_source("till"), "A"))
    books.tell(order("A", coupon.code, at_till.code))
    books.tell(cancel("A", "A", AT + DAY))
    assert shop.left(coupon, at_till) == [1, 1]
    assert shop.redeem(coupon, "till:2").uses_left == 0
    assert reasons() == {}


def test_an_order_that_was_cancelled_before_it_arrives_uses_nothing(books: World) -> None:
    coupon = shop.issue(shop.offer())
    books.tell(cancel("A", "A", AT + DAY))
    books.tell(order("A", coupon.code))
    assert shop.left(coupon) == [1]
    books.tell(order("B", coupon.code), cancel("B", "B", AT + DAY))
    assert (shop.left(coupon), reasons()) == ([1], {})


def undone(coupon: Issued) -> list[str]:
    """Why uses of the coupon were given back."""
    rows = query(
        "SELECT undone_by FROM loyalty_couponuse WHERE coupon_id = %s AND undone_at IS NOT NULL", [coupon.coupon_id]
    )
    return [row[0] for row in rows]


def test_a_refunded_order_gives_its_coupon_back_once(books: World) -> None:
    coupon = shop.issue(shop.offer())
    books.tell(order("A", coupon.code))
    told = refund("R", "A", AT + DAY)
    assert [books.tell(told)[0].outcome for _ in range(2)] == [Outcome.RECORDED, Outcome.REPEATED]
    assert (shop.left(coupon), undone(coupon)) == ([1], ["refunded"])
    books.tell(order("B", coupon.code))
    books.tell(refund("R2", "A", AT + DAY), cancel("C", "A", AT + 2 * DAY))
    assert (shop.left(coupon), [one[0] for one in standing(coupon)]) == ([0], ["B"])
    assert reasons() == {}


def test_a_part_of_the_money_leaves_the_coupon_used_until_all_of_it_is_back(books: World) -> None:
    made = shop.offer()
    by_amount, by_line = shop.issue(made, "a"), shop.issue(made, "b")
    two = plain_order("B", "bo", AT, 40_00, lines=[15_00, 25_00])
    two.body["coupons"] = [by_line.code]
    books.tell(order("A", by_amount.code), two)
    books.tell(refund("R1", "A", AT + DAY, 15_00), refund("R2", "B", AT + DAY, lines=[(1, 15_00)]))
    assert shop.left(by_amount, by_line) == [0, 0]
    books.tell(refund("R3", "A", AT + DAY, 25_00), refund("R4", "B", AT + DAY, lines=[(2, 30_00)]))
    assert shop.left(by_amount, by_line) == [1, 1]
    assert reasons() == {}


def test_an_order_that_was_refunded_before_it_arrives_uses_nothing(books: World) -> None:
    made = shop.offer()
    whole, sums, at_till, part = (shop.issue(made, key) for key in "abcd")
    books.tell(
        refund("R1", "A", AT + DAY), refund("R2", "B", AT + DAY, 40_00), refund("R3", "C", AT + DAY),
        refund("R4", "D", AT + DAY, 39_99),
    )  # fmt: skip
    shop.redeem(at_till)
    books.tell(order("A", whole.code), order("B", sums.code), order("C", at_till.code), order("D", part.code))
    assert shop.left(whole, sums, at_till, part) == [1, 1, 1, 0]
    assert (undone(at_till), reasons()) == (["refunded"], {})


def test_an_order_of_nothing_and_what_a_till_counted_are_given_back_too(books: World) -> None:
    made = shop.offer(replace(TEN_OFF, min_spend_minor=0))
    free, at_till = shop.issue(made, "a"), shop.issue(made, "b")
    shop.redeem(at_till, order=OrderKey(ensure_source("till"), "B"))
    books.tell(order("A", free.code, paid=0))
    books.tell(order("B", paid=40_00))
    assert shop.left(free, at_till) == [0, 0]
    books.tell(refund("R1", "A", AT + DAY), refund("R2", "B", AT + DAY, 40_00))
    assert (shop.left(free, at_till), undone(at_till)) == ([1, 1], ["refunded"])


def test_a_refund_that_is_undone_with_its_import_leaves_the_coupon_used(books: World) -> None:
    made = shop.offer()
    coupon, again, same = (shop.issue(made, key) for key in "abc")
    books.tell(order("A", coupon.code), order("B", again.code))
    loaded = Import.objects.create(
        connector="orders_file", file_name="x.csv", time_zone="", status="done", created_at=AT
    )
    told = [order("C", same.code), *(refund(f"R{one}", one, AT + DAY) for one in "ABC")]
    record_facts(facts=told, policies=books.policies, zone=books.zone, at=books.now, import_id=loaded.pk)
    assert shop.left(coupon, again, same) == [1, 1, 1]
    books.tell(order("D", again.code))
    for _ in range(2):
        for _ in undo_import(import_id=loaded.pk, policies=books.policies, actor="", at=books.now):
            pass
        assert shop.left(coupon, again, same) == [0, 0, 1]
        Import.objects.filter(pk=loaded.pk).update(status="done")
    assert [one[0] for one in (*standing(coupon), *standing(again), *standing(same))] == ["A", "D"]
    assert reasons() == {}


def test_what_a_part_off_took_is_found_from_what_was_paid(books: World) -> None:
    made = shop.offer(PART_OFF)
    told, untold = shop.issue(made, "a"), shop.issue(made, "b")
    books.tell(order("A", told.code, paid=85_00, discount=15_00), order("B", untold.code, paid=85_00))
    assert [standing(one)[0][1] for one in (told, untold)] == [15_00, 15_00]


def test_a_code_that_is_told_twice_in_an_order_is_used_once(books: World) -> None:
    shared = shop.issue(shop.offer(replace(TEN_OFF, uses_most=9)))
    books.tell(order("A", shared.code, codes.shown(shared.code)))
    assert len(standing(shared)) == 1
    shop.assert_agrees()


class TestTelling:
    def test_orders_without_a_code_are_the_facts_they_were(self) -> None:
        told: dict[str, object] = {"total": 5, "coupon": None, "coupons": []}
        assert order_completed.normalise(told, "CNY") == order_completed.normalise({"total": 5}, "CNY")

    def test_one_or_several(self) -> None:
        told = {"total": 5, "coupon": "A", "coupons": ["B", " A ", "", 7]}
        assert order_completed.normalise(told, "CNY")["coupons"] == ["A", "B", "7"]

    @pytest.mark.parametrize("told", ["A", {"a": 1}, ["x" * 201], [["A"]], ["A"] * 21, [True]])
    def test_what_is_no_list_of_codes_names_the_field(self, told: object) -> None:
        with pytest.raises(MalformedFact) as raised:
            order_completed.normalise({"total": 5, "coupons": told}, "CNY")
        assert raised.value.context["field"] == "coupons"


def test_an_import_that_is_undone_gives_back_what_its_orders_used_and_nothing_else(books: World) -> None:
    made = shop.offer(replace(TEN_OFF, uses_most=5))
    by_import, at_till = shop.issue(made, "a"), shop.issue(made, "b")
    shop.redeem(at_till, "till:1", order=OrderKey(ensure_source("till"), "B"))
    books.tell(order("A", by_import.code))
    loaded = Import.objects.create(
        connector="orders_file", file_name="x.csv", time_zone="", status="done", created_at=AT
    )
    told = [order("B", at_till.code, by_import.code), order("C", by_import.code, who=())]
    record_facts(facts=told, policies=books.policies, zone=books.zone, at=books.now, import_id=loaded.pk)
    assert shop.left(by_import, at_till) == [2, 4]
    for _ in undo_import(import_id=loaded.pk, policies=books.policies, actor="", at=books.now):
        pass
    assert [one[0] for one in (*standing(by_import), *standing(at_till))] == ["A", "B"], "the till saw B itself"
    assert reasons() == {}
    books.tell(order("C", by_import.code))
    assert shop.left(by_import, at_till) == [3, 4]
    shop.assert_agrees()
