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
import pyarrow.parquet as pq
from ibis.expr.operations import Node

from regulars.core.conditions import FieldType, Tree, comparisons, used_fields
from regulars.core.conditions.fields import Field
from regulars.insight.compute import engine
from regulars.insight.compute.conditions import expression

MEMORY = "1GB"
TAGS, BIRTHDAY, SEGMENTS = "tags", "birthday", "segments"
LIVE = frozenset({TAGS, BIRTHDAY, SEGMENTS})
"""Fields that are not in the picture but looked up and joined: tags are given at any moment, what is personal stays
where it can be erased, and segments are counted on the picture themselves."""

_ONE_AT_A_TIME = Lock()
_TYPES: Mapping[FieldType, str] = {
    FieldType.NUMBER: "float64", FieldType.TEXT: "string", FieldType.CHOICE: "string", FieldType.SET: "array<string>",
    FieldType.DATE: "date", FieldType.BOOLEAN: "boolean", FieldType.ANNIVERSARY: "int64",
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
    """What is live of customers: one entry for each pair of a customer and a tag's code, and one for each birthday.

    Attributes:
        birthdays: As month × 100 + day, of those in `born`.
        segments: Codes of segments, each with its customer in `members`.
        today: The day that birthdays are counted from; the picture's if None.
    """

    customers: Sequence[int] = ()
    codes: Sequence[str] = ()
    born: Sequence[int] = ()
    birthdays: Sequence[int] = ()
    members: "Sequence[int] | Ids" = ()
    segments: Sequence[str] = ()
    today: date | None = None


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


@lru_cache(maxsize=256)
def _written(wanted: Node) -> str:
    """A question as SQL. Pages ask the same ones over and over, and writing one takes longer than answering it."""
    return str(_duckdb().compile(wanted.to_expr()))


class Look:
    """One question to the engine. Ibis' own ways would load pandas, which nothing here needs."""

    def __init__(self, stack: ExitStack) -> None:
        self._connection = _duckdb()
        self._stack = stack
        self._brought = 0

    def bring(self, rows: pa.Table) -> ir.Table:
        """Rows of our own, for as long as the question lasts."""
        # Names that come again, so that the same question is the same text; one question is asked at a time.
        self._brought += 1
        name = f"brought_{self._brought}"
        self._connection.con.register(name, rows)
        self._stack.callback(self._connection.con.unregister, name)
        return self._connection.table(name)

    def ask(self, wanted: ir.Table) -> pa.Table:
        """The answer."""
        return self._connection.con.sql(_written(wanted.op())).to_arrow_table()


@lru_cache(maxsize=8)
def columns_of(picture: Picture) -> frozenset[str]:
    """What a picture tells of each customer; tags are not in it."""
    return frozenset(pq.read_schema(picture.file).names)


def in_picture(columns: Iterable[str], picture: Picture) -> list[str]:
    """Those of the columns that a picture has, each once, in this order."""
    there = columns_of(picture)
    return [name for name in dict.fromkeys(columns) if name in there]


@contextmanager
def looking(
    picture: Picture, fields: Mapping[str, Field], wanted: frozenset[str], tagged: Tagged | None
) -> Iterator[tuple[Look, ir.Table]]:
    """A question, and the picture with customer_id and the wanted columns; those that it lacks are missing."""
    with _ONE_AT_A_TIME, ExitStack() as stack:
        look = Look(stack)
        yield look, _with_columns(look, _opened(picture), fields, wanted, tagged)


def _with_columns(
    look: Look, seen: ir.Table, fields: Mapping[str, Field], wanted: frozenset[str], tagged: Tagged | None
) -> ir.Table:
    there = sorted(name for name in wanted if name in seen.columns and name not in LIVE)
    absent = {name: ibis.null(_type_of(fields[name])) for name in sorted(wanted - {*there, *LIVE})}
    table = seen.select("customer_id", *there).mutate(**absent)
    told = tagged or Tagged()
    if BIRTHDAY in wanted:
        columns = {"who": pa.array(told.born, pa.int64()), BIRTHDAY: pa.array(told.birthdays, pa.int64())}
        table = table.left_join(look.bring(pa.table(columns)), [("customer_id", "who")]).drop("who")
    for name, who, codes in ((TAGS, told.customers, told.codes), (SEGMENTS, told.members, told.segments)):
        if name in wanted:
            table = _with_set(look, table, name, who, codes)
    return table


def _with_set(look: Look, table: ir.Table, name: str, who: "Sequence[int] | Ids", codes: Sequence[str]) -> ir.Table:
    rows = pa.table({"who": pa.array(who, pa.int64()), "code": pa.array(codes, pa.string())})
    given = look.bring(rows).group_by("who").aggregate(**{name: lambda t: t.code.collect()})
    none: Any = ibis.literal([], type="array<string>")
    joined = table.left_join(given, table.customer_id == given.who).drop("who")
    return joined.mutate(**{name: ibis.coalesce(joined[name], none)})


def fulfils(tree: Tree, table: ir.Table, picture: Picture, tagged: Tagged | None) -> ir.BooleanValue:
    """Whether customers of a picture fulfil a tree: features as of its day, birthdays from today on."""
    return expression(tree, table, day=picture.day, today=tagged.today if tagged else None)


def count(picture: Picture, tree: Tree, fields: Mapping[str, Field], tagged: Tagged | None = None) -> int:
    """How many customers of the picture fulfil the tree.

    Args:
        tagged: Needed only where the tree uses something LIVE.
    """
    with looking(picture, fields, used_fields(tree), tagged) as (look, table):
        counted = table.filter(fulfils(tree, table, picture, tagged)).aggregate(people=lambda t: t.count())
        return int(look.ask(counted)["people"][0].as_py())


def matching(
    picture: Picture, tree: Tree, fields: Mapping[str, Field], tagged: Tagged | None = None, *, after: int, most: int
) -> list[int]:
    """The next customers who fulfil the tree, by id."""
    with looking(picture, fields, used_fields(tree), tagged) as (look, table):
        chosen = table.filter(fulfils(tree, table, picture, tagged) & (table.customer_id > after))
        rows = look.ask(chosen.select("customer_id").order_by("customer_id").limit(most))
        return [int(one) for one in rows["customer_id"].to_pylist()]


def combinations(
    picture: Picture, trees: Mapping[int, Tree], fields: Mapping[str, Field], tagged: Tagged | None = None
) -> dict[frozenset[int], int]:
    """How many customers fulfil exactly these of the trees; combinations of nobody are left out."""
    with looking(picture, fields, _fields_of(trees.values()), tagged) as (look, table):
        asked = {f"in_{key}": fulfils(tree, table, picture, tagged) for key, tree in trees.items()}
        counted = table.select(**asked).group_by(list(asked)).aggregate(people=lambda t: t.count())
        rows = look.ask(counted).to_pylist()
    return {frozenset(key for key in trees if row[f"in_{key}"]): row["people"] for row in rows}


def members(
    picture: Picture, trees: Mapping[int, Tree], fields: Mapping[str, Field], tagged: Tagged | None = None
) -> dict[int, Ids]:
    """For each tree the customers who fulfil it, as sorted ids; all trees are decided in one pass."""
    with looking(picture, fields, _fields_of(trees.values()), tagged) as (look, table):
        asked = {f"in_{key}": fulfils(tree, table, picture, tagged) for key, tree in trees.items()}
        found = look.ask(table.select("customer_id", **asked))
    who = _column(found, "customer_id")
    return {key: np.sort(who[_column(found, f"in_{key}")]) for key in trees}


def truths(
    picture: Picture, tree: Tree, fields: Mapping[str, Field], customers: Ids, tagged: Tagged | None = None
) -> Truths:
    """What is true of those of the customers whom the picture knows."""
    who, flags = holding(picture, [tree, *comparisons(tree)], fields, customers, tagged)
    return Truths(who, flags[:, 0], flags[:, 1:])


def holding(
    picture: Picture, trees: Sequence[Tree], fields: Mapping[str, Field], customers: Ids, tagged: Tagged | None = None
) -> tuple[Ids, Flags]:
    """Those of the customers whom the picture knows, by id, and which of the trees hold for each (a column each)."""
    with looking(picture, fields, _fields_of(trees), tagged) as (look, table):
        some = table.semi_join(look.bring(pa.table({"one": customers})), [("customer_id", "one")])
        told = {f"is_{place}": fulfils(tree, some, picture, tagged) for place, tree in enumerate(trees)}
        found = look.ask(some.select("customer_id", **told))
    who = _column(found, "customer_id")
    order = np.argsort(who)
    return who[order], np.column_stack([_column(found, name) for name in told])[order]


def _type_of(field: Field) -> str:
    numbered = any(isinstance(choice.value, int) for choice in field.choices)
    return "int64" if numbered else _TYPES[field.type]


def _fields_of(trees: Iterable[Tree]) -> frozenset[str]:
    return frozenset(name for tree in trees for name in used_fields(tree))


def _column(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    column: np.ndarray[Any, Any] = table[name].combine_chunks().to_numpy(zero_copy_only=False)
    return column
