"""What came of a campaign: everybody as they were drawn, whatever happened to them since; and who was contaminated."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from regulars.core.bilingual import Text
from regulars.customers.actions import merge
from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.experiments import actions as experiments
from regulars.experiments import queries as measured
from regulars.experiments.queries import NoExperiment
from regulars.experiments.rules import About
from regulars.facts.actions import ensure_source
from regulars.flows.measure_campaign import measure_campaign, measure_standing
from regulars.flows.preview_campaign import preview_campaign
from regulars.flows.record_facts import record_facts
from regulars.flows.settings import programme
from regulars.insight.queries import NoPicture
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.actions import NewCoupon
from regulars.loyalty.coupons.rules import OfferKind, OrderKey, Terms
from regulars.outreach.campaigns import outcomes, queries
from regulars.outreach.campaigns.rules import Message, State, about
from tests.flows.world import SHANGHAI, order, query, refund
from tests.outreach.campaigns.plans import START, draft, later
from tests.outreach.campaigns.starting import run, started
from tests.outreach.campaigns.town import Town

STARTED = later(hours=2)
OVER = STARTED + timedelta(days=31)


def buys(who: int, amount: int, at: datetime, key: str = "") -> None:
    policies, zone = programme()
    record_facts(
        facts=[order(key or f"o{who}-{at}", f"N{who}", at, amount)], policies=policies, zone=zone, at=later(days=40)
    )


def left(who: int, cost: Decimal, at: datetime = STARTED, state: str = "sent") -> None:
    """A customer's message left and cost so much."""
    query(
        """UPDATE outreach_delivery SET state = %s, reason = 'x', token = gen_random_uuid(), admitted_at = %s,
             sending_at = %s, ended_at = %s, cost_minor = %s WHERE customer_id = %s RETURNING 1""",
        [state, at, at, at, cost, who],
    )


def gives_back(who: int, key: str, at: datetime, amount: int) -> None:
    policies, zone = programme()
    told = refund(f"r{key}", key, at, amount, who=f"N{who}")
    record_facts(facts=[told], policies=policies, zone=zone, at=later(days=40))


def campaign(town: Town, count: int = 30) -> tuple[int, list[int], list[int]]:
    """A started campaign with half held out: its id, who was chosen, who was held out."""
    town.settle(count)
    town.picture()
    one = started(town, held_out_percent=Decimal(50))
    run(one)
    return one, decisions.ids(about(one), Outcome.CHOSEN), decisions.ids(about(one), Outcome.HELD_OUT)


def test_everybody_drawn_counts_with_what_they_paid_less_what_they_got_back(town: Town) -> None:
    one, chosen, held_out = campaign(town)
    buys(chosen[0], 5_000, STARTED, "a")
    gives_back(chosen[0], "a", STARTED + timedelta(days=3), 2_000)
    buys(chosen[1], 700, STARTED + timedelta(days=30, microseconds=-1))
    buys(chosen[2], 9_000, STARTED + timedelta(days=30))
    buys(chosen[3], 9_000, STARTED - timedelta(seconds=1))
    buys(held_out[0], 800, STARTED + timedelta(days=1))
    report = measure_campaign(campaign_id=one, at=OVER)
    assert (report.treated, report.held_out) == (len(chosen), len(held_out))
    kept = measured.latest_outcome(_experiment(one))
    assert kept is not None
    treated, out = kept.sums.treated, kept.sums.held_out
    assert (treated.revenue[1, 0], treated.revenue[0, 1], treated.orders[1, 0], treated.buyers) == (3_700, 9_000, 2, 2)
    assert (out.revenue[1, 0], out.buyers) == (800, 1)
    assert kept.is_final
    assert queries.campaign(one).state is State.DONE


