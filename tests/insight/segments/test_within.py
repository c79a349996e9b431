"""Segments that ask who is in others: counted after them, with causes, and never in a circle."""

from pathlib import Path

import pytest

from regulars.core.conditions import AllOf, Comparison, Not, Op
from regulars.insight.compute.pictures import SEGMENTS
from regulars.insight.segments import actions, queries
from regulars.insight.segments.actions import SegmentCycle
from tests.insight.segments.shop import LATELY, OFTEN, Shop, at, fields, join, people, segment
from tests.insight.segments.test_following import history

pytestmark = pytest.mark.django_db
HERE = {"orders": 5, "recency_days": 2}
SELDOM = {"orders": 1, "recency_days": 2}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def inside(*segment_ids: int) -> Comparison:
    return Comparison(SEGMENTS, Op.HAS_ANY, tuple(str(one) for one in segment_ids))


def members(segment_id: int) -> list[int]:
    return [one.customer_id for one in queries.members(segment_id, most=10)]


def test_it_follows_the_other_at_the_same_refresh_whichever_was_made_first(shop: Shop) -> None:
    anna, bo = people(2)
    last = segment(LATELY)
    often = segment(OFTEN)
    actions.change(segment_id=last, tree=AllOf((LATELY, Not(inside(often)))), after=1, actor="kim", at=at())
    shop.refresh(0, {anna: HERE, bo: SELDOM})
    assert (members(often), members(last)) == ([anna], [bo])
    shop.refresh(1, {anna: SELDOM, bo: HERE})
    assert (members(often), members(last)) == ([bo], [anna])


def test_the_cause_is_that_the_other_was_entered_or_left(shop: Shop) -> None:
    (anna,) = people(1)
    often = segment(OFTEN)
    segment(AllOf((LATELY, inside(often))))
    shop.refresh(0, {anna: SELDOM})
    shop.refresh(1, {anna: HERE})
    shop.refresh(2, {anna: SELDOM})
    causes = {(entered, left) for _on, entered, _left_on, left in history(anna)}
    assert causes == {("changed +0", "changed -0"), ("changed +1", "changed -1")}


def test_a_count_goes_by_who_is_on_record_and_merged_people_are_one(shop: Shop) -> None:
    anna, bo, chen = people(3)
    often = segment(OFTEN)
    assert queries.count(inside(often), picture=shop.picture(0, {anna: HERE}), fields=fields(), at=at()) == 0
    shop.refresh(0, {anna: HERE, bo: HERE, chen: SELDOM})
    join(bo, chen)
    picture = shop.picture(0, {anna: HERE, chen: SELDOM})
    assert queries.matching(inside(often), picture=picture, fields=fields(), most=5, at=at()) == [anna, chen]
    assert queries.count(Comparison(SEGMENTS, Op.HAS_NONE, (str(often),)), picture=picture, fields=fields()) == 0


def test_a_circle_is_refused_however_long_it_is(shop: Shop) -> None:
    one = segment(OFTEN)
    two = segment(inside(one))
    three = segment(AllOf((LATELY, Not(inside(two)))))
    for tree in (inside(one), inside(two), AllOf((OFTEN, Not(inside(three))))):
        with pytest.raises(SegmentCycle):
            actions.change(segment_id=one, tree=tree, after=1, actor="kim", at=at())
    assert actions.change(segment_id=three, tree=inside(one, two), after=1, actor="kim", at=at()) == 2
    assert queries.segment(one).version == 1
