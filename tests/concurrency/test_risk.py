"""Two people who approve the same proposal at once, and freeze the same account."""

from typing import Any

import pytest

from regulars.flows.decide_risk import approve_proposal, freeze_account, reverse_points
from regulars.loyalty.models import PointsProposal, RiskCase
from regulars.loyalty.risk import actions
from regulars.loyalty.risk.actions import ProposalEnded, cases, proposals
from regulars.loyalty.risk.rules import CaseEnded, SecondPersonNeeded, Sign
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


def taken_back(shop: World) -> list[str]:
    """What came of so many programs that each take 300 points back at once, where one alone may take 500."""
    shop.tell(order("B", "anna", shop.now, 5000_00))
    fact_ids = [row[0] for row in query("SELECT id FROM facts_fact ORDER BY id")]
    case = RiskCase.objects.create(
        customer_id=shop.customer("anna"), score=80, opened_at=shop.now, changed_at=shop.now,
        evidence=[Sign("velocity", 80, {}, fact_ids).told()],
    )  # fmt: skip

    def take(number: int) -> str:
        try:
            reverse_points(
                case_id=case.pk, points=300, key=f"k{number}", actor="api:Desk", note="", at=shop.now, alone_up_to=500
            )
        except SecondPersonNeeded:
            return "refused"
        return "taken"

    return [str(one) for one in at_once([lambda n=n: take(n) for n in range(PEOPLE)])]  # type: ignore[misc]


def test_many_small_steps_at_once_do_not_pass_the_limit_for_one(shop: World) -> None:
    assert sorted(taken_back(shop)) == ["refused"] * (PEOPLE - 1) + ["taken"]
    assert shop.wallet("anna")["available"] == 5100 - 300


def test_without_the_lock_of_the_case_several_pass_it(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "_locked", lambda case_id, states: RiskCase.objects.get(pk=case_id))
    assert taken_back(shop).count("taken") > 1
