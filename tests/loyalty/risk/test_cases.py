"""From what happens to a case, and what people make of it: freeze, release, dismiss, take back, four eyes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.kinds import marks
from regulars.flows.command_points import command_points
from regulars.ledger import queries as ledger
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions.commands import AccountFrozen
from regulars.loyalty.models import PointsProposal, RiskCase, RiskMark
from regulars.loyalty.risk import actions, queries
from regulars.loyalty.risk.rules import CaseEnded, CaseState, NoCase, NothingToReverse
from regulars.loyalty.rules import ItemKind
from regulars.staff import actions as staff
from regulars.staff.rules import NEVER_FREEZES, SYSTEM
from tests.flows.world import World, member, order, refund

from .watched import case_of, feed, look

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feed")]
__all__ = ["feed"]
LIN, WANG = "user:1", "user:2"


@pytest.fixture
def shop() -> World:
    return World(now="2026-06-01 18:00")


def burst(world: World, who: str, count: int, *, hours_ago: float = 2, key: str = "b") -> None:
    """So many orders of ¥20 within minutes."""
    start = world.now - timedelta(hours=hours_ago)
    world.tell(*(order(f"{key}{who}{n}", who, start + timedelta(minutes=n), 20_00) for n in range(count)))


def opened(world: World, who: str = "anna", count: int = 7) -> int:
    """The case about somebody with a burst of orders."""
    burst(world, who, count)
    look(world)
    case = case_of(world, who)
    assert case is not None
    return case.id


def test_who_stands_out_becomes_a_case_with_evidence_and_nobody_else_does(shop: World) -> None:
    burst(shop, "ben", 3)
    case_id = opened(shop)
    [case] = queries.cases(tuple(CaseState))
    assert (case.id, case.state, case.score) == (case_id, CaseState.OPEN, 75)
    assert [sign.rule for sign in case.evidence] == ["velocity"]
    assert ledger.left_of_facts(case.facts) == 7 * 20, "the points that its evidence names"
    assert [step.action for step in queries.steps(case_id)] == ["opened"]


def test_the_same_evidence_makes_no_second_case_and_more_of_it_adds_to_the_first(shop: World) -> None:
    case_id = opened(shop)
    look(shop)
    assert [one.id for one in queries.cases(tuple(CaseState))] == [case_id]
    shop.tell(order("more", "anna", shop.now - timedelta(hours=2, minutes=-8), 20_00))
    look(shop)
    [case] = queries.cases(tuple(CaseState))
    assert (case.id, case.score) == (case_id, 90)
    assert [step.action for step in queries.steps(case_id)][:2] == ["opened", "grown"]
    with pytest.raises(IntegrityError), transaction.atomic():
        RiskCase.objects.create(
            customer_id=case.customer_id, score=1, evidence=[], opened_at=shop.now, changed_at=shop.now
        )


def test_what_was_dismissed_does_not_come_back(shop: World) -> None:
    case_id = opened(shop)
    actions.dismiss(case_id=case_id, actor=LIN, note="a party", at=shop.now)
    shop.now += timedelta(days=1)
    burst(shop, "anna", 1, key="later")
    look(shop)
    assert [one.state for one in queries.cases(tuple(CaseState))] == [CaseState.DISMISSED]
    burst(shop, "anna", 12, hours_ago=1, key="again")
    look(shop)
    assert case_of(shop, "anna") != queries.case(case_id), "much more than what was dismissed"
    with pytest.raises(CaseEnded):
        actions.dismiss(case_id=case_id, actor=LIN, note="", at=shop.now)
    with pytest.raises(NoCase):
        actions.take_on(case_id=10**9, actor=LIN, at=shop.now)


def test_frozen_members_earn_into_pending_and_spend_nothing_until_they_are_released(shop: World) -> None:
    case_id = opened(shop)
    actions.freeze(case_id=case_id, actor=LIN, note="looks made up", policies=shop.policies, at=shop.now)
    with pytest.raises(AccountFrozen), transaction.atomic():
        shop.command(ItemKind.REDEEM, "anna", 10, "r")
    shop.now += timedelta(hours=1)
    burst(shop, "anna", 1, hours_ago=0.2, key="later")
    assert shop.wallet("anna")["pending"] == 20
    who = shop.customer("anna")
    [banner] = queries.frozen([who])[who].values()
    assert (banner.by, banner.note) == (LIN, "looks made up")
    actions.release(case_id=case_id, actor=WANG, note="", policies=shop.policies, at=shop.now)
    assert queries.frozen([who]) == {}
    assert shop.wallet("anna")["pending"] == 0
    shop.command(ItemKind.REDEEM, "anna", 160, "r2")
    shop.assert_clean()


def test_points_that_the_evidence_names_are_taken_back_once(shop: World) -> None:
    case_id = opened(shop)

    def take(points: int, key: str) -> None:
        with transaction.atomic():
            actions.reverse(
                case_id=case_id, points=points, key=key, actor=LIN, note="", policies=shop.policies, at=shop.now
            )

    take(100, "k")
    shop.now += timedelta(minutes=1)
    take(100, "k")
    assert shop.wallet("anna")["available"] == 40
    with pytest.raises(NothingToReverse):
        take(50, "other")
    assert [step.points for step in queries.steps(case_id) if step.action == "reversed"] == [100]
    shop.assert_clean()


def test_what_a_refund_took_is_not_taken_again(shop: World) -> None:
    case_id = opened(shop)
    shop.tell(refund("R", "banna0", shop.now))
    case = queries.case(case_id)
    assert case is not None
    assert ledger.left_of_facts(case.facts) == 6 * 20


def test_the_rules_freeze_alone_only_above_their_own_score_and_before_anybody_looks(shop: World) -> None:
    case = queries.case(opened(shop, count=8))
    assert case is not None
    assert (case.score, case.state) == (90, CaseState.FROZEN)
    assert [step.action for step in queries.steps(case.id)] == ["opened", "frozen"]
    staff.change_business(by=SYSTEM, at=shop.now, risk_freeze_score=NEVER_FREEZES)
    case = queries.case(opened(shop, "ben", count=12))
    assert case is not None
    assert case.state is CaseState.OPEN
    actions.take_on(case_id=case.id, actor=LIN, at=shop.now)
    staff.change_business(by=SYSTEM, at=shop.now, risk_freeze_score=90)
    look(shop)
    case = queries.case(case.id)
    assert case is not None
    assert (case.state, case.assignee) == (CaseState.REVIEWED, LIN), "somebody looks at it"


def test_a_ring_on_one_device_is_found_and_a_family_is_not(shop: World) -> None:
    device, tablet = marks.mark_of("device", "ring's phone"), marks.mark_of("device", "family tablet")
    for n, (who, mark) in enumerate([(f"ring{n}", device) for n in range(5)] + [(f"kid{n}", tablet) for n in range(3)]):
        fact = order(f"o{n}", who, shop.now - timedelta(days=3, minutes=-30 * n), 18_00, channel="online")
        shop.tell(replace(fact, body={**fact.body, "device": mark}))
    look(shop)
    found = {one.customer_id for one in queries.cases(tuple(CaseState))}
    assert found == {shop.customer(f"ring{n}") for n in range(5)}
    assert RiskMark.objects.filter(mark=device).count() == 5
    look(shop)
    assert RiskMark.objects.filter(mark=device, orders=1).count() == 5, "the feed is not followed twice"


def test_points_that_staff_grant_to_themselves_are_seen(shop: World) -> None:
    lin = staff.create_user(
        email="lin@example.com", role="service", name="Lin", password="tea-and-return", by=SYSTEM, at=shop.now,
        language="en", store_codes=None,
    )  # fmt: skip
    mine = Identity(IdentityKind.EMAIL, "", "lin@example.com")
    shop.tell(order("m", [member("lin"), mine], shop.now - timedelta(days=1), 20_00))
    burst(shop, "anna", 1)
    for who in ("lin", "anna"):
        command_points(
            kind=ItemKind.GRANT, customer_id=shop.customer(who), amount=500, key=who, at=shop.now,
            policies=shop.policies, actor=f"user:{lin.id}",
        )  # fmt: skip
    look(shop)
    [case] = queries.cases(tuple(CaseState))
    assert case.customer_id == shop.customer("lin")
    assert [(sign.rule, sign.figures["points"]) for sign in case.evidence] == [("own_grants", 500)]


def test_past_years_wake_nobody(shop: World) -> None:
    start = shop.now - timedelta(days=300)
    shop.tell(*(order(f"p{n}", "anna", start + timedelta(minutes=n), 20_00) for n in range(12)))
    [done] = look(shop)
    assert (done.facts, done.customers, done.opened) == (12, 0, 0)


def test_a_merged_member_has_one_case_and_is_released_whole(shop: World) -> None:
    case_id = opened(shop)
    actions.freeze(case_id=case_id, actor=LIN, note="", policies=shop.policies, at=shop.now)
    burst(shop, "ben", 1)
    shop.now += timedelta(minutes=5)
    shop.merge("anna", "ben")
    with pytest.raises(AccountFrozen), transaction.atomic():
        shop.command(ItemKind.REDEEM, "ben", 10, "r")
    actions.release(case_id=case_id, actor=LIN, note="", policies=shop.policies, at=shop.now)
    shop.command(ItemKind.REDEEM, "ben", 10, "r")
    shop.assert_clean()


def test_a_second_person_approves_and_nobody_approves_their_own(shop: World) -> None:
    burst(shop, "anna", 2)
    who = shop.customer("anna")

    def propose(kind: str, points: int, key: str) -> int:
        return actions.propose(kind=kind, customer_id=who, amount=points, note="sorry", key=key, actor=LIN, at=shop.now)

    grant = propose("grant", 500, "a")
    assert propose("grant", 500, "a") == grant, "sent twice, it is one proposal"
    assert shop.wallet("anna")["available"] == 40, "nothing has happened yet"
    with pytest.raises(actions.OwnProposal):
        actions.approve(proposal_id=grant, actor=LIN, policies=shop.policies, at=shop.now)
    actions.approve(proposal_id=grant, actor=WANG, policies=shop.policies, at=shop.now)
    assert shop.wallet("anna")["available"] == 540
    with pytest.raises(actions.ProposalEnded):
        actions.approve(proposal_id=grant, actor=WANG, policies=shop.policies, at=shop.now)
    deduct = propose("deduct", 10_000, "b")
    with pytest.raises(InsufficientPoints), transaction.atomic():
        actions.approve(proposal_id=deduct, actor=WANG, policies=shop.policies, at=shop.now)
    assert [one.id for one in queries.waiting_proposals()] == [deduct], "it still waits"
    assert actions.refuse(proposal_id=deduct, actor=LIN, at=shop.now).state == "withdrawn"
    with pytest.raises(IntegrityError), transaction.atomic():
        PointsProposal.objects.filter(pk=grant).update(decided_by=LIN)
    shop.assert_clean()


def test_a_release_that_needs_two_is_done_by_the_second(shop: World) -> None:
    case_id = opened(shop)
    actions.freeze(case_id=case_id, actor=LIN, note="", policies=shop.policies, at=shop.now)
    proposal_id = actions.propose(
        kind="release", customer_id=shop.customer("anna"), amount=140, note="", key="x", actor=LIN, at=shop.now,
        case_id=case_id,
    )  # fmt: skip
    actions.approve(proposal_id=proposal_id, actor=WANG, policies=shop.policies, at=shop.now)
    case = queries.case(case_id)
    assert case is not None
    assert (case.state, case.decided_by) == (CaseState.RELEASED, WANG)
