"""Rows and counts of a finished picture, for pages: a DuckDB that stays open, and a cursor for each question."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import ibis
import ibis.expr.types as ir
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.core.conditions import Tree
from regulars.insight.compute import engine
from regulars.insight.compute.conditions import expression
from regulars.insight.compute.lake import Lake
from regulars.insight.compute.tables import Tables

MEMORY = "512MB"
THREADS = 2
BATCH = 20_000
KEYS = ("customer_id", "who", "joined_on")


@dataclass(frozen=True, slots=True)
class Row:
    """A customer in the picture: every column by name, None where nothing can be known."""

    customer_id: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True, slots=True)
class Group:
    """Customers who are alike in some columns: `key` in their order, how many, and sums by column."""

    key: tuple[Any, ...]
    customers: int
    sums: dict[str, int] = field(default_factory=dict)


class Browser:
    """One picture. May be asked from many threads at once."""

    def __init__(self, file: Path, day: date) -> None:
        self._connection = engine.connect(memory=MEMORY, threads=THREADS)
        # A view of Ibis's own would be temporary, and cursors would not see it.
        self._connection.con.read_parquet(str(file)).create_view("picture")
        self._table: ir.Table = self._connection.table("picture")
        self._day = day
        self.columns: tuple[str, ...] = tuple(self._table.columns)

    def row(self, customer_id: int) -> Row | None:
        """One customer; None if the picture does not know them."""
        found = self._these([customer_id], self.columns)
        return found[0] if found else None

    def rows(
        self, *, where: Tree | None = None, among: Sequence[int] | None = None, order: Sequence[str] = (),
        columns: Sequence[str] | None = None, limit: int = 50, offset: int = 0,
    ) -> list[Row]:  # fmt: skip
        """A page of customers.

        Args:
            among: Only these, some thousands at most.
            order: Columns, '-' in front for largest first; those without a value come last, then the id decides.
            columns: Only these and what is sorted by; all if None.
        """
        if where is None and among is not None and not order and not offset and len(among) <= limit:
            return self._these(among, self.columns if columns is None else columns)
        table = self._chosen(where, among)
        if columns is not None:
            sorts = [name.removeprefix("-") for name in order]
            table = table.select(*dict.fromkeys(["customer_id", *columns, *sorts]))
        by = [_ordered(table, name) for name in order]
        return self._rows(table.order_by([*by, table.customer_id]).limit(limit, offset=offset))

    def count(self, *, where: Tree | None = None, among: Sequence[int] | None = None) -> int:
        """How many customers."""
        return int(self._asked(self._chosen(where, among).aggregate(n=lambda t: t.count()))[0]["n"])

    def counts_by(
        self, by: Sequence[str], *, where: Tree | None = None, among: Sequence[int] | None = None,
        sums: Sequence[str] = (),
    ) -> list[Group]:  # fmt: skip
        """Customers by the values of some columns, the largest group first; `sums` of columns of whole numbers."""
        table = self._chosen(where, among)
        totals = {f"sum_{name}": table[name].sum().cast("int64") for name in sums}
        counted = table.group_by(list(by)).aggregate(n=table.count(), **totals).order_by([ibis.desc("n"), *by])
        found = self._asked(counted)
        return [
            Group(tuple(row[name] for name in by), row["n"], {name: row[f"sum_{name}"] or 0 for name in sums})
            for row in found
        ]

    def _these(self, customer_ids: Sequence[int], columns: Sequence[str]) -> list[Row]:
        """Named customers by id. Most pages ask no more than this, and writing it with Ibis costs more than asking."""
        names = dict.fromkeys(["customer_id", *columns])
        if unknown := names.keys() - set(self.columns):
            raise KeyError(f"The picture has no {', '.join(sorted(unknown))}.")
        listed, ids = ", ".join(f'"{name}"' for name in names), ", ".join(str(int(one)) for one in customer_ids)
        if not ids:
            return []
        cursor = self._connection.con.cursor()
        try:
            asked = f"SELECT {listed} FROM picture WHERE customer_id IN ({ids}) ORDER BY customer_id"
            return [Row(row["customer_id"], row) for row in cursor.sql(asked).to_arrow_table().to_pylist()]
        finally:
            cursor.close()

    def _chosen(self, where: Tree | None, among: Sequence[int] | None) -> ir.Table:
        table = self._table
        if where is not None:
            table = table.filter(expression(where, table, day=self._day))
        return table if among is None else table.filter(table.customer_id.isin(list(among)))

    def _rows(self, table: ir.Table) -> list[Row]:
        return [Row(row["customer_id"], row) for row in self._asked(table)]

    def _asked(self, table: ir.Table) -> list[dict[str, Any]]:
        cursor = self._connection.con.cursor()
        try:
            found = cursor.sql(self._connection.compile(table)).to_arrow_table()
            # DuckDB's sums of whole numbers are wider than what Ibis says they are.
            rows: list[dict[str, Any]] = found.cast(table.schema().to_pyarrow()).to_pylist()
            return rows
        finally:
            cursor.close()


def _ordered(table: ir.Table, name: str) -> Any:
    column = table[name.removeprefix("-")]
    return column.desc(nulls_first=False) if name.startswith("-") else column.asc(nulls_first=False)


@lru_cache(maxsize=2)
def browser(file: Path, day: date) -> Browser:
    """The browser of a picture; that of the one before stays open for those who still look at it."""
    return Browser(file, day)


_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=1)
def _opened(folder: Path, serial: int) -> Tables:
    """The lake as an export left it. What it names stays on disk until the export after the next begins."""
    return Lake(folder).tables(engine.connect(memory=MEMORY, threads=THREADS))


def behind(lake: Lake, choose: Callable[[Tables], ir.Table]) -> list[int]:
    """Sorted ids of the customers (customer_id) whom an expression over the lake chooses; nobody if there is none."""
    with _ONE_AT_A_TIME:
        found = lake.manifest()
        if found is None:
            return []
        chosen = choose(_opened(lake.folder, found.serial)).select("customer_id").distinct().to_pyarrow()
    return sorted(chosen["customer_id"].to_pylist())


def export_rows(file: Path, *, features: bool) -> tuple[pa.Schema, Iterator[tuple[Any, ...]]]:
    """The columns of a picture that are features, or those that are not, as rows with plain values.

    Lists of reasons become JSON texts, since a CSV file has no place for lists.
    """
    from regulars.insight.compute.features import FEATURES

    source = pq.ParquetFile(file)
    chosen = [one for one in source.schema_arrow if one.name in KEYS or (one.name in FEATURES) == features]
    nested = {one.name for one in chosen if pa.types.is_nested(one.type)}
    schema = pa.schema([one if one.name not in nested else pa.field(one.name, pa.string()) for one in chosen])

    def rows() -> Iterator[tuple[Any, ...]]:
        for batch in source.iter_batches(BATCH, columns=schema.names):
            columns = [batch[name].to_pylist() for name in schema.names]
            for place, name in enumerate(schema.names):
                if name in nested:
                    columns[place] = [None if v is None else orjson.dumps(v).decode() for v in columns[place]]
            yield from zip(*columns, strict=True)

    return schema, rows()
