"""Parquet files. Their rows count from 1, since they have no header row."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.facts.reading.errors import EmptyFile, TooLarge, UnreadableFile
from regulars.facts.reading.table import CHUNK_ROWS, MOST_ROWS, Cell, Chunk, Table, name_columns, with_start

_DAMAGED = "The Parquet file is damaged or was cut off. Write or upload it again."
_FAILURES = (pa.ArrowException, OSError, ValueError, TypeError, OverflowError, MemoryError, KeyError, AttributeError)


def open_parquet(path: Path) -> Table:
    """The table in a Parquet file.

    Raises:
        UnreadableFile: It is damaged, encrypted or empty.
    """
    try:
        with pq.ParquetFile(path) as file:
            names, rows = file.schema_arrow.names, file.metadata.num_rows
    except _FAILURES as error:
        raise UnreadableFile(_DAMAGED) from error
    if not names:
        raise EmptyFile("The Parquet file has no columns.")
    if not 0 <= rows <= MOST_ROWS:
        raise TooLarge(f"One import takes at most {MOST_ROWS:,} rows. Split the file, for instance by year.")
    return with_start(Table(name_columns(names), "parquet", f"{len(names)} columns", rows, lambda: _read(path)))


def _read(path: Path) -> Iterator[Chunk]:
    number = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=CHUNK_ROWS, use_threads=False):
                if batch.num_rows:
                    yield Chunk(range(number, number + batch.num_rows), [_cells(column) for column in batch.columns])
                number += batch.num_rows
    except _FAILURES as error:
        raise UnreadableFile(f"{_DAMAGED} It could be read up to row {number - 1}.") from error


def _cells(column: pa.Array) -> list[Cell]:
    """A column as plain values; what no order field holds (lists, structures, bytes) becomes text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz), safe=False).to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_floating(kind):
        return [None if value != value else value for value in column.to_pylist()]
    if pa.types.is_time(kind):
        return column.cast(pa.time64("us"), safe=False).to_pylist()  # type: ignore[no-any-return]
    values: list[Any] = column.to_pylist()
    if (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_date(kind)
    ):
        return values
    return [_text(value) for value in values]


def _text(value: Any) -> Cell:
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
