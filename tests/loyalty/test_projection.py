"""What a member is told about the next tier and the next fall comes true in the timeline, and not with one less."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from regulars.loyalty.keeping import Keeping
from regulars.loyalty.projection import Need, Projection, projection
from regulars.loyalty.rules import Grant, Policies, Tier
from regulars.loyalty.tiers import tier_on, timeline
from tests.loyalty.histories import ONE_POLICY, PRESET, when

BASIC, SILVER, GOLD, BLACK = range(4)
FIRST = date(2024, 1, 1)


def kept(**told: Any) -> Policies:
    return Policies([(when("2000-01-01"), replace(PRESET, keeping=Keeping.read(told)))])


def day(text: str) -> date:
    return date.fromisoformat(text)


def ahead(policies: Policies, today: str, *growth: tuple[str, int], grants: tuple[Grant, ...] = ()) -> Projection:
    return projection([(day(text), amount) for text, amount in growth], policies, day(today), grants)


def needed(need: Need | None) -> tuple[int, str, str] | None:
    return (need.growth, str(need.since), str(need.by)) if need else None


def test_in_a_calendar_year_the_way_up_ends_with_it() -> None:
    year = kept(window="calendar_year")
    found = ahead(year, "2024-10-03", ("2024-02-01", 4_296))
    assert found.tier == SILVER
    assert found.rise is not None
    assert (found.rise.tier, needed(found.rise.need)) == (GOLD, (704, "2024-10-03", "2024-12-31"))
    assert found.rise.need is not None
    assert found.rise.need.spend_minor == 704_00
    assert found.fall is not None
    assert (found.fall.tier, str(found.fall.on), found.fall.keep) == (BASIC, "2025-01-01", None), "the year is over"


def test_in_a_rolling_window_the_need_grows_when_the_first_growth_leaves() -> None:
    found = ahead(ONE_POLICY, "2024-10-03", ("2023-11-20", 300), ("2024-02-01", 1_000))
    assert found.rise is not None
    assert needed(found.rise.need) == (3_700, "2024-10-03", "2024-11-19")
    assert found.fall is not None
    assert (found.fall.tier, str(found.fall.on)) == (BASIC, "2025-02-01")
    assert needed(found.fall.keep) == (1_000, "2024-10-03", "2025-01-31")


def test_who_never_bought_has_a_whole_window() -> None:
    found = ahead(ONE_POLICY, "2024-10-03")
    assert found.rise is not None
    assert needed(found.rise.need) == (1_000, "2024-10-03", "2025-10-02")
    assert found.fall is None


def test_a_tier_that_is_held_is_kept_by_the_year_before_its_end_or_in_the_grace() -> None:
    airline = kept(window="calendar_year", held="end_of_next_year", grace_days=60)
    found = ahead(airline, "2024-10-03", ("2024-03-05", 5_000)).fall
    assert found is not None
    assert (found.tier, str(found.on)) == (BASIC, "2026-03-02")
    assert needed(found.keep) == (5_000, "2025-01-01", "2025-12-31"), "what is earned this year does not count then"
    assert needed(found.grace) == (5_000, "2026-01-01", "2026-03-01")
    later = ahead(airline, "2026-01-20", ("2024-03-05", 5_000), ("2025-06-01", 900), ("2026-01-03", 500)).fall
    assert later is not None
    assert needed(later.keep) == needed(later.grace) == (4_500, "2026-01-20", "2026-03-01")


def test_where_tiers_rise_at_the_end_of_a_term_it_says_when() -> None:
    later = kept(held="months", months=3, at_term=True)
    found = ahead(later, "2024-02-01", ("2024-01-10", 800)).rise
    assert found is not None
    assert (found.tier, needed(found.need), str(found.on)) == (SILVER, (200, "2024-02-01", "2024-04-09"), "2024-04-10")
    soon = ahead(later, "2024-02-01", ("2024-01-10", 5_000)).rise
    assert soon is not None
    assert (soon.tier, soon.need, str(soon.on)) == (GOLD, None, "2024-04-10")


def test_where_one_year_makes_the_tier_of_the_next_it_says_when() -> None:
    found = ahead(kept(window="calendar_year", at_term=True), "2025-10-03", ("2024-02-01", 1_200), ("2025-02-01", 100))
    assert found.tier == SILVER
    assert found.rise is not None
    assert (needed(found.rise.need), str(found.rise.on)) == ((4_900, "2025-10-03", "2025-12-31"), "2026-01-01")
    assert found.fall is not None
    assert (str(found.fall.on), needed(found.fall.keep)) == ("2026-01-01", (900, "2025-10-03", "2025-12-31"))


def test_a_given_tier_ends_unless_growth_reaches_it() -> None:
    gold = Grant("gold", day("2024-03-01"), day("2024-12-01"))
    found = ahead(ONE_POLICY, "2024-10-03", ("2024-02-01", 1_200), grants=(gold,))
    assert found.tier == GOLD
    assert found.fall is not None
    assert (found.fall.tier, str(found.fall.on), found.fall.given) == (SILVER, "2024-12-01", True)
    assert needed(found.fall.keep) == (3_800, "2024-10-03", "2024-11-30")
    assert found.rise is not None
    assert found.rise.tier == BLACK


def test_the_highest_tier_has_nothing_above() -> None:
    assert ahead(ONE_POLICY, "2024-10-03", ("2024-02-01", 30_000)).rise is None


days = st.integers(0, 900).map(lambda n: FIRST + timedelta(days=n))
TWO = replace(PRESET, number=2, tiers=(Tier("basic", 0), Tier("silver", 2_000), Tier("gold", 6_000)))
ways = st.one_of(
    st.fixed_dictionaries({"window": st.sampled_from(["rolling", "calendar_year", "member_year"])}),
    st.fixed_dictionaries({"window": st.sampled_from(["calendar_year", "member_year"]), "at_term": st.just(True)}),
    st.fixed_dictionaries({
        "window": st.sampled_from(["rolling", "calendar_year", "member_year"]),
        "held": st.sampled_from(["months", "end_of_next_year"]), "months": st.integers(1, 18),
        "grace_days": st.sampled_from([0, 1, 40]), "one_step": st.booleans(), "at_term": st.booleans(),
    }),
)  # fmt: skip
programmes = st.one_of(
    ways.map(lambda way: kept(**way)),
    st.just(Policies([(when("2000-01-01"), PRESET), (when("2025-03-10"), TWO), (when("2026-01-20"), PRESET)])),
)
growth = st.lists(st.tuples(days, st.integers(1, 7_000)), max_size=7).map(sorted)
grants = st.lists(st.builds(Grant, st.sampled_from(["silver", "gold", "black"]), days, st.none() | days), max_size=2)


@settings(max_examples=400, deadline=None)
@given(growth, programmes, days, grants, st.floats(0, 1))
def test_it_comes_true_and_not_with_one_less(
    growth: list[tuple[date, int]], policies: Policies, today: date, grants: list[Grant], part: float
) -> None:
    known = [(on, amount) for on, amount in growth if on <= today]
    found = projection(known, policies, today, grants)
    assert found.tier == tier_on(known, policies, today, grants)

    def then(amount: int, earned: date, on: date) -> int:
        more = [*known, (earned, amount)] if amount else known
        return tier_on(more, policies, on, grants)

    def some_day(need: Need) -> date:
        return need.since + timedelta(days=round(part * (need.by - need.since).days))

    if found.rise is not None and found.rise.need is None:
        assert found.rise.on is not None
        assert then(0, today, found.rise.on) >= found.rise.tier > then(0, today, found.rise.on - timedelta(days=1))
    elif found.rise is not None and found.rise.need is not None:
        need = found.rise.need
        earned = some_day(need)
        on = found.rise.on or earned
        assert then(need.growth, earned, on) >= found.rise.tier
        assert then(need.growth - 1, earned, on) < found.rise.tier
    intervals = timeline(known, policies, grants)
    falls = next((one for one in intervals if one.from_date > today), None)
    if falls is None or falls.tier > found.tier:
        assert found.fall is None
        return
    assert found.fall is not None
    assert (found.fall.tier, found.fall.on) == (falls.tier, falls.from_date)
    if found.fall.keep is not None:
        need = found.fall.keep
        earned = some_day(need)
        assert then(need.growth, earned, found.fall.on) >= found.tier
        assert then(need.growth - 1, need.by, found.fall.on) < found.tier
    if found.fall.grace is not None:
        need = found.fall.grace
        assert then(need.growth, some_day(need), found.fall.on) >= found.tier
        assert then(need.growth - 1, need.by, found.fall.on) < found.tier


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(growth, ways, days)
def test_it_says_so_where_something_can_be_done(
    growth: list[tuple[date, int]], way: dict[str, Any], today: date
) -> None:
    """Where nothing keeps the tier, a fortune on any day before does not either."""
    policies = kept(**way)
    known = [(on, amount) for on, amount in growth if on <= today]
    found = projection(known, policies, today)
    assume(found.fall is not None)
    assert found.fall is not None
    if found.fall.keep is None and found.fall.grace is None and (found.fall.on - today).days > 1:
        for earned in (today, today + (found.fall.on - today) / 2, found.fall.on - timedelta(days=1)):
            fortune = [*known, (earned, PRESET.tiers[found.tier].threshold)]
            assert tier_on(fortune, policies, found.fall.on) < found.tier
