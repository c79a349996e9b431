"""Tiers that are given stand beside those that growth reaches: on each day the higher one counts."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.loyalty.keeping import Keeping
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Grant, Item, ItemKind, Policies, Tier
from regulars.loyalty.tiers import Interval, tier_on, timeline
from tests.loyalty.histories import ONE_POLICY, PRESET, when

BASIC, SILVER, GOLD, BLACK = range(4)
FIRST = date(2024, 1, 1)
NO_GOLD = replace(PRESET, number=2, tiers=(Tier("basic", 0), Tier("silver", 800), Tier("black", 6000)))


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_a_given_tier_lasts_its_days_and_growth_has_the_rest() -> None:
    growth = [(day("2024-02-01"), 1_000)]
    assert timeline(growth, ONE_POLICY, [Grant("gold", day("2024-03-01"), day("2024-06-01"))]) == [
        Interval(SILVER, day("2024-02-01"), day("2024-03-01")),
        Interval(GOLD, day("2024-03-01"), day("2024-06-01")),
        Interval(SILVER, day("2024-06-01"), day("2025-02-01")),
        Interval(BASIC, day("2025-02-01"), None),
    ]


def test_who_never_bought_has_what_was_given() -> None:
    assert timeline([], ONE_POLICY, [Grant("gold", day("2024-03-01"), day("2024-06-01"))]) == [
        Interval(GOLD, day("2024-03-01"), day("2024-06-01")),
        Interval(BASIC, day("2024-06-01"), None),
    ]
    assert timeline([], ONE_POLICY, [Grant("gold", day("2024-03-01"))]) == [Interval(GOLD, day("2024-03-01"), None)]


def test_a_given_tier_never_takes_one_down() -> None:
    growth = [(day("2024-02-01"), 6_000)]
    assert timeline(growth, ONE_POLICY, [Grant("silver", day("2024-01-01"), day("2024-06-01"))]) == [
        Interval(SILVER, day("2024-01-01"), day("2024-02-01")),
        Interval(GOLD, day("2024-02-01"), day("2025-02-01")),
        Interval(BASIC, day("2025-02-01"), None),
    ]


def test_a_tier_that_a_version_no_longer_has_gives_nothing_from_then_on() -> None:
    policies = Policies([(when("2000-01-01"), PRESET), (when("2024-05-01"), NO_GOLD)])
    assert timeline([], policies, [Grant("gold", day("2024-03-01")), Grant("silver", day("2024-04-01"))]) == [
        Interval(GOLD, day("2024-03-01"), day("2024-05-01")),
        Interval(SILVER, day("2024-05-01"), None),
    ]


def test_one_that_was_ended_on_its_first_day_was_none() -> None:
    assert timeline([], ONE_POLICY, [Grant("gold", day("2024-03-01"), day("2024-03-01"))]) == []


def test_the_fold_knows_what_is_given_and_ended() -> None:
    fold = Fold(ONE_POLICY)
    fold.apply(_command(ItemKind.TIER, 1, "2024-03-01", grant=Grant("gold", day("2024-03-01"))))
    fold.apply(_command(ItemKind.TIER, 2, "2024-03-02", grant=Grant("gold", day("2024-03-01"))))
    fold.apply(_command(ItemKind.TIER_END, 3, "2024-04-01", refers_to=2))
    assert set(fold.grants) == {
        Grant("gold", day("2024-03-01")), Grant("gold", day("2024-03-01"), day("2024-04-01")),
    }  # fmt: skip
    assert not fold.transfers, "nothing was paid or earned"


def _command(kind: ItemKind, number: int, text: str, **more: Any) -> Item:
    return Item(kind, number, 1, when(text), day(text), 2_000_000_000, f"{number:020d}", 0, **more)


days = st.integers(0, 900).map(lambda n: FIRST + timedelta(days=n))
policies = st.sampled_from([
    ONE_POLICY,
    Policies([(when("2000-01-01"), PRESET), (when("2024-09-10"), NO_GOLD), (when("2025-06-01"), PRESET)]),
    Policies([(when("2000-01-01"), replace(PRESET, keeping=Keeping.read({
        "window": "calendar_year", "held": "months", "months": 5, "grace_days": 20, "one_step": True,
    })))]),
])  # fmt: skip
grants = st.lists(
    st.builds(Grant, st.sampled_from(["silver", "gold", "black", "gone"]), days, st.none() | days), max_size=4
)
growth = st.lists(st.tuples(days, st.integers(-300, 7_000)), max_size=6).map(sorted)


@settings(max_examples=150, deadline=None)
@given(growth, policies, grants, days, st.none() | days)
def test_every_day_has_the_higher_of_both(
    growth: list[tuple[date, int]], policies: Policies, grants: list[Grant], asked: date, since: date | None
) -> None:
    found = timeline(growth, policies, grants, since=since or date.min)
    assert all(one.tier != other.tier and one.to_date == other.from_date for one, other in pairwise(found))
    assert all(one.to_date is None or one.from_date < one.to_date for one in found)
    assert not found or found[-1].to_date is None
    codes = [tier.code for tier in policies.on(asked).tiers]
    given_then = [codes.index(g.tier) for g in grants if g.tier in codes and g.from_day <= asked
                  and (g.until_day is None or asked < g.until_day)]  # fmt: skip
    expected = max([tier_on(growth, policies, asked), *given_then])
    assert tier_on(growth, policies, asked, grants) == expected
    if since is None or since <= asked:
        shown = [one.tier for one in found if one.from_date <= asked and (one.to_date is None or asked < one.to_date)]
        assert (shown or [0]) == [expected]
    else:
        assert all(one.from_date >= since for one in found)
