"""Saving segments, counting before saving, and laying them over each other."""

from pathlib import Path

import pytest

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, AllOf, Comparison, InvalidCondition, Not, Op, as_json, read, sentence
from regulars.insight.compute.fields import catalogue
from regulars.insight.compute.pictures import TAGS
from regulars.insight.naming import NoName
from regulars.insight.segments import actions, queries
from regulars.insight.segments.actions import SegmentChanged
from regulars.insight.segments.presets import PRESETS
from regulars.insight.segments.queries import NoSegment, Overlap
from regulars.insight.tags import actions as tags
from regulars.insight.tags.actions import NoTag
from tests.insight.segments.shop import LATELY, OFTEN, REGULARS, Shop, at, fields, people, segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_segment_keeps_every_version() -> None:
    one = segment()
    assert actions.change(segment_id=one, tree=OFTEN, after=1, actor="kim", at=at(1)) == 2
    assert actions.change(segment_id=one, tree=OFTEN, after=2, actor="kim", at=at(2)) == 2, "nothing changed"
    view = queries.segment(one)
    assert (view.name, view.version, view.tree) == (Text("熟客", "熟客"), 2, as_json(OFTEN))
    assert (view.created_by, view.changed_at, view.changed_by) == ("test", at(1), "kim")
    assert [(v.number, v.tree) for v in queries.versions(one)] == [(2, as_json(OFTEN)), (1, as_json(REGULARS))]
    assert read(view.tree, fields()) == OFTEN


def test_a_change_written_upon_an_older_version_is_refused() -> None:
    one = segment()
    actions.change(segment_id=one, tree=OFTEN, after=1, actor="kim", at=at(1))
    with pytest.raises(SegmentChanged):
        actions.change(segment_id=one, tree=LATELY, after=1, actor="lee", at=at(1))


@pytest.mark.parametrize("name", [Text("", " "), Text("好" * 81, "")])
def test_a_segment_has_a_name(name: Text) -> None:
    with pytest.raises(NoName):
        actions.create(name=name, tree=OFTEN, actor="test", at=at())
    one = segment()
    with pytest.raises(NoName):
        actions.rename(segment_id=one, name=name)


def test_it_can_be_renamed_and_put_away() -> None:
    one, other = segment(), segment(LATELY)
    actions.rename(segment_id=one, name=Text(" 常 客 ", "Regulars"))
    assert queries.segment(one).name == Text("常 客", "Regulars")
    actions.archive(segment_id=one, at=at(1))
    assert [found.id for found in queries.segments()] == [other]
    assert [found.id for found in queries.segments(archived=True)] == [one, other]
    actions.bring_back(segment_id=one)
    assert [found.id for found in queries.segments()] == [one, other]


def test_what_is_not_there_is_named() -> None:
    for verb in (
        lambda: queries.segment(9), lambda: actions.archive(segment_id=9, at=at()),
        lambda: actions.bring_back(segment_id=9), lambda: actions.give_tag(segment_id=9, tag_id=None),
        lambda: actions.rename(segment_id=9, name=Text("a", "a")),
        lambda: actions.change(segment_id=9, tree=OFTEN, after=1, actor="", at=at()),
    ):  # fmt: skip
        with pytest.raises(NoSegment):
            verb()
    with pytest.raises(NoTag):
        actions.give_tag(segment_id=segment(), tag_id=9)


def test_counting_without_saving(shop: Shop) -> None:
    ids = people(5)
    seen = shop.picture(0, {who: {"orders": place, "recency_days": 9} for place, who in enumerate(ids)})
    assert queries.count(EVERYBODY, picture=seen, fields=fields()) == 5
    assert queries.count(OFTEN, picture=seen, fields=fields()) == 2
    assert queries.matching(Not(OFTEN), picture=seen, fields=fields(), most=2) == ids[:2]
    assert queries.matching(Not(OFTEN), picture=seen, fields=fields(), most=2, after=ids[1]) == [ids[2]]


def test_tags_count_as_they_hang_now_and_for_the_whole_group(shop: Shop) -> None:
    anna, bo, chen = people(3)
    vip = tags.create(name=Text("贵宾", "VIP"), actor="test", at=at())
    seen = shop.picture(0, {anna: {"orders": 5}, bo: {}, chen: {}})
    has, lacks = (Comparison(TAGS, op, (str(vip),)) for op in (Op.HAS_ANY, Op.HAS_NONE))
    for given, having in (((), 0), ((anna,), 1), ((anna, bo), 2)):
        tags.give(tag_id=vip, customer_ids=given, actor="kim", at=at(1))
        assert queries.count(has, picture=seen, fields=fields(), at=at(2)) == having
        assert queries.count(lacks, picture=seen, fields=fields(), at=at(2)) == 3 - having
    assert queries.count(AllOf((has, OFTEN)), picture=seen, fields=fields(), at=at(2)) == 1


def test_overlap_counts_everybody_once(shop: Shop) -> None:
    ids = people(6)
    rows = [(5, 9), (5, 9), (5, 99), (1, 9), (1, 99), (None, None)]
    seen = shop.picture(0, {w: {"orders": o, "recency_days": r} for w, (o, r) in zip(ids, rows, strict=True)})
    one, other = segment(OFTEN), segment(LATELY)
    assert queries.overlap([one, other], picture=seen, fields=fields()) == [
        Overlap(frozenset(), 2), Overlap(frozenset({one, other}), 2), Overlap(frozenset({one}), 1),
        Overlap(frozenset({other}), 1),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="At most"):
        queries.overlap([one] * 7, picture=seen, fields=fields())
    with pytest.raises(InvalidCondition):
        queries.overlap([one], picture=seen, fields=fields("orders"))


def test_presets_are_made_once_and_say_what_they_mean() -> None:
    everything = catalogue()
    made = actions.install_presets(fields=everything, at=at())
    assert made == [preset.code for preset in PRESETS]
    actions.archive(segment_id=queries.segments()[0].id, at=at(1))
    assert actions.install_presets(fields=everything, at=at(1)) == [], "nor those that were put away"
    said = {v.preset: [sentence(read(v.tree, everything), everything, one) for one in ("zh", "en")]
            for v in queries.segments(archived=True)}  # fmt: skip
    assert said["registered_only"][0].startswith("还没买过，且")
    assert all(zh and en for zh, en in said.values())


def test_a_preset_waits_for_its_fields() -> None:
    few = {name: field for name, field in catalogue().items() if name != "silence_ratio"}
    first = actions.install_presets(fields=few, at=at())
    assert "regulars" not in first
    assert "regulars" in actions.install_presets(fields=catalogue(), at=at(1))


def test_whoever_exports_gets_members_by_name(shop: Shop) -> None:
    (anna,) = people(1)
    one = segment()
    shop.refresh(0, {anna: {"orders": 5, "recency_days": 2}})
    assert list(queries.export_rows()) == [(one, "熟客", "", anna, at().date())]
