"""A tree of conditions as an Ibis expression: what `core.conditions.predicate` says of one row, for a whole table.

Every comparison is made two-valued where it stands, so that `Not` and the groups are plain logic on any engine.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from operator import and_, eq, ge, gt, le, lt, ne, or_
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.core.conditions import AllOf, AnyOf, Comparison, Not, Op, Tree
from regulars.core.conditions.anniversaries import coming

COMPARED: Mapping[Op, Callable[[Any, Any], Any]] = {
    Op.EQ: eq, Op.NE: ne, Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge, Op.BEFORE: lt, Op.AFTER: gt, Op.ON: eq, Op.IS: eq,
}  # fmt: skip
"""Comparisons that the same operators make of columns as `predicate.SIGNS` of values."""


def expression(tree: Tree, table: ir.Table, *, day: date, today: date | None = None) -> ir.BooleanValue:
    """Whether a row fulfils the tree, as seen from `day`: true or false, never null.

    Args:
        table: With a column for every field that the tree uses; a set field is an array.
        today: Where anniversaries are counted from, if not from `day`: an old picture knows who has a birthday today.
    """
    if isinstance(tree, Comparison):
        return _comparison(tree, table, (today or day) if tree.op is Op.COMES_WITHIN_DAYS else day)
    if isinstance(tree, Not):
        return ~expression(tree.part, table, day=day, today=today)
    parts = [expression(part, table, day=day, today=today) for part in tree.parts]
    if not parts:
        return ibis.literal(isinstance(tree, AllOf))
    assert isinstance(tree, AllOf | AnyOf)
    return _together(and_ if isinstance(tree, AllOf) else or_, parts)


def _together(join: Callable[[Any, Any], Any], parts: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    """Halves of halves: a chain of 200 would be 200 levels deep, which compilers walk one in another."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    joined: ir.BooleanValue = join(_together(join, parts[:half]), _together(join, parts[half:]))
    return joined


def _comparison(leaf: Comparison, table: ir.Table, day: date) -> ir.BooleanValue:
    column = table[leaf.field]
    column = _known(column)
    if leaf.op is Op.MISSING:
        return column.isnull()
    if leaf.op is Op.NOT_MISSING:
        return column.notnull()
    return _test(leaf, column, day).fill_null(False)


def _known(column: Any) -> Any:
    """Null for the ways of not knowing a value; decimals as floats, as the predicate compares them."""
    kind = column.type()
    if kind.is_decimal():
        return column.cast("float64")
    return ibis.ifelse(column.isnan(), ibis.null(kind), column) if kind.is_floating() else column


def _test(leaf: Comparison, column: Any, day: date) -> Any:
    op, told = leaf.op, leaf.value
    if op in COMPARED:
        return COMPARED[op](column, told)
    if op is Op.CONTAINS:
        return column.contains(told)
    if op in (Op.IN_LAST_DAYS, Op.DAYS_AGO_OVER):
        assert isinstance(told, int)
        first = day - timedelta(days=told)
        return column.between(first, day) if op is Op.IN_LAST_DAYS else column < first
    if op is Op.COMES_WITHIN_DAYS:
        assert isinstance(told, int)
        return column.isin(sorted(coming(day, told)))
    assert isinstance(told, tuple)
    if op is Op.BETWEEN:
        return column.between(*told)
    if op in (Op.HAS_ANY, Op.HAS_NONE):
        has = _together(or_, [column.contains(value).fill_null(False) for value in told])
        return has if op is Op.HAS_ANY else column.notnull() & ~has
    if op is Op.IN_MONTHS:
        return (column // 100).isin(told)
    return column.isin(told) if op is Op.IN else column.notin(told)
