"""A tree as a Python function of one mapping."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

from regulars.core.conditions.fields import Op
from regulars.core.conditions.tree import AllOf, AnyOf, Comparison, Not, Tree

Predicate: TypeAlias = Callable[[Mapping[str, Any]], bool]

_ORDER: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: eq, Op.NE: ne, Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge, Op.BEFORE: lt, Op.AFTER: gt, Op.ON: eq, Op.IS: eq,
}  # fmt: skip


def predicate(tree: Tree, *, day: date) -> Predicate:
    """Whether a mapping of field names to values fulfils the tree, as seen from `day`.

    A key that is not there is a missing value. Decimals are compared as floats, as engines compare them.
    """
    if isinstance(tree, Comparison):
        return _comparison(tree, day)
    if isinstance(tree, Not):
        part = predicate(tree.part, day=day)
        return lambda row: not part(row)
    parts = [predicate(one, day=day) for one in tree.parts]
    if isinstance(tree, AllOf):
        return lambda row: all(one(row) for one in parts)
    assert isinstance(tree, AnyOf)
    return lambda row: any(one(row) for one in parts)


def _comparison(leaf: Comparison, day: date) -> Predicate:
    name = leaf.field
    if leaf.op is Op.MISSING:
        return lambda row: _known(row.get(name)) is None
    if leaf.op is Op.NOT_MISSING:
        return lambda row: _known(row.get(name)) is not None
    test = _test(leaf, day)

    def fulfils(row: Mapping[str, Any]) -> bool:
        value = _known(row.get(name))
        return value is not None and test(value)

    return fulfils


def _known(value: Any) -> Any:
    """The value, None for the ways of not knowing it."""
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and value != value else value


def _test(leaf: Comparison, day: date) -> Callable[[Any], bool]:
    op, told = leaf.op, leaf.value
    if op in _ORDER:
        order = _ORDER[op]
        return lambda value: order(value, told)
    if op is Op.CONTAINS:
        return lambda value: told in value
    if op in (Op.IN_LAST_DAYS, Op.DAYS_AGO_OVER):
        assert isinstance(told, int)
        first = day - timedelta(days=told)
        return (lambda value: first <= value <= day) if op is Op.IN_LAST_DAYS else (lambda value: value < first)
    assert isinstance(told, tuple)
    if op is Op.BETWEEN:
        low, high = told
        return lambda value: low <= value <= high
    chosen = frozenset(told)
    return {
        Op.IN: lambda value: value in chosen,
        Op.NOT_IN: lambda value: value not in chosen,
        Op.HAS_ANY: lambda value: not chosen.isdisjoint(value),
        Op.HAS_NONE: lambda value: chosen.isdisjoint(value),
    }[op]
