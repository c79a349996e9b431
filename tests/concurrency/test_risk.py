"""Two people who approve the same proposal at once, and freeze the same account."""

from typing import Any

import pytest

from regulars.flows.decide_risk import approve_proposal, freeze_account
from regulars.loyalty.models import PointsProposal, RiskCase
from regulars.loyalty.risk import actions
from regulars.loyalty.risk.actions import ProposalEnded, proposals
from regulars.loyalty.risk.rules import CaseEnded
from tests.concurrency.crowd import at_once
from tests.flows.world import World, order, query

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


@pytest.fixture
def shop() -> World:
    world = World()
    world.tell(order("A", "anna", world.now, 100_00))
    return world


def approved(shop: World, key: str) -> list[str]:
    """What came of so many people who approve one proposal."""
    proposal_id = actions.propose(
        kind="grant", customer_id=shop.customer("anna"), amount=50, note="", key=key, actor="user:0", at=shop.now
    )

    def approve(number: int) -> str:
        try:
            approve_proposal(proposal_id=proposal_id, actor=f"user:{number}", at=shop.now)
        except ProposalEnded:
            return "ended"
        return "approved"

    return [str(one) for one in at_once([lambda n=n: approve(n) for n in range(1, PEOPLE + 1)])]  # type: ignore[misc]


def test_one_approves_and_the_points_come_once(shop: World) -> None:
    assert sorted(approved(shop, "k")) == ["approved"] + ["ended"] * (PEOPLE - 1)
    assert shop.wallet("anna")["available"] == 150
    shop.assert_clean()


def test_without_the_lock_several_believe_that_they_did_it(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked(proposal_id: int) -> Any:
        return PointsProposal.objects.get(pk=proposal_id)

    monkeypatch.setattr(proposals, "_waiting", unlocked)
    assert approved(shop, "k").count("approved") > 1
    assert shop.wallet("anna")["available"] == 150, "the command's own key still holds"


def test_an_account_is_frozen_once(shop: World) -> None:
    case = RiskCase.objects.create(
        customer_id=shop.customer("anna"), score=80, evidence=[], opened_at=shop.now, changed_at=shop.now
    )

    def freeze(number: int) -> str:
        try:
            freeze_account(case_id=case.pk, actor=f"user:{number}", note="", at=shop.now)
        except CaseEnded:
            return "ended"
        return "frozen"

    results = at_once([lambda n=n: freeze(n) for n in range(PEOPLE)])  # type: ignore[misc]
    assert sorted(map(str, results)) == ["ended"] * (PEOPLE - 1) + ["frozen"]
    assert query("SELECT count(*) FROM loyalty_command WHERE kind = 18") == [(1,)]
