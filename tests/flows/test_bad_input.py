"""What arrives at odd times and in odd amounts has a defined end. What is refused by its form stands in tests/api."""

from datetime import timedelta

import pytest
from django.db import transaction

from regulars.core.money import LARGEST_MINOR
from regulars.facts.rules import Outcome
from regulars.flows.give_tiers import give_tier
from regulars.ledger.rules import Account, InsufficientPoints
from regulars.loyalty.actions.commands import MOST_POINTS, NothingLeft
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, cancel, differences, order, query, refund, state, when
from tests.loyalty.coupons import shop

DAY, LATER = when("2024-03-01 10:00"), when("2024-03-05 10:00")
REDEEM, REVERSE, HOLD = ItemKind.REDEEM, ItemKind.REVERSE, ItemKind.HOLD
CAPTURE, RELEASE, GRANT = ItemKind.CAPTURE, ItemKind.RELEASE, ItemKind.GRANT


@pytest.fixture
def books(db: None) -> World:
    return World(now="2024-06-01 10:00")


class TestAmounts:
    def test_an_order_of_nothing_earns_nothing_and_can_be_refunded(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 0), order("B", "anna", DAY, 0, lines=[0, 0]), order("C", "anna", DAY, 99))
        books.tell(refund("r", "A", LATER), refund("s", "B", LATER, lines=[(1, 0)]), cancel("c", "A", LATER))
        assert query("SELECT count(*) FROM ledger_transfer") == [(0,)]
        books.assert_clean()

    def test_a_refund_of_nothing_gives_nothing_back(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 100_00, lines=[60_00, 40_00]))
        books.tell(refund("r", "A", LATER, 0), refund("s", "A", LATER, lines=[(1, 0), (7, 0)]))
        assert books.wallet("anna")["available"] == 100
        books.assert_clean()

    def test_a_part_of_a_line_that_is_worth_less_than_a_point(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 1_00))
        books.tell(*(refund(f"r{n}", "A", LATER, 1) for n in range(99)))
        assert books.wallet("anna")["available"] == 1, "99 of 100 fen came back, and no whole point"
        books.tell(refund("r99", "A", LATER, 1))
        assert books.wallet("anna")["available"] == 0
        books.assert_clean()

    def test_the_largest_order_and_the_largest_gift_there_are(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, LARGEST_MINOR), order("B", "anna", DAY, LARGEST_MINOR))
        books.command(GRANT, "anna", MOST_POINTS, "g")
        for points in (MOST_POINTS + 1, 0, -1):
            with pytest.raises(NothingLeft), transaction.atomic():
                books.command(GRANT, "anna", points, f"g{points}")
        books.tell(refund("r", "A", LATER, LARGEST_MINOR), refund("s", "B", LATER, 1))
        assert books.wallet("anna")["available"] == LARGEST_MINOR // 100 + MOST_POINTS
        books.assert_clean()


class TestRefunds:
    def test_larger_than_the_order_and_twice_and_cancelled_takes_the_order_and_is_flagged(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 100_00), order("B", "anna", DAY, 30_00))
        books.tell(refund("r", "A", LATER, 250_00), refund("s", "A", LATER, 250_00), cancel("c", "A", LATER))
        assert books.wallet("anna") == {"pending": 0, "available": 30, "held": 0, "debt": 0, "growth": 30}
        assert books.verify().flagged == {"refund_above_order": 2}
        books.assert_clean()

    def test_the_same_one_twice_is_once_and_another_body_is_a_conflict(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 100_00))
        told = [
            refund("r", "A", LATER, 40_00),
            refund("r", "A", LATER, 40_00),
            refund("r", "A", LATER, 41_00),
        ]
        assert [books.tell(one)[0].outcome for one in told] == [Outcome.RECORDED, Outcome.REPEATED, Outcome.CONFLICT]
        assert books.wallet("anna")["available"] == 60

    def test_after_expiry_takes_what_had_expired_and_leaves_a_debt_for_what_was_spent(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 100_00))
        books.command(REDEEM, "anna", 30, "k")
        books.now = when("2026-01-02 10:00")
        books.settle()
        books.tell(refund("r", "A", books.now))
        assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 0, "debt": -30, "growth": 0}
        breakage = """SELECT sum(CASE WHEN target = %s THEN amount ELSE -amount END) FROM ledger_transfer
                      WHERE %s IN (source, target)"""
        assert query(breakage, [Account.BREAKAGE, Account.BREAKAGE]) == [(0,)], "what came back never expired"
        books.assert_clean()

    def test_while_the_points_are_held_or_after_they_were_captured(self, books: World) -> None:
        books.tell(order("A", "anna", DAY, 100_00))
        hold = books.command(HOLD, "anna", 80, "h").command_id
        books.command(CAPTURE, "anna", 50, "c", refers_to=hold)
        books.tell(refund("r", "A", books.now))
        assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 30, "debt": -80, "growth": 0}
        books.command(RELEASE, "anna", 30, "b", refers_to=hold)
        assert books.wallet("anna")["debt"] == -50, "what comes back pays first"
        with pytest.raises(InsufficientPoints), transaction.atomic():
            books.command(REDEEM, "anna", 1, "k")
        books.assert_clean()

    def test_before_the_order_by_a_clock_that_is_years_behind(self, books: World) -> None:
        books.tell(refund("r", "A", when("2020-01-01 10:00"), 40_00))
        books.tell(cancel("c", "B", when("2020-01-01 10:00")))
        books.tell(order("A", "anna", DAY, 100_00), order("B", "anna", DAY, 100_00))
        assert books.wallet("anna")["available"] == 60
        books.assert_clean()


