"""The first rows of a table, kept as JSON: columns can be chosen and seen at work without opening the file again."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from regulars.facts.reading.table import Cell, Chunk, Table

ROWS = 200
_TAGS: dict[type, str] = {datetime: "at", date: "on", time: "clock", Decimal: "decimal"}
_READ: dict[str, Any] = {
    "at": datetime.fromisoformat,
    "on": date.fromisoformat,
    "clock": time.fromisoformat,
    "decimal": Decimal,
}


def take_sample(table: Table, rows: int = ROWS) -> dict[str, Any]:
    """Names and first rows of a table as JSON; cells keep their types."""
    numbers: list[int] = []
    columns: list[list[Any]] = [[] for _ in table.names]
    overlong: list[int] = []
    for chunk in table.head(rows).chunks():
        overlong += [len(numbers) + position for position in sorted(chunk.overlong)]
        numbers += chunk.numbers
        for kept, column in zip(columns, chunk.columns, strict=True):
            kept += [_told(cell) for cell in column]
    return {
        "names": list(table.names),
        "form": table.form,
        "detail": table.detail,
        "rows": table.total_rows,
        "numbers": numbers,
        "columns": columns,
        "overlong": overlong,
    }


def sampled_table(sample: Mapping[str, Any]) -> Table:
    """The table of a kept sample; `total_rows` is that of the whole file, as far as it was known."""

    def read() -> Iterator[Chunk]:
        columns = [[_retold(cell) for cell in column] for column in sample["columns"]]
        yield Chunk(sample["numbers"], columns, frozenset(sample["overlong"]))

    return Table(tuple(sample["names"]), sample["form"], sample["detail"], sample["rows"], read)


def _told(cell: Cell) -> Any:
    tag = _TAGS.get(type(cell))
    if tag is not None:
        return {tag: str(cell) if tag == "decimal" else cell.isoformat()}  # type: ignore[union-attr]
    if isinstance(cell, float) and (cell != cell or cell in (float("inf"), float("-inf"))):
        return str(cell)  # JSON has no such numbers
    if isinstance(cell, str):
        return cell.replace("\x00", "")  # PostgreSQL keeps no null character
    return cell


def _retold(cell: Any) -> Cell:
    if isinstance(cell, dict):
        tag, text = next(iter(cell.items()))
        return _READ[tag](text)  # type: ignore[no-any-return]
    return cell  # type: ignore[no-any-return]
