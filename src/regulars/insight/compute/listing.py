"""Lists of customers of a picture: how many a choice means, a page of them, and all of them for a file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from regulars.core.conditions import Tree, used_fields
from regulars.core.conditions.fields import Field
from regulars.insight.compute.pictures import Ids, Look, Picture, Tagged, columns_of, fulfils, in_picture, looking

PORTION = 20_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a list is about: who fulfils the tree and, where `among` is given, is one of those.

    Attributes:
        tagged: Needed only where the tree uses something LIVE.
    """

    tree: Tree
    fields: Mapping[str, Field]
    tagged: Tagged | None = None
    among: "Ids | None" = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How many customers were chosen, of how many there are, and by column sums and medians of the chosen ones."""

    customers: int
    everybody: int
    sums: dict[str, int] = field(default_factory=dict)
    medians: dict[str, float | None] = field(default_factory=dict)


def summary(picture: Picture, chosen: Chosen, *, sums: Sequence[str] = (), medians: Sequence[str] = ()) -> Summary:
    """What a choice comes to. Columns that the picture lacks are left out."""
    with _choosing(picture, chosen, [*sums, *medians]) as (look, rows, there):
        asked: dict[str, Any] = {"n": rows.count()}
        asked |= {f"sum_{name}": rows[name].sum() for name in sums if name in there}
        # Through a float, since a median of whole numbers may lie between two of them.
        asked |= {f"median_{name}": rows[name].cast("float64").median() for name in medians if name in there}
        row = look.ask(rows.aggregate(**asked)).to_pylist()[0]
    return Summary(
        row["n"],
        everybody(picture),
        {name: int(row[f"sum_{name}"] or 0) for name in sums if name in there},
        {name: row[f"median_{name}"] for name in medians if name in there},
    )


def page(
    picture: Picture, chosen: Chosen, *, columns: Sequence[str], order: Sequence[str] = (), limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """A page of customers: customer_id and those of the columns that the picture has.

    Args:
        order: Columns, '-' in front for largest first; those without a value come last, then the id decides.
    """
    wanted = [*columns, *(name.removeprefix("-") for name in order)]
    with _choosing(picture, chosen, wanted) as (look, rows, there):
        by = [_ordered(rows, name) for name in order if name.removeprefix("-") in there]
        cut = rows.order_by([*by, rows.customer_id]).limit(limit, offset=offset)
        found: list[dict[str, Any]] = look.ask(cut.select("customer_id", *in_picture(columns, picture))).to_pylist()
    return found


def portions(picture: Picture, chosen: Chosen, *, columns: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Everybody by id, some thousand rows at a time, for a file."""
    with _choosing(picture, chosen, columns) as (look, rows, _there):
        found = look.ask(rows.select("customer_id", *in_picture(columns, picture)).order_by("customer_id"))
    for portion in found.to_batches(PORTION):
        yield portion.to_pylist()


def ids(picture: Picture, chosen: Chosen) -> list[int]:
    """The ids of everybody, in order."""
    with _choosing(picture, chosen, ()) as (look, rows, _there):
        who = look.ask(rows.select("customer_id"))
    found: list[int] = np.sort(who["customer_id"].to_numpy()).tolist()
    return found


@contextmanager
def _choosing(
    picture: Picture, chosen: Chosen, columns: Sequence[str]
) -> Iterator[tuple[Look, ir.Table, frozenset[str]]]:
    """A question, the chosen rows of the picture with what is wanted of them, and which of the columns it has."""
    there = frozenset(columns) & columns_of(picture)
    wanted = used_fields(chosen.tree)
    with looking(picture, chosen.fields, wanted | there, chosen.tagged) as (look, table):
        rows = table.filter(fulfils(chosen.tree, table, picture, chosen.tagged))
        if chosen.among is not None:
            some = look.bring(pa.table({"one": pa.array(np.unique(chosen.among), pa.int64())}))
            rows = rows.semi_join(some, [("customer_id", "one")])
        yield look, rows, there


@lru_cache(maxsize=8)
def everybody(picture: Picture) -> int:
    """How many customers the picture has."""
    return int(pq.read_metadata(picture.file).num_rows)


def _ordered(table: ir.Table, name: str) -> Any:
    column = table[name.removeprefix("-")]
    return column.desc(nulls_first=False) if name.startswith("-") else column.asc(nulls_first=False)
