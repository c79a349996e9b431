"""Retention of segments: members as of the first day of each period, counted by hand and against a plain count."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.insight.compute.periods import Unit, first_day, number_of
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.retention import Period, Retention
from regulars.insight.compute.segment_retention import behind, counted, table
from regulars.insight.compute.tables import Tables, in_memory
from tests.insight.compute.sales import Sale, ids, shop

SALES: list[Sale] = [
    (1, "2024-01-05"), (1, "2024-02-05"), (1, "2024-03-05"),
    (2, "2024-01-06"), (2, "2024-03-06"),
    (3, "2024-02-07"), (3, "2024-03-07"),
    (4, "2024-01-09"),
]  # fmt: skip
REGULARS, LATE = 7, 9
TODAY = date(2024, 4, 2)
FEBRUARY, MARCH = date(2024, 2, 1), date(2024, 3, 1)
Stay = tuple[int, int, str, str | None]


def world(sales: list[Sale], stays: list[Stay]) -> Tables:
    rows = [
        {"segment_id": segment, "customer_id": who, "entered_on": date.fromisoformat(entered),
         "left_on": date.fromisoformat(left) if left else None}
        for segment, who, entered, left in stays
    ]  # fmt: skip
    return replace(shop(sales), memberships=in_memory({"memberships": rows}).memberships)


def rates(told: Tables, day: date = TODAY, unit: Unit = Unit.MONTH) -> Retention:
    return table(counted(told, day, unit).to_pyarrow().to_pylist(), day, unit)


def periods(found: Retention, segment: int) -> dict[date, Period]:
    return {one.first_day: one for group in found.groups if group.part == segment for one in group.periods}


STAYS: list[Stay] = [
    (REGULARS, 1, "2024-02-01", None),  # in time for February
    (REGULARS, 2, "2024-01-20", "2024-02-02"),  # there on the first day of February, gone by March
    (REGULARS, 4, "2024-02-02", "2024-03-01"),  # never there on the first day of a month
    (LATE, 3, "2024-02-20", None),
]


def test_members_are_those_of_the_first_day() -> None:
    found = periods(rates(world(SALES, STAYS)), REGULARS)
    assert found[FEBRUARY] == Period(FEBRUARY, True, 1, 0, 0, before=2, retained=1, retained_here=1)
    assert found[MARCH] == Period(MARCH, True, 1, 0, 0, before=1, retained=1, retained_here=1)
    assert (found[FEBRUARY].churn, found[FEBRUARY].lost) == (Rate(1, 2), 1)


def test_who_came_into_it_later_changes_nothing() -> None:
    """Today's members would tell of the past what nobody knew then."""
    before = periods(rates(world(SALES, STAYS)), REGULARS)
    later: list[Stay] = [*STAYS, (REGULARS, 3, "2024-03-02", None), (REGULARS, 2, "2024-03-15", None)]
    after = periods(rates(world(SALES, later)), REGULARS)
    assert {day: after[day] for day in (FEBRUARY, MARCH)} == {day: before[day] for day in (FEBRUARY, MARCH)}


def test_what_lies_after_the_day_is_not_seen() -> None:
    day = date(2024, 3, 1)
    ahead: list[Stay] = [*STAYS, (REGULARS, 3, "2024-03-05", None)]
    assert rates(world(SALES, STAYS), day) == rates(world(SALES, ahead), day)
    assert rates(world(SALES, STAYS), day).groups[0].latest.first_day == FEBRUARY  # type: ignore[union-attr]


def test_a_group_that_was_merged_counts_once() -> None:
    twice: list[Stay] = [(REGULARS, 1, "2024-01-01", None), (REGULARS, 1, "2024-01-10", None)]
    assert periods(rates(world(SALES, twice)), REGULARS)[MARCH].before == 1


FIGURES = {"new": {3}, "retained_here": {1}, "lost": {2, 4}}


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_opens_its_customers(figure: Any) -> None:
    told = world(SALES, [(REGULARS, who, "2024-02-01", None) for who in (1, 2, 3, 4)])
    assert ids(behind(told, TODAY, Unit.MONTH, FEBRUARY, figure, segment_id=REGULARS)) == FIGURES[figure]
    assert getattr(periods(rates(told), REGULARS)[FEBRUARY], figure) == len(FIGURES[figure])
    assert ids(behind(told, TODAY, Unit.MONTH, FEBRUARY, figure, segment_id=LATE)) == set()


def test_little_on_record_is_said_in_words() -> None:
    assert rates(world(SALES, [])).verdict.code == "no_records"
    assert rates(world(SALES, [(REGULARS, 1, "2024-04-02", None)])).verdict.code == "no_records"
    assert rates(world(SALES, STAYS)).verdict.serves


@settings(max_examples=2, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 150)), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(0, 150), st.integers(1, 90)), max_size=12),
    st.sampled_from(Unit),
)
def test_against_a_plain_count(
    bought: list[tuple[int, int]], stays: list[tuple[int, int, int, int]], unit: Unit
) -> None:
    start, day = date(2024, 1, 20), date(2024, 7, 1)
    days = [(who, start + timedelta(days=after)) for who, after in bought]
    inside = [
        (segment, who, start + timedelta(days=after), start + timedelta(days=after + long))
        for segment, who, after, long in stays
    ]
    told = world(
        [(who, one.isoformat()) for who, one in days],
        [(segment, who, entered.isoformat(), left.isoformat()) for segment, who, entered, left in inside],
    )
    came = {(who, number_of(one, unit)) for who, one in days}
    found = rates(told, day, unit)
    seen = set()
    for period in range(number_of(start, unit), number_of(day - timedelta(days=1), unit) + 1):
        first = first_day(period, unit)
        for segment in (1, 2):
            members = {who for s, who, entered, left in inside if s == segment and entered <= first < left}
            before = {who for who in members if (who, period - 1) in came}
            now = {who for who in members if (who, period) in came}
            if before or now:
                one = periods(found, segment)[first]
                assert (one.active, one.before, one.retained) == (len(now), len(before), len(now & before))
                seen.add((segment, first))
    assert seen == {(group.part, one.first_day) for group in found.groups for one in group.periods}


def test_weeks_and_quarters_begin_when_they_do() -> None:
    sales: list[Sale] = [(1, "2024-03-20"), (1, "2024-04-03")]
    on_time: list[Stay] = [(REGULARS, 1, "2024-04-01", None)]
    late: list[Stay] = [(REGULARS, 1, "2024-04-02", None)]
    for unit in (Unit.WEEK, Unit.QUARTER):
        first = date(2024, 4, 1)
        assert periods(rates(world(sales, on_time), date(2024, 7, 1), unit), REGULARS)[first].active == 1
        assert first not in periods(rates(world(sales, late), date(2024, 7, 1), unit), REGULARS)
