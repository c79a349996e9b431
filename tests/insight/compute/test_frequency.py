"""Who buys clearly less often than before: by hand, against scipy's exact test, and never by chance alone."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binomtest

from regulars.insight.compute.frequency import Decline, declining
from regulars.insight.compute.rates import Rate
from tests.insight.compute.sales import Sale, shop

TODAY = date(2024, 7, 1)
WINDOW = TODAY - timedelta(days=90)


def every(who: int, days: int, *, until: date, start: date = date(2023, 1, 1)) -> list[Sale]:
    return [(who, (start + timedelta(days=n)).isoformat()) for n in range(0, (until - start).days, days)]


@pytest.fixture(scope="module")
def found() -> Decline:
    stopped = every(1, 14, until=WINDOW)
    as_ever = every(2, 14, until=TODAY)
    rarer = every(3, 7, until=WINDOW) + every(3, 30, until=TODAY, start=WINDOW)
    young = every(4, 7, until=TODAY, start=WINDOW)
    too_rare = every(5, 200, until=WINDOW)
    return declining(shop([*stopped, *as_ever, *rarer, *young, *too_rare]), TODAY)


def test_by_hand(found: Decline) -> None:
    assert (found.tested, found.fewer, found.by_chance) == (3, Rate(2, 3), 0)
    rows = found.customers.to_pylist()
    # 457 days from 2023-01-01 to the window: 66 weekly visits (65 after the first), 33 fortnightly ones (32).
    assert [row["customer_id"] for row in rows] == [3, 1]
    assert rows[0]["expected"] == round(65 * 90 / 457, 2)
    assert (rows[0]["actual"], rows[1]["actual"]) == (3, 0)
    assert rows[1]["expected"] == round(32 * 90 / 457, 2)


def test_the_chance_is_that_of_an_exact_test(found: Decline) -> None:
    row = found.customers.to_pylist()[0]
    assert row["chance"] == pytest.approx(binomtest(3, 3 + 65, 90 / (90 + 457), "less").pvalue, abs=5e-5)


def test_several_orders_on_a_day_are_one_visit() -> None:
    once = every(1, 14, until=WINDOW)
    assert declining(shop(once * 3), TODAY).customers.equals(declining(shop(once), TODAY).customers)


def test_of_customers_who_change_nothing_few_are_found() -> None:
    rng = np.random.default_rng(7)
    days = (TODAY - date(2023, 1, 1)).days
    sales = [
        (who, (date(2023, 1, 1) + timedelta(days=int(day))).isoformat())
        for who in range(400)
        for day in {0, *np.flatnonzero(rng.random(days) < 0.05)}
    ]
    found = declining(shop(sales), TODAY)
    assert found.tested > 390
    assert found.fewer.count <= found.by_chance


def test_what_happens_later_is_not_seen() -> None:
    sales = every(1, 14, until=WINDOW)
    later = [*sales, *every(1, 2, until=date(2024, 9, 1), start=TODAY)]
    assert declining(shop(later), TODAY).customers.equals(declining(shop(sales), TODAY).customers)


@pytest.mark.parametrize("sales", [[], [(1, "2024-01-01")], [(n, "2024-06-20") for n in range(5)]])
def test_without_habits_it_says_so(sales: list[Sale]) -> None:
    found = declining(shop(sales), TODAY)
    assert (found.verdict.code, found.tested, len(found.customers)) == ("no_habits", 0, 0)
    assert found.verdict.words.said("zh", **found.verdict.numbers)
