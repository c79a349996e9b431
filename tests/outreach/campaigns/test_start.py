"""A start decides about everybody once, as its dry run said; what breaks off goes on; nothing leaves after a stop."""

import shutil
from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from regulars.core.bilingual import Text
from regulars.core.conditions import Comparison, InvalidCondition, Op
from regulars.customers import consents
from regulars.customers.actions import mark_unreachable, merge
from regulars.customers.stable_names import stable_names
from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.experiments.assignment import arms_of
from regulars.flows import move_campaign, start_campaign
from regulars.flows.preview_campaign import who_would_get
from regulars.insight.queries import NoPicture
from regulars.insight.segments import actions as segments
from regulars.limits import actions as limits
from regulars.limits.rules import Kind, Limit, Take
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons.actions import OfferArchived
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.outreach.campaigns import audience, queries
from regulars.outreach.campaigns.rules import Message, State, about
from regulars.outreach.rules import OutreachSettings
from regulars.staff.rules import SYSTEM
from tests.flows.world import query
from tests.outreach.campaigns.plans import EN, START, draft, later
from tests.outreach.campaigns.starting import approved, clock, run, started
from tests.outreach.campaigns.town import Town


def decided(campaign_id: int) -> dict[int, tuple[Outcome, str]]:
    return {one.customer_id: (one.outcome, one.reason) for one in decisions.page(about(campaign_id), most=10**6)}


def queued(campaign_id: int) -> dict[int, tuple[str, str]]:
    return {
        row[0]: row[1:]
        for row in query(
            "SELECT customer_id, state, language FROM outreach_delivery WHERE campaign_id = %s", [campaign_id]
        )
    }


def busy(town: Town) -> Counter[str]:
    """A town in which every reason occurs; returns how often, the hold-out and its opposite together as 'drawn'."""
    town.settle(40)
    town.settle(3, agreed=False)
    town.settle(4, email=False)
    town.say(town.settle(5), granted=False)
    often = town.settle(6)
    limit = Limit(Kind.MESSAGES, 10, OutreachSettings().cap_window)
    limits.take([Take(limit, who, 2) for who in often], at=later(hours=-5))
    here = town.settle(7)
    town.picture(dict.fromkeys(here, 3))
    return Counter(drawn=40, no_consent=3, no_address=4, unsubscribed=5, frequency_cap=6)


def test_everybody_in_the_segment_gets_one_decision_and_the_chosen_one_message(town: Town) -> None:
    expected = busy(town)
    one = started(town)
    assert run(one) == [58]
    found = decided(one)
    assert Counter("drawn" if r in ("chosen", "hold_out") else r for _, r in found.values()) == expected
    chosen = {who for who, (outcome, _) in found.items() if outcome is Outcome.CHOSEN}
    assert queued(one) == dict.fromkeys(chosen, ("queued", "zh"))
    assert queries.campaign(one).queued_at == clock()


def test_a_dry_run_says_what_the_start_does_and_writes_nothing(town: Town) -> None:
    busy(town)
    one = started(town)
    before = who_would_get(campaign_id=one, at=clock())
    assert not decided(one)
    run(one)
    assert {line.customer_id: (line.outcome, line.reason) for line in before.lines()} == decided(one)
    assert {counted.reason: counted.customers for counted in before.counts} == {
        counted.reason: counted.customers for counted in decisions.counts(about(one))
    }
    assert before.considered == 58
    assert before.languages == {"zh": before.total(Outcome.CHOSEN)}


def test_the_list_of_a_dry_run_is_paged(town: Town) -> None:
    busy(town)
    one = draft(segment_id=town.segment, customers=None)
    found = who_would_get(campaign_id=one, at=clock())
    first = found.page(reason="frequency_cap", most=4)
    rest = found.page(reason="frequency_cap", most=4, after=first[-1].customer_id)
    assert [len(first), len(rest)] == [4, 2]
    assert first[0].numbers == {"most": 2, "days": 7, "had": 2}
    assert found.ids(Outcome.CHOSEN) == [line.customer_id for line in found.page(outcome=Outcome.CHOSEN, most=99)]
    assert len(list(found.lines())) == 58


