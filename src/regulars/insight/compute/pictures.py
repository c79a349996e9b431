"""Looking at a finished picture: one Parquet file with a row for each customer, read with DuckDB where it lies.

One DuckDB serves the whole process, and whoever asks waits for the one before: a question takes some tens of
milliseconds and uses all cores anyhow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from regulars.core.conditions import FieldType, Tree, comparisons, used_fields
from regulars.core.conditions.fields import Field
from regulars.insight.compute import engine
from regulars.insight.compute.conditions import expression

MEMORY = "1GB"
TAGS = "tags"
"""The field that is not in the picture: tags are given at any moment, so they are looked up and joined."""

_ONE_AT_A_TIME = Lock()
_TYPES: Mapping[FieldType, str] = {
    FieldType.NUMBER: "float64", FieldType.TEXT: "string", FieldType.CHOICE: "string", FieldType.SET: "array<string>",
    FieldType.DATE: "date", FieldType.BOOLEAN: "boolean",
}  # fmt: skip
Ids: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Flags: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file, the day whose start it is as of, and the moment at which it was made."""

    file: Path
    day: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Tagged:
    """Who has which tags: one entry for each pair of a customer and a tag's code."""

    customers: Sequence[int]
    codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Truths:
    """What is true of customers, by id: the whole tree, and each of its comparisons (a column each)."""

    customers: Ids
    whole: Flags
    leaves: Flags


@cache
def _duckdb() -> Any:
    return engine.connect(memory=MEMORY)


@lru_cache(maxsize=3)
def _opened(picture: Picture) -> ir.Table:
    """The picture as a table; opening it once more would take as long as many a question."""
    return engine.read(_duckdb(), [picture.file], f"picture_{token_hex(8)}")


class _Look:
    """One question to the engine. Ibis' own ways would load pandas, which nothing here needs."""

    def __init__(self, stack: ExitStack) -> None:
        self._connection = _duckdb()
        self._stack = stack

    def bring(self, rows: pa.Table) -> ir.Table:
        """Rows of our own, for as long as the question lasts."""
        name = f"brought_{token_hex(8)}"
        self._connection.con.register(name, rows)
        self._stack.callback(self._connection.con.unregister, name)
        return self._connection.table(name)

    def ask(self, wanted: ir.Table) -> pa.Table:
        """The answer."""
        return self._connection.con.sql(self._connection.compile(wanted)).to_arrow_table()


@contextmanager
def _looking(
    picture: Picture, fields: Mapping[str, Field], wanted: frozenset[str], tagged: Tagged | None
) -> Iterator[tuple[_Look, ir.Table]]:
    """A question, and the picture with customer_id and the wanted columns; those that it lacks are missing."""
    with _ONE_AT_A_TIME, ExitStack() as stack:
        look = _Look(stack)
        yield look, _with_columns(look, _opened(picture), fields, wanted, tagged)


def _with_columns(
    look: _Look, seen: ir.Table, fields: Mapping[str, Field], wanted: frozenset[str], tagged: Tagged | None
) -> ir.Table:
    there = sorted(name for name in wanted if name in seen.columns and name != TAGS)
    absent = {name: ibis.null(_type_of(fields[name])) for name in sorted(wanted - {*there, TAGS})}
    table = seen.select("customer_id", *there).mutate(**absent)
    if TAGS not in wanted:
        return table
    pairs = tagged or Tagged((), ())
    rows = pa.table({"who": pa.array(pairs.customers, pa.int64()), "code": pa.array(pairs.codes, pa.string())})
    given = look.bring(rows).group_by("who").aggregate(tags=lambda t: t.code.collect())
    none: Any = ibis.literal([], type="array<string>")
    joined = table.left_join(given, table.customer_id == given.who).drop("who")
    return joined.mutate(tags=ibis.coalesce(joined.tags, none))


def count(picture: Picture, tree: Tree, fields: Mapping[str, Field], tagged: Tagged | None = None) -> int:
    """How many customers of the picture fulfil the tree.

    Args:
        tagged: Needed only where the tree uses TAGS.
    """
    with _looking(picture, fields, used_fields(tree), tagged) as (look, table):
        counted = table.filter(expression(tree, table, day=picture.day)).aggregate(people=lambda t: t.count())
        return int(look.ask(counted)["people"][0].as_py())


def matching(
    picture: Picture, tree: Tree, fields: Mapping[str, Field], tagged: Tagged | None = None, *, after: int, most: int
) -> list[int]:
    """The next customers who fulfil the tree, by id."""
    with _looking(picture, fields, used_fields(tree), tagged) as (look, table):
        chosen = table.filter(expression(tree, table, day=picture.day) & (table.customer_id > after))
        rows = look.ask(chosen.select("customer_id").order_by("customer_id").limit(most))
        return [int(one) for one in rows["customer_id"].to_pylist()]


def combinations(
    picture: Picture, trees: Mapping[int, Tree], fields: Mapping[str, Field], tagged: Tagged | None = None
) -> dict[frozenset[int], int]:
    """How many customers fulfil exactly these of the trees; combinations of nobody are left out."""
    with _looking(picture, fields, _fields_of(trees.values()), tagged) as (look, table):
        asked = {f"in_{key}": expression(tree, table, day=picture.day) for key, tree in trees.items()}
        counted = table.select(**asked).group_by(list(asked)).aggregate(people=lambda t: t.count())
        rows = look.ask(counted).to_pylist()
    return {frozenset(key for key in trees if row[f"in_{key}"]): row["people"] for row in rows}


def members(
    picture: Picture, trees: Mapping[int, Tree], fields: Mapping[str, Field], tagged: Tagged | None = None
) -> dict[int, Ids]:
    """For each tree the customers who fulfil it, as sorted ids; all trees are decided in one pass."""
    with _looking(picture, fields, _fields_of(trees.values()), tagged) as (look, table):
        asked = {f"in_{key}": expression(tree, table, day=picture.day) for key, tree in trees.items()}
        found = look.ask(table.select("customer_id", **asked))
    who = _column(found, "customer_id")
    return {key: np.sort(who[_column(found, f"in_{key}")]) for key in trees}


def truths(
    picture: Picture, tree: Tree, fields: Mapping[str, Field], customers: Ids, tagged: Tagged | None = None
) -> Truths:
    """What is true of those of the customers whom the picture knows."""
    asked: list[Tree] = [tree, *comparisons(tree)]
    with _looking(picture, fields, used_fields(tree), tagged) as (look, table):
        some = table.semi_join(look.bring(pa.table({"one": customers})), [("customer_id", "one")])
        told = {f"is_{place}": expression(part, some, day=picture.day) for place, part in enumerate(asked)}
        found = look.ask(some.select("customer_id", **told))
    who = _column(found, "customer_id")
    order = np.argsort(who)
    columns = np.column_stack([_column(found, name) for name in told])[order]
    return Truths(who[order], columns[:, 0], columns[:, 1:])


def _type_of(field: Field) -> str:
    numbered = any(isinstance(choice.value, int) for choice in field.choices)
    return "int64" if numbered else _TYPES[field.type]


def _fields_of(trees: Iterable[Tree]) -> frozenset[str]:
    return frozenset(name for tree in trees for name in used_fields(tree))


def _column(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    column: np.ndarray[Any, Any] = table[name].combine_chunks().to_numpy(zero_copy_only=False)
    return column
