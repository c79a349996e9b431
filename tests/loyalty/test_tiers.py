"""Who is in which tier on which day: against an oracle that counts every day anew."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.core.calendar import add_months
from regulars.loyalty.rules import Policies, Policy, Tier
from regulars.loyalty.tiers import Interval, continued, day_by_day, from_today, tier_of, timeline
from tests.loyalty.histories import ONE_POLICY, PRESET, SHANGHAI, when

BASIC, SILVER, GOLD, BLACK = range(4)
FIRST = date(2024, 1, 1)
HALF_YEAR = replace(PRESET, number=2, window_months=6, tiers=(Tier("basic", 0), Tier("silver", 300), Tier("gold", 900)))
SHORT = replace(PRESET, number=3, window_months=1, tiers=(Tier("basic", 0), Tier("silver", 500)))
policies = st.sampled_from(
    [
        ONE_POLICY,
        Policies([(when("2000-01-01"), HALF_YEAR)]),
        Policies([(when("2000-01-01"), PRESET), (when("2024-03-10"), HALF_YEAR)]),
        Policies([(when("2000-01-01"), PRESET), (when("2024-03-10"), replace(HALF_YEAR, window_months=12))]),
        Policies([(when("2000-01-01"), HALF_YEAR), (when("2024-02-29 15:00"), SHORT), (when("2024-06-01"), PRESET)]),
    ]
)
growth_days = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 1500)), max_size=12).map(
    lambda told: sorted((FIRST + timedelta(days=day), amount) for day, amount in told)
)


def days(text: str) -> date:
    return date.fromisoformat(text)


def on(intervals: list[Interval], day: date) -> int | None:
    found = [i.tier for i in intervals if i.from_date <= day and (i.to_date is None or day < i.to_date)]
    assert len(found) <= 1, "intervals do not overlap"
    return found[0] if found else None


def counted(growth: list[tuple[date, int]], policies: Policies, day: date) -> int:
    """The tier of one day, from the words: growth counts from its day to before the same day so many months later."""
    total = sum(
        amount for earned, amount in growth if earned <= day < add_months(earned, policies.on(earned).window_months)
    )
    return tier_of(total, policies.on(day))


def well_formed(intervals: list[Interval]) -> bool:
    pairs = list(pairwise(intervals))
    assert all(a.to_date == b.from_date and a.tier != b.tier and a.from_date < b.from_date for a, b in pairs)
    assert not intervals or intervals[-1].to_date is None
    return True


def test_a_thousand_in_twelve_months_is_silver_for_as_long_as_it_counts() -> None:
    growth = [(days("2024-02-29"), 600), (days("2024-06-01"), 400)]
    assert timeline(growth, ONE_POLICY) == [
        Interval(BASIC, days("2024-02-29"), days("2024-06-01")),
        Interval(SILVER, days("2024-06-01"), days("2025-02-28")),
        Interval(BASIC, days("2025-02-28"), None),
    ]


def test_one_large_order_goes_straight_up_and_straight_down() -> None:
    assert timeline([(days("2024-03-01"), 25_000)], ONE_POLICY) == [
        Interval(BLACK, days("2024-03-01"), days("2025-03-01")),
        Interval(BASIC, days("2025-03-01"), None),
    ]


def test_growth_that_was_taken_back_never_counted() -> None:
    growth = [(days("2024-03-01"), 1500), (days("2024-04-01"), 100), (days("2024-03-01"), -1500)]
    assert timeline(growth, ONE_POLICY) == [Interval(BASIC, days("2024-03-01"), None)]


def test_new_thresholds_hold_from_their_day_on() -> None:
    policies = Policies([(when("2000-01-01"), PRESET), (when("2024-05-01"), replace(HALF_YEAR, window_months=12))])
    assert timeline([(days("2024-03-01"), 400)], policies) == [
        Interval(BASIC, days("2024-03-01"), days("2024-05-01")),
        Interval(SILVER, days("2024-05-01"), days("2025-03-01")),
        Interval(BASIC, days("2025-03-01"), None),
    ]


@settings(max_examples=150, deadline=None)
@given(growth_days, policies)
def test_every_day_is_what_counting_that_day_says(growth: list[tuple[date, int]], policies: Policies) -> None:
    intervals = timeline(reversed(growth), policies)
    assert well_formed(intervals)
    if not growth:
        assert intervals == []
        return
    first = growth[0][0]
    assert on(intervals, first - timedelta(days=1)) is None
    last = add_months(growth[-1][0], 14)
    for offset in range((last - first).days):
        day = first + timedelta(days=offset)
        assert on(intervals, day) == counted(growth, policies, day)


@settings(max_examples=200, deadline=None)
@given(growth_days, policies, st.data())
def test_going_on_from_what_is_kept_equals_starting_anew(
    growth: list[tuple[date, int]], policies: Policies, data: st.DataObject
) -> None:
    """Kept are the intervals and the growth that still counts; the rest arrives in any number of portions."""
    known: list[Interval] = []
    kept: list[tuple[date, int]] = []
    at = 0
    while at < len(growth):
        size = data.draw(st.integers(1, len(growth) - at))
        arrived = growth[at : at + size]
        since = arrived[0][0]
        known = continued(known, timeline([*kept, *arrived], policies, since=since), since)
        at += size
        assert known == timeline(growth[:at], policies)
        last = arrived[-1][0]
        kept = [
            (day, amount) for day, amount in [*kept, *arrived] if add_months(day, policies.on(day).window_months) > last
        ]


@given(st.integers(0, 40_000), policies)
def test_never_rises_means_that_no_version_has_a_lower_second_tier(growth: int, policies: Policies) -> None:
    if policies.never_rises(growth):
        assert all(tier_of(growth, policy) == BASIC for _, policy in policies.versions)


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_the_window_starts_where_growth_still_counts(day: date) -> None:
    start = ONE_POLICY.window_start(day)
    assert start is not None
    assert add_months(start, 12) > day >= add_months(start - timedelta(days=1), 12)


def test_the_version_of_an_instant_and_of_a_day() -> None:
    later: Policy = HALF_YEAR
    policies = Policies([(when("2024-05-01 12:00"), later), (when("2024-01-01"), PRESET)])
    assert policies.at(when("1999-01-01")) is PRESET, "the first version holds for everything before it"
    assert policies.at(when("2024-05-01 11:59")) is PRESET
    assert policies.at(when("2024-05-01 12:00")) is later
    assert policies.on(days("2024-05-01")) is later
    assert policies.at(datetime(2024, 5, 1, 13, tzinfo=SHANGHAI)) is later


@given(growth=growth_days, today=st.integers(0, 600), amount=st.integers(-200, 1500).filter(bool), policies=policies)
def test_from_the_day_of_the_last_growth_on_it_says_what_the_whole_timeline_says(
    growth: list[tuple[date, int]], today: int, amount: int, policies: Policies
) -> None:
    since = FIRST + timedelta(days=today)
    growth = [*(one for one in growth if one[0] <= since), (since, amount)]
    assert from_today(growth, policies, since=since) == timeline(growth, policies, since=since)
    later = since + timedelta(days=abs(amount) % 40)
    assert from_today(growth, policies, since=later) == timeline(growth, policies, since=later)


@given(growth_days.filter(bool), st.integers(0, 12), policies)
def test_going_on_day_by_day_is_going_on_at_once(
    growth: list[tuple[date, int]], known: int, policies: Policies
) -> None:
    known = min(known, len(growth) - 1)
    before, since = timeline(growth[:known], policies), growth[known][0]
    at_once = continued(before, timeline(growth, policies, since=since), since)
    assert day_by_day(before, growth, known, policies) == at_once
    assert on(at_once, growth[-1][0]) == on(timeline(growth, policies), growth[-1][0])


def test_growth_of_the_last_days_of_a_month_leaves_together_where_the_month_is_shorter() -> None:
    half = Policies([(when("2000-01-01"), HALF_YEAR)])
    growth = [(days("2024-08-29"), 500), (days("2024-08-31"), 600)]
    assert from_today(growth, half, since=days("2024-08-31")) == [
        Interval(2, days("2024-08-31"), days("2025-02-28")), Interval(0, days("2025-02-28"), None),
    ]  # fmt: skip