def test_the_hold_out_follows_the_customer_and_the_campaign_alone(town: Town) -> None:
    town.settle(200)
    town.picture()
    one = started(town, held_out_percent=Decimal(30))
    run(one)
    salt = queries.campaign(one).salt
    names = dict(query("SELECT customer_id, value FROM customers_identity WHERE kind = 1"))
    assert names

    who = stable_names(town.people)
    drawn = arms_of([who[customer] for customer in town.people], salt=salt, share_percent=Decimal(30))
    held = {customer for customer, (outcome, _) in decided(one).items() if outcome is Outcome.HELD_OUT}
    assert held == {customer for customer, out in zip(town.people, drawn, strict=True) if out}
    other = started(town, held_out_percent=Decimal(30))
    run(other)
    assert held != {customer for customer, (outcome, _) in decided(other).items() if outcome is Outcome.HELD_OUT}


def test_a_start_that_was_killed_goes_on_and_comes_to_the_same(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "PORTION", 10)
    busy(town)
    one = started(town)
    broken = start_campaign.queue_campaign(campaign_id=one, clock=clock)
    assert [next(broken), next(broken)] == [10, 20]
    broken.close()
    half = decided(one)
    assert (len(half), queries.campaign(one).queued_at) == (20, None)
    assert run(one)[-1] == 58
    assert decided(one) == {**decided(one), **half}
    assert run(one) == []
    other = who_would_get(campaign_id=one, at=clock())
    assert {line.customer_id: (line.outcome, line.reason) for line in other.lines()} == decided(one)


def test_a_budget_ends_where_it_says_also_after_a_break(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "PORTION", 10)
    town.settle(60)
    town.picture()
    one = started(town, most_messages=25)
    expected = {line.customer_id: line.reason for line in who_would_get(campaign_id=one, at=clock()).lines()}
    broken = start_campaign.queue_campaign(campaign_id=one, clock=clock)
    next(broken), next(broken)
    broken.close()
    run(one)
    assert {who: reason for who, (_, reason) in decided(one).items()} == expected
    assert len(queued(one)) == 25
    reached = [who for who, reason in expected.items() if reason != "budget"]
    assert reached != sorted(town.people)[: len(reached)], "the oldest members took it all"


def test_a_paused_start_waits_and_a_stopped_one_closes_its_queue(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "PORTION", 10)
    town.settle(40)
    town.picture()
    one = started(town)
    walking = start_campaign.queue_campaign(campaign_id=one, clock=clock)
    next(walking)
    move_campaign.pause_campaign(campaign_id=one, by=SYSTEM, key="user:1", at=clock())
    assert list(walking) == []
    assert len(decided(one)) == 10
    move_campaign.resume_campaign(campaign_id=one, by=SYSTEM, key="user:1", at=clock())
    assert run(one)[-1] == 40
    waiting = len(queued(one))
    move_campaign.stop_campaign(campaign_id=one, by=SYSTEM, key="user:1", at=clock(), reason="wrong price")
    assert list(move_campaign.close_campaign(campaign_id=one, clock=clock)) == [waiting]
    assert {state for state, _ in queued(one).values()} == {"suppressed"}
    assert Counter(outcome for outcome, _ in decided(one).values())[Outcome.CHOSEN] == waiting, "the trace stays"


def test_customers_read_their_own_language_or_the_business_s(town: Town) -> None:
    town.settle(10, language="en")
    town.settle(10)
    town.picture()
    told = draft(segment_id=town.segment, customers=None)
    assert set(who_would_get(campaign_id=told, at=clock()).languages) == {"zh", "en"}
    only_english = draft(segment_id=town.segment, customers=None, content={"en": EN})
    assert set(who_would_get(campaign_id=only_english, at=clock()).languages) == {"en"}


def test_a_list_reaches_those_on_it_each_group_once(town: Town) -> None:
    people = town.settle(5)
    merge(child_id=people[4], parent_id=people[3], actor="test", at=START)
    one = started(town, segment_id=None, customers=(people[0], people[3], people[4], people[0]))
    run(one)
    assert sorted(decided(one)) == [people[0], people[3]]


