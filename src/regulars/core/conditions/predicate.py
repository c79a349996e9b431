"""A tree as a Python function of one mapping."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

from regulars.core.conditions.anniversaries import coming
from regulars.core.conditions.fields import Op
from regulars.core.conditions.tree import AllOf, AnyOf, Comparison, Not, Tree

Predicate: TypeAlias = Callable[[Mapping[str, Any]], bool]

COMPARED: Mapping[Op, Callable[[Any, Any], Any]] = {
    Op.EQ: eq, Op.NE: ne, Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge, Op.BEFORE: lt, Op.AFTER: gt, Op.ON: eq, Op.IS: eq,
}  # fmt: skip
"""Comparisons that Python's own operators make, of values as of columns."""


_PLAIN = frozenset({int, str, bool, date})
"""Types whose values are never missing, looked at first since most are of them."""


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
    if len(parts) == 1:
        return parts[0]
    assert isinstance(tree, AllOf | AnyOf)
    # Plain loops: a generator for each of twenty rules costs more than the comparisons themselves.
    return _all_of(parts) if isinstance(tree, AllOf) else _any_of(parts)


def _all_of(parts: list[Predicate]) -> Predicate:
    def fulfils(row: Mapping[str, Any]) -> bool:
        for part in parts:  # noqa: SIM110
            if not part(row):
                return False
        return True

    return fulfils


def _any_of(parts: list[Predicate]) -> Predicate:
    def fulfils(row: Mapping[str, Any]) -> bool:
        for part in parts:  # noqa: SIM110
            if part(row):
                return True
        return False

    return fulfils


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
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and value != value else value


def _test(leaf: Comparison, day: date) -> Callable[[Any], bool]:
    op, told = leaf.op, leaf.value
    if op in COMPARED:
        order = COMPARED[op]
        return lambda value: order(value, told)
    if op is Op.CONTAINS:
        return lambda value: told in value
    if op in (Op.IN_LAST_DAYS, Op.DAYS_AGO_OVER):
        assert isinstance(told, int)
        first = day - timedelta(days=told)
        return (lambda value: first <= value <= day) if op is Op.IN_LAST_DAYS else (lambda value: value < first)
    if op is Op.COMES_WITHIN_DAYS:
        assert isinstance(told, int)
        soon = coming(day, told)
        return lambda value: value in soon
    assert isinstance(told, tuple)
    if op is Op.BETWEEN:
        low, high = told
        return lambda value: low <= value <= high
    chosen = frozenset(told)
    return {
        Op.IN: lambda value: value in chosen,
        Op.NOT_IN: lambda value: value not in chosen,
        Op.IN_MONTHS: lambda value: value // 100 in chosen,
        Op.HAS_ANY: lambda value: not chosen.isdisjoint(value),
        Op.HAS_NONE: lambda value: chosen.isdisjoint(value),
    }[op]