def test_until_its_window_is_over_a_campaign_runs_and_no_final_word_is_said(town: Town) -> None:
    one, chosen, _ = campaign(town)
    buys(chosen[0], 5_000, STARTED + timedelta(days=9))
    report = measure_campaign(campaign_id=one, at=STARTED + timedelta(days=5))
    assert (report.is_over, report.verdict.code) == (False, "running")
    assert report.orders.treated == 0
    assert queries.campaign(one).state is State.RUNNING
    assert measure_campaign(campaign_id=one, at=STARTED + timedelta(days=10)).orders.treated > 0


def test_whoever_was_merged_since_counts_once_in_the_arm_of_who_was_drawn(town: Town) -> None:
    one, chosen, held_out = campaign(town)
    buys(chosen[0], 5_000, STARTED)
    merge(child_id=chosen[0], parent_id=chosen[1], actor="test", at=later(days=5))
    stranger = town.settle(1)[0]
    merge(child_id=held_out[0], parent_id=stranger, actor="test", at=later(days=5))
    report = measure_campaign(campaign_id=one, at=OVER)
    assert (report.treated, report.held_out) == (len(chosen) - 1, len(held_out))
    kept = measured.latest_outcome(_experiment(one))
    assert kept is not None
    assert kept.sums.treated.revenue[1, 0] == 5_000


def test_controls_whom_the_campaign_came_to_all_the_same_are_counted(town: Town) -> None:
    offer = coupons.create(
        name=Text("券", "Coupon"), terms=Terms(OfferKind.GIFT, gift=Text("赠饮", "Drink"), unit_cost_minor=300),
        actor="", at=START,
    )  # fmt: skip
    said = {"zh": Message("想你", "券码 {{ code }}")}
    town.settle(30)
    town.picture()
    one = started(town, held_out_percent=Decimal(50), offer_id=offer, content=said)
    run(one)
    chosen, held_out = decisions.ids(about(one), Outcome.CHOSEN), decisions.ids(about(one), Outcome.HELD_OUT)
    made = coupons.issue_many(
        offer_id=offer, wanted=[NewCoupon(f"campaign:{one}:{who}", who) for who in chosen[:2]], zone=SHANGHAI,
        at=STARTED,
    )  # fmt: skip
    first, second = (made[f"campaign:{one}:{who}"].coupon_id for who in chosen[:2])
    _used(first, chosen[0])
    _used(second, held_out[0])
    found = outcomes.of_campaign(_view(one), at=OVER)
    assert (found.used_coupon, found.reached) == (1, 0)
    assert found.costs.coupons_minor == 600
    left(chosen[5], Decimal(0))
    merge(child_id=chosen[5], parent_id=held_out[5], actor="test", at=later(days=5))
    assert outcomes.of_campaign(_view(one), at=OVER).reached == 1


def test_a_friend_with_the_code_is_found_by_the_order_too(town: Town) -> None:
    offer = coupons.create(
        name=Text("券", "Coupon"), terms=Terms(OfferKind.AMOUNT_OFF, 500), actor="", at=START
    )  # fmt: skip
    town.settle(30)
    town.picture()
    one = started(town, held_out_percent=Decimal(50), offer_id=offer, content={"zh": Message("想你", "{{ code }}")})
    run(one)
    held_out = decisions.ids(about(one), Outcome.HELD_OUT)
    buys(held_out[0], 5_000, STARTED + timedelta(days=1), "known")
    issued = coupons.issue(offer_id=offer, key=f"campaign:{one}:1", zone=SHANGHAI, at=STARTED)
    with transaction.atomic():
        coupons.redeem(
            coupon_id=issued.coupon_id, key="till", at=STARTED + timedelta(days=1), zone=SHANGHAI, spend_minor=5_000,
            order=OrderKey(ensure_source("till"), "known"),
        )  # fmt: skip
    found = outcomes.of_campaign(_view(one), at=OVER)
    assert (found.used_coupon, found.costs.discounts_minor) == (1, 500)
    assert outcomes.of_campaign(_view(one), at=STARTED + timedelta(days=1)).used_coupon == 0


