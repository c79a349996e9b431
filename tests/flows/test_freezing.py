"""A frozen account 账户冻结 goes on earning, but nothing matures and nothing is spent until it is released."""

import pytest
from django.db import transaction

from regulars.ledger import statements
from regulars.loyalty.actions.commands import AccountFrozen, NothingToRelease
from regulars.loyalty.queries import standings
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, order, query, refund, when

FREEZE, UNFREEZE, REDEEM, HOLD = ItemKind.FREEZE, ItemKind.UNFREEZE, ItemKind.REDEEM, ItemKind.HOLD


@pytest.fixture
def books(db: None) -> World:
    """Anna has 100 points to spend and 50 from the web shop that mature on 6 May; she is frozen on 2 May."""
    found = World(now="2024-05-02 12:00")
    found.tell(
        order("A", "anna", when("2024-03-01 10:00"), 100_00),
        order("W", "anna", when("2024-04-29 10:00"), 50_00, channel="online"),
    )
    found.command(FREEZE, "anna", 0, "freeze")
    return found


def points(books: World) -> tuple[int, int]:
    """(pending, available) as everybody reads it: by date, whether or not a job has run."""
    customer_id = books.customer("anna")
    balance = statements.balances([customer_id], at=books.now)[customer_id]
    return balance.pending, balance.available


def test_nothing_is_spent(books: World) -> None:
    for kind in (REDEEM, HOLD):
        with pytest.raises(AccountFrozen), transaction.atomic():
            books.command(kind, "anna", 10, f"{kind}")
    books.command(ItemKind.DEDUCT, "anna", 40, "taken back by staff")
    assert points(books) == (50, 60)
    books.assert_clean()


def test_what_is_earned_stays_pending(books: World) -> None:
    books.now = when("2024-05-20 12:00")
    books.tell(order("B", "anna", when("2024-05-10 10:00"), 30_00))
    assert points(books) == (80, 100)
    assert standings([books.customer("anna")])[books.customer("anna")].frozen
    assert books.settle() == 0, "the nightly job finds nothing to mature"
    books.assert_clean()


def test_what_was_held_before_can_be_captured_or_given_back(db: None) -> None:
    books = World(now="2024-05-02 12:00")
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))
    hold = books.command(HOLD, "anna", 30, "hold")
    books.command(FREEZE, "anna", 0, "freeze")
    capture = books.command(ItemKind.CAPTURE, "anna", 20, "capture", refers_to=hold.command_id)
    books.command(ItemKind.RELEASE, "anna", 10, "release", refers_to=hold.command_id)
    books.command(ItemKind.REVERSE, "anna", 5, "back", refers_to=capture.command_id)
    assert points(books) == (0, 85)
    books.assert_clean()


def test_once_released_everything_matures_that_would_have(books: World) -> None:
    books.now = when("2024-05-20 12:00")
    books.tell(
        order("B", "anna", when("2024-05-10 10:00"), 30_00),
        order("V", "anna", when("2024-05-19 10:00"), 7_00, channel="online"),
    )
    books.command(UNFREEZE, "anna", 0, "release")
    assert points(books) == (7, 180)
    moments = query("SELECT at FROM ledger_transfer WHERE purpose = 2 AND lot_id IS NOT NULL ORDER BY id")
    assert {row[0] for row in moments} == {books.now}, "they mature when they are released, not before"
    books.command(REDEEM, "anna", 180, "all")
    books.now = when("2024-05-27 12:00")
    books.settle()
    assert points(books) == (0, 7)
    books.assert_clean()


def test_who_is_released_before_points_mature_waits_for_their_day(books: World) -> None:
    books.now = when("2024-05-03 12:00")
    books.command(UNFREEZE, "anna", 0, "release")
    assert points(books) == (50, 100)
    books.now = when("2024-05-08 12:00")
    books.command(REDEEM, "anna", 150, "all")
    assert books.wallet("anna")["available"] == 0
    books.assert_clean()


def test_pending_points_expire_on_their_day_too(books: World) -> None:
    books.now = when("2026-01-02 12:00")
    assert points(books) == (0, 0)
    assert books.settle() == 1
    assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 0, "debt": 0, "growth": 150}
    books.assert_clean()
    books.command(UNFREEZE, "anna", 0, "release")
    assert points(books) == (0, 0)
    books.assert_clean()


def test_a_refund_takes_its_points_from_what_is_pending(books: World) -> None:
    books.now = when("2024-05-20 12:00")
    books.tell(refund("r", "W", when("2024-05-15 10:00")))
    assert points(books) == (0, 100)
    books.assert_clean()


def test_releasing_who_is_not_frozen_is_refused(books: World) -> None:
    books.command(UNFREEZE, "anna", 0, "once")
    books.command(UNFREEZE, "anna", 0, "once")
    with pytest.raises(NothingToRelease), transaction.atomic():
        books.command(UNFREEZE, "anna", 0, "twice")


def test_whoever_is_merged_with_a_frozen_account_is_frozen_with_it(books: World) -> None:
    books.tell(order("C", "bo", when("2024-04-01 10:00"), 200_00))
    merge = books.merge("anna", "bo")
    with pytest.raises(AccountFrozen), transaction.atomic():
        books.command(REDEEM, "bo", 10, "spend")
    books.command(UNFREEZE, "bo", 0, "release")
    books.command(REDEEM, "bo", 250, "spend all")
    books.assert_clean()
    books.undo(merge)
    books.assert_clean()


def test_facts_that_come_late_find_the_same_state(db: None) -> None:
    """An order from before the freeze that is told after it has matured before: it can only have."""
    books = World(now="2024-05-20 12:00")
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))
    books.command(FREEZE, "anna", 0, "freeze", at=when("2024-05-02 12:00"))
    books.tell(order("L", "anna", when("2024-04-01 10:00"), 40_00))
    books.tell(order("M", "anna", when("2024-05-03 10:00"), 9_00))
    assert points(books) == (9, 140)
    books.assert_clean()
