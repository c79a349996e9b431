"""What no picture holds: birthdays as they are today, in the business's zone, and who was in which segment."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from regulars.core.conditions import Comparison, Field, Not, Op, Tree
from regulars.insight.compute.pictures import BIRTHDAY, Picture
from regulars.insight.compute.score_fields import SCORES
from regulars.insight.segments import actions, queries
from regulars.insight.segments.live import tagged_for
from tests.flows.world import query
from tests.insight.segments.shop import OFTEN, Shop, at, day, fields, join, people, segment

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 6, 1, 4, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def born(*days: str | None) -> list[int]:
    ids = people(len(days))
    for who, one in zip(ids, days, strict=True):
        query("UPDATE customers_customer SET birthday = %s WHERE id = %s RETURNING id", [one, who])
    return ids


def known() -> dict[str, Field]:
    return {**fields(), **{one.name: one for one in SCORES if one.name == BIRTHDAY}}


def count(tree: Tree, picture: Picture, now: datetime = NOON) -> int:
    return queries.count(tree, picture=picture, fields=known(), at=now)


def test_birthdays_count_from_today_whatever_the_picture_is_of(shop: Shop) -> None:
    ids = born("1990-06-01", "1985-06-08", "2000-06-09", None)
    old = replace(shop.picture(0, {who: {} for who in ids}), day=date(2024, 3, 1))
    soon = Comparison(BIRTHDAY, Op.COMES_WITHIN_DAYS, 7)
    assert count(soon, old) == 2
    assert count(Not(soon), old) == 2
    assert count(Comparison(BIRTHDAY, Op.IN_MONTHS, (6, 7)), old) == 3
    assert count(Comparison(BIRTHDAY, Op.MISSING), old) == 1
    both = queries.matching(soon, picture=old, fields=known(), most=5, at=NOON)
    assert both == ids[:2]


def test_today_is_the_day_of_the_business(shop: Shop) -> None:
    """At four in the morning of 2 June in Shanghai it is still 1 June at Greenwich."""
    (who,) = born("1990-06-01")
    today = Comparison(BIRTHDAY, Op.COMES_WITHIN_DAYS, 0)
    picture = shop.picture(0, {who: {}})
    late = datetime(2024, 6, 1, 20, tzinfo=UTC)
    assert (count(today, picture), count(today, picture, late)) == (1, 0)


def test_a_group_has_the_birthday_of_who_stands_for_it_or_else_that_of_another(shop: Shop) -> None:
    child, parent, other, silent = born("1990-06-01", "1990-12-24", "1990-06-02", None)
    join(child, parent)
    join(other, silent)
    picture = shop.picture(0, {parent: {}, silent: {}})
    june = Comparison(BIRTHDAY, Op.IN_MONTHS, (6,))
    assert queries.matching(june, picture=picture, fields=known(), most=5, at=NOON) == [silent]


def test_no_more_birthdays_are_looked_up_than_are_asked_about() -> None:
    born("1990-06-01", "1990-06-20", "1992-02-29")
    told = tagged_for([Comparison(BIRTHDAY, Op.COMES_WITHIN_DAYS, 3)], at=NOON)
    assert told is not None
    assert list(told.birthdays) == [601]
    everybody = tagged_for([Comparison(BIRTHDAY, Op.NOT_MISSING)], at=NOON)
    assert everybody is not None
    assert sorted(everybody.birthdays) == [229, 601, 620]
    assert tagged_for([OFTEN], at=NOON) is None


def test_the_lake_is_told_who_was_in_a_segment_from_when_to_when(shop: Shop) -> None:
    anna, bo, chen = people(3)
    one, other = segment(OFTEN), segment(OFTEN)
    here, away = {"orders": 5}, {"orders": 1}
    shop.refresh(0, {anna: here, bo: here, chen: away})
    shop.refresh(1, {anna: here, bo: away, chen: here})
    shop.refresh(1, {anna: here, bo: away, chen: away})  # made again: chen's day of membership is none
    actions.archive(segment_id=other, at=at(2))
    join(bo, anna)
    assert sorted(query(queries.LAKE_MEMBERSHIPS), key=str) == sorted(
        [(one, anna, day(0), None), (one, anna, day(0), day(1))], key=str
    )
