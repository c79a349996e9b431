"""Tags: who gave them, since when, until when, and whose they are after a merge."""

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, Comparison, Op
from regulars.insight.compute.pictures import TAGS
from regulars.insight.models import TagGiven
from regulars.insight.segments import actions as segments
from regulars.insight.tags import actions, queries
from regulars.insight.tags.actions import NoTag, TagInUse
from tests.insight.segments.shop import OFTEN, Shop, at, join, people, segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def vip() -> int:
    return actions.create(name=Text("贵宾", "VIP"), actor="kim", at=at())


def give(tag: int, *who: int, days: int = 0, until: int | None = None, source: str = "hand") -> int:
    return actions.give(
        tag_id=tag, customer_ids=who, actor="kim", at=at(days), until=None if until is None else at(until),
        source=source,
    )  # fmt: skip


def having(tag: int, days: int) -> list[int]:
    found = queries.tagged([str(tag)], at=at(days))
    assert set(found.codes) <= {str(tag)}
    return sorted(found.customers)


def test_a_tag_hangs_from_when_it_was_given_until_it_is_taken(vip: int) -> None:
    anna, bo = people(2)
    assert give(vip, anna, bo, days=1) == 2
    assert give(vip, anna, days=2) == 0, "anna has it already"
    assert actions.take(tag_id=vip, customer_ids=[anna], actor="lee", at=at(3)) == 1
    assert actions.take(tag_id=vip, customer_ids=[anna], actor="lee", at=at(3)) == 0
    assert [having(vip, days) for days in (0, 1, 2, 3)] == [[], [anna, bo], [anna, bo], [bo]]
    assert queries.tags_of(anna, at=at(3)) == []
    (given,) = queries.tags_of(bo, at=at(3))
    assert (given.name.zh, given.source, given.given_by, given.given_at, given.until) == (
        "贵宾", "hand", "kim", at(1), None,
    )  # fmt: skip
    assert [(tag.id, tag.customers) for tag in queries.tags(at=at(3))] == [(vip, 1)]


def test_a_tag_ends_by_itself_and_can_be_given_again(vip: int) -> None:
    (anna,) = people(1)
    give(vip, anna, until=2)
    assert [having(vip, days) for days in (1, 2)] == [[anna], []]
    assert give(vip, anna, days=5) == 1
    assert [having(vip, days) for days in (1, 2, 4, 5)] == [[anna], [], [], [anna]]
    assert give(vip, anna, days=6, until=8) == 0, "only its end is new"
    assert [having(vip, days) for days in (7, 8)] == [[anna], []]


def test_after_a_merge_the_group_has_what_either_had_and_loses_it_at_once(vip: int) -> None:
    anna, bo = people(2)
    give(vip, anna)
    join(anna, bo)
    assert having(vip, 1) == [bo]
    assert [given.tag_id for given in queries.tags_of(anna, at=at(1))] == [vip]
    give(vip, anna, days=1)
    assert queries.tags(at=at(1))[0].customers == 1
    assert actions.take(tag_id=vip, customer_ids=[bo], actor="lee", at=at(2)) == 1
    assert having(vip, 2) == []


def test_each_source_gives_and_takes_its_own(vip: int) -> None:
    (anna,) = people(1)
    give(vip, anna)
    give(vip, anna, source="model")
    actions.take(tag_id=vip, customer_ids=[anna], actor="lee", at=at(1))
    assert [given.source for given in queries.tags_of(anna, at=at(2))] == ["model"]
    assert having(vip, 2) == [anna]


def test_a_segment_gives_a_tag_to_its_members_while_they_are_members(vip: int, tmp_path: Path) -> None:
    anna, bo = people(2)
    shop, one = Shop(tmp_path), segment(OFTEN)
    segments.give_tag(segment_id=one, tag_id=vip)
    often, seldom = {"orders": 5}, {"orders": 1}
    shop.refresh(1, {anna: often, bo: seldom})
    shop.refresh(2, {anna: often, bo: often})
    shop.refresh(3, {anna: seldom, bo: often})
    assert [having(vip, days) for days in (0, 1, 2, 3)] == [[], [anna], [anna, bo], [bo]]
    (given,) = queries.tags_of(bo, at=at(3))
    assert (given.source, given.segment_id) == ("rule", one)
    assert actions.take(tag_id=vip, customer_ids=[bo], actor="lee", at=at(3)) == 0, "the rule still says so"
    with pytest.raises(TagInUse):
        actions.archive(tag_id=vip, at=at(3))
    segments.give_tag(segment_id=one, tag_id=None)
    shop.refresh(4, {anna: often, bo: often})
    assert having(vip, 4) == []


def test_a_segment_that_asks_for_a_tag_follows_one_that_gives_it_a_refresh_later(vip: int, tmp_path: Path) -> None:
    (anna,) = people(1)
    shop = Shop(tmp_path)
    asks = segment(Comparison(TAGS, Op.HAS_ANY, (str(vip),)))
    gives = segment(EVERYBODY)
    segments.give_tag(segment_id=gives, tag_id=vip)
    members = [{one.segment_id: one.members for one in shop.refresh(days, {anna: {}})} for days in (1, 2)]
    assert [found[asks] for found in members] == [0, 1]


def test_a_tag_that_is_put_away_is_not_given_any_more_but_conditions_still_know_it(vip: int) -> None:
    (anna,) = people(1)
    give(vip, anna)
    actions.archive(tag_id=vip, at=at(1))
    assert queries.tags(at=at(1)) == []
    assert len(queries.tags(at=at(1), archived=True)) == 1
    assert [choice.value for choice in queries.choices()] == [str(vip)]
    assert having(vip, 2) == [anna]
    with pytest.raises(NoTag):
        give(vip, anna, days=2)
    with pytest.raises(NoTag):
        actions.rename(tag_id=999, name=Text("a", "b"))


def test_what_makes_no_sense_is_refused(vip: int) -> None:
    (anna,) = people(1)
    with pytest.raises(ValueError, match="ends after"):
        give(vip, anna, days=2, until=2)
    with pytest.raises(ValueError, match="by hand or by a model"):
        give(vip, anna, source="rule")
    assert give(vip) == 0
    assert give(vip, -5) == 0, "there is no such customer"
    for wrong in ({"source": "luck"}, {"source": "rule"}, {"until": at(-1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TagGiven.objects.create(**{"tag_id": vip, "customer_id": anna, "source": "hand", "given_at": at(), **wrong})


def test_a_new_name_holds_wherever_the_tag_hangs(vip: int) -> None:
    (anna,) = people(1)
    give(vip, anna)
    actions.rename(tag_id=vip, name=Text("", "Friend of {the house}"))
    assert queries.tags_of(anna, at=at(1))[0].name.said("zh") == "Friend of {the house}"
