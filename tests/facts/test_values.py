"""What single cells say: texts, amounts, quantities, dates and times."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.facts.reading.amounts import (
    price_times,
    quantity_of,
    read_amount,
    read_quantity,
    shows_decimal_comma,
    to_minor_units,
)
from regulars.facts.reading.dates import DayOrder, MomentReader, day_order, excel_moment, read_birthday, read_clock
from regulars.facts.reading.values import Reader, Refusal, read_key

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2024, 1, 5, 5, 5, tzinfo=UTC)
quick = settings(deadline=None, database=None)


def code(value: object) -> str:
    return value.code if isinstance(value, Refusal) else ""


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-05 13:05",
        "2024-01-05 13:05:00.000",
        "2024-01-05T13:05:00+08:00",
        "2024-01-05T05:05:00Z",
        "2024-01-05 13:05 +0800",
        "2024-01-05 05:05 UTC",
        "2024/1/5 13:05",
        "2024.1.5 13:05:00",
        "2024年1月5日 13时05分",
        "2024年1月5日 下午1:05",
        "２０２４／１／５　１３：０５",
        "2024/1/5 1:05 PM",
        "5 Jan 2024 13:05",
        "Jan 5, 2024 1:05 PM",
        "05-Jan-2024 13:05",
        "20240105130500",
        "202401051305",
        "1704431100",
        "1704431100000",
        1704431100,
        "45296.5451388889",
        45296.5451388889,
        datetime(2024, 1, 5, 13, 5),
        datetime(2024, 1, 5, 5, 5, tzinfo=UTC),
        '="2024-01-05 13:05"',
    ],
)
def test_one_instant_written_in_many_ways(cell: Any) -> None:
    assert MomentReader(SHANGHAI).read(cell) == AT


@pytest.mark.parametrize("cell", ["20240105", 20240105.0, "2024-1-5", 45296, "45296", date(2024, 1, 5), "2024年1月5日"])
def test_a_day_alone_begins_at_midnight_in_the_zone(cell: Any) -> None:
    assert MomentReader(SHANGHAI).read(cell) == datetime(2024, 1, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-02-30", "date_unreadable"),
        ("2024/1/5 25:00", "date_unreadable"),
        ("yesterday", "date_unreadable"),
        ("12", "date_unreadable"),
        (time(13, 5), "date_unreadable"),
        ("1989-12-31", "date_out_of_range"),
        ("2100-01-02", "date_out_of_range"),
        ("9999-12-31", "date_out_of_range"),
        ("05/01/24", "two_digit_year"),
        ("05/01/2024", "date_ambiguous"),
    ],
)
def test_dates_that_are_refused(cell: Any, expected: str) -> None:
    assert code(MomentReader(SHANGHAI).read(cell)) == expected


def test_nothing_happens_after_the_latest_instant_that_was_told() -> None:
    reader = MomentReader(SHANGHAI, latest=AT)
    assert code(reader.read("2024-01-05 13:05")) == "date_out_of_range"
    assert reader.read("2024-01-05 13:04") == AT - timedelta(minutes=1)


def test_a_column_decides_whether_days_or_months_come_first() -> None:
    assert day_order(["05/01/2024", "25/01/2024"]) is DayOrder.DAY_FIRST
    assert day_order(["05/01/2024", "01/25/2024"]) is DayOrder.MONTH_FIRST
    assert day_order(["05/01/2024", "06/01/2024 13:05"]) is DayOrder.UNDECIDED
    assert day_order(["13/01/2024", "01/13/2024"]) is DayOrder.CONTRADICTORY
    assert day_order(["2024-01-05", None, 45296]) is DayOrder.NOT_ASKED
    assert day_order(["01/01/2024", "02/02/2024"]) is DayOrder.NOT_ASKED
    assert MomentReader(SHANGHAI, day_first=True).read("05/01/2024 13:05") == AT
    assert MomentReader(SHANGHAI, day_first=False).read("01/05/2024 13:05") == AT


def test_clocks_that_are_changed_are_read_the_same_way_every_time() -> None:
    new_york = MomentReader(ZoneInfo("America/New_York"))
    assert new_york.read("2024-11-03 01:30") == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)  # the first of two
    assert new_york.read("2024-03-10 02:30") == datetime(2024, 3, 10, 7, 30, tzinfo=UTC)  # never was; an hour on
    assert new_york.read("2024-03-10 02:30-05:00") == datetime(2024, 3, 10, 7, 30, tzinfo=UTC)


def test_excel_counts_a_day_that_never_was() -> None:
    assert excel_moment(1) == datetime(1900, 1, 1)
    assert excel_moment(59) == datetime(1900, 2, 28)
    assert excel_moment(60) is None
    assert excel_moment(61) == datetime(1900, 3, 1)
    assert excel_moment(0) is None


@quick
@given(st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)))
def test_excel_serials_come_back_to_the_second(at: datetime) -> None:
    at = at.replace(microsecond=0)
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)
    assert excel_moment(serial) == at


def test_dates_and_times_in_two_columns() -> None:
    reader = MomentReader(SHANGHAI)
    for clock in ("13:05", "13:05:00", "下午1:05", 0.545138888889, time(13, 5), "1899-12-31 13:05:00"):
        assert reader.join("2024/1/5", clock) == AT
    assert reader.join("2024-01-05 13:05", "") == AT
    assert code(reader.join("2024/1/5", "noon")) == "time_unreadable"
    assert reader.join("", "13:05") is None
    assert read_clock("凌晨12:30") == time(0, 30)


def test_birthdays() -> None:
    assert read_birthday("1985-03-02") == date(1985, 3, 2)
    assert read_birthday("19850302") == date(1985, 3, 2)
    assert read_birthday("02/03/1985", day_first=True) == date(1985, 3, 2)
    assert read_birthday("02/03/1985") is None
    assert read_birthday("soon") is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1234.5", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("￥１，２３４．５０", "1234.50"),
        ("1234.5元", "1234.50"),
        ("RMB 1,234.50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("(12.00)", "-12"),
        ("12.00-", "-12"),
        ("-¥12", "-12"),
        ("−12", "-12"),
        ("1,23,456.00", "123456"),
        (".5", "0.5"),
        (12.5, "12.5"),
        (Decimal("3.14"), "3.14"),
    ],
)
def test_amounts(cell: Any, expected: str) -> None:
    assert read_amount(cell) == Decimal(expected)


@pytest.mark.parametrize(
    "cell", ["免费", "1,23", "1.234,50", "12%", "1.2E+4", "1.2万", "12..5", "nan1", float("inf"), "1-2"]
)
def test_amounts_that_are_refused(cell: Any) -> None:
    assert code(read_amount(cell)) == "amount_unreadable"


@pytest.mark.parametrize("cell", ["", " ", "-", "--", None, "NULL", "n/a"])
def test_blank_amounts_are_nothing_and_not_zero(cell: Any) -> None:
    assert read_amount(cell) is None


def test_a_decimal_comma_is_believed_only_if_the_column_shows_it() -> None:
    assert shows_decimal_comma(["1.234,50", "12"])
    assert shows_decimal_comma(["12,5", "1.234"])
    assert not shows_decimal_comma(["1.234", "5.678"])
    assert not shows_decimal_comma(["12,5", "12.50"])
    assert not shows_decimal_comma(["1,234", "5,678"])
    assert read_amount("1.234,50", decimal_comma=True) == Decimal("1234.50")
    assert read_amount("1.234", decimal_comma=True) == Decimal(1234)
    assert code(read_amount("1,234.50", decimal_comma=True)) == "amount_unreadable"


def test_minor_units_drop_noise_and_refuse_fractions() -> None:
    assert to_minor_units(Decimal("19.900000000000002"), "CNY") == 1990
    assert to_minor_units(Decimal("1234"), "JPY") == 1234
    assert code(to_minor_units(Decimal("19.999"), "CNY")) == "amount_too_precise"
    assert code(to_minor_units(Decimal("1e30"), "CNY")) == "amount_too_large"
    assert price_times(Decimal("0.335"), Decimal(3), "CNY") == 101
    assert price_times(Decimal("0.335"), Decimal(-3), "CNY") == -101
    assert code(price_times(Decimal("1e14"), Decimal(1000), "CNY")) == "amount_too_large"


@quick
@given(st.integers(-(10**13), 10**13), st.sampled_from(["{:,.2f}", "{:.2f}", "¥{:,.2f}", "{:,.2f}元"]))
def test_what_a_till_prints_is_read_back_exactly(minor: int, style: str) -> None:
    value = read_amount(style.format(Decimal(minor) / 100))
    assert isinstance(value, Decimal)
    assert to_minor_units(value, "CNY") == minor


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("2件", 2), ("x2", 2), ("1.50kg", "1.5"), (2.0, 2), ("-3", -3), ("1,000", 1000), ("0.75", "0.75")],
)
def test_quantities(cell: Any, expected: int | str) -> None:
    value = read_quantity(cell)
    assert isinstance(value, Decimal)
    assert quantity_of(value) == expected


@pytest.mark.parametrize("cell", ["many", "1e20", 10**12, "1/2"])
def test_quantities_that_are_refused(cell: Any) -> None:
    assert code(read_quantity(cell)) == "quantity_unreadable"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("00123", "00123"),
        ('="00123"', "00123"),
        ("'00123", "00123"),
        ("2024\t", "2024"),
        (2024.0, "2024"),
        ("2024.0", "2024"),
        ("ＤＤ１", "DD1"),
        ("A  b", "A b"),
        (123456789012345678, "123456789012345678"),
        (None, ""),
        ("NULL", ""),
    ],
)
def test_keys(cell: Any, expected: str) -> None:
    assert read_key(cell) == expected


def test_keys_whose_last_digits_are_gone_are_refused() -> None:
    assert code(read_key("4.56E+17")) == "number_shortened"
    assert code(read_key(4.56e17)) == "number_shortened"
    assert read_key("4.56E+2") == "456"
    assert code(read_key("x" * 201)) == "text_too_long"


def test_a_reader_remembers_without_changing_what_is_read() -> None:
    seen: list[Any] = []

    def read(cell: Any) -> str:
        seen.append(cell)
        return f"<{cell}>"

    assert Reader(read).column(["a", "b", "a"]) == ["<a>", "<b>", "<a>"]
    assert seen == ["a", "b"]


@quick
@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.none(), st.datetimes(), st.dates(), st.times()))
def test_no_cell_raises(cell: Any) -> None:
    for read in (
        MomentReader(SHANGHAI).read,
        MomentReader(SHANGHAI, day_first=True).read,
        read_amount,
        read_quantity,
        read_key,
    ):
        read(cell)
    MomentReader(SHANGHAI).join(cell, cell)
    read_birthday(cell)
    day_order([cell])
    shows_decimal_comma([cell])
