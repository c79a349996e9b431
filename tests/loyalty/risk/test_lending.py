"""Coupons that were issued to one member and turn up with others, from the order that tells the code to the case."""

from datetime import timedelta

import pytest

from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions import Issued
from regulars.loyalty.risk.rules import CaseState
from tests.flows.world import SHANGHAI, World, order
from tests.loyalty.coupons import shop as cafe

from .watched import case_of, feed, look

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feed")]
__all__ = ["feed"]


@pytest.fixture
def shop() -> World:
    world = World(now="2026-06-01 18:00")
    world.tell(order("first", "anna", world.now - timedelta(days=30), 20_00))
    return world


def given(world: World, number: int) -> Issued:
    """A coupon that was issued to Anna."""
    return coupons.issue(
        offer_id=cafe.offer(), key=f"gift:{number}", customer_id=world.customer("anna"), zone=SHANGHAI,
        at=world.now - timedelta(days=5),
    )  # fmt: skip


def present(world: World, coupon: Issued, who: str) -> None:
    """Somebody orders with its code."""
    told = order(f"{coupon.code}{who}", who, world.now - timedelta(hours=2), 60_00)
    told.body["coupons"] = [codes.shown(coupon.code).lower()]
    world.tell(told)


def test_whose_coupons_many_others_present_becomes_a_case_without_points_to_take_back(shop: World) -> None:
    for number, who in enumerate(("ben", "cleo", "dora")):
        present(shop, given(shop, number), who)
    look(shop)
    case = case_of(shop, "anna")
    assert case is not None
    assert (case.state, case.score, case.facts) == (CaseState.OPEN, 55, [])
    assert [(sign.rule, dict(sign.figures)) for sign in case.evidence] == [
        ("coupon_sharing", {"accounts": 3, "times": 3})
    ]  # fmt: skip
    assert case_of(shop, "ben") is None, "whoever was given one is not at fault"


def test_a_family_and_ones_own_use_are_nothing_odd(shop: World) -> None:
    for number in range(4):
        present(shop, given(shop, number), "ben" if number % 2 else "cleo")
    present(shop, given(shop, 9), "anna")
    look(shop)
    assert case_of(shop, "anna") is None


def test_a_coupon_that_anybody_may_have_is_nobodys(shop: World) -> None:
    free = coupons.issue(offer_id=cafe.offer(), key="poster", zone=SHANGHAI, at=shop.now - timedelta(days=5))
    for who in ("ben", "cleo", "dora", "emil"):
        present(shop, free, who)
    look(shop)
    assert [case_of(shop, who) for who in ("anna", "ben", "emil")] == [None, None, None]
