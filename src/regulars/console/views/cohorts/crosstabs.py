"""Cross-tabs: customers by any two fields, each cell with the customers behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.console import figures
from regulars.console.behind import people_url
from regulars.console.builder.shown import FAMILIES
from regulars.console.condition_words import Speaker
from regulars.console.kept import kept
from regulars.console.views.cohorts.triangle import percent
from regulars.core.conditions import FieldType
from regulars.core.conditions.fields import Field
from regulars.core.errors import DomainError
from regulars.insight.compute import crossing
from regulars.insight.compute.axes import Category
from regulars.insight.compute.crosstab import CrossTab
from regulars.insight.compute.pictures import Picture

USUAL_ROW, USUAL_COLUMN, USUAL_VALUE = "stage", "contribution", "spent_365_minor"
TELLS: dict[str, Promise] = {
    "count": gettext_lazy("Customers"),
    "row": gettext_lazy("Share of the row"),
    "column": gettext_lazy("Share of the column"),
    "mean": gettext_lazy("Mean of a value"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks for; what makes no sense is the usual."""

    row: str
    column: str
    value: str
    tells: str

    @classmethod
    def read(cls, query: Mapping[str, str], axes: list[Field]) -> "Asked":
        """From an address."""
        names = [one.name for one in axes]
        numbers = [one.name for one in axes if one.type is FieldType.NUMBER]

        def one_of(name: str, known: list[str], usual: str) -> str:
            asked = query.get(name, "")
            return asked if asked in known else usual if usual in known else next(iter(known), "")

        return cls(
            one_of("row", names, USUAL_ROW),
            one_of("column", names, USUAL_COLUMN),
            one_of("value", numbers, USUAL_VALUE),
            one_of("tells", list(TELLS), "count"),
        )


@dataclass(frozen=True, slots=True)
class CrossCell:
    """A cell: what it tells, the count behind it, how dark it is from 0 to 8, and who is in it."""

    text: str
    count: int
    heat: int
    url: str


@dataclass(frozen=True, slots=True)
class CrossRow:
    """A category of the row field, its cells and its margin."""

    label: str
    cells: list[CrossCell]
    total: CrossCell


def shown(picture: Picture, words: Speaker, query: Mapping[str, str]) -> dict[str, object]:
    """The cross-tab that an address asks for, and what else it may ask for."""
    axes = crossing.axes_of(picture, words.fields)
    asked = Asked.read(query, axes)
    told: dict[str, object] = {
        "asked": asked,
        "families": _families(axes, words),
        "tells": TELLS.items(),
        "cross": None,
    }
    try:
        table = kept(
            "crosstab", str(picture.file), asked.row, asked.column, asked.value, version=(),
            make=lambda: crossing.crossed(picture, words.fields, asked.row, asked.column, asked.value),
        )  # fmt: skip
    except DomainError:
        return told
    fields = words.fields
    return told | {
        "numbers": _families([one for one in axes if one.type is FieldType.NUMBER], words),
        "row_label": words.text(fields[asked.row].label),
        "column_label": words.text(fields[asked.column].label),
        "value_label": words.text(fields[asked.value].label) if asked.value else "",
        "cross": _rows(table, asked, words),
        "cross_columns": [label(one, fields[asked.column], words) for one in table.columns],
        "cross_totals": [_cell(table, asked, words, None, column, 0.0) for column in range(len(table.columns))],
        "cross_whole": _cell(table, asked, words, None, None, 0.0),
    }


def _families(axes: list[Field], words: Speaker) -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for field in axes:
        found.setdefault(str(FAMILIES.get(field.family, field.family)), []).append(
            (field.name, words.text(field.label))
        )
    return list(found.items())


def _rows(table: CrossTab, asked: Asked, words: Speaker) -> list[CrossRow]:
    places = [(row, column) for row in range(len(table.rows)) for column in range(len(table.columns))]
    top = max((_amount(table, asked, *place) or 0 for place in places), default=0.0)
    field = words.fields[asked.row]
    return [
        CrossRow(
            label(category, field, words),
            [_cell(table, asked, words, row, column, top) for column in range(len(table.columns))],
            _cell(table, asked, words, row, None, 0.0),
        )
        for row, category in enumerate(table.rows)
    ]


def _amount(table: CrossTab, asked: Asked, row: int | None, column: int | None) -> float | None:
    cell = table.cell(row, column)
    if asked.tells == "count":
        return cell.count
    if asked.tells == "mean":
        return cell.mean
    return table.share(row, column, of=asked.tells)


def _cell(
    table: CrossTab, asked: Asked, words: Speaker, row: int | None, column: int | None, top: float
) -> CrossCell:  # fmt: skip
    count = table.cell(row, column).count
    if not count:
        return CrossCell("·", 0, 0, "")
    amount = _amount(table, asked, row, column)
    heat = min(8, round(8 * max(amount or 0, 0) / top)) if top > 0 else 0
    return CrossCell(_text(amount, asked, words), count, heat, people_url(table.condition(row, column)))


def _text(amount: float | None, asked: Asked, words: Speaker) -> str:
    if amount is None:
        return "–"
    if asked.tells == "count":
        return figures.count(round(amount))
    if asked.tells != "mean":
        return percent(amount)
    unit = words.fields[asked.value].unit
    if unit == "minor":
        return figures.compact_money(round(amount), words.currency)
    return f"{100 * amount:.1f}%" if unit == "share" else f"{amount:,.1f}"


def label(category: Category, field: Field, words: Speaker) -> str:
    """The name of a category."""
    if category.kind == "missing":
        return _("Not known")
    if category.kind == "others":
        return _("Others")
    if category.kind == "range":
        return _range(category, field, words)
    if isinstance(category.value, bool):
        return _("Yes") if category.value else _("No")
    return words.choice(field.name, category.value) if field.choices else _written(category.value, field, words)


def _range(category: Category, field: Field, words: Speaker) -> str:
    low, high = category.low, category.high
    if low is None and high is None:
        return _("Known")
    if low is None:
        told = {"end": _end(high, field, words)}
        return _("before %(end)s") % told if isinstance(high, date) else _("below %(end)s") % told
    if high is None:
        return _("from %(low)s on") % {"low": _end(low, field, words)}
    if isinstance(high, date):
        high = high - timedelta(days=1)
        if isinstance(low, date) and (low.year, low.month) == (high.year, high.month):
            return _end(low, field, words)
    return _("%(low)s to %(high)s") % {"low": _end(low, field, words), "high": _end(high, field, words)}


def _end(value: object, field: Field, words: Speaker) -> str:
    """An end of a range; spans of days begin and end with months."""
    if isinstance(value, date):
        return f"{value.year}-{value.month:02}"
    return _written(value, field, words)


def _written(value: object, field: Field, words: Speaker) -> str:
    if field.unit == "minor" and isinstance(value, int | float):
        return figures.compact_money(round(value), words.currency)
    if field.unit == "share" and isinstance(value, int | float):
        return f"{100 * value:,.10g}%"
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)
