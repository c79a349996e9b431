"""Commands are decided once, under the customer's lock; one that is refused changes nothing."""

from datetime import timedelta

import pytest
from django.db import transaction

from regulars.core.errors import DomainError
from regulars.facts.rules import KeyReused
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions.commands import NothingLeft, UnknownCommand, UnknownCustomer
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, counts, order, query, refund, state, when

DAY = when("2024-03-01 10:00")
REDEEM, REVERSE, HOLD = ItemKind.REDEEM, ItemKind.REVERSE, ItemKind.HOLD
CAPTURE, RELEASE, GRANT, DEDUCT = ItemKind.CAPTURE, ItemKind.RELEASE, ItemKind.GRANT, ItemKind.DEDUCT


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(order("A", "anna", DAY, 100_00))
    return found


def refused(
    books: World, error: type[DomainError], kind: ItemKind, who: str | int, points: int, key: str, **more: object
) -> None:
    before, rows = state(), counts()
    with pytest.raises(error), transaction.atomic():
        books.command(kind, who, points, key, **more)  # type: ignore[arg-type]
    assert (state(), counts()) == (before, rows)


def test_the_same_key_and_command_is_done_once(books: World) -> None:
    first = books.command(REDEEM, "anna", 60, "k")
    rows = counts()
    again = books.command(REDEEM, "anna", 60, "k", at=books.now + timedelta(days=3))
    assert again == first
    assert counts() == rows
    books.assert_clean()


def test_the_same_key_for_something_else_is_refused(books: World) -> None:
    books.command(REDEEM, "anna", 60, "k")
    books.tell(order("B", "bo", DAY, 100_00))
    refused(books, KeyReused, REDEEM, "anna", 61, "k")
    refused(books, KeyReused, DEDUCT, "anna", 60, "k")
    refused(books, KeyReused, REDEEM, "bo", 60, "k")


@pytest.mark.parametrize("kind", [REDEEM, HOLD, DEDUCT])
def test_more_than_there_is_is_refused(books: World, kind: ItemKind) -> None:
    refused(books, InsufficientPoints, kind, "anna", 101, "k")
    books.command(kind, "anna", 100, "k")
    refused(books, InsufficientPoints, kind, "anna", 1, "l")
    books.assert_clean()


def test_pending_and_expired_points_cannot_be_spent(books: World) -> None:
    books.tell(order("B", "anna", when("2024-05-31 10:00"), 50_00, channel="online"))
    refused(books, InsufficientPoints, REDEEM, "anna", 101, "k")
    books.now = when("2026-01-01 00:00")
    refused(books, InsufficientPoints, REDEEM, "anna", 1, "k")


def test_what_is_owed_cannot_be_spent(books: World) -> None:
    books.tell(order("B", "anna", when("2024-04-01 10:00"), 80_00))
    books.command(REDEEM, "anna", 100, "k")
    books.tell(refund("r", "A", when("2024-04-02 10:00")))
    assert books.wallet("anna")["debt"] == -20
    refused(books, InsufficientPoints, REDEEM, "anna", 1, "l")


@pytest.mark.parametrize("points", [0, -1, 10**18, 10**30])
@pytest.mark.parametrize("kind", [REDEEM, GRANT])
def test_an_amount_that_is_none_is_refused(books: World, kind: ItemKind, points: int) -> None:
    refused(books, NothingLeft, kind, "anna", points, "k")


def test_nobody_is_refused(books: World) -> None:
    refused(books, UnknownCustomer, REDEEM, 10**12, 5, "k")


def test_only_what_is_left_is_captured_released_and_reversed(books: World) -> None:
    hold = books.command(HOLD, "anna", 80, "h").command_id
    refused(books, NothingLeft, CAPTURE, "anna", 81, "c", refers_to=hold)
    captured = books.command(CAPTURE, "anna", 50, "c", refers_to=hold).command_id
    refused(books, NothingLeft, RELEASE, "anna", 31, "r", refers_to=hold)
    books.command(RELEASE, "anna", 30, "r", refers_to=hold)
    refused(books, NothingLeft, RELEASE, "anna", 1, "r2", refers_to=hold)
    books.command(REVERSE, "anna", 50, "v", refers_to=captured)
    refused(books, NothingLeft, REVERSE, "anna", 1, "v2", refers_to=captured)
    assert books.wallet("anna")["available"] == 100
    books.assert_clean()


def test_only_what_can_be_continued_is_continued(books: World) -> None:
    spent = books.command(REDEEM, "anna", 10, "k").command_id
    hold = books.command(HOLD, "anna", 10, "h").command_id
    grant = books.command(GRANT, "anna", 10, "g").command_id
    books.tell(order("B", "bo", DAY, 100_00))
    for kind, refers_to in ((CAPTURE, spent), (RELEASE, spent), (REVERSE, hold), (REVERSE, grant), (REVERSE, None)):
        refused(books, UnknownCommand, kind, "anna", 1, "x", refers_to=refers_to)
    refused(books, UnknownCommand, REVERSE, "bo", 1, "x", refers_to=spent)
    refused(books, UnknownCommand, REVERSE, "anna", 1, "x", refers_to=10**9)
    refused(books, UnknownCommand, REDEEM, "anna", 1, "x", refers_to=spent)


def test_a_deduction_is_given_back_where_it_went(books: World) -> None:
    taken = books.command(DEDUCT, "anna", 70, "d").command_id
    books.command(REVERSE, "anna", 70, "v", refers_to=taken)
    assert books.wallet("anna")["available"] == 100
    books.assert_clean()


def test_a_command_stands_after_every_fact_it_knew_of(books: World) -> None:
    """A till whose clock is behind: the order is dated after the command that spends it."""
    books.tell(order("B", "anna", when("2024-06-01 10:05"), 50_00))
    receipt = books.command(REDEEM, "anna", 150, "k")
    assert (receipt.at, receipt.spendable) == (when("2024-06-01 10:05"), 0)
    books.tell(order("C", "anna", when("2024-06-01 10:05"), 7_00))
    assert books.wallet("anna")["available"] == 7
    books.assert_clean()


def test_a_late_order_changes_what_was_spent_but_not_that_it_was(books: World) -> None:
    books.now = when("2025-06-01 10:00")
    books.tell(order("B", "anna", when("2025-01-05 10:00"), 100_00))
    books.command(REDEEM, "anna", 150, "k")
    books.tell(order("0", "anna", when("2023-12-01 10:00"), 40_00))
    assert books.wallet("anna")["available"] == 50, "the late points had expired before the redemption"
    books.tell(order("1", "anna", when("2024-02-01 10:00"), 40_00))
    assert books.wallet("anna")["available"] == 90
    spent = query(
        """SELECT sum(CASE WHEN t.target = 12 THEN t.amount ELSE -t.amount END) FROM ledger_transfer t
           JOIN loyalty_command c ON c.id = t.origin_id AND t.origin_kind = 2 WHERE 12 IN (t.target, t.source)"""
    )
    assert spent == [(150,)]
    books.assert_clean()


def test_a_correction_names_what_it_corrects(books: World) -> None:
    books.command(REDEEM, "anna", 60, "k")
    books.tell(order("0", "anna", when("2024-02-01 10:00"), 40_00))
    rows = query(
        """SELECT t.amount, t.source, t.target, e.source, e.target, t.at = e.at FROM ledger_transfer t
           JOIN ledger_transfer e ON e.id = t.corrects_id"""
    )
    assert rows == [(40, 12, 2, 2, 12, True)]
    books.assert_clean()
