"""Amounts are whole minor units: nothing is rounded in silence, and nothing is lost when an amount is divided."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regulars.core.money import LARGEST_MINOR, InvalidAmount, minor_digits, share_out, to_major, to_minor

currencies = st.sampled_from(["CNY", "USD", "JPY", "KWD"])
amounts = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(amounts, currencies)
def test_there_and_back(minor: int, currency: str) -> None:
    major = to_major(minor, currency)
    assert to_minor(major, currency) == minor
    assert to_minor(str(major), currency) == minor
    assert to_minor(f"{major:.{minor_digits(currency)}f}", currency) == minor


@given(st.integers(-(10**13), 10**13))
def test_a_float_means_its_shortest_text(cents: int) -> None:
    assert to_minor(cents / 100, "CNY") == cents


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("19.9", "CNY", 1990), (19.9, "CNY", 1990), (0.1, "CNY", 10), ("１２", "CNY", 1200), ("-0", "CNY", 0),
        ("1200", "JPY", 1200), ("1.234", "KWD", 1234), ("0e999999", "CNY", 0), ("1E3", "CNY", 100_000),
        ("19.9000000000000000000000000000000000000000000", "CNY", 1990), (Decimal("10000000000000"), "CNY", 10**15),
    ],
)  # fmt: skip
def test_read(written: str | float | Decimal, currency: str, minor: int) -> None:
    assert to_minor(written, currency) == minor


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "abc", "1,5", "1.2.3", "nan", "sNaN", "inf", "-Infinity", True, None,
        "19.999", "0.001", "1e-999999", "19.990000000000000000000000000001", 0.1 + 0.2,
        "10000000000000.01", 10**5000, "1e999990", "1e999999", "-1e999999",
    ],
    ids=lambda written: str(written)[:12] if not isinstance(written, int) else "int",
)  # fmt: skip
def test_refused_at_once(written: str | int) -> None:
    with pytest.raises(InvalidAmount):
        to_minor(written, "CNY")


@given(st.text(max_size=30) | st.floats() | st.decimals() | st.integers())
def test_anything_is_read_or_refused_by_name(written: str | float | Decimal | int) -> None:
    try:
        minor = to_minor(written, "CNY")
    except InvalidAmount:
        return
    assert abs(minor) <= LARGEST_MINOR


@given(st.integers(0, 10**12), weights)
@example(100, [0, 0, 0])
@example(10, [1, 1, 1])
def test_shares_add_up_and_stay_within_one_of_the_exact_part(total: int, weights: list[int]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert total * weight // whole <= part <= -(-total * weight // whole)


@given(weights.filter(sum), st.data())
def test_a_share_is_never_above_its_weight(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    assert all(part <= weight for part, weight in zip(share_out(total, weights), weights, strict=True))


def test_shares_in_plain_numbers() -> None:
    assert share_out(10, [1, 1, 1]) == [4, 3, 3]
    assert share_out(100, [5000, 3333, 1667]) == [50, 33, 17]
    assert share_out(7, [0, 0]) == [7, 0]
    assert share_out(7, []) == []
