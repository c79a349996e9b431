"""What people complain of in other loyalty engines, in public: each is a promise here, held through the real flows.

Every test is named after the complaint and says what happens instead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from regulars.core.calendar import zone
from regulars.core.errors import DomainError
from regulars.facts.kinds import order_completed
from regulars.facts.rules import MalformedFact, NewFact
from regulars.flows.check_out import take_step
from regulars.flows.redeem_coupons import redeem_coupon
from regulars.ledger import statements
from regulars.ledger.rules import Balance, InsufficientPoints
from regulars.loyalty.actions.commands import NothingLeft
from regulars.loyalty.checkout.rules import Ask, Step
from regulars.loyalty.coupons.rules import CouponUsedUp, Guesser, GuesserKind
from regulars.loyalty.rules import ItemKind
from tests.flows.world import SHANGHAI, World, cancel, member, order, query, refund, when
from tests.loyalty.coupons import shop

DAY, LATER = when("2024-03-03 10:00"), when("2024-03-05 10:00")
REDEEM, REVERSE, HOLD = ItemKind.REDEEM, ItemKind.REVERSE, ItemKind.HOLD
CAPTURE, RELEASE, GRANT, DEDUCT = ItemKind.CAPTURE, ItemKind.RELEASE, ItemKind.GRANT, ItemKind.DEDUCT
WELCOME = {"code": "welcome", "if": {"field": "first_order", "op": "is", "value": True},
           "then": {"kind": "fixed", "amount": 200}}  # fmt: skip
SUNDAY = {"code": "sunday", "if": {"field": "weekday", "op": "in", "value": [7]},
          "then": {"kind": "multiply", "percent": 200}, "limits": [{"period": "month", "most": 100}]}  # fmt: skip
TILL = Guesser(GuesserKind.STAFF, 1)
pytestmark = pytest.mark.django_db


def business(*rules: dict[str, Any], now: str = "2024-06-01 10:00", **terms: Any) -> World:
    return World(now=now, terms=[("2000-01-02 00:00", {"rules": list(rules), **terms})])


def told(key: str, who: str, **properties: Any) -> NewFact:
    """An order as the API reads it."""
    body = order_completed.normalise(properties, "CNY")
    return NewFact("till", order_completed.CODE, key, DAY, body, (member(who),), amount=body["paid"])


def balance(books: World, who: str, at: datetime | None = None) -> Balance:
    group = query("SELECT canonical_id FROM customers_customer WHERE id = %s", [books.customer(who)])[0][0]
    return statements.balances([group], at=at or books.now)[group]


def step(books: World, kind: ItemKind, key: str, points: int | None, who: str = "", hold: int | None = None) -> Step:
    ask = Ask(kind, key, points, books.customer(who) if who else None, hold, minutes=15 if kind is HOLD else 0)
    return take_step(ask=ask, policies=books.policies, at=books.now)


def refused(books: World, error: type[DomainError], kind: ItemKind, who: str, points: int, key: str, **m: Any) -> None:
    with pytest.raises(error), transaction.atomic():
        books.command(kind, who, points, key, **m)


def test_refund_farming_buy_spend_the_points_send_the_goods_back() -> None:
    """What was spent is owed, the next points repay it: of five rounds the first gave goods, the others nothing."""
    books, served = business(), 0
    for turn in range(5):
        books.now = when(f"2024-06-0{turn + 1} 10:00")
        books.tell(order(f"{turn}", "anna", books.now, 100_00))
        try:
            with transaction.atomic():
                served += books.command(REDEEM, "anna", 100, f"k{turn}").amount
        except InsufficientPoints:
            pass
        books.tell(refund(f"r{turn}", f"{turn}", books.now + timedelta(hours=1)))
    assert (served, balance(books, "anna").owed, balance(books, "anna").spendable) == (100, 100, 0)
    books.assert_clean()


def test_refund_farming_the_gift_of_a_first_order_again_and_again() -> None:
    books = business(WELCOME)
    for turn in range(4):
        books.tell(order(f"{turn}", "anna", DAY + timedelta(hours=turn), 10_00))
        assert balance(books, "anna").spendable == 210
        books.tell(cancel(f"c{turn}", f"{turn}", DAY + timedelta(hours=turn, minutes=5)))
        assert balance(books, "anna").total == 0, "the gift goes with the order"
    books.assert_clean()


def test_double_refund_of_points_when_two_systems_tell_of_one_refund() -> None:
    """In full by the till, again under another number, and cancelled by the shop: taken back once."""
    books = business()
    books.tell(order("A", "anna", DAY, 100_00), order("B", "anna", DAY, 40_00))
    books.tell(refund("r1", "A", LATER), refund("r2", "A", LATER, 100_00), cancel("c", "A", LATER))
    assert balance(books, "anna").available == 40
    books.assert_clean()


def test_double_refund_of_points_that_were_redeemed() -> None:
    books = business()
    books.tell(order("A", "anna", DAY, 100_00))
    spent = books.command(REDEEM, "anna", 80, "k").command_id
    first = books.command(REVERSE, "anna", 80, "back", refers_to=spent)
    assert books.command(REVERSE, "anna", 80, "back", refers_to=spent) == first, "told twice, done once"
    refused(books, NothingLeft, REVERSE, "anna", 1, "back again", refers_to=spent)
    hold = step(books, HOLD, "h", 50, "anna")
    capture = step(books, CAPTURE, "c", 50, hold=hold.id)
    step(books, REVERSE, "b1", 30, hold=capture.id)
    with pytest.raises(NothingLeft):
        step(books, REVERSE, "b2", 21, hold=capture.id)
    assert balance(books, "anna").available == 80
    books.assert_clean()


def test_a_reward_line_that_earns() -> None:
    """Neither the cup that was given for points, nor the part of the price that points or vouchers paid."""
    cup = {"code": "cup", "then": {"kind": "per_item", "amount": 50, "products": ["cup", "bean"]}}
    books = business(cup)
    products = [{"sku": "bean", "total": 60}, {"sku": "cup", "total": 0}]
    books.tell(told("A", "anna", total=60, vouchers=20, products=products))
    assert balance(books, "anna").available == 40 + 50
    books.tell(told("B", "bo", total=60, vouchers=60, products=[{"sku": "tea", "total": 60}]))
    assert query("SELECT count(*) FROM ledger_lot WHERE customer_id = %s", [books.customer("bo")]) == [(0,)]
    books.assert_clean()


def test_a_tier_from_the_balance_instead_of_what_was_earned() -> None:
    """Spending, expiry and gifts of points leave the tier alone; only growth makes it."""
    books = business()
    books.tell(order("A", "anna", DAY, 1200_00), order("B", "bo", DAY, 900_00))
    silver = books.tiers("anna")
    assert silver == [(1, "2024-03-03", "2025-03-03"), (0, "2025-03-03", None)]
    books.command(REDEEM, "anna", 1000, "k")
    books.command(DEDUCT, "anna", 200, "d")
    books.command(GRANT, "bo", 50_000, "g")
    assert (books.tiers("anna"), books.tiers("bo")) == (silver, [(0, "2024-03-03", None)])
    books.now = when("2026-01-02 10:00")
    books.settle()
    assert (balance(books, "bo").total, books.tiers("bo")) == (50_000 - 50_000, [(0, "2024-03-03", None)])
    books.assert_clean()


@pytest.mark.parametrize("name", ["America/Los_Angeles", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_expiry_a_day_early_through_utc(name: str) -> None:
    """Good through 31 December where the shop is, which is another day in London before and after."""
    books, here = World(time_zone=name), zone(name)
    last, first = datetime(2025, 12, 31, 23, 59, 59, tzinfo=here), datetime(2026, 1, 1, tzinfo=here)
    books.tell(
        order("old", "anna", datetime(2024, 12, 31, 23, 59, tzinfo=here), 100_00),
        order("new", "anna", datetime(2025, 1, 1, 0, 1, tzinfo=here), 7_00),
        at=datetime(2025, 1, 2, tzinfo=here),
    )
    assert balance(books, "anna", last).spendable == 107
    assert balance(books, "anna", first).spendable == 7
    assert statements.expiring(books.customer("anna"), at=last)[0] == (first, 100)
    books.now = last
    books.settle()
    assert books.command(REDEEM, "anna", 60, "in time").spendable == 47
    books.now = first
    refused(books, InsufficientPoints, REDEEM, "anna", 8, "too late")
    assert books.settle() == 1
    assert books.wallet("anna")["available"] == 7
    books.assert_clean()


@pytest.mark.parametrize("total", [268.28000000000003, 0.1 + 0.2, 268.281, "268.28000000000003"])
def test_float_dust_in_an_order_is_refused_by_name(total: float | str) -> None:
    with pytest.raises(MalformedFact) as raised:
        order_completed.normalise({"total": total}, "CNY")
    assert raised.value.context["field"] == "total"


def test_float_dust_in_a_balance_268_28000000000003() -> None:
    """Parts that add up to dust in floats add up exactly here, come and go; rules that give parts of a point too."""
    books = business({"code": "third", "then": {"kind": "multiply", "percent": 133}}, minor_per_point=1)
    parts = [89.43, 89.43, 89.42, 0.1, 0.2]
    books.tell(*(told(f"{n}", "anna", total=part) for n, part in enumerate(parts)))
    assert balance(books, "anna").available == sum(int(round(part * 100) * 1.33) for part in parts)
    assert {type(value) for value in books.wallet("anna").values()} == {int}
    books.tell(*(refund(f"r{n}", f"{n}", LATER, minor) for n, minor in enumerate((29_81, 29_81, 29_81))))
    books.tell(*(refund(f"s{n}", f"{n}", LATER) for n in range(5)))
    assert balance(books, "anna") == Balance(0, 0, 0, 0)
    books.assert_clean()


def test_limits_not_released_on_cancel_of_earning() -> None:
    """A cancelled order was never made: what it took of the month is free again. A return opens no limit."""
    books = business(SUNDAY)
    books.tell(order("A", "anna", DAY, 80_00), cancel("c", "A", DAY + timedelta(hours=1)))
    books.tell(order("B", "anna", DAY + timedelta(hours=2), 80_00))
    assert balance(books, "anna").available == 160
    books.tell(refund("r", "B", DAY + timedelta(hours=3)), order("C", "anna", DAY + timedelta(hours=4), 80_00))
    assert balance(books, "anna").available == 100, "20 of the month's 100 were left"
    books.tell(cancel("c2", "B", DAY + timedelta(hours=5)), cancel("c3", "B", DAY + timedelta(hours=6)))
    books.tell(order("D", "anna", DAY + timedelta(hours=7), 80_00))
    assert balance(books, "anna").available == 100 + 160, "given back once"
    books.assert_clean()


def test_limits_not_released_on_cancel_of_coupons_and_holds() -> None:
    books = World(now="2026-03-20 12:00")
    coupon = shop.issue(shop.offer())
    fact = order("A", "anna", shop.AT, 40_00)
    fact.body = order_completed.make_body(currency="CNY", paid=40_00, lines=[], coupons=[coupon.code])
    books.tell(fact)
    with pytest.raises(CouponUsedUp):
        shop.redeem(coupon, "till:2")
    books.tell(cancel("c", "A", shop.AT))
    assert shop.redeem(coupon, "till:3").uses_left == 0
    books.command(GRANT, "anna", 100, "g")
    hold = step(books, HOLD, "h", 100, "anna")
    step(books, RELEASE, "r", None, hold=hold.id)
    assert balance(books, "anna").spendable == 100
    shop.assert_agrees()
    books.assert_clean()


def test_holds_ignored_in_the_balance() -> None:
    """What one till holds, no other till sees as free: not in the balance, not to hold, not to redeem."""
    books = business()
    books.tell(order("A", "anna", DAY, 100_00))
    hold = step(books, HOLD, "h", 60, "anna")
    assert (balance(books, "anna").spendable, balance(books, "anna").held, hold.spendable) == (40, 60, 40)
    with pytest.raises(InsufficientPoints):
        step(books, HOLD, "h2", 41, "anna")
    for kind in (REDEEM, DEDUCT):
        refused(books, InsufficientPoints, kind, "anna", 41, "k")
    books.now += timedelta(minutes=16)
    assert step(books, HOLD, "h3", 100, "anna").spendable == 0, "the first has ended by itself"
    books.assert_clean()


def test_merging_that_strands_points() -> None:
    """Available, pending and held points, debts and coupons of either side are the whole group's, at once."""
    books = business(now="2024-03-05 12:00")
    pending = order("B", "bo", LATER, 30_00, channel="online")
    books.tell(order("A", "anna", DAY, 100_00), pending, order("C", "bo", DAY, 50_00))
    coupon = shop.issue(shop.offer(), "own", books.customer("bo"), at=DAY)
    hold = step(books, HOLD, "h", 20, "bo")
    owing = order("D", "chen", DAY, 10_00)
    books.tell(owing)
    books.command(REDEEM, "chen", 10, "k")
    books.tell(refund("r", "D", LATER))
    merges = [books.merge("bo", "anna"), books.merge("chen", "anna")]
    found = balance(books, "anna")
    assert (found.pending, found.held, found.spendable, found.total) == (30, 20, 120, 170)
    assert [balance(books, who) for who in ("bo", "chen")] == [found, found]
    step(books, CAPTURE, "c", 20, hold=hold.id)
    assert books.command(REDEEM, "chen", 120, "all").spendable == 0, "with the points of all three"
    receipt = redeem_coupon(
        code=coupon.code, guesser=TILL, key="t", zone=SHANGHAI, at=books.now, spend_minor=50_00,
        customer_id=books.customer("anna"),
    )  # fmt: skip
    assert receipt.uses_left == 0
    books.now = when("2024-03-13 10:00")
    assert (books.settle(), balance(books, "chen").spendable) == (1, 30)
    books.assert_clean()
    before = _all_of(books, ("anna",))
    for merge in reversed(merges):
        books.undo(merge)
    assert _all_of(books, ("anna", "bo", "chen")) == before, "parted again, they have together what they had as one"
    books.assert_clean()


def _all_of(books: World, names: Sequence[str]) -> int:
    return sum(balance(books, who).total for who in names)
