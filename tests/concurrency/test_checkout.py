"""The last points at many tills: one holds them; a hold is released by its end once, whoever comes first."""

from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import IntegrityError

from regulars.core.turns import Turns
from regulars.customers import actions as customers
from regulars.customers.actions import arrivals
from regulars.facts.rules import KeyReused
from regulars.flows import check_out
from regulars.flows.check_out import take_step
from regulars.flows.release_holds import release_holds
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.checkout import actions
from regulars.loyalty.checkout.actions import Desk
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


def reserve(books: World, key: str, points: int = 100, minutes: int = 15, who: str = "anna") -> Callable[[], Step]:
    ask = Ask(ItemKind.HOLD, key, points, books.customer(who), minutes=minutes, store="S01")
    return lambda: take_step(ask=ask, policies=books.policies, at=books.now)


def test_two_tills_reserve_the_last_points_and_one_wins(books: World) -> None:
    results = at_once([reserve(books, f"till {number}") for number in range(16)])
    assert sum(isinstance(one, Step) for one in results) == 1
    assert {type(error) for error in failures(results)} == {InsufficientPoints}
    assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 100, "debt": 0, "growth": 100}
    books.assert_clean()


@pytest.fixture
def as_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every thread takes turns by itself, as web processes do that know nothing of each other."""

    class Own:
        def take(self, asked: tuple[Ask, Desk], *, kind: Hashable) -> Step | None:
            return Turns(check_out._take_together).take(asked, kind=kind)

    monkeypatch.setattr(check_out, "turns", Own())


@pytest.mark.usefixtures("as_processes")
def test_tills_of_several_processes_never_hold_more_than_there_is(books: World) -> None:
    results = at_once([reserve(books, f"till {number}", 60) for number in range(16)])
    assert sum(isinstance(one, Step) for one in results) == 1
    assert {type(error) for error in failures(results)} == {InsufficientPoints}
    books.assert_clean()


@pytest.mark.usefixtures("as_processes")
@pytest.mark.parametrize("together", [True, False], ids=["side by side", "each by itself"])
def test_with_the_lock_taken_away_the_race_shows(books: World, monkeypatch: pytest.MonkeyPatch, together: bool) -> None:
    """The control: all read 100 points, and only the tables' own checks stop some of them."""
    everybody, met = Barrier(4), Event()

    def nobody_waits(found: Any) -> Callable[[Any], Any]:
        def at_once_with_the_others(asked: Any) -> Any:
            if not met.is_set():
                everybody.wait(timeout=30)
                met.set()
            return found(asked)

        return at_once_with_the_others

    monkeypatch.setattr(arrivals, "lock_customers", nobody_waits(lambda ids: None))
    monkeypatch.setattr(customers, "lock_one", nobody_waits(lambda one: one))
    monkeypatch.setattr(customers, "ask_alone", nobody_waits(lambda ids: lambda: set(ids)))
    monkeypatch.setattr(actions, "fits", lambda ask: together)
    results = at_once([reserve(books, f"till {number}", 60) for number in range(4)])
    assert sum(isinstance(one, InsufficientPoints) for one in results) < 3, "with the lock, three are refused"
    assert sum(isinstance(one, Step) for one in results) > 1 or any(isinstance(one, IntegrityError) for one in results)


def test_steps_of_different_customers_that_wait_share_a_transaction(
    books: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"m{number}" for number in range(8)]
    for name in names:
        books.tell(order(f"of {name}", name, DAY, 100_00))
    sizes, first_works, all_wait = [], Event(), Event()
    take = actions.take_steps

    def counted(wanted: Sequence[tuple[Ask, Desk]]) -> list[Step | None]:
        if not first_works.is_set():
            first_works.set()
            all_wait.wait(timeout=30)
        sizes.append(len(wanted))
        return take(wanted)

    monkeypatch.setattr(actions, "take_steps", counted)
    work: list[Callable[[], Step | None]] = [reserve(books, name, 60, who=name) for name in names]
    work += [reserve(books, "too much", 101, who=names[0])]

    def release() -> None:
        first_works.wait(timeout=30)
        while check_out.turns.waiting < len(names):
            Event().wait(0.005)
        all_wait.set()

    results = at_once([*work, release])
    assert sizes[:2] == [1, len(names)], "one goes ahead, and the others go together"
    assert sum(isinstance(one, Step) for one in results) == len(names)
    assert {type(error) for error in failures(results)} == {InsufficientPoints}, "a refusal is nobody else's"
    books.assert_clean()


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
