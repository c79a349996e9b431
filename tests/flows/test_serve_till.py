"""Guests at the till: a sale with its stamps, a free cup, each once for its key; and undone as if it had not been."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from regulars.core.bilingual import Text
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.rules import KeyReused
from regulars.flows.serve_till import serve_guest
from regulars.flows.undo_till import undo_last
from regulars.ledger import statements
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions import launch
from regulars.loyalty.checkout.rules import TooLate
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.rules import Guesser, GuesserKind, OfferKind, Terms
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.till import queries
from regulars.loyalty.till.ready import A_DAY, FREE_CUP, REWARD, with_stamp_card
from regulars.loyalty.till.rules import (
    STAMP,
    ManagerNeeded,
    NoSuchStamp,
    NothingToRecord,
    NothingToUndo,
    Serve,
    Shop,
    Step,
    TooManyStamps,
)
from tests.flows.world import SHANGHAI, World, order, query, when

pytestmark = pytest.mark.django_db
ME, ANOTHER, BOSS = "user:1", "user:2", "user:3"
ANYBODY = Guesser(GuesserKind.STAFF, 1)


class Till:
    """A till of a café whose stamp card began with the year, and one guest who bought something once."""

    def __init__(self, limit: int = 0) -> None:
        self.world = World(now="2026-03-02 10:00")
        launch(
            terms=with_stamp_card(preset_terms(2)), live_from=when("2026-01-01 00:00"), time_zone="Asia/Shanghai",
            actor="test", at=when("2026-01-01 00:00"),
        )  # fmt: skip
        self.world.learn()
        rewards.create(code=REWARD, terms=FREE_CUP, actor="test", at=self.world.now)
        self.world.tell(order("before", "anna", when("2026-02-01 10:00"), 5_00))
        self.shop = Shop(self.world.policies, SHANGHAI, "CNY", limit, 15)
        self.anna = self.world.customer("anna")

    def serve(self, key: str, *, days: float = 0, actor: str = ME, at: Any = None, **wanted: Any) -> Step:
        now = self.world.now + timedelta(days=days)
        serve = Serve(key, wanted.pop("who", self.anna), actor, at or now, **wanted)
        return serve_guest(serve=serve, shop=self.shop, guesser=ANYBODY, at=now)

    def undo(self, step: Step, *, minutes: float = 1, actor: str = ME, allowed_by: str = "") -> Step:
        at = step.recorded_at + timedelta(minutes=minutes)
        return undo_last(step_id=step.id, actor=actor, shop=self.shop, at=at, allowed_by=allowed_by)

    def balances(self, days: float = 0) -> Mapping[str, int]:
        held = statements.balances_by_currency([self.anna], at=self.world.now + timedelta(days=days))[self.anna]
        return {self.world.policies.code_of(number): one.spendable for number, one in held.items() if one.spendable}


@pytest.fixture
def till() -> Till:
    return Till()


def test_what_is_paid_and_the_cups_are_recorded_together_for_store_and_staff(till: Till) -> None:
    step = till.serve("a", amount=48_50, stamps={STAMP: 2}, store="S1")
    assert (step.given, step.paid, step.stamped, step.actor, step.store) == (
        {"points": 48, "stamps": 2},
        4850,
        2,
        ME,
        "S1",
    )
    assert till.balances() == {"points": 53, "stamps": 2}
    told = query(
        """SELECT f.kind, f.body ->> 'event', t.code FROM facts_fact f JOIN facts_source s ON s.id = f.source_id
           JOIN catalogue_store t ON t.id = f.store_id WHERE s.name = 'till' ORDER BY f.id"""
    )
    assert told == [(1, None, "S1"), (99, STAMP, "S1"), (99, STAMP, "S1")]
    till.world.assert_clean()


def test_sent_again_it_is_done_once_and_another_step_under_its_key_is_refused(till: Till) -> None:
    first = till.serve("a", amount=10_00, stamps={STAMP: 1})
    assert till.serve("a", days=0.001, amount=10_00, stamps={STAMP: 1}) == first
    with pytest.raises(KeyReused):
        till.serve("a", amount=99_00, stamps={STAMP: 1})
    assert till.balances() == {"points": 15, "stamps": 1}


def test_nine_stamps_are_a_free_cup_and_the_tenth_cup_is_handed_over_once(till: Till) -> None:
    for day in range(3):
        till.serve(f"d{day}", days=day, stamps={STAMP: 3})
    with_nine = till.balances(3)
    assert with_nine["stamps"] == 9
    free = till.serve("free", days=3, reward=REWARD)
    assert free.given == {"stamps": -9}
    assert till.serve("free", days=3, reward=REWARD) == free
    assert "stamps" not in till.balances(3)
    with pytest.raises(InsufficientPoints):
        till.serve("more", days=3, reward=REWARD)
    assert query("SELECT count(*) FROM loyalty_rewardclaim WHERE collected_at IS NOT NULL") == [(1,)]
    till.undo(free)
    assert till.balances(3) == with_nine, "the cup was not handed over after all"
    till.world.now += timedelta(days=4)
    till.world.assert_clean()


def test_a_day_gives_so_many_stamps_whoever_confirms_them(till: Till) -> None:
    till.serve("a", stamps={STAMP: 4})
    second = till.serve("b", stamps={STAMP: 4}, actor=ANOTHER)
    assert (second.stamped, second.given) == (4, {"stamps": A_DAY - 4})
    assert till.serve("c", days=1, stamps={STAMP: 1}).given == {"stamps": 1}


def test_stamps_run_out_with_their_currency(till: Till) -> None:
    till.serve("a", stamps={STAMP: 3})
    assert till.balances(180)["stamps"] == 3
    till.world.now += timedelta(days=190)
    till.world.settle()
    assert "stamps" not in till.balances()


def test_undone_it_is_as_if_it_had_not_been(till: Till) -> None:
    before = till.balances()
    step = till.serve("a", amount=48_50, stamps={STAMP: 2})
    undone = till.undo(step)
    assert undone.id == step.id
    assert till.balances() == before
    assert till.serve("a", amount=48_50, stamps={STAMP: 2}).undone_at is not None, "a late resend brings nothing back"
    assert till.balances() == before
    till.world.assert_clean()


def test_only_the_own_last_step_can_be_undone_and_not_for_long(till: Till) -> None:
    first = till.serve("a", amount=10_00)
    with pytest.raises(NothingToUndo):
        till.undo(first, actor=ANOTHER)
    with pytest.raises(NothingToUndo):
        till.undo(first, minutes=16)
    last = till.serve("b", amount=20_00)
    with pytest.raises(NothingToUndo):
        till.undo(first)
    till.undo(last)
    till.undo(first)
    with pytest.raises(NothingToUndo):
        till.undo(first)


def test_a_coupon_takes_its_amount_off_and_comes_back_with_the_undo(till: Till) -> None:
    terms = Terms(OfferKind.AMOUNT_OFF, value=10_00, min_spend_minor=30_00, days_valid=14)
    offer = coupons.create(name=Text("满减", "Ten off"), terms=terms, actor="test", at=till.world.now)
    made = coupons.issue(offer_id=offer, key="k", zone=SHANGHAI, at=till.world.now, customer_id=till.anna)
    step = till.serve("a", amount=48_00, coupons=(made.code,))
    assert (step.off_minor, step.paid, step.given) == (10_00, 38_00, {"points": 38})
    till.undo(step)
    again = till.serve("b", amount=48_00, coupons=(made.code,))
    assert again.off_minor == 10_00


def test_above_the_limit_a_manager_allows_it_also_the_undo() -> None:
    till = Till(limit=40)
    before = till.balances()
    with pytest.raises(ManagerNeeded) as refused:
        till.serve("a", amount=41_00, stamps={STAMP: 1})
    assert refused.value.context == {"points": 41, "most": 40}
    assert till.balances() == before, "nothing stays of what nobody allowed"
    step = till.serve("a", amount=41_00, stamps={STAMP: 1}, allowed_by=BOSS)
    assert step.allowed_by == BOSS
    with pytest.raises(ManagerNeeded):
        till.undo(step)
    till.undo(step, allowed_by=BOSS)
    assert query("SELECT undone_by, undo_allowed_by FROM loyalty_tillstep") == [(ME, BOSS)]
    till.serve("b", amount=40_00)


def test_a_till_without_network_tells_later_with_its_own_time(till: Till) -> None:
    hour_ago = till.world.now - timedelta(hours=1)
    till.serve("after", amount=7_00)
    step = till.serve("kept", at=hour_ago, amount=20_00, stamps={STAMP: 1}, told_late=True)
    assert (step.at, step.recorded_at, step.is_late) == (hour_ago, till.world.now, True)
    assert till.serve("kept", at=hour_ago, amount=20_00, stamps={STAMP: 1}, told_late=True) == step
    assert till.balances() == {"points": 32, "stamps": 1}
    with pytest.raises(TooLate):
        till.serve("old", at=till.world.now - timedelta(days=40), amount=20_00, told_late=True)
    till.world.assert_clean()


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ({}, NothingToRecord),
        ({"amount": -1}, NothingToRecord),
        ({"stamps": {STAMP: 21}}, TooManyStamps),
        ({"stamps": {STAMP: -1}}, TooManyStamps),
        ({"stamps": {"Checked In": 1}}, NoSuchStamp),
        ({"stamps": {"Stamp Given: tea": 1}}, NoSuchStamp),
    ],
)
def test_what_cannot_be_meant_is_refused(till: Till, wanted: dict[str, Any], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        till.serve("a", **wanted)
    assert query("SELECT count(*) FROM loyalty_tillstep") == [(0,)]


def test_a_key_stays_the_same_step_after_a_merge(till: Till) -> None:
    phone = Identity(IdentityKind.PHONE, "", "+8613900010001")
    till.world.tell(
        order("b", [Identity(IdentityKind.MEMBER_NUMBER, "", "ben"), phone], when("2026-02-01 10:00"), 1_00)
    )
    ben = till.world.customer("ben")
    step = till.serve("a", who=ben, amount=10_00)
    till.world.merge("ben", "anna")
    assert till.serve("a", amount=10_00).id == step.id


def test_the_day_is_told_by_person(till: Till) -> None:
    till.serve("a", amount=10_00, stamps={STAMP: 1}, store="S1")
    till.undo(till.serve("b", amount=20_00, store="S1"))
    till.serve("c", amount=30_00, actor=ANOTHER)
    steps = queries.of_day(till.world.now.date(), stores=None)
    first, second = sorted(queries.totals(steps), key=lambda one: one.actor)
    assert (first.sales, first.paid, first.stamps, first.undone) == (1, 1000, 1, 1)
    assert (second.sales, second.paid, second.undone) == (1, 3000, 0)
    s1 = query("SELECT id FROM catalogue_store WHERE code = 'S1'")[0][0]
    assert [one.key for one in queries.of_day(till.world.now.date(), stores=[s1])] == ["b", "a"]
