"""Axes of a cross-tab: a field of the picture cut into categories, each with the condition that selects its customers.

Numbers are cut at about equally many customers, either at round boundaries or exactly between equal values; a boundary
belongs to the category above it. Few different values are a category each, and so are the commonest words of a text.
Days are cut into months, quarters or years, whichever are few enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from regulars.core.conditions import (
    EVERYBODY,
    AllOf,
    Comparison,
    Field,
    FieldType,
    InvalidCondition,
    Not,
    Op,
    Tree,
    as_json,
    read,
)
from regulars.core.errors import DomainError

MOST_VALUES = 8
"""Different numbers up to which each is a category of its own."""
MOST_WORDS = 12
MOST_SPANS = 12
_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_ROUND_DAYS = (1, 2, 3, 5, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 545, 730, 1095, 1460, 1825, 2555, 3650)
_SPAN_MONTHS = (1, 3, 12, 60, 120)

MISSING = -1
"""The place of those of whom the field is not known."""


class NoSuchAxis(DomainError):
    """The field is not in the picture, or has a type that cannot be cut into categories."""

    code = "no_such_axis"


@dataclass(frozen=True, slots=True)
class Axis:
    """A field to cut.

    Attributes:
        cut: For numbers: 'round' boundaries near the quantiles, the 'quantiles' themselves (equal values stay
            together), or the boundaries as told.
        bins: How many categories of numbers are wanted; there may be fewer.
    """

    field: str
    cut: Literal["round", "quantiles"] | tuple[float, ...] = "round"
    bins: int = 5


@dataclass(frozen=True, slots=True)
class Category:
    """One category of an axis.

    Attributes:
        kind: 'value'; 'range' from `low` to below `high`, None for no end; 'others'; 'missing'; 'all' for no axis.
        condition: Selects the customers of the category from the picture.
    """

    kind: Literal["value", "range", "others", "missing", "all"]
    condition: Tree
    value: str | int | float | bool | None = None
    low: int | float | date | None = None
    high: int | float | date | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """A finished axis: its categories, and the place of each row's category among them (MISSING for the last one)."""

    categories: tuple[Category, ...]
    place: ir.IntegerValue


ALL = Category("all", EVERYBODY)


def cut(picture: ir.Table, axis: Axis | None, fields: Mapping[str, Field]) -> Cut:
    """Cut an axis by what the picture holds, by one query; None is the axis that parts nobody.

    Raises:
        NoSuchAxis: As it says.
    """
    if axis is None:
        return Cut((ALL,), ibis.literal(0, type="int64"))
    field = fields.get(axis.field)
    if field is None or axis.field not in picture.columns or field.type is FieldType.SET:
        raise NoSuchAxis(f"{axis.field!r} cannot be an axis of a table.", field=axis.field)
    column = known(picture[axis.field])
    if field.type is FieldType.NUMBER:
        values, edges = _numbers(picture, column, field, axis)
        return _by_value(column, field, values, fields) if values else _by_edge(column, field, edges)
    if field.type is FieldType.DATE:
        return _by_edge(column, field, _spans(picture, column))
    if field.type is FieldType.BOOLEAN:
        return _by_value(column, field, (True, False), fields)
    return _by_value(column, field, _words(picture, column, field, fields), fields)


def known(column: Any) -> Any:
    """Null for the ways of not knowing a value, and floats for decimals, as conditions compare them."""
    if column.type().is_decimal():
        return column.cast("float64")
    return ibis.ifelse(column.isnan(), ibis.null(column.type()), column) if column.type().is_floating() else column


def _by_value(column: Any, field: Field, values: Sequence[Any], fields: Mapping[str, Field]) -> Cut:
    categories = [Category("value", _is(field, value), value) for value in values]
    place = ibis.cases((column.isnull(), MISSING), *((column == v, n) for n, v in enumerate(values)), else_=len(values))
    categories.append(Category("others", _others(field, tuple(values))))
    return Cut((*categories, _missing(field)), place.cast("int64"))


def _by_edge(column: Any, field: Field, edges: Sequence[Any]) -> Cut:
    ends = [None, *edges, None]
    categories = [Category("range", _between(field, low, high), low=low, high=high) for low, high in pairwise(ends)]
    above = sum((ibis.ifelse(column >= edge, 1, 0) for edge in edges), start=ibis.literal(0))
    place = ibis.ifelse(column.isnull(), MISSING, above)
    return Cut((*categories, _missing(field)), place.cast("int64"))


def _is(field: Field, value: Any) -> Tree:
    if field.type is FieldType.BOOLEAN:
        return Comparison(field.name, Op.IS, value)
    return (
        Comparison(field.name, Op.IN, (value,))
        if field.type is FieldType.CHOICE
        else Comparison(field.name, Op.EQ, value)
    )


def _others(field: Field, values: tuple[Any, ...]) -> Tree:
    there = Comparison(field.name, Op.NOT_MISSING)
    return AllOf((there, *(Not(_is(field, value)) for value in values)))


