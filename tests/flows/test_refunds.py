"""A refund finds its order: in its batch, before it, after it, under another name, or told again after an undo."""

from itertools import permutations
from random import Random

import pytest
from django.db import DataError, transaction

from regulars.facts import queries as facts
from regulars.facts.rules import NewFact
from regulars.loyalty import queries
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, cancel, counts, differences, order, query, refund, state, when, world

DAY = when("2024-03-01 10:00")
LATER = when("2024-03-05 10:00")


@pytest.fixture
def books(db: None) -> World:
    return World(now="2024-06-01 10:00")


def test_a_refund_needs_no_customer_of_its_own(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00))
    books.tell(refund("r", "A", LATER, 40_00))
    assert books.wallet("anna") == {"pending": 0, "available": 60, "held": 0, "debt": 0, "growth": 60}
    books.assert_clean()


def test_a_refund_in_the_batch_of_its_order_whichever_stands_first(books: World) -> None:
    books.tell(refund("r", "A", LATER, 40_00), order("A", "anna", DAY, 100_00))
    books.tell(order("B", "bo", DAY, 100_00), refund("s", "B", LATER))
    assert books.wallet("anna")["available"] == 60
    assert books.wallet("bo")["available"] == 0
    books.assert_clean()


def test_a_refund_before_its_order_waits(books: World) -> None:
    books.tell(refund("r", "A", LATER, 40_00))
    assert counts()["customers_customer"] == 0
    books.tell(order("A", "anna", DAY, 100_00))
    assert books.wallet("anna")["available"] == 60
    books.assert_clean()


def test_a_refund_that_happened_before_its_order_waits_too(books: World) -> None:
    """Clocks differ: the shop's refund is dated before the web shop's order."""
    books.tell(refund("r", "A", DAY, 40_00), at=DAY)
    books.tell(order("A", "anna", LATER, 100_00), at=LATER)
    assert books.wallet("anna")["available"] == 60
    books.assert_clean()


def test_the_order_decides_whose_refund_it_is(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00), order("B", "bo", DAY, 100_00))
    books.tell(refund("r", "A", LATER, 40_00, who="bo"))
    assert (books.wallet("anna")["available"], books.wallet("bo")["available"]) == (60, 100)
    books.assert_clean()


def test_a_waiting_refund_leaves_the_customer_it_named(books: World) -> None:
    """What was kept of the customer whom the refund named is as if it had never been there."""
    books.tell(order("B", "bo", DAY, 100_00))
    books.tell(refund("r", "A", LATER, 40_00, who="bo"))
    books.assert_clean()
    books.tell(order("A", "anna", DAY, 100_00))
    assert (books.wallet("anna")["available"], books.wallet("bo")["available"]) == (60, 100)
    books.assert_clean()


def test_a_refund_leaves_a_customer_who_has_nothing_else(books: World) -> None:
    books.tell(refund("r", "A", LATER, 40_00, who="bo"))
    books.tell(order("A", "anna", DAY, 100_00))
    assert books.tiers("bo") == []
    books.assert_clean()


def test_an_order_of_nobody_takes_its_refund_along(books: World) -> None:
    books.tell(order("B", "bo", DAY, 100_00), refund("r", "A", LATER, 40_00, who="bo"))
    books.tell(order("A", (), DAY, 100_00))
    assert query("SELECT identity_id FROM facts_fact WHERE key = 'r'") == [(None,)]
    assert books.wallet("bo")["available"] == 100
    books.assert_clean()


def test_of_two_orders_with_one_number_the_refund_goes_to_the_one_that_stands(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00), order("A", "bo", DAY, 90_00), refund("r", "A", LATER))
    assert books.wallet("anna")["available"] == 0
    assert books.wallet("bo")["available"] == 0
    whose = "SELECT i.value FROM facts_fact f JOIN customers_identity i ON i.id = f.identity_id WHERE f.key = 'r'"
    assert query(whose) == [("anna",)]
    books.assert_clean()


def test_a_refund_of_an_order_that_was_taken_back_waits_for_it_to_be_told_again(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00), refund("r", "A", LATER, 40_00))
    query("UPDATE facts_fact SET retracted_at = now() WHERE key = 'A' RETURNING 1")
    books.tell(refund("s", "A", LATER, 10_00, who="bo"), order("C", "anna", LATER, 1_00))
    books.tell(order("A", "chen", DAY, 100_00))
    assert books.wallet("chen")["available"] == 50
    assert (books.wallet("anna")["available"], books.wallet("bo")["available"]) == (1, 0)
    books.assert_clean()


