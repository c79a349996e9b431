"""Why did, or didn't, this customer get this? There is an answer for everybody, in both languages."""

import shutil

from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Comparison, Op
from regulars.customers.actions import merge
from regulars.flows.picture_fields import picture_fields
from regulars.insight.segments import actions as segments
from regulars.outreach.campaigns import audience, queries, trace, words
from regulars.outreach.campaigns.rules import Reason
from tests.outreach.campaigns.plans import START, draft
from tests.outreach.campaigns.starting import approved, run, started
from tests.outreach.campaigns.town import Town


def explain(campaign_id: int, customer_id: int) -> trace.Answer:
    campaign = queries.campaign(campaign_id)
    picture = audience.picture_of(campaign)
    return trace.why(campaign, [customer_id], picture=picture, fields=picture_fields())[customer_id]


def why(campaign_id: int, customer_id: int) -> Text:
    return explain(campaign_id, customer_id).why


def test_whoever_was_considered_gets_the_reason_with_its_numbers(town: Town) -> None:
    people = town.settle(30)
    deaf = town.settle(1, agreed=False)[0]
    town.picture()
    one = started(town)
    run(one)
    answers = {explain(one, who).why.en for who in people}
    assert any(answer.startswith("They met the campaign's conditions and were chosen") for answer in answers)
    assert any("(10% are held out)" in answer for answer in answers)
    assert why(one, deaf) == words.SENTENCES["no_consent"]


def test_before_the_start_nothing_is_decided(town: Town) -> None:
    who = town.settle(1)[0]
    town.picture()
    assert why(draft(segment_id=town.segment, customers=None), who) == words.NOT_STARTED
    one = approved(town)
    assert why(one, who) == words.NOT_STARTED
    assert why(started(town), who) == words.BEING_DECIDED


def test_whoever_was_outside_the_segment_hears_which_condition_failed(town: Town) -> None:
    away, here, newcomer = town.settle(3)
    regulars = AllOf((Comparison("recency_days", Op.GT, 60), Comparison("recency_days", Op.LT, 400)))
    segment = segments.create(name=Text("", "Away"), tree=regulars, actor="test", at=START)
    town.people.remove(newcomer)
    town.picture({here: 3, away: 700})
    one = started(town, segment_id=segment)
    run(one)
    answer = explain(one, here)
    assert answer.decision is None
    assert [text.en for text in answer.failed] == ["Not here for more than 60 days"]
    assert "2026-06-01" in answer.why.zh
    assert [text.en for text in explain(one, away).failed] == ["Here less than 400 days ago"]
    assert why(one, newcomer).en.endswith(words.NOT_IN_PICTURE.en)


def test_when_the_picture_of_that_day_is_gone_the_answer_says_so(town: Town) -> None:
    who = town.settle(1)[0]
    town.picture({who: 3})
    one = started(town)
    run(one)
    shutil.rmtree(town.folder / "sets")
    assert why(one, who).en.endswith(words.PICTURE_GONE.en)
    assert why(one, who).zh.endswith(words.PICTURE_GONE.zh)


def test_who_is_not_on_the_list_hears_that(town: Town) -> None:
    on_it, other = town.settle(2)
    one = started(town, segment_id=None, customers=(on_it,))
    run(one)
    assert why(one, other) == words.NOT_ON_LIST


def test_the_answer_follows_a_merge_and_a_customer_s_page_lists_all_campaigns(town: Town) -> None:
    child, parent = town.settle(2)
    town.picture({parent: 3})
    one = started(town)
    run(one)
    merge(child_id=child, parent_id=parent, actor="test", at=START)
    answer = explain(one, parent)
    assert answer.decision is not None
    assert answer.decision.customer_id == child
    assert [decision.about.id for decision in trace.of_customer(parent)] == [one]


def test_every_reason_has_words_and_an_unknown_one_is_named() -> None:
    for reason in (*Reason, "no_address", "no_consent", "unsubscribed"):
        numbers = {"percent": "10", "days": 7, "had": 2, "most": 2}
        said = words.sentence_of(reason, numbers)
        assert "?" not in said.en
        assert "{" not in said.zh + said.en
        assert words.short_of(reason).zh
    assert words.sentence_of("moonlight", {}) == Text("moonlight", "moonlight")