class TestClocks:
    def test_an_order_of_tomorrow_counts_and_commands_stand_after_it(self, books: World) -> None:
        ahead = books.now + timedelta(hours=23)
        books.tell(order("A", "anna", ahead, 100_00))
        first = books.command(REDEEM, "anna", 40, "k")
        books.tell(order("B", "anna", books.now, 10_00))
        second = books.command(REDEEM, "anna", 70, "l", at=books.now - timedelta(days=3))
        assert (first.at, second.at, second.spendable) == (ahead, ahead, 0)
        books.assert_clean()

    def test_an_order_of_years_ago_finds_its_points_expired(self, books: World) -> None:
        books.tell(order("A", "anna", when("2019-05-01 10:00"), 100_00))
        assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 0, "debt": 0, "growth": 100}
        books.tell(refund("r", "A", books.now))
        assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 0, "debt": 0, "growth": 0}
        books.assert_clean()


def test_a_merge_of_two_who_have_everything_and_its_undo(books: World) -> None:
    """Lots of three years, pending points, holds, debts, tiers reached and given, coupons, a freeze: all of both."""
    books.tell(
        order("A1", "anna", when("2022-12-30 10:00"), 50_00),
        order("A2", "anna", when("2023-11-11 10:00"), 900_00),
        order("A3", "anna", when("2024-05-30 10:00"), 70_00, channel="online"),
        order("B1", "bo", when("2023-02-02 10:00"), 300_00),
        order("B2", "bo", DAY, 400_00),
    )
    hold = books.command(HOLD, "anna", 200, "h").command_id
    books.command(CAPTURE, "anna", 50, "c", refers_to=hold)
    spent = books.command(REDEEM, "bo", 650, "k").command_id
    books.tell(refund("r", "B2", when("2024-05-01 10:00")))
    give_tier(
        customer_id=books.customer("bo"), tier="gold", until=when("2024-12-01 00:00").date(), key="t", at=books.now,
        policies=books.policies,
    )  # fmt: skip
    coupon = shop.issue(shop.offer(), "own", books.customer("bo"))
    before = state()
    merge = books.merge("bo", "anna")
    assert [(tier, since) for tier, since, _ in books.tiers("anna")] == [
        (0, "2022-12-30"), (1, "2023-11-11"), (0, "2024-02-02"), (2, "2024-06-01"), (0, "2024-12-01"),
    ]  # fmt: skip
    books.undo(merge)
    assert differences(state(), before) == []
    merge = books.merge("anna", "bo")
    books.command(RELEASE, "bo", 150, "rel", refers_to=hold)
    books.command(REVERSE, "anna", 650, "back", refers_to=spent)
    assert shop.left(coupon) == [1]
    books.assert_clean()
    books.undo(merge)
    books.assert_clean()
    assert books.wallet("anna") == {"pending": 70, "available": 850, "held": 0, "debt": 0, "growth": 1020}
    assert books.wallet("bo") == {"pending": 0, "available": 300, "held": 0, "debt": 0, "growth": 300}
    books.command(ItemKind.FREEZE, "anna", 0, "f")
    frozen = state()
    books.undo(books.merge("anna", "bo"))
    assert differences(state(), frozen) == []
    books.assert_clean()
