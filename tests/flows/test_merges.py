"""Merging moves no row, and undoing it leaves each with what its own facts and commands came to."""

import pytest
from django.db import transaction

from regulars.customers.actions.duplicates import AlreadyOne, NotMerged
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, counts, differences, order, query, refund, state, when

DAY = when("2024-03-01 10:00")
REDEEM, REVERSE, HOLD, CAPTURE = ItemKind.REDEEM, ItemKind.REVERSE, ItemKind.HOLD, ItemKind.CAPTURE


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(order("A", "anna", DAY, 600_00), order("B", "bo", DAY, 500_00), order("C", "chen", DAY, 30_00))
    return found


def test_a_group_has_one_tier_and_spends_together(books: World) -> None:
    assert books.tiers("anna") == [(0, "2024-03-01", None)]
    books.merge("bo", "anna")
    assert books.tiers("anna") == books.tiers("bo") == [(1, "2024-03-01", "2025-03-01"), (0, "2025-03-01", None)]
    assert books.command(REDEEM, "bo", 1000, "k").spendable == 100
    books.assert_clean()


def test_a_merge_and_its_undo_leave_everything_as_it_was(books: World) -> None:
    before = state()
    books.undo(books.merge("bo", "anna"))
    assert differences(state(), before) == []
    books.assert_clean()


def test_no_row_moves(books: World) -> None:
    def owners() -> list[tuple[object, ...]]:
        return query("SELECT id, customer_id FROM customers_identity UNION ALL SELECT id, customer_id FROM ledger_lot")

    before = sorted(owners())
    books.merge("bo", "anna")
    assert sorted(owners()) == before


def test_spending_the_others_points_becomes_debt_when_they_part(books: World) -> None:
    merged = books.merge("bo", "anna")
    books.command(REDEEM, "bo", 900, "k")
    books.undo(merged)
    assert books.wallet("bo") == {"pending": 0, "available": 0, "held": 0, "debt": -400, "growth": 500}
    assert books.wallet("anna")["available"] == 600
    books.assert_clean()
    books.tell(order("B2", "bo", when("2024-06-01 09:00"), 450_00))
    assert (books.wallet("bo")["available"], books.wallet("bo")["debt"]) == (50, 0)
    books.assert_clean()


def test_a_hold_that_the_other_captured_stays_with_its_holder_when_they_part(books: World) -> None:
    merged = books.merge("bo", "anna")
    hold = books.command(HOLD, "bo", 900, "h").command_id
    captured = books.command(CAPTURE, "anna", 700, "c", refers_to=hold).command_id
    books.command(REVERSE, "anna", 100, "v", refers_to=captured)
    books.assert_clean()
    books.undo(merged)
    books.assert_clean()
    assert books.wallet("anna")["available"] == 600
    assert books.wallet("bo")["debt"] < 0


def test_debts_on_both_sides_are_repaid_by_whoever_earns(books: World) -> None:
    books.command(REDEEM, "anna", 600, "a")
    books.command(REDEEM, "bo", 500, "b")
    books.tell(refund("ra", "A", when("2024-05-01 10:00")), refund("rb", "B", when("2024-05-01 10:00"), 200_00))
    assert (books.wallet("anna")["debt"], books.wallet("bo")["debt"]) == (-600, -200)
    books.merge("bo", "anna")
    books.merge("chen", "anna")
    books.assert_clean()
    assert sum(books.wallet(who)["debt"] for who in ("anna", "bo", "chen")) == -770, "chen's 30 were spent too"
    books.now = when("2024-06-03 10:00")
    books.tell(order("C2", "chen", when("2024-06-02 10:00"), 700_00))
    debts = [books.wallet(who)["debt"] for who in ("anna", "bo", "chen")]
    assert (sum(debts), books.wallet("chen")["available"]) == (-70, 0), "one order repaid two debts"
    assert query("SELECT count(DISTINCT customer_id) FROM ledger_transfer WHERE source = 15") == [(2,)]
    books.assert_clean()
    with pytest.raises(InsufficientPoints), transaction.atomic():
        books.command(REDEEM, "chen", 1, "c")


def test_merges_of_merges_are_undone_one_by_one(books: World) -> None:
    before = state()
    first, second = books.merge("bo", "anna"), books.merge("anna", "chen")
    assert len(set(query("SELECT canonical_id FROM customers_customer"))) == 1
    books.assert_clean()
    books.undo(first)
    assert books.tiers("bo") == [(0, "2024-03-01", None)]
    books.assert_clean()
    books.undo(second)
    assert differences(state(), before) == []
    books.assert_clean()


def test_what_is_one_is_not_merged_and_what_is_undone_not_undone(books: World) -> None:
    merged = books.merge("bo", "anna")
    rows = counts()
    for pair in (("bo", "anna"), ("anna", "bo"), ("bo", "bo")):
        with pytest.raises(AlreadyOne), transaction.atomic():
            books.merge(*pair)
    assert counts() == rows
    books.undo(merged)
    with pytest.raises(NotMerged), transaction.atomic():
        books.undo(merged)
    with pytest.raises(NotMerged), transaction.atomic():
        books.undo(10**9)
    books.assert_clean()


def test_facts_go_on_arriving_for_merged_customers(books: World) -> None:
    merged = books.merge("bo", "anna")
    books.tell(order("B2", "bo", when("2024-05-01 10:00"), 10_00), order("B0", "bo", when("2024-01-01 10:00"), 10_00))
    books.assert_clean()
    books.undo(merged)
    assert (books.wallet("bo")["available"], books.wallet("anna")["available"]) == (520, 600)
    books.assert_clean()
