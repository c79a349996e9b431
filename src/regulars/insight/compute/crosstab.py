"""Cross-tabs: customers of the picture by any two of its fields, and the customers behind every cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.core.conditions import EVERYBODY, AllOf, Field, FieldType, Tree, as_json
from regulars.insight.compute import axes
from regulars.insight.compute.axes import MISSING, Axis, Category, NoSuchAxis
from regulars.insight.compute.conditions import expression

MICRO = 1_000_000
"""Values that are not whole are summed in millionths, since sums of floats depend on their order."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Customers in both categories.

    Attributes:
        valued: Those of them whose value is known. value_sum: Of all of these.
    """

    count: int
    valued: int = 0
    value_sum: int | float = 0

    @property
    def mean(self) -> float | None:
        """The mean value of those of whom it is known; None if it is of nobody."""
        return self.value_sum / self.valued if self.valued else None


@dataclass(frozen=True, slots=True)
class CrossTab:
    """Customers by two fields. Categories without anybody are left out; an empty picture has no rows.

    Attributes:
        cells: By row, then by column.
        value: The field that means are of.
    """

    row_axis: Axis
    column_axis: Axis | None
    value: str | None
    rows: tuple[Category, ...]
    columns: tuple[Category, ...]
    cells: tuple[tuple[Cell, ...], ...]

    def cell(self, row: int | None, column: int | None) -> Cell:
        """A cell, a margin (one of the places None) or the whole (both)."""
        chosen = self.cells if row is None else self.cells[row : row + 1]
        found = [one for line in chosen for one in (line if column is None else line[column : column + 1])]
        return Cell(sum(c.count for c in found), sum(c.valued for c in found), sum(c.value_sum for c in found))

    def share(self, row: int | None, column: int | None, *, of: str) -> float:
        """The cell's part of its 'row', of its 'column', or of 'all'."""
        whole = {"row": (row, None), "column": (None, column), "all": (None, None)}[of]
        return self.cell(row, column).count / self.cell(*whole).count

    def tree(self, row: int | None, column: int | None) -> Tree:
        """What selects the customers behind `cell` of the same places."""
        parts: list[Tree] = []
        for categories, place in ((self.rows, row), (self.columns, column)):
            condition = EVERYBODY if place is None else categories[place].condition
            parts += condition.parts if isinstance(condition, AllOf) else [condition]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def condition(self, row: int | None, column: int | None) -> dict[str, Any]:
        """The same as JSON: a segment of its own, if wanted."""
        return as_json(self.tree(row, column))


def table(
    picture: ir.Table, fields: Mapping[str, Field], rows: Axis, columns: Axis | None = None, *, value: str | None = None
) -> CrossTab:
    """Cross two fields of a picture, by a query or two for each axis and one for the cells.

    Args:
        picture: One row a customer, with a column for each field that is used.
        fields: What conditions can ask about.
        value: A number field whose mean is told for each cell.
    Raises:
        NoSuchAxis: A field is not in the picture, or cannot be used like this.
    """
    across, down = axes.cut(picture, rows, fields), axes.cut(picture, columns, fields)
    if value is not None and (value not in picture.columns or fields[value].type is not FieldType.NUMBER):
        raise NoSuchAxis(f"{value!r} has no mean.", field=value)
    counted = counts(picture, across.place, down.place, value).to_pyarrow().to_pylist()
    scale = 1 if value is None or picture[value].type().is_integer() else MICRO
    found = {
        (_at(row["row"], across), _at(row["column"], down)): Cell(
            row["count"], row["valued"], row["value_sum"] / scale if scale > 1 else row["value_sum"]
        )
        for row in counted
    }
    kept_rows, kept_columns = (sorted({place[side] for place in found}) for side in (0, 1))
    cells = tuple(tuple(found.get((row, column), Cell(0)) for column in kept_columns) for row in kept_rows)
    return CrossTab(
        rows, columns, value, tuple(across.categories[n] for n in kept_rows),
        tuple(down.categories[n] for n in kept_columns), cells,
    )  # fmt: skip


def counts(picture: ir.Table, row: Any, column: Any, value: str | None) -> ir.Table:
    """The cells as rows: row, column, count, valued, value_sum."""
    told = ibis.null("int64") if value is None else axes.known(picture[value])
    if value is not None:
        told = told.cast("int64") if picture[value].type().is_integer() else (told * MICRO).round().cast("int64")
    placed = picture.select(row=row, column=column, told=told)
    return placed.group_by("row", "column").aggregate(
        count=placed.count(), valued=placed.told.count(), value_sum=placed.told.sum().fill_null(0).cast("int64")
    )


def customers(picture: ir.Table, tree: Tree, day: date) -> ir.Table:
    """The customers (customer_id) whom a tree selects from the picture as of a day."""
    return picture.filter(expression(tree, picture, day=day)).select("customer_id")


def _at(place: int, cut: axes.Cut) -> int:
    return len(cut.categories) - 1 if place == MISSING else place
