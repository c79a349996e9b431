"""The last points at many tills: one holds them; a hold is released by its end once, whoever comes first."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError

from regulars.customers import actions as customers
from regulars.customers.actions import arrivals
from regulars.facts.rules import KeyReused
from regulars.flows.check_out import take_step
from regulars.flows.release_holds import release_holds
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.checkout.rules import Ask, HoldEnded, Step
from regulars.loyalty.rules import ItemKind
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, when

DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(transactional_db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(order("A", "anna", DAY, 100_00))
    return found


def reserve(books: World, key: str, points: int = 100, minutes: int = 15) -> Callable[[], Step]:
    ask = Ask(ItemKind.HOLD, key, points, books.customer("anna"), minutes=minutes, store="S01")
    return lambda: take_step(ask=ask, policies=books.policies, at=books.now)


def test_two_tills_reserve_the_last_points_and_one_wins(books: World) -> None:
    results = at_once([reserve(books, f"till {number}") for number in range(16)])
    assert sum(isinstance(one, Step) for one in results) == 1
    assert {type(error) for error in failures(results)} == {InsufficientPoints}
    assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 100, "debt": 0, "growth": 100}
    books.assert_clean()


def test_with_the_lock_taken_away_the_race_shows(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read 100 points, and only the tables' own checks stop some of them."""
    everybody = Barrier(4)
    monkeypatch.setattr(arrivals, "lock_customers", lambda ids: everybody.wait(timeout=30))
    monkeypatch.setattr(customers, "lock_one", lambda one: everybody.wait(timeout=30) * 0 + one)
    results = at_once([reserve(books, f"till {number}", 60) for number in range(4)])
    assert sum(isinstance(one, InsufficientPoints) for one in results) < 3, "with the lock, three are refused"
    assert sum(isinstance(one, Step) for one in results) > 1 or any(isinstance(one, IntegrityError) for one in results)


def test_one_key_at_many_tills_is_one_hold_and_one_answer(books: World) -> None:
    results = at_once([reserve(books, "the same", 60) for _ in range(8)])
    assert failures(results) == []
    assert len(set(results)) == 1
    results = at_once([reserve(books, "another", 10, minutes) for minutes in (1, 2, 3, 4)])
    assert [type(error) for error in failures(results)] == [KeyReused] * 3
    assert books.wallet("anna")["held"] == 70
    books.assert_clean()


def test_captures_and_the_job_meet_at_the_end_of_a_hold(books: World) -> None:
    hold = reserve(books, "h")()
    late = books.now + timedelta(minutes=15)

    def capture(number: int) -> object:
        ask = Ask(ItemKind.CAPTURE, f"c {number}", 100, refers_to=hold.id)
        return take_step(ask=ask, policies=books.policies, at=late)

    def job() -> object:
        return list(release_holds(policies=books.policies, at=late))

    work: list[Callable[[], object]] = [partial(capture, number) for number in range(6)]
    results = at_once([*work, job, job, job])
    assert {type(error) for error in failures(results)} == {HoldEnded}
    assert len(failures(results)) == 6
    assert query("SELECT kind, amount FROM loyalty_command ORDER BY id") == [
        (ItemKind.HOLD, 100),
        (ItemKind.RELEASE, 100),
    ]
    assert books.wallet("anna")["available"] == 100
    books.assert_clean()
