"""Tiers that are held for a term: what a member was told stays true until it ends."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.loyalty.keeping import Keeping
from regulars.loyalty.rules import InvalidPolicy, Policies, Policy, preset_terms
from regulars.loyalty.tiers import continued, growth_on, tier_on, timeline
from tests.loyalty.histories import PRESET, SHANGHAI, when

BASIC, SILVER, GOLD, BLACK = range(4)


def kept(**told: Any) -> Policies:
    return Policies([(when("2000-01-01"), replace(PRESET, keeping=Keeping.read(told)))])


def day(text: str) -> date:
    return date.fromisoformat(text)


def told(policies: Policies, *growth: tuple[str, int]) -> list[tuple[int, str]]:
    """(tier, from) of the timeline; the last one lasts."""
    intervals = timeline([(day(text), amount) for text, amount in growth], policies)
    assert all(one.to_date == other.from_date for one, other in pairwise(intervals))
    return [(one.tier, one.from_date.isoformat()) for one in intervals]


def test_growth_of_a_calendar_year_is_gone_with_it() -> None:
    year = kept(window="calendar_year")
    assert told(year, ("2024-11-30", 5_000)) == [(GOLD, "2024-11-30"), (BASIC, "2025-01-01")]
    assert growth_on([(day("2024-11-30"), 5_000)], year, day("2024-12-31")) == 5_000


def test_a_member_year_begins_with_the_first_growth() -> None:
    year = kept(window="member_year")
    assert told(year, ("2024-02-29", 500), ("2025-02-27", 600), ("2025-02-28", 1_000)) == [
        (BASIC, "2024-02-29"), (SILVER, "2025-02-27"), (BASIC, "2026-02-28"),
    ]  # fmt: skip


def test_a_tier_is_held_until_the_end_of_the_next_year_and_retained_by_that_year() -> None:
    airline = kept(window="calendar_year", held="end_of_next_year")
    assert told(airline, ("2024-03-05", 5_000)) == [(GOLD, "2024-03-05"), (BASIC, "2026-01-01")]
    assert told(airline, ("2024-03-05", 5_000), ("2025-12-31", 5_000)) == [(GOLD, "2024-03-05"), (BASIC, "2027-01-01")]
    assert told(airline, ("2024-03-05", 5_000), ("2025-06-01", 1_000)) == [
        (GOLD, "2024-03-05"), (SILVER, "2026-01-01"), (BASIC, "2027-01-01"),
    ]  # fmt: skip


def test_stepwise_it_goes_down_one_tier_a_term() -> None:
    steps = kept(window="calendar_year", held="end_of_next_year", one_step=True)
    assert told(steps, ("2024-03-05", 20_000)) == [
        (BLACK, "2024-03-05"), (GOLD, "2026-01-01"), (SILVER, "2027-01-01"), (BASIC, "2028-01-01"),
    ]  # fmt: skip


def test_in_the_days_of_grace_what_is_missing_can_still_be_earned() -> None:
    grace = kept(window="calendar_year", held="end_of_next_year", grace_days=60)
    assert told(grace, ("2024-03-05", 5_000)) == [(GOLD, "2024-03-05"), (BASIC, "2026-03-02")]
    saved = told(grace, ("2024-03-05", 5_000), ("2026-02-10", 5_000))
    assert saved == [(GOLD, "2024-03-05"), (BASIC, "2028-03-01")], "earned in 2026, held through 2027, and grace again"


def test_a_term_in_months_is_held_whatever_is_returned() -> None:
    half_year = kept(held="months", months=6)
    bought_and_returned = (("2024-03-05", 5_000), ("2024-03-05", -4_000), ("2024-08-01", 10))
    assert told(half_year, *bought_and_returned) == [(SILVER, "2024-03-05"), (BASIC, "2025-09-05")]
    assert told(half_year, ("2024-03-05", 1_000), ("2024-03-06", -1)) == [(SILVER, "2024-03-05"), (BASIC, "2024-09-05")]


def test_up_only_when_a_term_ends() -> None:
    later = kept(held="months", months=3, at_term=True)
    assert told(later, ("2024-01-10", 5_000))[0] == (BASIC, "2024-01-10")
    assert told(later, ("2024-01-10", 5_000))[1] == (GOLD, "2024-04-10")


def test_the_growth_of_one_year_makes_the_tier_of_the_next() -> None:
    yearly = kept(window="calendar_year", at_term=True)
    assert told(yearly, ("2024-03-10", 5_000), ("2025-06-01", 1_000)) == [
        (BASIC, "2024-03-10"), (GOLD, "2025-01-01"), (SILVER, "2026-01-01"), (BASIC, "2027-01-01"),
    ]  # fmt: skip
    member = kept(window="member_year", at_term=True)
    assert told(member, ("2024-02-29", 5_000), ("2026-03-05", 1_000)) == [
        (BASIC, "2024-02-29"), (GOLD, "2025-02-28"), (BASIC, "2026-02-28"), (SILVER, "2027-02-28"),
        (BASIC, "2028-02-29"),
    ]  # fmt: skip


def test_another_version_may_hold_tiers_in_another_way() -> None:
    policies = Policies([
        (when("2000-01-01"), PRESET),
        (when("2024-07-01"), replace(PRESET, number=2, keeping=Keeping.read({"held": "end_of_next_year"}))),
    ])  # fmt: skip
    found = timeline([(day("2024-03-05"), 5_000)], policies)
    assert [(one.tier, one.from_date.isoformat()) for one in found] == [(GOLD, "2024-03-05"), (BASIC, "2026-01-01")]


@pytest.mark.parametrize(
    "wrong",
    [{"window": "moon"}, {"held": "for ever"}, {"held": "months", "months": 0}, {"grace_days": -1}, {"grace_days": 9},
     {"one_step": True}, {"at_term": True}, {"held": "months", "one_step": 1}, {"colour": "red"}, []],
)  # fmt: skip
def test_terms_that_mean_nothing_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidPolicy):
        Policy.from_terms(1, {**preset_terms(2), "keeping": wrong}, SHANGHAI)


ways = st.fixed_dictionaries({
    "window": st.sampled_from(["calendar_year", "member_year"]), "at_term": st.just(True),
}) | st.fixed_dictionaries({
    "window": st.sampled_from(["rolling", "calendar_year", "member_year"]),
    "held": st.sampled_from(["months", "end_of_next_year"]), "months": st.integers(1, 18),
    "grace_days": st.sampled_from([0, 1, 40]), "one_step": st.booleans(), "at_term": st.booleans(),
})  # fmt: skip
histories = st.lists(st.tuples(st.integers(0, 900), st.integers(-300, 7_000)), min_size=1, max_size=8).map(
    lambda drawn: sorted((date(2024, 1, 1) + timedelta(days=when_), amount) for when_, amount in drawn)
)


@given(ways, histories, st.integers(0, 1500))
def test_it_ends_at_the_bottom_and_goes_on_as_it_would_from_the_start(
    way: dict[str, Any], history: list[tuple[date, int]], later: int
) -> None:
    policies = kept(**way)
    whole = timeline(history, policies)
    assert all(one.tier != other.tier and one.to_date == other.from_date for one, other in pairwise(whole))
    if whole:
        assert whole[-1].to_date is None
        assert whole[-1].tier == BASIC, "without new growth nobody stays up for ever"
    asked = date(2024, 1, 1) + timedelta(days=later)
    assert tier_on(history, policies, asked) == next(
        (one.tier for one in whole if one.from_date <= asked and (one.to_date is None or asked < one.to_date)), 0
    )
    since = history[-1][0]
    earlier = timeline(history[:-1], policies)
    if history[-1][1] > 0 and earlier and history[0][0] == earlier[0].from_date:
        assert continued(earlier, timeline(history, policies, since=since), since) == whole
