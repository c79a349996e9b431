"""From purchases to x, t_x, T and money: days, not orders; nothing from after the day."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow
import pytest

from regulars.insight.compute.clv.summary import Summary, holdout_days, repeats_by_day, summaries, unit_of, window

DAY = date(2024, 4, 1)


def bought(*rows: tuple[int | None, date, int]) -> ir.Table:
    schema = ibis.schema({"customer_id": "int64", "day": "date", "net": "int64"}).to_pyarrow()
    columns = {name: [row[place] for row in rows] for place, name in enumerate(schema.names)}
    return ibis.memtable(pyarrow.table(columns, schema=schema))


SHOP = bought(
    (1, date(2024, 1, 1), 500), (1, date(2024, 1, 1), 200), (1, date(2024, 1, 11), 100), (1, date(2024, 3, 21), 40),
    (2, date(2024, 3, 31), 70), (3, date(2024, 2, 1), 0), (3, date(2024, 3, 5), -10), (3, date(2024, 4, 1), 99),
    (4, date(2024, 5, 1), 99), (None, date(2024, 1, 1), 99),
)  # fmt: skip


def test_days_not_orders_and_nothing_from_the_day_on() -> None:
    whole, _ = summaries(SHOP, DAY, 28)
    assert whole.customer_id.tolist() == [1, 2, 3]
    assert whole.repeats.tolist() == [2, 0, 1]
    assert whole.last_days.tolist() == [80, 0, 33]
    assert whole.age_days.tolist() == [90, 0, 59]  # to the last day before the day
    assert whole.repeat_minor.tolist() == [140, 0, -10]
    assert whole.total_minor.tolist() == [840, 70, -10]
    assert not whole.later.any()


def test_what_was_known_before_and_what_came_after() -> None:
    _, cut = summaries(SHOP, DAY, 28)  # up to March 3, inclusive
    assert cut.customer_id.tolist() == [1, 3]
    assert cut.repeats.tolist() == [1, 0]
    assert cut.last_days.tolist() == [10, 0]
    assert cut.age_days.tolist() == [62, 31]
    assert cut.repeat_minor.tolist() == [100, 0]
    assert cut.later.tolist() == [1, 1]
    assert cut.later_minor.tolist() == [40, -10]


def test_without_held_back_time_both_are_the_same() -> None:
    whole, cut = summaries(SHOP, DAY, 0)
    for name in Summary.__slots__:
        assert getattr(whole, name).tolist() == getattr(cut, name).tolist()


def test_repeat_purchases_by_day_of_those_who_came_before() -> None:
    on, count = repeats_by_day(SHOP, DAY, date(2024, 2, 1))
    assert [(np.datetime64(int(day), "D").item(), int(n)) for day, n in zip(on, count, strict=True)] == [
        (date(2024, 1, 11), 1), (date(2024, 3, 21), 1),
    ]  # fmt: skip


def test_the_window_begins_with_the_first_purchase() -> None:
    assert window(SHOP, DAY) == (date(2024, 1, 1), 91)
    assert window(SHOP, date(2024, 1, 1)) == (None, 0)
    assert window(bought(), DAY) == (None, 0)


@pytest.mark.parametrize(
    ("days", "held"), [(0, 0), (83, 0), (84, 28), (546, 182), (90, 28), (3650, 364)]
)  # fmt: skip
def test_a_third_is_held_back(days: int, held: int) -> None:
    assert holdout_days(days, 365) == held


def test_the_unit_of_time_follows_the_pace() -> None:
    def of(repeats: int, last: int) -> Summary:
        one = np.array([repeats])
        return Summary(one, one, np.array([last]), np.array([400]), one, one, one, one)

    assert unit_of(of(10, 30)) == 1
    assert unit_of(of(4, 120)) == 7
    assert unit_of(of(0, 0)) == 7