def _missing(field: Field) -> Category:
    return Category("missing", Comparison(field.name, Op.MISSING))


def _between(field: Field, low: Any, high: Any) -> Tree:
    """From low to below high. A range without ends is everybody whose value is known."""
    if field.type is FieldType.DATE:
        if low is not None and high is not None:
            return Comparison(field.name, Op.BETWEEN, (low, high - timedelta(days=1)))
        ends = ((Op.AFTER, low and low - timedelta(days=1)), (Op.BEFORE, high))
    else:
        ends = ((Op.GE, low), (Op.LT, high))
    parts = tuple(Comparison(field.name, op, end) for op, end in ends if end is not None)
    if len(parts) == 1:
        return parts[0]
    return AllOf(parts) if parts else Comparison(field.name, Op.NOT_MISSING)


def _counted(picture: ir.Table, column: Any) -> ir.Table:
    """Every known value of a column with how many have it: value, n."""
    known = picture.select(value=column).filter(lambda t: t.value.notnull())
    return known.group_by("value").aggregate(n=lambda t: t.count())


def _numbers(picture: ir.Table, column: Any, field: Field, axis: Axis) -> tuple[Sequence[Any], Sequence[Any]]:
    """The values, if they are few, else the edges between categories."""
    if isinstance(axis.cut, tuple):
        return (), sorted(set(axis.cut))
    counted = _counted(picture, column)
    up_to = counted.n.sum().over(ibis.window(order_by=counted.value, preceding=None, following=0))
    # The score is ceil(bins × cumulative share), in whole numbers, so that equal values stay together on any engine.
    scored = counted.mutate(up_to=up_to, people=counted.n.sum().over(ibis.window())).mutate(
        score=lambda t: ((t.up_to * axis.bins + t.people - 1) // t.people).cast("int64")
    )
    starts = scored.group_by("score").aggregate(
        first=lambda t: t.value.min(), last=lambda t: t.value.max(), n=lambda t: t.count()
    )
    rows = sorted(starts.to_pyarrow().to_pylist(), key=lambda row: row["score"])
    if sum(row["n"] for row in rows) <= MOST_VALUES and axis.cut == "round":
        values = picture.select(value=column).filter(lambda t: t.value.notnull()).distinct().to_pyarrow()
        return sorted(values["value"].to_pylist()), ()
    edges = [row["first"] for row in rows[1:]]
    if axis.cut == "round" and rows:
        smallest, largest = rows[0]["first"], rows[-1]["last"]
        rounded = {_rounded(edge, field, whole=column.type().is_integer()) for edge in edges}
        edges = sorted(edge for edge in rounded if smallest < edge <= largest)
    return (), edges


def _rounded(value: float, field: Field, *, whole: bool) -> int | float:
    """The nearest number that people would choose as a boundary; for days one that a calendar knows."""
    size = abs(value)
    if field.unit.startswith("day") and 1 <= size <= _ROUND_DAYS[-1]:
        near: float = min(_ROUND_DAYS, key=lambda days: abs(days - size))
    elif size == 0:
        near = 0.0
    else:
        power = floor(log10(size))
        # Written and read, since 3 × 10⁻¹ is not 0.3 in floats.
        near = min((float(f"{digits}e{power}") for digits in _ROUND), key=lambda candidate: abs(candidate - size))
    signed = near if value >= 0 else -near
    return ceil(signed) if whole else float(signed)


def _spans(picture: ir.Table, column: Any) -> list[date]:
    """The first days of months, quarters, years …, without that of the first span."""
    ends = picture.aggregate(first=column.min(), last=column.max()).to_pyarrow().to_pylist()[0]
    if ends["first"] is None:
        return []
    begin, end = (day.year * 12 + day.month - 1 for day in (ends["first"], ends["last"]))
    fitting = (months for months in _SPAN_MONTHS if end // months - begin // months < MOST_SPANS)
    months = next(fitting, _SPAN_MONTHS[-1])
    starts = range((begin // months + 1) * months, end + 1, months)
    return [date(month // 12, month % 12 + 1, 1) for month in starts]


def _words(picture: ir.Table, column: Any, field: Field, fields: Mapping[str, Field]) -> tuple[Any, ...]:
    """The commonest values; those of a choice in the order in which it lists them."""
    counted = _counted(picture, column)
    top = counted.order_by(counted.n.desc(), counted.value).limit(MOST_WORDS * 4)
    found = [row["value"] for row in top.to_pyarrow().to_pylist()]
    # A value that no condition can name, such as an empty text, is among the others.
    named = [value for value in found if _can_be_named(field, value, fields)][:MOST_WORDS]
    places = {choice.value: place for place, choice in enumerate(field.choices)}
    return tuple(sorted(named, key=lambda value: places[value])) if places else tuple(named)


def _can_be_named(field: Field, value: Any, fields: Mapping[str, Field]) -> bool:
    try:
        read(as_json(_is(field, value)), fields)
    except InvalidCondition:
        return False
    return True
