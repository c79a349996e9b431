"""Retention and churn, counted by hand: as a whole, by channel, store, cohort and a column of the picture."""

from datetime import date, timedelta
from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.insight.compute.periods import Unit, first_day, number_of
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.retention import Period, Retention, behind, rates
from regulars.insight.compute.visits import picture_parts
from tests.insight.compute.sales import ids, shop

SALES = [
    (1, "2024-01-05"), (1, "2024-02-05"), (1, "2024-03-05", 100, "online", None),
    (2, "2024-01-06"), (2, "2024-03-06"),
    (3, "2024-02-07", 100, "online", None), (3, "2024-02-08"), (3, "2024-03-07"),
    (4, "2024-01-09"), (4, "2024-01-10", 100, "store", 2),
]  # fmt: skip
TODAY = date(2024, 3, 20)
MARCH = date(2024, 3, 1)


def group(found: Retention, part: object) -> tuple[Period, ...]:
    return next(one.periods for one in found.groups if one.part == part)


def test_by_hand() -> None:
    january, february, march = group(rates(shop(SALES), TODAY), None)
    assert january == Period(date(2024, 1, 1), True, 3, 3, 0, 0, 0, 0)
    assert february == Period(date(2024, 2, 1), True, 2, 1, 0, 3, 1, 1)
    assert march == Period(MARCH, False, 3, 0, 1, 2, 2, 2)
    assert (february.retention, february.churn, february.lost) == (Rate(1, 3), Rate(2, 3), 2)
    assert january.retention.share is None


def test_the_latest_is_one_that_is_over() -> None:
    assert rates(shop(SALES), TODAY).groups[0].latest.first_day == date(2024, 2, 1)  # type: ignore[union-attr]
    assert rates(shop(SALES), date(2024, 4, 1)).groups[0].latest.first_day == MARCH  # type: ignore[union-attr]


def test_who_moves_to_another_channel_stays_with_the_shop() -> None:
    found = rates(shop(SALES), TODAY, by="channel")
    assert [one.part for one in found.groups] == ["online", "store"]
    store, online = group(found, "store")[-1], group(found, "online")[-1]
    assert (store.before, store.retained, store.retained_here) == (2, 2, 1)
    assert (online.before, online.retained, online.retained_here) == (1, 1, 0)
    assert (online.active, online.new, online.returned) == (1, 0, 0)


def test_a_store_that_is_not_known_is_a_group_too() -> None:
    found = rates(shop(SALES), TODAY, by="store")
    assert [one.part for one in found.groups] == [1, 2, None]
    assert group(found, 2)[1:] == (
        Period(date(2024, 2, 1), True, 0, 0, 0, 1, 0, 0),
        Period(MARCH, False, 0, 0, 0, 0, 0, 0),
    )
    assert [one.active for one in group(found, None)] == [1, 1]


def test_cohorts_are_named_by_their_first_day() -> None:
    found = rates(shop(SALES), TODAY, by="cohort")
    assert [one.part for one in found.groups] == [date(2024, 1, 1), date(2024, 2, 1)]
    assert [one.active for one in group(found, date(2024, 1, 1))] == [3, 1, 2]


def test_segments_are_a_column_of_the_picture() -> None:
    picture = ibis.memtable({"customer_id": [1, 2, 3], "stage": ["a", "b", "b"]})
    by = picture_parts(picture, "stage")
    found = rates(shop(SALES), TODAY, by=by)
    assert {one.part: [p.active for p in one.periods] for one in found.groups} == {
        "a": [1, 1, 1], "b": [1, 1, 2], None: [1, 0, 0],
    }  # fmt: skip
    assert ids(behind(shop(SALES), TODAY, Unit.MONTH, MARCH, "active", by=by, part="b")) == {2, 3}


FIGURES = {"active": {1, 2, 3}, "new": set(), "returned": {2}, "before": {1, 3}, "retained": {1, 3}, "lost": set()}


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_opens_its_customers(figure: Any) -> None:
    assert ids(behind(shop(SALES), TODAY, Unit.MONTH, MARCH, figure)) == FIGURES[figure]


def test_figures_of_a_part_open_too() -> None:
    told = shop(SALES)
    assert ids(behind(told, TODAY, Unit.MONTH, MARCH, "retained_here", by="channel", part="store")) == {3}
    assert ids(behind(told, TODAY, Unit.MONTH, date(2024, 2, 1), "active", by="store", part=None)) == {3}
    assert ids(behind(told, TODAY, Unit.MONTH, date(2024, 2, 1), "lost", by="cohort", part=date(2024, 1, 1))) == {2, 4}


@pytest.mark.parametrize(
    ("sales", "code"),
    [([], "no_purchases"), ([(1, "2024-03-01")], "nothing_finished"), ([(1, "2024-01-01")], "ok"), (SALES, "ok")],
)
def test_little_to_see_is_said_in_words(sales: list[tuple[object, ...]], code: str) -> None:
    assert rates(shop(sales), TODAY).verdict.code == code


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 150)), min_size=1, max_size=40), st.sampled_from(Unit))
def test_against_a_plain_count(told: list[tuple[int, int]], unit: Unit) -> None:
    start = date(2024, 1, 20)
    days = [(who, start + timedelta(days=after)) for who, after in told]
    came = {(who, number_of(day, unit)) for who, day in days}
    found = rates(shop([(who, day.isoformat()) for who, day in days]), date(2024, 7, 1), unit)
    for one in found.groups[0].periods:
        period = number_of(one.first_day, unit)
        now, before = ({who for who, at in came if at == wanted} for wanted in (period, period - 1))
        assert (one.active, one.before, one.retained) == (len(now), len(before), len(now & before))
        assert one.new == sum(min(at for who, at in came if who == person) == period for person in now)
        assert one.active == one.new + one.returned + one.retained
        assert one.first_day == first_day(period, unit)
