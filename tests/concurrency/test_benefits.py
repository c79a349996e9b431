"""One quota, many tills: never used more often than it allows, over everybody who is one person."""

from collections import Counter
from collections.abc import Sequence
from threading import Barrier
from typing import Any

import pytest

from regulars.customers.actions import arrivals
from regulars.flows.use_benefits import undo_by_key
from regulars.loyalty.benefits import queries
from regulars.loyalty.benefits.actions import Receipt
from regulars.loyalty.benefits.rules import QuotaUsedUp
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, query, when
from tests.loyalty.benefits import club
from tests.loyalty.benefits.club import CAKE, LOUNGE, born, use

TILLS, EACH = 64, 8


@pytest.fixture
def books(transactional_db: None) -> World:
    found = club.shop(terms={"benefits": [LOUNGE, CAKE]})
    found.merge("chen", "bo")
    return found


def added(results: Sequence[Counter[str] | BaseException]) -> Counter[str]:
    assert failures(results) == []
    return sum((one for one in results if isinstance(one, Counter)), Counter())


def till(books: World, number: int, code: str) -> Counter[str]:
    """Use it again and again, by either of the two cards of one person."""
    came: Counter[str] = Counter()
    for turn in range(EACH):
        try:
            use(books, ("bo", "chen")[number % 2], code, f"{code} {number} {turn}")
            came["served"] += 1
        except QuotaUsedUp:
            came["used up"] += 1
    return came


def test_of_512_attempts_at_a_quota_of_two_two_are_served(books: World) -> None:
    came = added(at_once([lambda n=n: till(books, n, "lounge") for n in range(TILLS)]))  # type: ignore[misc]
    assert came == {"served": 2, "used up": TILLS * EACH - 2}
    assert query("SELECT count(*) FROM loyalty_benefituse WHERE undone_at IS NULL") == [(2,)]


def test_a_birthday_has_one_gift_at_however_many_tills(books: World) -> None:
    born(books, "bo", "1990-03-10")
    came = added(at_once([lambda n=n: till(books, n, "cake") for n in range(8)]))  # type: ignore[misc]
    assert came == {"served": 1, "used up": 8 * EACH - 1}


def test_with_the_lock_taken_away_the_race_shows(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read that two are left, and more than two are told yes."""
    everybody, reading = Barrier(8), queries.holder

    def read_together(*args: Any, **named: Any) -> Any:
        found = reading(*args, **named)
        if not everybody.broken:
            everybody.wait(timeout=30)
        return found

    monkeypatch.setattr(arrivals, "lock_customers", lambda ids: None)
    monkeypatch.setattr(queries, "holder", read_together)
    results = at_once(
        [lambda n=n: use(books, "bo", "lounge", f"till {n}") for n in range(8)]  # type: ignore[misc]
    )
    monkeypatch.undo()
    assert sum(isinstance(result, Receipt) for result in results) > 2


def test_one_key_at_many_tills_is_one_use(books: World) -> None:
    results = at_once(
        [lambda n=n: use(books, ("bo", "chen")[n % 2], "lounge", "the same") for n in range(12)]  # type: ignore[misc]
    )
    assert failures(results) == []
    assert len({result.use.id for result in results if isinstance(result, Receipt)}) == 1


def test_used_and_undone_at_once_it_stands_as_often_as_it_may(books: World) -> None:
    use(books, "bo", "lounge", "first")
    work: list[Any] = []
    for n in range(6):
        work.append(lambda n=n: use(books, "chen", "lounge", f"till {n}"))
        work.append(lambda: undo_by_key(key="first", policies=books.policies, at=when("2026-03-11 10:00")))
    assert {type(error) for error in failures(at_once(work))} <= {QuotaUsedUp}
    [(standing,)] = query("SELECT count(*) FROM loyalty_benefituse WHERE undone_at IS NULL")
    assert standing in (1, 2), "whether a till came before or after the first was undone"
    came = till(books, 99, "lounge")
    assert (came["served"], came["used up"]) == (2 - standing, EACH - (2 - standing))
