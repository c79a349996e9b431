"""One balance, many tills: never overspent, because the customer's lock is taken before anything is read."""

from collections.abc import Callable
from threading import Barrier

import pytest
from django.db import IntegrityError

from regulars.customers.actions import arrivals
from regulars.facts.rules import KeyReused
from regulars.ledger import queries as ledger
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions import Receipt
from regulars.loyalty.rules import ItemKind
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, when

TILLS, EACH = 64, 8
DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(transactional_db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(order("A", "anna", DAY, 600_00), order("B", "anna", DAY, 417_00))
    return found


def till(books: World, number: int, kind: ItemKind = ItemKind.REDEEM) -> Callable[[], int]:
    """Redeem 10 points again and again; how often it was done."""

    def redeem() -> int:
        done = 0
        for turn in range(EACH):
            try:
                books.command(kind, "anna", 10, f"till {number} {turn}")
                done += 1
            except InsufficientPoints:
                pass
        return done

    return redeem


def test_a_balance_is_never_overspent(books: World) -> None:
    """1,017 points, 512 attempts at 10 points over 64 connections: exactly 101 are served, and 7 points stay."""
    kinds = (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT, ItemKind.REDEEM)
    results = at_once([till(books, number, kinds[number % 4]) for number in range(TILLS)])
    assert failures(results) == []
    assert sum(done for done in results if isinstance(done, int)) == 101
    assert books.wallet("anna")["available"] == 7
    assert query("SELECT count(*), sum(amount) FROM loyalty_command") == [(101, 1010)]
    books.assert_clean()


def test_with_the_lock_taken_away_the_race_shows(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read 1,017 points, all are told yes, and only the tables' own checks stop some of them."""
    everybody = Barrier(8)
    monkeypatch.setattr(arrivals, "lock_customers", lambda ids: everybody.wait(timeout=30))
    results = at_once(
        [lambda n=n: books.command(ItemKind.REDEEM, "anna", 600, f"till {n}") for n in range(8)]  # type: ignore[misc]
    )
    served = [result for result in results if isinstance(result, Receipt)]
    refused = [result for result in results if isinstance(result, InsufficientPoints)]
    assert len(refused) < 7, "with the lock, one is served and seven are refused"
    assert len(served) > 1 or any(isinstance(result, IntegrityError) for result in results)


def test_one_key_at_many_tills_is_one_command(books: World) -> None:
    results = at_once([lambda: books.command(ItemKind.REDEEM, "anna", 100, "the same") for _ in range(16)])
    assert failures(results) == []
    assert len({(r.command_id, r.at, r.spendable) for r in results if isinstance(r, Receipt)}) == 1
    assert books.wallet("anna")["available"] == 917
    assert ledger.disagreements()[0] == []


def test_one_key_for_two_customers_is_refused_for_one_of_them(books: World) -> None:
    """They have different locks, so the key itself decides."""
    books.tell(order("C", "bo", DAY, 600_00))
    for turn in range(5):
        told = [("anna", f"{turn}"), ("bo", f"{turn}")]
        results = at_once([lambda t=t: books.command(ItemKind.REDEEM, t[0], 10, t[1]) for t in told])  # type: ignore[misc]
        assert [type(error) for error in failures(results)] == [KeyReused]
    books.assert_clean()


def test_a_hold_is_captured_once(books: World) -> None:
    hold = books.command(ItemKind.HOLD, "anna", 100, "h").command_id
    kinds = (ItemKind.CAPTURE, ItemKind.RELEASE)
    results = at_once(
        [lambda n=n: books.command(kinds[n % 2], "anna", 100, f"c{n}", refers_to=hold) for n in range(10)]  # type: ignore[misc]
    )
    assert len(failures(results)) == 9
    assert {type(error).__name__ for error in failures(results)} == {"NothingLeft"}
    books.assert_clean()