def test_what_messages_cost_when_they_left_is_taken_off_the_gain(town: Town) -> None:
    one, chosen, _ = campaign(town)
    for who in chosen[:5]:
        left(who, Decimal("4.5"))
    left(chosen[5], Decimal("4.5"), state="unknown")
    left(chosen[6], Decimal(9), state="refused")
    left(chosen[7], Decimal(9), at=OVER + timedelta(days=1))
    buys(chosen[0], 5_000, STARTED)
    report = measure_campaign(campaign_id=one, at=OVER)
    assert report.gain.costs.messages_minor == 27
    assert report.gain.net_minor == pytest.approx(report.gain.incremental.point - 27)


def test_a_campaign_that_never_started_cannot_be_measured(town: Town) -> None:
    with pytest.raises(NoExperiment):
        measure_campaign(campaign_id=draft(segment_id=town.segment, customers=None), at=OVER)


def test_the_standing_group_gets_nothing_and_is_compared_with_everybody_else(town: Town) -> None:
    experiments.start_standing(share_percent=Decimal(40), window_days=30, actor="test", at=START)
    town.settle(50)
    with pytest.raises(NoPicture):
        measure_standing(at=later(days=10))
    town.picture()
    one = started(town)
    run(one)
    alone = [line.customer_id for line in decisions.page(about(one), most=99, reason="standing_control")]
    assert 5 < len(alone) < 35
    buys(alone[0], 1_000, later(days=2))
    buys(decisions.ids(about(one), Outcome.CHOSEN)[0], 4_000, later(days=3))
    report = measure_standing(at=later(days=10))
    assert (report.treated, report.held_out) == (50 - len(alone), len(alone))
    standing = measured.standing()
    assert standing is not None
    kept = measured.latest_outcome(standing.id)
    assert kept is not None
    assert (kept.sums.treated.revenue[1, 0], kept.sums.held_out.revenue[1, 0]) == (4_000, 1_000)


def test_who_changed_sides_of_the_standing_group_counts_in_neither(town: Town) -> None:
    experiments.start_standing(share_percent=Decimal(20), window_days=30, actor="test", at=START)
    town.settle(80)
    town.picture()
    before = measure_standing(at=later(days=1))
    experiments.change_standing_share(share_percent=Decimal(40), actor="test", at=later(days=2))
    after = measure_standing(at=later(days=3))
    assert after.held_out == before.held_out
    assert after.treated < before.treated


def _experiment(campaign_id: int) -> int:
    return _view(campaign_id).id


def _view(campaign_id: int) -> measured.ExperimentView:
    found = measured.experiment_of(About.CAMPAIGN, campaign_id)
    assert found is not None
    return found


def _used(coupon_id: int, who: int) -> None:
    query(
        """INSERT INTO loyalty_couponuse (coupon_id, key, digest, at, customer_id, order_key, discount_minor, actor,
                                          recorded_at, undone_by)
           VALUES (%s, 'use ' || %s, '', %s, %s, '', 0, '', %s, '') RETURNING 1""",
        [coupon_id, coupon_id, later(days=2), who, later(days=2)],
    )


def test_the_next_campaign_of_the_segment_is_foreseen_by_whoever_was_left_alone_in_this_one(town: Town) -> None:
    one, _, held_out = campaign(town, 120)
    for who in held_out[:10]:
        buys(who, 6_000, STARTED + timedelta(days=4))
    measure_campaign(campaign_id=one, at=OVER)
    again = draft(segment_id=town.segment, customers=None, held_out_percent=Decimal(50))
    found = preview_campaign(campaign_id=again, at=OVER + timedelta(days=90)).prospect
    share = 10 / len(held_out)
    deviation = 6_000 * (share * (1 - share)) ** 0.5
    assert found.smallest_minor == pytest.approx(2.8016 * deviation * (2 / 60) ** 0.5, rel=1e-3)
