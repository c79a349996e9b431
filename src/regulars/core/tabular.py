"""Writing rows as CSV or Parquet, streamed: a million rows need no million rows of memory."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.core.errors import DomainError

PORTION = 50_000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class UnknownFormat(DomainError):
    """The file's ending does not say how to write it."""

    code = "unknown_format"


def write(file: Path, schema: pa.Schema, rows: Iterable[Sequence[Any]]) -> int:
    """Write rows to a .csv or .parquet file; returns how many. A half-written file does not stay behind.

    Raises:
        UnknownFormat: Another ending.
    """
    if file.suffix.lower() not in (".csv", ".parquet"):
        raise UnknownFormat(f"{file.name} should end in .csv or .parquet.")
    unfinished = file.with_name(file.name + ".part")
    try:
        writer = _write_csv if file.suffix.lower() == ".csv" else _write_parquet
        count = writer(unfinished, schema, iter(rows))
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def _write_csv(file: Path, schema: pa.Schema, rows: Iterator[Sequence[Any]]) -> int:
    count = 0
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(schema.names)
        for row in rows:
            writer.writerow([safe_cell(value) for value in row])
            count += 1
    return count


def _write_parquet(file: Path, schema: pa.Schema, rows: Iterator[Sequence[Any]]) -> int:
    count = 0
    with pq.ParquetWriter(file, schema) as writer:
        while portion := list(islice(rows, PORTION)):
            columns = [
                pa.array(column, type=field.type)
                for column, field in zip(zip(*portion, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += len(portion)
    return count
