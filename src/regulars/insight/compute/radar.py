"""The churn radar's questions to a picture: how many are at risk, of what worth, for which reasons, the dearest first.

What is at stake with a customer is the value of the year ahead; where no model tells it, what the last year brought.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir

from regulars.core.conditions import Tree, used_fields
from regulars.core.conditions.fields import Field
from regulars.insight.compute.churn.reasons import MOST, RAISES
from regulars.insight.compute.conditions import expression
from regulars.insight.compute.pictures import Look, Picture, columns_of, in_picture, looking

RISK, LEVEL, REASONS = "churn_risk", "churn_level", "churn_reasons"
VALUE, SPENT, STAGE, SILENT = "value_minor", "spent_365_minor", "stage", "recency_days"
STAKE = "stake_minor"
BASIS = (RISK, LEVEL, REASONS, VALUE, SPENT, STAGE)
WATCHED = ("high", "medium")
WEIGHTS = {"high": 3, "medium": 2, "low": 1}
SORTS: Mapping[str, tuple[str, ...]] = {
    "exposure": ("exposure", "weight", STAKE),
    "risk": (RISK, "weight", STAKE),
    "value": (STAKE, "weight"),
    "silent": (SILENT, STAKE),
}
"""What an order looks at, the largest first. Exposure is value × risk; where only levels are told, the higher first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a list is about. `reason` is a feature that must raise their risk; '' for any or none."""

    tree: Tree
    fields: Mapping[str, Field]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Customers of a level and a stage: how many, how many of them with a risk, and what is at stake."""

    level: str
    stage: str
    customers: int
    with_risk: int
    stake_minor: int


@dataclass(frozen=True, slots=True)
class Sky:
    """The whole picture by level and stage, and how many watched customers each reason drives away."""

    parts: tuple[Part, ...]
    reasons: tuple[tuple[str, int], ...]

    def of(self, *levels: str) -> list[Part]:
        """Only these levels."""
        return [part for part in self.parts if part.level in levels]

    def customers(self, *levels: str) -> int:
        """How many are of these levels."""
        return sum(part.customers for part in self.of(*levels))

    def stake_minor(self, *levels: str) -> int:
        """What is at stake with them."""
        return sum(part.stake_minor for part in self.of(*levels))

    @property
    def has_risks(self) -> bool:
        """Whether a model tells percentages; otherwise there are only levels."""
        return any(part.with_risk for part in self.parts)


def sky(picture: Picture, fields: Mapping[str, Field]) -> Sky:
    """Count the whole picture."""
    with _looking_at(picture, fields, BASIS) as (look, table):
        groups = table.filter(table[LEVEL].notnull()).group_by(LEVEL, STAGE)
        counted = groups.aggregate(
            n=lambda t: t.count(), risks=lambda t: t[RISK].count(), stake=lambda t: t[STAKE].sum()
        ).order_by(LEVEL, STAGE)
        parts = tuple(
            Part(row[LEVEL], row[STAGE] or "", row["n"], row["risks"], int(row["stake"] or 0))
            for row in look.ask(counted).to_pylist()
        )
        told = table.filter(table[LEVEL].isin(WATCHED)).select(reason=table[REASONS].unnest())
        one = told.select(feature=told.reason["feature"], direction=told.reason["direction"])
        raising = one.filter(one.direction == RAISES).group_by("feature").aggregate(n=lambda t: t.count())
        rows = look.ask(raising.order_by([ibis.desc("n"), "feature"])).to_pylist()
    return Sky(parts, tuple((row["feature"], row["n"]) for row in rows))


def count(picture: Picture, wanted: Wanted) -> tuple[int, int]:
    """How many customers a list has, and what is at stake with them, in minor units."""
    with _chosen(picture, wanted, ()) as (look, rows):
        found = look.ask(rows.aggregate(n=rows.count(), stake=rows[STAKE].sum())).to_pylist()[0]
    return found["n"], int(found["stake"] or 0)


def page(
    picture: Picture, wanted: Wanted, *, columns: Sequence[str], sort: str, limit: int, offset: int = 0
) -> list[dict[str, Any]]:
    """A page of the list: customer_id, the columns that the picture has, and stake_minor.

    Args:
        sort: One of `SORTS`.
    """
    with _chosen(picture, wanted, columns) as (look, rows):
        cut = _in_order(rows, sort).limit(limit, offset=offset)
        found: list[dict[str, Any]] = look.ask(
            cut.select("customer_id", STAKE, *in_picture(columns, picture))
        ).to_pylist()
    return found


def portions(
    picture: Picture, wanted: Wanted, *, columns: Sequence[str], sort: str, size: int
) -> Iterator[list[dict[str, Any]]]:
    """The whole list, some thousand rows at a time, for a file."""
    with _chosen(picture, wanted, columns) as (look, rows):
        found = look.ask(_in_order(rows, sort).select("customer_id", STAKE, *in_picture(columns, picture)))
    for portion in found.to_batches(size):
        yield portion.to_pylist()


def driven_by(picture: Picture, fields: Mapping[str, Field], reason: str) -> list[int]:
    """Sorted ids of everybody whose risk a feature raises, as one of their reasons."""
    with _looking_at(picture, fields, (REASONS,)) as (look, table):
        rows = look.ask(table.filter(_raised_by(table, reason)).select("customer_id"))
    return sorted(rows["customer_id"].to_pylist())


def _in_order(rows: ir.Table, sort: str) -> ir.Table:
    by = [rows[name].desc(nulls_first=False) for name in SORTS[sort]]
    return rows.order_by([*by, rows.customer_id])


def _raised_by(table: ir.Table, reason: str) -> Any:
    # Place by place, since Ibis still writes list filters in a way that DuckDB has given up.
    places = [table[REASONS][place] for place in range(MOST)]
    tests = [((one["feature"] == reason) & (one["direction"] == RAISES)).fill_null(False) for one in places]
    return reduce(or_, tests)


@contextmanager
def _chosen(picture: Picture, wanted: Wanted, columns: Sequence[str]) -> Iterator[tuple[Look, ir.Table]]:
    names = (*BASIS, SILENT, *columns, *used_fields(wanted.tree))
    with _looking_at(picture, wanted.fields, names) as (look, table):
        rows = table.filter(expression(wanted.tree, table, day=picture.day))
        rows = rows.filter(_raised_by(rows, wanted.reason)) if wanted.reason else rows
        weight = rows[LEVEL].cases(*WEIGHTS.items(), else_=0)
        yield look, rows.mutate(weight=weight, exposure=rows[RISK] * rows[STAKE])


@contextmanager
def _looking_at(
    picture: Picture, fields: Mapping[str, Field], columns: Sequence[str]
) -> Iterator[tuple[Look, ir.Table]]:
    known = frozenset(name for name in columns if name in fields or name in columns_of(picture))
    with looking(picture, fields, known, None) as (look, table):
        worth = [table[name] for name in (VALUE, SPENT) if name in table.columns]
        yield look, table.mutate(**{STAKE: ibis.coalesce(*worth, 0).cast("int64")})
