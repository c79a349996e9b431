"""The lake: Parquet files of what happened, and a manifest that says which of them count.

Orders and their lines grow part by part as the feed of facts goes on; everything else is written whole each time. Files
are never changed: a manifest names those that count, and is replaced in one step, so that a crash leaves the lake as
it was, with some files too many that the next export sweeps away.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.insight.compute import engine
from regulars.insight.compute.files import durable_parquet, replace_file
from regulars.insight.compute.tables import SCHEMAS, Tables

FORMAT = 1
MANIFEST = "manifest.json"
GROWING = {"orders": "order_id", "lines": "order_id"}
"""Tables that grow by parts, and their column of fact ids."""

PART_ROWS = 4_000_000
ROW_GROUP = 250_000
MOST_PARTS = 24
SMALL_PART = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the lake, named from its folder."""

    file: str
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which files count, and how far they have followed the feed of facts.

    Attributes:
        database: Which one the facts are from. epoch: Of its feed.
        before: Every order that a transaction below this told is here.
        retracted: Of how many retracted orders is known; there are never fewer.
        serial: Counts the exports; names of files begin with it.
    """

    database: str
    epoch: int
    before: int
    retracted: int
    serial: int
    tables: dict[str, tuple[Part, ...]] = field(default_factory=dict)

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: sum(part.rows for part in parts) for name, parts in self.tables.items()}


class Lake:
    """The lake in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifest(self) -> Manifest | None:
        """What counts now; None if there is nothing yet, or nothing that can be used."""
        try:
            told = json.loads((self.folder / MANIFEST).read_text())
        except (FileNotFoundError, ValueError):
            return None
        if told.pop("format", None) != FORMAT:
            return None
        tables = {name: tuple(Part(**part) for part in parts) for name, parts in told.pop("tables").items()}
        found = Manifest(**told, tables=tables)
        whole = all((self.folder / part.file).exists() for parts in tables.values() for part in parts)
        return found if whole and tables.keys() == SCHEMAS.keys() else None

    def commit(self, manifest: Manifest) -> None:
        """From now on this counts."""
        told = {"format": FORMAT, **asdict(manifest)}
        replace_file(self.folder / MANIFEST, json.dumps(told, indent=1).encode())

    def sweep(self) -> None:
        """Delete files that do not count: those of the export before the last, and of one that broke off."""
        found = self.manifest()
        kept = {part.file for parts in found.tables.values() for part in parts} if found else set()
        for name in SCHEMAS:
            for file in (self.folder / name).glob("*"):
                if f"{name}/{file.name}" not in kept:
                    file.unlink(missing_ok=True)

    def write(self, table: str, batches: Iterable[pa.RecordBatch], stem: str) -> tuple[Part, ...]:
        """Write rows as new files of a table, safely on disk, none much above PART_ROWS; at least one, if empty."""
        schema = SCHEMAS[table].to_pyarrow()
        (self.folder / table).mkdir(parents=True, exist_ok=True)
        groups = _in_groups(batches, schema)
        parts: list[Part] = []
        while not parts or parts[-1].rows >= PART_ROWS:
            part = self._write_part(f"{table}/{stem}-{len(parts):03}.parquet", groups, schema)
            if part.rows or not parts:
                parts.append(part)
            else:
                (self.folder / part.file).unlink()
                break
        return tuple(parts)

    def _write_part(self, name: str, groups: Iterator[pa.Table], schema: pa.Schema) -> Part:
        rows = 0
        with durable_parquet(self.folder / name, schema) as writer:
            for group in groups:
                writer.write_table(group, row_group_size=ROW_GROUP)
                rows += len(group)
                if rows >= PART_ROWS:
                    break
        return Part(name, rows)

    def grown(self, before: tuple[Part, ...], new: tuple[Part, ...]) -> tuple[Part, ...]:
        """Parts and new ones; an empty new one is not worth a file."""
        for part in new:
            if not part.rows:
                (self.folder / part.file).unlink()
        return before + tuple(part for part in new if part.rows)

    def without(self, manifest: Manifest, gone: pa.Array, stem: str) -> Manifest:
        """The manifest after these facts were taken out: parts that hold some are written anew without them."""
        tables = dict(manifest.tables)
        for table, key in GROWING.items():
            tables[table] = tuple(
                self._part_without(part, key, gone, f"{table}/{stem}-left-{number:03}.parquet")
                for number, part in enumerate(tables[table])
            )
        return replace(manifest, tables=tables)

    def _part_without(self, part: Part, key: str, gone: pa.Array, name: str) -> Part:
        file = self.folder / part.file
        if not pc.any(pc.is_in(pq.read_table(file, columns=[key])[key], value_set=gone)).as_py():
            return part
        whole = pq.read_table(file)
        left = whole.filter(pc.invert(pc.is_in(whole[key], value_set=gone)))
        with durable_parquet(self.folder / name, left.schema) as writer:
            writer.write_table(left, row_group_size=ROW_GROUP)
        return Part(name, len(left))

    def compacted(self, manifest: Manifest, stem: str) -> Manifest:
        """The manifest after the many small parts of a table, if there are many, became one."""
        tables = dict(manifest.tables)
        for table in GROWING:
            small = [part for part in tables[table] if part.rows < SMALL_PART]
            if len(small) > MOST_PARTS:
                files = (pq.ParquetFile(self.folder / part.file) for part in small)
                batches = (batch for file in files for batch in file.iter_batches(ROW_GROUP))
                joined = self.write(table, batches, f"{stem}-joined")
                tables[table] = tuple(part for part in tables[table] if part not in small) + joined
        return replace(manifest, tables=tables)

    def tables(self, connection: Any) -> Tables:
        """The lake as Ibis tables on an engine.

        Raises:
            FileNotFoundError: Nothing was exported yet.
        """
        found = self.manifest()
        if found is None:
            raise FileNotFoundError(f"There is no lake in {self.folder}.")
        files = {name: [self.folder / part.file for part in parts] for name, parts in found.tables.items()}
        return Tables(**{t.name: engine.read(connection, files[t.name], t.name) for t in fields(Tables)})


def _in_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows as tables of about ROW_GROUP each, cast to the table's own types."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        if rows >= ROW_GROUP:
            yield pa.Table.from_batches(waiting).select(schema.names).cast(schema)
            waiting, rows = [], 0
    if waiting:
        yield pa.Table.from_batches(waiting).select(schema.names).cast(schema)
