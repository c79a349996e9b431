"""The last piece of a reward at many tills, and one member who asks many times at once."""

from collections import Counter
from collections.abc import Iterable
from threading import Barrier
from typing import Any

import pytest

from regulars.customers.actions import arrivals
from regulars.facts.rules import KeyReused
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.rewards import actions, catalogue, queries
from regulars.loyalty.rewards.refusals import AlreadyCollected, ClaimCollected, ClaimEnded, RewardLimitReached, SoldOut
from regulars.loyalty.rewards.rules import Claim, Terms
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import order, query
from tests.loyalty.rewards.shop import AT, MUG, Shop

CONNECTIONS, EACH = 64, 8
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    found = Shop()
    found.tell(*(order(f"M{n}", f"m{n}", AT, 1000_00) for n in range(CONNECTIONS)))
    return found


def test_of_500_attempts_at_the_last_one_one_is_served(shop: Shop) -> None:
    """512 attempts of 64 members over 64 connections; whoever is refused keeps their points."""
    shop.reward(stock=1)
    who = [shop.customer(f"m{n}") for n in range(CONNECTIONS)]

    def till(number: int) -> Counter[str]:
        came: Counter[str] = Counter()
        for turn in range(EACH):
            try:
                shop.claim(who[number], f"{number}:{turn}")
                came["served"] += 1
            except SoldOut:
                came["sold out"] += 1
        return came

    results = at_once([lambda n=n: till(n) for n in range(CONNECTIONS)])  # type: ignore[misc]
    assert failures(results) == []
    came = sum((one for one in results if isinstance(one, Counter)), Counter())
    assert came == {"served": 1, "sold out": CONNECTIONS * EACH - 1}
    assert query("SELECT count(*), sum(amount) FROM loyalty_command") == [(1, 300)]
    assert queries.differences()[0] == []


def test_with_the_lock_left_out_the_race_shows(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read that one is left, and more than one is told yes."""
    shop.reward(stock=1)
    who = [shop.customer(f"m{n}") for n in range(8)]
    everybody, held, reading = Barrier(8), limits.hold, catalogue.latest

    def no_lock(subjects: Iterable[tuple[Kind, int]]) -> None:
        wanted = list(subjects)
        if wanted[0][0] is not Kind.REWARD_STOCK:
            held(wanted)

    def read_together(*args: Any) -> Any:
        everybody.wait(timeout=30)
        return reading(*args)

    monkeypatch.setattr(limits, "hold", no_lock)
    monkeypatch.setattr(catalogue, "latest", read_together)
    results = at_once([lambda n=n: shop.claim(who[n], f"k{n}") for n in range(8)])  # type: ignore[misc]
    monkeypatch.undo()
    assert sum(isinstance(result, Claim) for result in results) > 1
    assert queries.differences()[0] != []


def test_one_key_clicked_many_times_is_one_claim(shop: Shop) -> None:
    shop.reward(stock=5)
    who = shop.customer("anna")
    results = at_once([lambda: shop.claim(who, "the same")] * 12)
    assert failures(results) == []
    assert len({result for result in results if isinstance(result, Claim)}) == 1
    assert shop.wallet("anna")["available"] == 700


def test_one_key_of_two_members_is_refused_for_one_of_them(shop: Shop) -> None:
    shop.reward(stock=None, points=1)
    two = [shop.customer("anna"), shop.customer("bo")]
    for turn in range(4):
        results = at_once([lambda w=w, t=turn: shop.claim(w, f"{t}") for w in two])  # type: ignore[misc]
        assert [type(error) for error in failures(results)] == [KeyReused]
    shop.assert_agrees()


def test_one_member_gets_no_more_than_one_may(shop: Shop) -> None:
    shop.reward(stock=None, each_most=1, points=10)
    who = shop.customer("anna")
    results = at_once([lambda n=n: shop.claim(who, f"k{n}") for n in range(12)])  # type: ignore[misc]
    assert [type(error) for error in failures(results)] == [RewardLimitReached] * 11
    shop.assert_agrees()


def test_with_the_members_lock_left_out_that_race_shows(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all read that the member had none."""
    shop.reward(stock=None, each_most=1, points=10)
    who = shop.customer("anna")
    everybody, reading = Barrier(8), queries.had
    monkeypatch.setattr(arrivals, "lock_customers", lambda ids: None)

    def read_together(*args: Any) -> Any:
        found = reading(*args)
        everybody.wait(timeout=30)
        return found

    monkeypatch.setattr(queries, "had", read_together)
    results = at_once([lambda n=n: shop.claim(who, f"k{n}") for n in range(8)])  # type: ignore[misc]
    assert all(not isinstance(error, RewardLimitReached) for error in failures(results)), "with the lock, seven are"


def test_collected_and_cancelled_at_once_it_is_one_of_the_two(shop: Shop) -> None:
    shop.reward(stock=None, points=10)
    for turn in range(3):
        claim = shop.claim(shop.customer("anna"), f"k{turn}")
        work: list[Any] = [lambda n=n, c=claim, t=turn: shop.collect(c, f"c{t}:{n}") for n in range(4)]
        work += [lambda c=claim: shop.cancel(c)] * 4
        refused = {type(error) for error in failures(at_once(work))}
        assert refused in ({AlreadyCollected, ClaimCollected}, {ClaimEnded})
    shop.assert_agrees()


def test_a_change_of_the_price_goes_between_claims_and_never_into_one(shop: Shop) -> None:
    one = shop.reward(stock=None)
    dearer = Terms(MUG.name, MUG.kind, 400)
    work: list[Any] = [lambda n=n: shop.claim(shop.customer(f"m{n}"), f"k{n}") for n in range(12)]
    work[6:6] = [lambda: actions.change(reward_id=one, terms=dearer, after=1, actor="kim", at=shop.now)]
    assert failures(at_once(work)) == []
    paid = query(
        """SELECT count(*) FROM loyalty_rewardclaim k JOIN loyalty_rewardversion v ON v.id = k.version_id
           WHERE v.points <> k.points"""
    )
    assert paid == [(0,)]
    shop.assert_agrees()
