"""A tree as a Python function of one mapping."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias, cast

from regulars.core.conditions.anniversaries import coming
from regulars.core.conditions.fields import Op
from regulars.core.conditions.tree import AllOf, AnyOf, Comparison, Not, Tree

Predicate: TypeAlias = Callable[[Mapping[str, Any]], bool]

SIGNS: Mapping[Op, str] = {
    Op.EQ: "==", Op.NE: "!=", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">=", Op.BEFORE: "<", Op.AFTER: ">",
    Op.ON: "==", Op.IS: "==",
}  # fmt: skip
"""Comparisons that Python's own operators make, of values as of columns."""

PLAIN = frozenset({int, str, bool, date})
"""Types whose values are never missing, looked at first since most are of them."""


@lru_cache(maxsize=2000)
def predicate(tree: Tree, *, day: date) -> Predicate:
    """Whether a mapping of field names to values fulfils the tree, as seen from `day`.

    A key that is not there is a missing value. Decimals are compared as floats, as engines compare them.

    The whole tree is compiled into one expression: earning rules ask so many questions of every order that calling a
    function for each cost five times as much.
    """
    told: dict[str, Any] = {"plain": PLAIN, "known": known}
    text = f"lambda row: ((get := row.get) and {_written(tree, day, told)})"
    # Nothing that anybody typed is in the text: names and values are constants of the compiled function.
    return cast(Predicate, eval(compile(text, "<condition>", "eval"), told))  # noqa: S307


def known(value: Any) -> Any:
    """The value, None for the ways of not knowing it."""
    if value is None or type(value) in PLAIN:
        return value
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and value != value else value


def _written(tree: Tree, day: date, told: dict[str, Any]) -> str:
    """The tree as an expression; what it compares with is put into `told` under names of its own."""
    if isinstance(tree, Comparison):
        return _comparison(tree, day, told)
    if isinstance(tree, Not):
        return f"(not {_written(tree.part, day, told)})"
    parts = [_written(one, day, told) for one in tree.parts]
    if isinstance(tree, AllOf):
        return f"({' and '.join(parts)})" if parts else "True"
    assert isinstance(tree, AnyOf)
    return f"({' or '.join(parts)})" if parts else "False"


def _comparison(leaf: Comparison, day: date, told: dict[str, Any]) -> str:
    field = _constant(leaf.field, told)
    value = f"(v := get({field})) is not None and (type(v) in plain or (v := known(v)) is not None)"
    if leaf.op is Op.NOT_MISSING:
        return f"({value})"
    if leaf.op is Op.MISSING:
        return f"(not ({value}))"
    return f"({value} and {_test(leaf, day, told)})"


def _test(leaf: Comparison, day: date, told: dict[str, Any]) -> str:
    """What is asked of the value `v`."""
    op, value = leaf.op, leaf.value
    if op in SIGNS:
        return f"v {SIGNS[op]} {_constant(value, told)}"
    if op is Op.CONTAINS:
        return f"{_constant(value, told)} in v"
    if op in (Op.IN_LAST_DAYS, Op.DAYS_AGO_OVER):
        assert isinstance(value, int)
        first = _constant(day - timedelta(days=value), told)
        return f"{first} <= v <= {_constant(day, told)}" if op is Op.IN_LAST_DAYS else f"v < {first}"
    if op is Op.COMES_WITHIN_DAYS:
        assert isinstance(value, int)
        return f"v in {_constant(coming(day, value), told)}"
    assert isinstance(value, tuple)
    if op is Op.BETWEEN:
        low, high = (_constant(one, told) for one in value)
        return f"{low} <= v <= {high}"
    chosen = _constant(frozenset(value), told)
    return {
        Op.IN: f"v in {chosen}",
        Op.NOT_IN: f"v not in {chosen}",
        Op.IN_MONTHS: f"v // 100 in {chosen}",
        Op.HAS_ANY: f"not {chosen}.isdisjoint(v)",
        Op.HAS_NONE: f"{chosen}.isdisjoint(v)",
    }[op]


def _constant(value: Any, told: dict[str, Any]) -> str:
    name = f"c{len(told)}"
    told[name] = value
    return name
