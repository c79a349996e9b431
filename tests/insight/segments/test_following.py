"""Who comes into a segment and who leaves it, on which day, and why."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, AllOf, AnyOf, Comparison, Not, Op, Tree, predicate
from regulars.insight.compute.memberships import Why
from regulars.insight.compute.pictures import TAGS
from regulars.insight.models import Membership, Segment, SegmentVersion
from regulars.insight.segments import actions, queries
from regulars.insight.tags import actions as tags
from tests.insight.segments.shop import LATELY, OFTEN, REGULARS, Shop, at, day, join, people, segment

pytestmark = pytest.mark.django_db
HERE = {"orders": 5, "recency_days": 2}
SELDOM = {"orders": 1, "recency_days": 2}
AWAY = {"orders": 5, "recency_days": 90}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def history(who: int) -> list[tuple[Any, ...]]:
    """What is on record of a customer, oldest first: from, why, to, why; conditions that changed by place."""
    found = reversed(queries.memberships(who, past=True))
    return [(one.entered_on, said(one.entered_by), one.left_on, one.left_by and said(one.left_by)) for one in found]


def said(cause: queries.CauseView) -> str:
    changed = [f"+{place}" for place in cause.became_true] + [f"-{place}" for place in cause.became_false]
    return " ".join([cause.why.value, *changed])


def test_the_first_count_brings_everybody_in(shop: Shop) -> None:
    anna, bo, chen = people(3)
    one = segment()
    assert queries.segment(one).members is None
    (followed,) = shop.refresh(0, {anna: HERE, bo: SELDOM, chen: {}})
    assert (followed.members, followed.entered, followed.left) == (1, 1, 0)
    assert history(anna) == [(day(0), "first", None, None)]
    assert history(bo) == history(chen) == []
    view = queries.segment(one)
    assert (view.members, view.counted_on, view.counted_version, view.problem) == (1, day(0), 1, "")


def test_a_move_names_the_conditions_that_changed_for_the_customer(shop: Shop) -> None:
    anna, bo, chen = people(3)
    segment()
    shop.refresh(0, {anna: HERE, bo: SELDOM, chen: {"orders": 1, "recency_days": 90}})
    shop.refresh(1, {anna: AWAY, bo: HERE, chen: HERE})
    assert history(anna) == [(day(0), "first", day(1), "changed -1")]
    assert history(bo) == [(day(1), "changed +0", None, None)]
    assert history(chen) == [(day(1), "changed +0 +1", None, None)]


def test_who_stays_is_not_written_again(shop: Shop) -> None:
    (anna,) = people(1)
    segment()
    for days in range(3):
        shop.refresh(days, {anna: HERE})
    assert history(anna) == [(day(0), "first", None, None)]


def test_a_changed_segment_is_told_from_a_changed_customer(shop: Shop) -> None:
    anna, bo = people(2)
    one = segment()
    shop.refresh(0, {anna: HERE, bo: AWAY})
    actions.change(segment_id=one, tree=Comparison("recency_days", Op.GT, 30), after=1, actor="test", at=at(1))
    shop.refresh(1, {anna: HERE, bo: AWAY})
    assert history(anna) == [(day(0), "first", day(1), "edited")]
    assert history(bo) == [(day(1), "edited", None, None)]
    actions.change(segment_id=one, tree=LATELY, after=2, actor="test", at=at(2))
    shop.refresh(2, {anna: HERE, bo: HERE})
    assert history(anna)[-1] == (day(2), "edited", None, None)
    assert history(bo) == [(day(1), "edited", None, None)], "in before and in now, by either version"


def test_newcomers_and_those_who_are_gone(shop: Shop) -> None:
    anna, bo = people(2)
    segment()
    shop.refresh(0, {anna: HERE})
    shop.refresh(1, {bo: HERE})
    assert history(anna) == [(day(0), "first", day(1), "gone")]
    assert history(bo) == [(day(1), "arrived", None, None)]


def test_where_the_picture_before_is_lost_the_move_stays_and_its_conditions_are_unknown(shop: Shop) -> None:
    (anna,) = people(1)
    segment()
    shop.refresh(0, {anna: HERE})
    shop.pictures.clear()
    shop.refresh(1, {anna: AWAY})
    assert history(anna) == [(day(0), "first", day(1), "changed")]


def test_the_same_day_again_leaves_no_trace_of_what_was_seen_first(shop: Shop) -> None:
    anna, bo = people(2)
    segment()
    shop.refresh(0, {anna: HERE, bo: AWAY})
    shop.refresh(0, {anna: AWAY, bo: HERE})
    assert history(anna) == []
    assert history(bo) == [(day(0), "changed +1", None, None)]


def test_a_picture_of_an_earlier_day_moves_nobody_into_the_past(shop: Shop) -> None:
    (anna,) = people(1)
    segment()
    shop.refresh(5, {anna: HERE})
    shop.refresh(2, {anna: AWAY})
    shop.refresh(7, {anna: HERE})
    assert history(anna) == [(day(7), "changed +1", None, None)]


def test_a_segment_that_cannot_be_read_any_more_keeps_its_members_and_says_so(shop: Shop) -> None:
    anna, bo = people(2)
    one, other = segment(), segment(LATELY)
    shop.refresh(0, {anna: HERE, bo: AWAY})
    broken, whole = shop.refresh(1, {anna: AWAY, bo: HERE}, leave_out="orders")
    assert (broken.segment_id, broken.members, broken.problem) == (one, 1, "unknown_field")
    assert (whole.segment_id, whole.entered, whole.left) == (other, 1, 1)
    assert queries.segment(one).problem == "unknown_field"
    assert [member.customer_id for member in queries.members(one, most=10)] == [anna]
    shop.refresh(2, {anna: AWAY, bo: HERE})
    assert queries.segment(one).problem == ""
    assert [member.customer_id for member in queries.members(one, most=10)] == [bo]


def test_a_field_that_the_picture_lacks_is_missing_for_everybody(shop: Shop) -> None:
    (anna,) = people(1)
    one, other = segment(Comparison("newer", Op.GE, 0)), segment(Comparison("newer", Op.MISSING))
    followed = shop.refresh(0, {anna: HERE})
    assert [(found.segment_id, found.members) for found in followed] == [(one, 0), (other, 1)]


def test_a_segment_put_away_stands_still(shop: Shop) -> None:
    (anna,) = people(1)
    one = segment()
    shop.refresh(0, {anna: HERE})
    actions.archive(segment_id=one, at=at(1))
    assert shop.refresh(1, {anna: AWAY}) == []
    assert queries.memberships(anna) == []
    actions.bring_back(segment_id=one)
    shop.refresh(2, {anna: AWAY})
    assert queries.segment(one).members == 0


def test_an_empty_picture_and_a_shop_without_segments(shop: Shop) -> None:
    assert shop.refresh(0, {}) == []
    segment()
    segment(EVERYBODY)
    assert [one.members for one in shop.refresh(1, {})] == [0, 0]


def test_members_of_a_merged_group_are_shown_once_under_who_stands_for_it(shop: Shop) -> None:
    anna, bo, chen, dan = people(4)
    one = segment()
    shop.refresh(0, {anna: HERE, bo: HERE, chen: HERE, dan: SELDOM})
    join(anna, bo)  # bo stands for both, and both are in
    join(chen, dan)  # dan stands for both, and only chen is in
    assert [member.customer_id for member in queries.members(one, most=9)] == [bo, dan]
    assert {found.customer_id for found in queries.memberships(anna)} == {anna, bo}
    first = queries.members(one, most=1)
    assert [m.customer_id for m in queries.members(one, most=9, after=first[0].cursor)] == [dan]
    shop.refresh(1, {bo: HERE, dan: HERE})
    assert [member.customer_id for member in queries.members(one, most=9)] == [bo, dan]
    assert queries.segment(one).members == 2


def test_changes_are_counted_by_day_and_cause(shop: Shop) -> None:
    ids = people(4)
    one = segment()
    shop.refresh(0, dict.fromkeys(ids, HERE))
    shop.refresh(1, {**dict.fromkeys(ids[:3], AWAY), ids[3]: SELDOM})
    found = sorted(queries.changes(one, since=day(0)), key=lambda change: (change.on, -change.customers))
    assert [(c.on, c.entered, said(c.cause), c.customers) for c in found] == [
        (day(0), True, "first", 4), (day(1), False, "changed -1", 3), (day(1), False, "changed -0", 1),
    ]  # fmt: skip
    assert queries.changes(one, since=day(2)) == []


def test_a_tag_given_meanwhile_is_a_cause_like_any_other(shop: Shop) -> None:
    (anna,) = people(1)
    vip = tags.create(name=Text("贵宾", "VIP"), actor="test", at=at())
    segment(AllOf((LATELY, Comparison(TAGS, Op.HAS_ANY, (str(vip),)))))
    shop.refresh(0, {anna: HERE})
    tags.give(tag_id=vip, customer_ids=[anna], actor="kim", at=at(1))
    shop.refresh(2, {anna: HERE})
    assert history(anna) == [(day(2), "changed +1", None, None)]
    tags.take(tag_id=vip, customer_ids=[anna], actor="kim", at=at(3))
    shop.refresh(4, {anna: HERE})
    assert history(anna) == [(day(2), "changed +1", day(4), "changed -1")]


TREES = st.sampled_from(
    [REGULARS, OFTEN, Not(OFTEN), AnyOf((Not(LATELY), OFTEN)), EVERYBODY, Comparison("city", Op.NE, "Bath")]
)
VALUES = st.fixed_dictionaries(
    {
        "orders": st.none() | st.integers(1, 5),
        "recency_days": st.none() | st.integers(28, 32),
        "city": st.none() | st.sampled_from(["Bath", "上海"]),
    }
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(TREES, st.dictionaries(st.integers(0, 5), VALUES)), min_size=1, max_size=4))
def test_intervals_are_the_days_on_which_the_tree_was_true(
    shop: Shop, days: list[tuple[Tree, dict[int, dict[str, Any]]]]
) -> None:
    """Whatever happens to customers and segment, the record says for each refresh exactly who was in."""
    ids = people(6)
    Segment.objects.update(archived_at=at())  # those of the example before
    one = segment(days[0][0])
    shop.pictures.clear()
    version = 1
    for number, (tree, rows) in enumerate(days):
        version = actions.change(segment_id=one, tree=tree, after=version, actor="test", at=at(number))
        shop.refresh(number, {ids[place]: row for place, row in rows.items()})
    for number, (tree, rows) in enumerate(days):
        true = {ids[place] for place, row in rows.items() if predicate(tree, day=day(number))(row)}
        found = Membership.objects.filter(segment_id=one, entered_on__lte=day(number)).exclude(left_on__lte=day(number))
        assert sorted(found.values_list("customer_id", flat=True)) == sorted(true)
    for held in Membership.objects.filter(segment_id=one).select_related("entered_by", "left_by"):
        for cause in filter(None, (held.entered_by, held.left_by)):
            told = bool(cause.became_true or cause.became_false)
            assert told == (cause.why == Why.CHANGED), "a change has conditions, and nothing else has"


def test_nobody_is_in_twice_and_versions_stay(shop: Shop) -> None:
    (anna,) = people(1)
    one = segment()
    shop.refresh(0, {anna: HERE})
    held = Membership.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(segment_id=one, customer_id=anna, entered_on=day(1), entered_by_id=held.entered_by_id)
    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
        SegmentVersion.objects.update(tree={})
    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM insight_segmentversion")


def test_fields_of_the_shop_are_read_with_the_tags_of_the_day() -> None:
    assert TAGS not in queries.fields()
    tags.create(name=Text("贵宾", "VIP"), actor="test", at=at())
    found = queries.fields()[TAGS]
    assert (found.live, len(found.choices)) == (True, 1)
