"""The plain sums of a simulation: which versions it folds under, where a bar begins, what points cost."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from regulars.core.calendar import start_of_day
from regulars.loyalty.rules import Policies, Policy, preset_terms
from regulars.loyalty.simulation.results import cost_of, share_of
from regulars.loyalty.simulation.rules import Change, digest_of, usual_since, with_draft
from regulars.loyalty.simulation.tally import EDGES, Tally, bar_of, largest
from regulars.loyalty.tiers import tier_on, timeline
from tests.loyalty.histories import GENEROUS, ONE_POLICY, PRESET, SHANGHAI, TWO_POLICIES, when

DRAFT = Policy.from_terms(9, preset_terms(2), SHANGHAI)
NOON = timedelta(hours=12)


def on(policies: Policies, text: str) -> Policy:
    """The version at noon, which must be the one of the day."""
    instant = when(text) + NOON
    assert policies.at(instant) is policies.on(instant.date())
    return policies.at(instant)


def test_the_draft_holds_from_its_first_day_on_and_instead_of_whatever_came_later() -> None:
    found = with_draft(TWO_POLICIES, DRAFT, date(2024, 6, 1))
    assert [on(found, day) for day in ("2024-04-30", "2024-05-31", "2024-06-01", "2030-01-01")] == [
        PRESET, GENEROUS, DRAFT, DRAFT,
    ]  # fmt: skip
    assert found.at(start_of_day(date(2024, 6, 1), SHANGHAI) - timedelta(microseconds=1)) is GENEROUS
    earlier = with_draft(TWO_POLICIES, DRAFT, date(2024, 4, 1))
    assert [on(earlier, day) for day in ("2024-03-31", "2024-04-01", "2024-05-31")] == [PRESET, DRAFT, DRAFT]


def test_before_the_first_version_there_was_the_first_version() -> None:
    found = with_draft(ONE_POLICY, DRAFT, date(1999, 6, 1))
    assert [on(found, day) for day in ("1990-01-01", "1999-05-31", "1999-06-01")] == [PRESET, PRESET, DRAFT]


def test_without_a_day_there_was_never_another() -> None:
    found = with_draft(TWO_POLICIES, DRAFT, None)
    assert [on(found, day) for day in ("1990-01-01", "2024-06-01")] == [DRAFT, DRAFT]


days = st.dates(date(2023, 1, 1), date(2026, 1, 1))


@given(
    st.lists(st.tuples(days, st.integers(-500, 2000)), max_size=12), days, st.sampled_from([ONE_POLICY, TWO_POLICIES])
)
def test_the_tier_of_a_day_is_that_of_the_timeline(
    growth: list[tuple[date, int]], day: date, policies: Policies
) -> None:
    known = [
        one for one in timeline(growth, policies) if one.from_date <= day and (not one.to_date or day < one.to_date)
    ]
    assert tier_on(growth, policies, day) == (known[0].tier if known else 0)


@given(st.integers(-(10**7), 10**7))
def test_a_bar_is_where_the_difference_lies(difference: int) -> None:
    place = bar_of(difference)
    assert (place > 0) == (difference > 0)
    assert bar_of(-difference) == -place
    if place:
        assert EDGES[abs(place) - 1] <= abs(difference)
        assert abs(place) == len(EDGES) or abs(difference) < EDGES[abs(place)]


def test_points_cost_what_is_expected_to_be_spent_of_them() -> None:
    assert cost_of(10_000, breakage=0, thousand_cost=10_00) == 100_00
    assert cost_of(10_000, breakage=500, thousand_cost=10_00) == 95_00
    assert cost_of(1, breakage=0, thousand_cost=500) == 1, "half a cent is rounded up"
    assert cost_of(-1000, breakage=0, thousand_cost=10_00) == -10_00, "clawed back more than was earned"
    assert (share_of(1, 3), share_of(2, 3), share_of(0, 5), share_of(1, 0)) == (3333, 6667, 0, None)


def test_the_digest_is_of_what_is_promised() -> None:
    terms = preset_terms(2)
    assert digest_of(terms) == digest_of({**dict(reversed(terms.items())), "time_zone": "Asia/Tokyo"})
    assert digest_of(terms) != digest_of({**terms, "restore_days": 15})


def test_what_is_asked_unless_somebody_says_otherwise() -> None:
    assert usual_since(date(2024, 2, 29)) == date(2023, 2, 28)


def test_the_twenty_largest_are_kept_however_the_lanes_fell() -> None:
    changes = [Change(number, 100, 100 + number % 30, 0, 0) for number in range(1, 2001)]
    whole = largest(changes, lambda change: change.difference)
    assert [change.customer_id for change in whole[:2]] == [29, 59], "of equal ones the older member"
    assert len(whole) == 20
    merged = Tally()
    for lane in range(3):
        merged.merge(Tally(gaining=changes[lane::3]))
    assert merged.gaining == whole
