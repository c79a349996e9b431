"""Redemptions of another system's campaigns: which the orders bear out, which not, and why."""

from datetime import date

import pytest

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.kinds import order_completed
from regulars.facts.rules import NewFact
from regulars.flows.merge_customers import merge_customers
from regulars.outreach.past import actions, queries
from regulars.outreach.past.rules import NO_CAUSE, WORDS, Match, ToldCampaign, ToldCoupon, ToldRedemption
from tests.flows.world import World, cancel, query, when

pytestmark = pytest.mark.django_db
SHOP = "grocer"
DAY = date(2026, 3, 10)


def buy(world: World, key: str, who: str, *skus: str, day: date = DAY) -> None:
    lines: list[list[str | int]] = [[str(place), sku, 1, 100] for place, sku in enumerate(skus)]
    body = order_completed.make_body(currency="CNY", paid=100 * len(skus), lines=lines)
    who_is = (Identity(IdentityKind.EXTERNAL_ID, SHOP, who),)
    at = when(f"{day} 12:00")
    world.tell(NewFact(SHOP, order_completed.CODE, key, at, body, who_is, amount=100 * len(skus)))


def take_over(*redemptions: ToldRedemption, reached: tuple[str, ...] = ("1", "2", "3")) -> None:
    campaigns = [ToldCampaign("A", "Type A", date(2026, 3, 1), date(2026, 4, 1), reached)]
    coupons = [ToldCoupon("milk", "M1", "A"), ToldCoupon("milk", "M2", "A"), ToldCoupon("tea", "T1", "A")]
    actions.take_over(source=SHOP, campaigns=campaigns, coupons=coupons, redemptions=redemptions)


def used(who: str = "1", code: str = "milk", campaign: str = "A", on: date = DAY) -> ToldRedemption:
    return ToldRedemption(who, code, campaign, on)


def matches() -> list[Match]:
    return [one.match for one in queries.redemptions(SHOP, most=100)]


@pytest.mark.parametrize(
    ("redemption", "match"),
    [
        (used(), Match.BOUGHT),
        (used(code="tea"), Match.NOT_BOUGHT),
        (used(on=date(2026, 3, 11)), Match.NO_ORDER),
        (used(code="coffee"), Match.UNKNOWN_COUPON),
        (used(on=date(2026, 4, 1)), Match.OUTSIDE_DATES),
        (used("4"), Match.NOT_RECEIVED),
        (used(campaign="B"), Match.UNKNOWN_CAMPAIGN),
        (used("nobody"), Match.UNKNOWN_CUSTOMER),
    ],
)
def test_a_redemption_fits_or_says_why_not(redemption: ToldRedemption, match: Match) -> None:
    world = World()
    buy(world, "o1", "1", "X", "M2")
    buy(world, "o2", "4", "M1")
    take_over(redemption)
    assert matches() == [match]


def test_the_order_that_bears_it_out_is_named_and_a_cancelled_one_does_not() -> None:
    world = World()
    buy(world, "o1", "1", "M1")
    take_over(used())
    order_id = query("SELECT id FROM facts_fact WHERE key = 'o1'")[0][0]
    assert [one.fact_id for one in queries.redemptions(SHOP, most=10)] == [order_id]
    world.tell(cancel("c1", "o1", when("2026-03-11 12:00"), source=SHOP))
    actions.match_again(source=SHOP)
    assert matches() == [Match.NO_ORDER]


def test_a_merged_household_received_and_bought_as_one() -> None:
    world = World()
    buy(world, "o1", "1", "X")
    buy(world, "o2", "9", "M1")
    take_over(used("9"), reached=("1",))
    assert matches() == [Match.NOT_RECEIVED]
    one, nine = (
        query("SELECT customer_id FROM customers_identity WHERE space = %s AND value = %s", [SHOP, value])[0][0]
        for value in ("1", "9")
    )
    merge_customers(child_id=nine, parent_id=one, actor="test", policies=world.policies, at=world.now)
    actions.match_again(source=SHOP)
    assert matches() == [Match.BOUGHT]


def test_counts_add_up_and_telling_again_changes_nothing() -> None:
    world = World()
    buy(world, "o1", "1", "M1")
    told = (used(), used(), used("2"), used(campaign="B"))
    take_over(*told)
    take_over(*told)
    by_match = queries.by_match(SHOP)
    assert sum(by_match.values()) == len(told)
    assert set(by_match) == set(Match)
    view = queries.past_campaigns(SHOP)[0]
    # Only customers whom an order made known are counted as reached.
    assert (view.reached, view.coupons, view.redemptions, view.matched, view.customers) == (1, 2, 3, 2, 1)
    assert queries.sources() == [SHOP]


def test_every_way_to_fit_has_words_and_nothing_is_said_of_causes() -> None:
    assert set(WORDS) == set(Match)
    assert "drawn at random" in NO_CAUSE.en
    assert "随机" in NO_CAUSE.zh
