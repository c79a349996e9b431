"""What the figures of a programme suggest, and nothing where they are too small to tell."""

from dataclasses import replace
from datetime import date

from regulars.loyalty.health.rules import SUGGESTIONS, Costs, Finding, Health, HealthMonth, findings

MONTH = HealthMonth(date(2024, 3, 1), 1000, 600, 50, 80, 40, 800_00, 1000_00)
WELL = Health(
    date(2024, 3, 1), date(2024, 4, 1), 120, 20, 80, 40, (MONTH,), Costs(6_00, 10_00, 4_00), (90, 30), 5_000
)  # fmt: skip


def test_shares_are_of_what_they_say() -> None:
    assert (WELL.participation, WELL.use, WELL.burn, WELL.cost) == (0.8, 0.5, 0.6, 0.025)
    assert WELL.activity == 80 / 120
    empty = replace(WELL, months=(), buyers=0, members=0)
    assert (empty.participation, empty.activity, empty.use, empty.burn, empty.cost) == (None,) * 5


def test_a_healthy_programme_needs_nothing() -> None:
    assert findings(WELL) == []


def test_what_stands_out_is_named() -> None:
    assert findings(replace(WELL, costs=Costs(50_00, 0, 0))) == [Finding.COST]
    assert findings(replace(WELL, users=3)) == [Finding.USE]
    assert findings(replace(WELL, months=(replace(MONTH, expired=600),))) == [Finding.LAPSE]
    assert findings(replace(WELL, months=(replace(MONTH, sales=2000_00),))) == [Finding.PARTICIPATION]
    assert findings(replace(WELL, members=1000, tiers=(700, 300))) == [Finding.ACTIVITY]
    assert findings(replace(WELL, tiers=(119, 1))) == [Finding.ONE_TIER]
    assert set(SUGGESTIONS) == set(Finding)


def test_a_few_people_say_nothing() -> None:
    assert findings(replace(WELL, buyers=29, users=0)) == []
