"""One budget, many tills: what a rule gives to all members together is taken under a lock, so it is never exceeded."""

from collections.abc import Callable
from threading import Barrier

import pytest

from regulars.limits import actions as limits
from regulars.loyalty import budgets
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, when

TILLS, EACH = 64, 8
DAY = when("2024-03-01 10:00")
RULE = {"code": "welcome", "then": {"kind": "fixed", "amount": 10}, "limits": [{"period": "budget", "most": 1005}]}


@pytest.fixture
def books(transactional_db: None) -> World:
    return World(now="2024-06-01 10:00", terms=[("2000-01-02 00:00", {"rules": [RULE]})])


def till(books: World, number: int, each: int = EACH) -> Callable[[], None]:
    """Tell one order after the other, each of another member."""

    def tell() -> None:
        for turn in range(each):
            books.tell(order(f"{number}-{turn}", f"m{number}-{turn}", DAY, 1_00))

    return tell


def test_a_budget_is_never_exceeded(books: World) -> None:
    """512 orders that would get 10 points each out of 1,005: a hundred do, and one gets the 5 that are left."""
    assert failures(at_once([till(books, number) for number in range(TILLS)])) == []
    shares = dict(query("SELECT amount, count(*) FROM loyalty_budgetshare GROUP BY 1"))
    assert shares == {10: 100, 5: 1, 0: TILLS * EACH - 101}
    assert budgets.used() == {"welcome": 1005}
    assert query("SELECT sum(issued) FROM ledger_lot") == [(TILLS * EACH + 1005,)]
    books.assert_clean()


def test_with_the_lock_taken_away_the_race_shows(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all see the same room, and together they give more than there is."""
    everybody = Barrier(8)
    books.tell(*(order(f"o{place}", f"o{place}", DAY, 1_00) for place in range(98)))
    monkeypatch.setattr(limits, "hold", lambda subjects: everybody.wait(timeout=30))
    at_once([till(books, number, 1) for number in range(8)])
    assert budgets.used()["welcome"] > 1005
