"""Programs that ask at once: the same points by hand, and several workers at one batch of coupons."""

from collections.abc import Collection

import pytest

from regulars.core.bilingual import Text
from regulars.customers import actions as customers
from regulars.flows.adjust_points import adjust_points
from regulars.flows.issue_coupons import issue_batch
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.actions import batches
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.loyalty.models import CouponBatch
from regulars.loyalty.risk.rules import Adjustment
from regulars.staff import queries as staff
from regulars.staff.rules import SYSTEM
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


@pytest.fixture
def shop() -> World:
    world = World()
    world.tell(order("A", "anna", world.now, 100_00))
    return world


def granted(shop: World, amount: int, alone_up_to: int = 0) -> list[str]:
    """What the audit says after the same grant came so many times at once."""
    wanted = Adjustment("grant", shop.customer("anna"), amount, "Waited", "points:k", "api:CRM")

    def grant() -> object:
        return adjust_points(
            wanted=wanted, by=SYSTEM, policies=shop.policies, at=shop.now, alone_up_to=alone_up_to, proposing=True
        )

    assert not failures(at_once([grant] * MANY))
    return [line.action for line in staff.audit_trail() if line.action in ("ledger.adjust", "risk.propose")]


def test_the_same_grant_is_done_and_written_down_once(shop: World) -> None:
    assert granted(shop, 50) == ["ledger.adjust"]
    assert shop.wallet("anna")["available"] == 150
    shop.assert_clean()


def test_above_the_limit_it_is_proposed_once(shop: World) -> None:
    assert granted(shop, 500, alone_up_to=100) == ["risk.propose"]
    assert query("SELECT count(*) FROM loyalty_pointsproposal") == [(1,)]
    assert shop.wallet("anna")["available"] == 100


def test_without_the_lock_several_say_that_they_proposed_it(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(ids: Collection[int]) -> dict[int, int]:
        return {one: one for one in ids}

    monkeypatch.setattr(customers, "lock_groups", unlocked)
    assert len(granted(shop, 500, alone_up_to=100)) > 1
    assert query("SELECT count(*) FROM loyalty_pointsproposal") == [(1,)], "the proposal's own key still holds"


def worked(shop: World) -> tuple[list[int], int]:
    """How far each of so many workers said that a batch was, and how many coupons there are."""
    offer = coupons.create(name=Text("券", "Ten off"), terms=Terms(OfferKind.AMOUNT_OFF, 10_00), actor="", at=shop.now)
    batch_id = coupons.order_batch(offer_id=offer, actor="", at=shop.now, count=MANY * 3)
    results = at_once([lambda: list(issue_batch(batch_id=batch_id, clock=lambda: shop.now))] * MANY)
    assert not failures(results)
    said = [step for steps in results if isinstance(steps, list) for step in steps]
    return sorted(said), int(query("SELECT count(*) FROM loyalty_coupon")[0][0])


def test_workers_at_one_batch_share_it_and_nothing_is_issued_twice(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PORTION", 3)
    said, issued = worked(shop)
    assert said == list(range(3, MANY * 3 + 1, 3)), "each portion was one worker's"
    assert issued == MANY * 3
    assert CouponBatch.objects.get().done == MANY * 3
