"""How long points last, and programmes that give none for spending."""

from dataclasses import replace
from datetime import date

import pytest

from regulars.core.calendar import business_date
from regulars.loyalty.rules import InvalidPolicy, Policies, Policy, preset_terms, rescaled
from tests.loyalty.histories import PRESET, SHANGHAI, Life, when


@pytest.mark.parametrize(
    ("terms", "last"),
    [
        ({"expiry": "end_of_next_year"}, date(2025, 12, 31)),
        ({"expiry": "rolling", "expiry_months": 12}, date(2025, 2, 28)),
        ({"expiry": "rolling", "expiry_months": 1}, date(2024, 3, 29)),
        ({"expiry": "never"}, None),
    ],
)
def test_points_can_be_used_through_their_last_day_in_the_business_s_zone(
    terms: dict[str, object], last: date | None
) -> None:
    policy = Policy.from_terms(1, {**preset_terms(2), **terms}, SHANGHAI)
    ends = policy.expires_at(date(2024, 2, 29))
    assert (ends is None) == (last is None)
    if ends is not None and last is not None:
        assert (business_date(ends, SHANGHAI), ends.astimezone(SHANGHAI).hour) == (
            date.fromordinal(last.toordinal() + 1),
            0,
        )


def test_rolling_points_expire_after_that_day_and_not_before() -> None:
    policies = Policies([(when("2000-01-01"), replace(PRESET, expiry="rolling", expiry_months=6))])
    life = Life("2024-03-01 10:00", policies)
    life.order("A", 10_00)
    assert life.on("2024-09-01 23:59").available == 10
    assert life.on("2024-09-02 00:00").available == 0


def test_spending_may_earn_no_points_or_no_growth() -> None:
    for terms, earned in (({"minor_per_point": 0}, (0, 10)), ({"minor_per_growth": 0}, (10, 0))):
        policy = Policy.from_terms(1, {**preset_terms(2), **terms}, SHANGHAI)
        life = Life("2024-03-01 10:00", Policies([(when("2000-01-01"), policy)]))
        life.order("A", 10_00)
        assert (life.available, life.growth) == earned
        life.refund("A")
        assert (life.available, life.growth) == (0, 0)
    assert rescaled({"minor_per_point": 0, "minor_per_growth": 1}, -2) == {"minor_per_point": 0, "minor_per_growth": 1}


@pytest.mark.parametrize(
    "wrong", [{"minor_per_point": -1}, {"expiry": "soon"}, {"expiry": "rolling", "expiry_months": 0}]
)
def test_terms_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy):
        Policy.from_terms(1, {**preset_terms(2), **wrong}, SHANGHAI)
