"""What a tree says of one customer: two values, also where nothing is known."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from regulars.core.conditions import EVERYBODY, AllOf, AnyOf, Comparison, Not, Op, Tree, predicate
from regulars.core.conditions.fields import OPERATORS, operand
from tests.core.conditions.samples import FIELDS, ROWS, TODAY, comparisons, leaf, trees


def holds(tree: Tree, **row: Any) -> bool:
    return predicate(tree, day=TODAY)(row)


@given(comparisons())
def test_a_comparison_with_a_missing_value_is_false_and_its_negation_true(one: Comparison) -> None:
    expected = one.op is Op.MISSING
    for row in ({}, {one.field: None}, {one.field: float("nan")}):
        assert predicate(one, day=TODAY)(row) is expected
        assert predicate(Not(one), day=TODAY)(row) is not expected


@pytest.mark.parametrize(
    ("op", "value", "true_for"),
    [
        ("eq", 2, [2]), ("ne", 2, [1, 3]), ("lt", 2, [1]), ("le", 2, [1, 2]), ("gt", 2, [3]), ("ge", 2, [2, 3]),
        ("between", (2, 3), [2, 3]), ("between", (1.5, 2.5), [2]),
        ("missing", None, []), ("not_missing", None, [1, 2, 3]),
    ],
)  # fmt: skip
def test_numbers(op: str, value: Any, true_for: list[int]) -> None:
    assert [n for n in (1, 2, 3) if holds(leaf("orders", Op(op), value), orders=n)] == true_for


@pytest.mark.parametrize(
    ("op", "value", "true_for"),
    [
        ("eq", "Bath", ["Bath"]), ("ne", "Bath", ["bath", "上海"]), ("in", ("bath", "上海"), ["bath", "上海"]),
        ("contains", "ath", ["Bath", "bath"]), ("contains", "海", ["上海"]), ("not_in", ("bath",), ["Bath", "上海"]),
    ],
)  # fmt: skip
def test_texts(op: str, value: Any, true_for: list[str]) -> None:
    assert [c for c in ("Bath", "bath", "上海") if holds(leaf("city", Op(op), value), city=c)] == true_for


@pytest.mark.parametrize(
    ("op", "value", "days_ago"),
    [
        ("in_last_days", 2, [0, 1, 2]), ("in_last_days", 0, [0]), ("days_ago_over", 2, [3]),
        ("before", TODAY, [1, 2, 3]), ("after", TODAY, [-1]), ("on", TODAY, [0]),
        ("between", (TODAY - timedelta(days=2), TODAY), [0, 1, 2]),
    ],
)  # fmt: skip
def test_days_are_counted_back_from_the_day_one_looks_from(op: str, value: Any, days_ago: list[int]) -> None:
    one = leaf("last_on", Op(op), value)
    assert [n for n in range(-1, 4) if holds(one, last_on=TODAY - timedelta(days=n))] == days_ago


def test_sets() -> None:
    some, none = leaf("tags", Op.HAS_ANY, ("1", "2")), leaf("tags", Op.HAS_NONE, ("1", "2"))
    for tags, has in ((["1"], True), (["3", "2"], True), (["3"], False), ([], False)):
        assert (holds(some, tags=tags), holds(none, tags=tags)) == (has, not has)
    assert not holds(leaf("tags", Op.MISSING), tags=[])


def test_booleans() -> None:
    assert holds(leaf("subscribed", Op.IS, False), subscribed=False)
    assert not holds(leaf("subscribed", Op.IS, False), subscribed=True)


def test_groups() -> None:
    yes, no = leaf("orders", Op.GE, 1), leaf("orders", Op.GE, 9)
    assert holds(AllOf((yes, Not(no))), orders=5)
    assert not holds(AllOf((yes, no)), orders=5)
    assert holds(AnyOf((no, yes)), orders=5)
    assert not holds(AnyOf((no, Not(yes))), orders=5)
    assert holds(EVERYBODY)


def test_a_decimal_is_compared_as_the_float_that_an_engine_makes_of_it() -> None:
    assert holds(leaf("share", Op.EQ, 0.1), share=Decimal("0.10"))


@given(trees(levels=2), ROWS)
def test_negation_turns_every_tree_round(tree: Tree, row: dict[str, Any]) -> None:
    assert predicate(Not(tree), day=TODAY)(row) is not predicate(tree, day=TODAY)(row)


def test_there_is_a_test_for_every_operator() -> None:
    """An operator that is offered but not understood would be a crash at the first count."""
    for field in FIELDS.values():
        for op in OPERATORS[field.type]:
            value: Any = {"pair": (1, 2), "list": ("a",)}.get(operand(op).value, 1)
            predicate(Comparison(field.name, op, value), day=date(2024, 1, 1))