@pytest.mark.django_db
def test_a_cancellation_may_bear_the_number_of_its_order_and_the_same_instant() -> None:
    facts = [
        order("A", "anna", DAY, 100_00), cancel("A", "A", DAY), refund("A", "A", DAY, 30_00),
        order("B", "anna", DAY, 50_00), refund("B", "B", DAY, 20_00), cancel("C", "B", DAY),
    ]  # fmt: skip
    found = []
    for seed in range(6):
        with world(now="2024-06-01 10:00") as other:
            shuffled = Random(seed).sample(facts, len(facts))
            for fact in shuffled:
                other.tell(fact)
            other.assert_clean()
            found.append(state())
    for one in found[1:]:
        assert differences(one, found[0]) == []


def test_a_history_has_one_order_whatever_order_its_rows_come_in(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    books.tell(order("A", "anna", DAY, 100_00), cancel("A", "A", DAY), refund("A", "A", DAY, 30_00))
    who = books.customer("anna")
    _, found = queries.histories([who], books.policies)
    rows = facts.of_customers([who])
    for shuffled in permutations(rows):
        monkeypatch.setattr(facts, "of_customers", lambda ids, events, shuffled=shuffled: shuffled)
        assert queries.histories([who], books.policies)[1] == found
    assert [item.kind for item in found[who]] == [ItemKind.ORDER, ItemKind.REFUND, ItemKind.CANCEL]


def test_refunds_above_the_order_take_no_more_than_it_earned(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00), order("B", "anna", DAY, 30_00))
    books.tell(*(refund(f"r{n}", "A", LATER, 60_00) for n in range(3)))
    assert books.wallet("anna") == {"pending": 0, "available": 30, "held": 0, "debt": 0, "growth": 30}
    books.assert_clean()


def test_a_refund_undoes_a_tier_as_though_the_order_had_been_smaller(books: World) -> None:
    books.tell(order("A", "anna", DAY, 5200_00), order("B", "anna", LATER, 100_00))
    assert books.tiers("anna")[0] == (2, "2024-03-01", "2025-03-01")
    books.tell(refund("r", "A", when("2024-05-01 10:00"), 4200_00))
    assert books.tiers("anna") == [(1, "2024-03-01", "2025-03-01"), (0, "2025-03-01", None)]
    books.assert_clean()


def test_a_gap_in_growth_leaves_no_gap_in_tiers(books: World) -> None:
    """Nothing is left in the window, and the next orders in their turn begin with one too small to grow by."""
    books.now = when("2026-01-01 10:00")
    for day, amount in (("2023-01-01", 1500_00), ("2024-06-01", 50)):
        books.tell(order(day, "anna", when(f"{day} 10:00"), amount), at=when(f"{day} 11:00"))
    small = order("B", "anna", when("2025-01-01 10:00"), 50)
    large = order("C", "anna", when("2025-01-09 10:00"), 2000_00)
    books.tell(small, large, at=when("2025-02-01 10:00"))
    assert books.tiers("anna") == [
        (1, "2023-01-01", "2024-01-01"), (0, "2024-01-01", "2025-01-09"), (1, "2025-01-09", "2026-01-09"),
        (0, "2026-01-09", None),
    ]  # fmt: skip
    books.assert_clean()


@pytest.mark.django_db
def test_orders_years_apart_in_one_batch_keep_only_growth_that_counts() -> None:
    books = World(now="2026-01-01 10:00")
    dates = ("2023-01-01", "2023-02-01", "2024-06-01", "2025-09-01")
    many: list[NewFact] = [order(day, "anna", when(f"{day} 10:00"), 700_00) for day in dates]
    books.tell(many[0], at=when("2023-01-02 10:00"))
    books.tell(*many[1:])
    books.assert_clean()


@pytest.mark.django_db
def test_a_batch_that_fails_leaves_nothing_behind() -> None:
    books = World(now="2024-06-01 10:00")
    books.tell(order("A", "anna", DAY, 100_00))
    before, rows = state(), counts()
    broken = order("B", "bo\x00", DAY, 100_00)
    with pytest.raises(DataError), transaction.atomic():
        books.tell(order("C", "chen", DAY, 5_00), broken)
    assert (state(), counts()) == (before, rows)
    books.assert_clean()
