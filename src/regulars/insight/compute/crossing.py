"""A cross-tab of a picture where it lies, and the fields that can be its axes."""

from collections.abc import Mapping

from regulars.core.conditions import FieldType
from regulars.core.conditions.fields import Field
from regulars.insight.compute import crosstab
from regulars.insight.compute.axes import Axis
from regulars.insight.compute.crosstab import CrossTab
from regulars.insight.compute.pictures import Picture, columns_of, looking


def axes_of(picture: Picture, fields: Mapping[str, Field]) -> list[Field]:
    """The fields that can be axes: those that the picture has, but for sets, which would count people twice."""
    there = columns_of(picture)
    return [one for one in fields.values() if one.name in there and one.type is not FieldType.SET]


def crossed(
    picture: Picture, fields: Mapping[str, Field], row: str, column: str, value: str | None = None
) -> CrossTab:  # fmt: skip
    """Customers by two fields; see `crosstab.table`.

    Raises:
        NoSuchAxis: A field is not in the picture, or cannot be used like this.
    """
    wanted = frozenset(name for name in (row, column, value) if name is not None)
    with looking(picture, fields, wanted, None) as (_look, table):
        return crosstab.table(table, fields, Axis(row), Axis(column), value=value)