def test_who_was_merged_away_or_hidden_since_the_picture_is_not_considered(town: Town) -> None:
    people = town.settle(6)
    town.picture()
    merge(child_id=people[1], parent_id=people[0], actor="test", at=START)
    query("UPDATE customers_customer SET hidden = true WHERE id = %s RETURNING 1", [people[2]])
    one = started(town)
    run(one)
    assert sorted(decided(one)) == [people[0], *people[3:]]


def test_whom_a_segment_means_is_frozen_by_the_approval(town: Town) -> None:
    away = town.settle(3)
    long_away = town.settle(2)
    town.picture(dict.fromkeys(long_away, 300))
    one = approved(town)
    longer = Comparison("recency_days", Op.GT, 200)
    segments.change(segment_id=town.segment, tree=longer, after=1, actor="test", at=later(hours=1))
    start_campaign.start_campaign(campaign_id=one, by=SYSTEM, key="user:2", at=later(hours=2))
    run(one)
    assert sorted(decided(one)) == [*away, *long_away]
    two = started(town)
    run(two)
    assert sorted(decided(two)) == long_away


def test_a_broken_start_goes_on_with_a_later_picture_when_its_own_was_swept_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "PORTION", 5)
    town.settle(10)
    town.picture()
    one = started(town)
    broken = start_campaign.queue_campaign(campaign_id=one, clock=clock)
    next(broken)
    broken.close()
    shutil.rmtree(town.folder / "sets" / "20260601-001")
    town.picture(name="20260602-001")
    assert run(one)[-1] == 10
    assert queries.campaign(one).set_name == "20260602-001"


def test_the_quick_look_at_many_says_what_the_single_looks_say(town: Town) -> None:
    chance = Random(3)
    town.settle(30, agreed=False)
    town.settle(30, email=False, language="en")
    town.settle(40, language="zh-hans")
    for _ in range(40):
        town.say(chance.sample(town.people, 3), granted=chance.random() < 0.5)
    for identity_id, _ in query("SELECT id, 1 FROM customers_identity WHERE kind = 7 ORDER BY id LIMIT 12"):
        mark_unreachable(identity_id=identity_id, why="bounced", detail="", source="server", at=START)
    shuffled = chance.sample(town.people, 60)
    for child, parent in zip(shuffled[:30], shuffled[30:], strict=True):
        merge(child_id=child, parent_id=parent, actor="test", at=START)
    query("UPDATE customers_customer SET name = '' WHERE id %% 2 = 0 RETURNING 1")
    for channel in ("email", "copy_list"):
        heads = consents.present(town.people)
        addresses, spoken = consents.addresses(heads, channel), consents.languages(heads)
        refused = consents.refusals(heads, "promotion", channel)
        assert consents.reach(town.people, channel=channel) == {
            who: consents.Reach(refused.get(who, "") if who in addresses else "no_address", spoken.get(who, ""))
            for who in heads
        }


def test_a_campaign_does_not_start_when_nobody_can_say_whom_it_is_for(town: Town) -> None:
    town.settle(3)
    one = approved(town)
    with pytest.raises(NoPicture):
        start_campaign.start_campaign(campaign_id=one, by=SYSTEM, key="user:2", at=later(hours=2))
    town.picture()
    gone = Comparison("tags", Op.HAS_ANY, ("tag-that-never-was",))
    strange = segments.create(name=Text("", "Strange"), tree=gone, actor="test", at=START)
    with pytest.raises(InvalidCondition):
        started(town, segment_id=strange)
    assert queries.campaign(one).state is State.APPROVED
    start_campaign.start_campaign(campaign_id=one, by=SYSTEM, key="user:2", at=later(hours=2))


def test_what_an_offer_promises_is_frozen_by_the_approval_and_one_put_away_is_refused(town: Town) -> None:
    offer = coupons.create(name=Text("", "Ten"), terms=Terms(OfferKind.AMOUNT_OFF, 1_000), actor="", at=START)
    said = {"zh": Message("券", "{{ code }}")}
    one = approved(town, offer_id=offer, content=said)
    coupons.change(offer_id=offer, terms=Terms(OfferKind.AMOUNT_OFF, 2_000), after=1, actor="", at=START)
    assert queries.campaign(one).offer_version == 1
    coupons.archive(offer_id=offer, at=START)
    with pytest.raises(OfferArchived):
        approved(town, offer_id=offer, content=said)
