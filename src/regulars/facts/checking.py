"""Opening a file of orders as an import told it: columns, settings, and how far reading is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from regulars.facts import imports_view
from regulars.facts.connectors.orders_file import OrderSettings, OrdersFile
from regulars.facts.imports_view import ImportView, KeptMappingView
from regulars.facts.reading.columns import Mapping, fingerprint, guess
from regulars.facts.reading.samples import ROWS
from regulars.facts.reading.table import Chunk, Table
from regulars.facts.reading.tables import open_table

AHEAD = timedelta(days=1)
"""Clocks differ, but nothing happens later than tomorrow."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that can be read: its table, the likeliest meaning of its columns, and how such files were read before."""

    table: Table
    mapping: Mapping
    kept: KeptMappingView | None


def open_file(path: Path) -> OpenedFile:
    """Open a file; columns mean what they meant in the last file with these names, else what they look like.

    Raises:
        UnreadableFile: It is not a table, damaged, empty, or too large.
    """
    table = open_table(path)
    kept = imports_view.kept_mapping(fingerprint(table.names))
    if kept is not None and (known := Mapping.from_json(kept.mapping)).fits(table.names):
        return OpenedFile(table, known, kept)
    return OpenedFile(table, guess(table.names, [row for _, row in table.first_rows(ROWS)]), None)


def settings_of(view: ImportView, at: datetime) -> OrderSettings:
    """How an import's file is read, besides its columns."""
    return OrderSettings(source=view.source, time_zone=view.time_zone, latest=at + AHEAD, **dict(view.settings))


def orders_of(view: ImportView, table: Table, *, at: datetime, rows_read: Callable[[int], None]) -> OrdersFile:
    """The orders of a table as an import told it."""
    return OrdersFile(_counted(table, rows_read), Mapping.from_json(view.mapping), settings_of(view, at))


def _counted(table: Table, rows_read: Callable[[int], None]) -> Table:
    """The table, telling how many rows were read; a second reading does not start from nothing again."""
    most = 0

    def read() -> Iterator[Chunk]:
        nonlocal most
        seen = 0
        for chunk in table.read():
            yield chunk
            seen += len(chunk)
            if seen > most:
                rows_read(most := seen)

    return replace(table, read=read)
