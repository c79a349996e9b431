"""Cohorts on a shop small enough to count by hand, and on shops without anything to see."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.insight.compute.cohorts import Cohorts, by_first_purchase, members
from regulars.insight.compute.periods import Unit, number_of
from regulars.insight.compute.rates import Rate
from tests.insight.compute.sales import ids, shop

JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
SALES = [
    (1, "2024-01-05", 1000), (1, "2024-01-05", 500), (1, "2024-03-09", 2000),
    (2, "2024-01-20", 3000), (2, "2024-01-31", 100),
    (3, "2024-01-31", 700),
    (4, "2024-02-10", 400), (4, "2024-04-03", 600),
    (None, "2024-02-11", 9999),
]  # fmt: skip
TODAY = date(2024, 4, 10)


@pytest.fixture(scope="module")
def cohorts() -> Cohorts:
    return by_first_purchase(shop(SALES), TODAY)


def test_by_hand(cohorts: Cohorts) -> None:
    january, february = cohorts.cohorts
    assert (january.first_day, january.size, january.opening) == (JANUARY, 3, True)
    assert (february.first_day, february.size, february.opening) == (FEBRUARY, 1, False)
    assert [cell.active.count for cell in january.cells] == [3, 0, 1, 0]
    assert [cell.orders for cell in january.cells] == [5, 0, 1, 0]
    assert [cell.net_minor for cell in january.cells] == [5300, 0, 2000, 0]
    assert january.cells[2].net_so_far_per_member_minor == pytest.approx(7300 / 3)
    # Two orders on one day are one visit: customer 1 came back in March only, customer 2 in January already.
    assert [cell.again for cell in january.cells] == [Rate(1, 3), Rate(1, 3), Rate(2, 3), Rate(2, 3)]
    assert [cell.active.count for cell in february.cells] == [1, 0, 1]


def test_the_period_that_runs_is_marked_and_left_out_of_averages(cohorts: Cohorts) -> None:
    january, february = cohorts.cohorts
    assert [cell.finished for cell in january.cells] == [True, True, True, False]
    assert [cell.finished for cell in february.cells] == [True, True, False]
    # Two months on: March of January's is over, April of February's is not.
    assert cohorts.average(2) == (Rate(1, 3), Rate(2, 3))
    assert cohorts.average(1) == (Rate(0, 4), Rate(1, 4))
    assert cohorts.average(3) == (Rate(0, 0), Rate(0, 0))


def test_every_figure_opens_its_customers() -> None:
    told = shop(SALES)
    assert ids(members(told, TODAY, Unit.MONTH, JANUARY)) == {1, 2, 3}
    assert ids(members(told, TODAY, Unit.MONTH, JANUARY, period=2)) == {1}
    assert ids(members(told, TODAY, Unit.MONTH, JANUARY, period=1, again=True)) == {2}
    assert ids(members(told, TODAY, Unit.MONTH, JANUARY, again=True)) == {1, 2}


def test_what_came_back_is_taken_off_but_the_customer_still_came() -> None:
    back = [{"order_id": 2, "day": date(2024, 3, 20)}]
    seen = by_first_purchase(shop(SALES, returns=back), TODAY).cohorts[0].cells[2]
    assert (seen.active.count, seen.net_minor) == (1, 0)
    before = by_first_purchase(shop(SALES, returns=back), date(2024, 3, 20)).cohorts[0].cells[2]
    assert before.net_minor == 2000


def test_what_happens_later_is_not_seen() -> None:
    early = by_first_purchase(shop([sale for sale in SALES if sale[1] < "2024-03-09"]), date(2024, 3, 9))
    assert by_first_purchase(shop(SALES), date(2024, 3, 9)) == early


@pytest.mark.parametrize(
    ("sales", "code", "serves"),
    [
        ([], "no_purchases", False),
        ([(None, "2024-01-01")], "no_purchases", False),
        ([(1, "2024-04-02")], "nothing_finished", False),
        ([(n, f"2024-0{n}-02") for n in (1, 2, 3)], "no_repeats", True),
        (SALES, "ok", True),
    ],
)
def test_little_to_see_is_said_in_words(sales: list[tuple[object, ...]], code: str, serves: bool) -> None:
    verdict = by_first_purchase(shop(sales), TODAY).verdict
    assert (verdict.code, verdict.serves) == (code, serves)
    assert verdict.words.said("zh") != verdict.words.said("en")


@settings(max_examples=4, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 200), st.integers(0, 900)), max_size=40), st.sampled_from(Unit)
)
def test_the_cells_add_up(told: list[tuple[int, int, int]], unit: Unit) -> None:
    start, today = date(2023, 11, 15), date(2024, 4, 3)
    sales = [(who, (start + timedelta(days=after)).isoformat(), paid) for who, after, paid in told]
    days = defaultdict(set)
    for who, day, _ in sales:
        if day < today.isoformat():
            days[who].add(date.fromisoformat(day))
    found = by_first_purchase(shop(sales), today, unit)
    cells = [cell for cohort in found.cohorts for cell in cohort.cells]
    assert sum(cohort.size for cohort in found.cohorts) == len(days)
    assert sum(c.active.count for c in cells) == sum(len({number_of(d, unit) for d in seen}) for seen in days.values())
    assert sum(c.net_minor for c in cells) == sum(paid for _, day, paid in sales if day < today.isoformat())
    assert sum(c.cells[-1].again.count for c in found.cohorts) == sum(len(seen) > 1 for seen in days.values())
    assert all(cohort.cells[0].active.count == cohort.size for cohort in found.cohorts)
