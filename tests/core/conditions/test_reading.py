"""Trees from outside: read, refused with the place of the mistake, and written back."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.conditions import EVERYBODY, InvalidCondition, Op, Tree, as_json, comparisons, read, used_fields
from regulars.core.conditions.reading import DEEPEST, MOST_CONDITIONS, MOST_VALUES
from tests.core.conditions.samples import FIELDS, trees

ORDERS = {"field": "orders", "op": "ge", "value": 3}


@given(trees())
def test_what_is_written_is_read_as_the_same_tree(tree: Tree) -> None:
    assert read(json.loads(json.dumps(as_json(tree))), FIELDS) == tree


def test_an_empty_tree_means_everybody() -> None:
    assert read({"all": []}, FIELDS) == EVERYBODY


def test_leaves_and_fields_are_named_in_reading_order() -> None:
    told = {"any": [ORDERS, {"not": {"all": [{"field": "city", "op": "missing"}, {**ORDERS, "value": 5}]}}]}
    tree = read(told, FIELDS)
    assert [(leaf.field, leaf.value) for leaf in comparisons(tree)] == [("orders", 3), ("city", None), ("orders", 5)]
    assert used_fields(tree) == {"orders", "city"}


def on(field: str, op: Any, *value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, **({"value": value[0]} if value else {})}


@pytest.mark.parametrize(
    ("told", "code", "path"),
    [
        (None, "malformed_condition", ""),
        ([ORDERS], "malformed_condition", ""),
        ({}, "malformed_condition", ""),
        ({"all": [], "any": []}, "malformed_condition", ""),
        ({"all": {}}, "malformed_condition", "all"),
        ({"any": []}, "malformed_condition", "any"),
        ({"all": [ORDERS, {"not": {"op": "ge"}}]}, "malformed_condition", "all[1].not"),
        ({**ORDERS, "extra": 1}, "malformed_condition", ""),
        ({"all": [{"any": [ORDERS, on("shoe", "eq", 1)]}]}, "unknown_field", "all[0].any[1].field"),
        (on("orders", "contains", "a"), "wrong_operator", "op"),
        (on("city", "ge", "a"), "wrong_operator", "op"),
        (on("city", ["ge"], "a"), "wrong_operator", "op"),
        (on("orders", "ge"), "wrong_value", "value"),
        (on("orders", "ge", "3"), "wrong_value", "value"),
        (on("orders", "ge", True), "wrong_value", "value"),
        (on("orders", "ge", float("nan")), "wrong_value", "value"),
        (on("orders", "ge", float("-inf")), "wrong_value", "value"),
        (on("orders", "ge", 10**400), "wrong_value", "value"),
        (on("orders", "between", [3]), "wrong_value", "value"),
        (on("orders", "between", [3, 2]), "wrong_value", "value"),
        (on("orders", "between", [3, "x"]), "wrong_value", "value[1]"),
        (on("orders", "missing", 0), "wrong_value", "value"),
        (on("city", "eq", ""), "wrong_value", "value"),
        (on("city", "eq", "a" * 201), "wrong_value", "value"),
        (on("city", "eq", "a\x00b"), "wrong_value", "value"),
        (on("city", "eq", "\ud800"), "wrong_value", "value"),
        (on("city", "in", "ab"), "wrong_value", "value"),
        (on("city", "in", []), "wrong_value", "value"),
        (on("city", "in", ["a"] * (MOST_VALUES + 1)), "too_many_values", "value"),
        (on("stage", "in", ["new", "asleep"]), "unknown_choice", "value[1]"),
        (on("tier", "in", [True]), "unknown_choice", "value[0]"),
        (on("tier", "in", ["1"]), "unknown_choice", "value[0]"),
        (on("tags", "has_any", [{}]), "unknown_choice", "value[0]"),
        (on("last_on", "before", "2024-02-30"), "wrong_value", "value"),
        (on("last_on", "before", "20240203"), "wrong_value", "value"),
        (on("last_on", "before", 20240203), "wrong_value", "value"),
        (on("last_on", "in_last_days", 1.0), "wrong_value", "value"),
        (on("last_on", "in_last_days", -1), "wrong_value", "value"),
        (on("last_on", "days_ago_over", 10**9), "wrong_value", "value"),
        (on("subscribed", "is", 1), "wrong_value", "value"),
        (on("subscribed", "is"), "wrong_value", "value"),
    ],
)
def test_a_mistake_is_named_with_its_place(told: Any, code: str, path: str) -> None:
    with pytest.raises(InvalidCondition) as caught:
        read(told, FIELDS)
    assert (caught.value.code, caught.value.context["path"]) == (code, path)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(sorted(FIELDS))
)
KEYS = st.sampled_from(["all", "any", "not", "field", "op", "value"]) | st.text(max_size=3)
ANYTHING = st.recursive(
    SCALARS | st.sampled_from(list(Op)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@given(ANYTHING | st.fixed_dictionaries({"field": st.sampled_from(sorted(FIELDS)), "op": st.sampled_from(list(Op)),
                                         "value": ANYTHING}))  # fmt: skip
def test_whatever_comes_is_read_or_refused(told: Any) -> None:
    with suppress(InvalidCondition):
        tree = read(told, FIELDS)
        assert read(as_json(tree), FIELDS) == tree


def nested(levels: int) -> Any:
    return ORDERS if levels == 1 else {"not": nested(levels - 1)}


def test_depth_has_a_limit() -> None:
    read(nested(DEEPEST), FIELDS)
    with pytest.raises(InvalidCondition, match="levels") as caught:
        read(nested(DEEPEST + 1), FIELDS)
    assert caught.value.code == "condition_too_deep"


@pytest.mark.parametrize("filler", [ORDERS, {"all": []}])
def test_the_number_of_conditions_has_a_limit(filler: Any) -> None:
    read({"all": [{"any": [filler] * 100}, {"any": [filler] * (MOST_CONDITIONS - 100)}]}, FIELDS)
    with pytest.raises(InvalidCondition) as caught:
        read({"all": [filler] * (MOST_CONDITIONS + 1)}, FIELDS)
    assert (caught.value.code, caught.value.context["path"]) == (
        "too_many_conditions",
        f"all[{MOST_CONDITIONS}]" + (".all" if filler is not ORDERS else ""),
    )


def test_a_repeated_value_of_a_list_counts_once() -> None:
    assert next(comparisons(read(on("city", "in", ["a", "b", "a"]), FIELDS))).value == ("a", "b")
