"""Two tills with the same guest at the same moment, and one step that is sent many times at once."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError

from regulars.customers.actions import arrivals
from regulars.flows.undo_till import undo_last
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.rewards.choosing import claimant
from regulars.loyalty.till.ready import REWARD
from regulars.loyalty.till.rules import STAMP, NothingToUndo, Step
from tests.concurrency.crowd import at_once, failures
from tests.flows.test_serve_till import ANOTHER, ME, Till

pytestmark = pytest.mark.django_db(transaction=True)
TILLS = 8


@pytest.fixture
def till() -> Till:
    found = Till()
    for day in range(2):
        found.serve(f"d{day}", days=day - 3, stamps={STAMP: 5})
    return found


def test_one_step_sent_by_many_is_one_step(till: Till) -> None:
    results = at_once([lambda: till.serve("a", amount=10_00, stamps={STAMP: 2})] * TILLS)
    assert failures(results) == []
    assert len({one.id for one in results if isinstance(one, Step)}) == 1
    assert till.balances() == {"points": 15, "stamps": 12}
    till.world.assert_clean()


def test_ten_stamps_are_one_cup_at_however_many_tills(till: Till) -> None:
    results = at_once([lambda n=n: till.serve(f"r{n}", reward=REWARD) for n in range(TILLS)])  # type: ignore[misc]
    assert [type(one) for one in failures(results)] == [InsufficientPoints] * (TILLS - 1)
    assert till.balances()["stamps"] == 1
    till.world.assert_clean()


def test_the_day_s_limit_holds_at_two_tills(till: Till) -> None:
    who = [ME, ANOTHER]
    results = at_once([lambda n=n: till.serve(f"s{n}", stamps={STAMP: 4}, actor=who[n]) for n in range(2)])  # type: ignore[misc]
    assert failures(results) == []
    assert till.balances()["stamps"] == 15
    till.world.assert_clean()


def test_with_the_customer_s_lock_left_out_the_race_shows(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read that the card is full, and more than one till goes on to hand a cup over."""
    everybody = Barrier(TILLS)

    def read_together(*args: Any, **named: Any) -> Any:
        found = claimant(*args, **named)
        everybody.wait(timeout=30)
        return found

    monkeypatch.setattr(arrivals, "lock_customers", lambda ids: None)
    monkeypatch.setattr("regulars.loyalty.rewards.actions.claiming.claimant", read_together)
    results = at_once([lambda n=n: till.serve(f"r{n}", reward=REWARD) for n in range(TILLS)])  # type: ignore[misc]
    monkeypatch.undo()
    handed = [one for one in results if isinstance(one, Step)]
    refused = [one for one in failures(results) if isinstance(one, InsufficientPoints)]
    assert len(refused) < TILLS - 1, "with the lock, one is served and seven are refused"
    assert len(handed) > 1 or any(isinstance(one, IntegrityError) for one in results)


def test_undone_at_two_screens_it_is_undone_once(till: Till) -> None:
    before: dict[str, Any] = dict(till.balances())
    step = till.serve("a", amount=10_00)
    at = till.world.now + timedelta(minutes=1)
    undo = lambda: undo_last(step_id=step.id, actor=ME, shop=till.shop, at=at)  # noqa: E731
    results = at_once([undo] * 4)
    assert [type(one) for one in failures(results)] == [NothingToUndo] * 3
    assert till.balances() == before
    till.world.assert_clean()
