"""Who is in which lifecycle stage, and who moved, as the database keeps it: with the numbers that the words need."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from string import Formatter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.core.calendar import add_months

if TYPE_CHECKING:
    from regulars.insight.compute.tables import Tables

MONTHS = 12
"""So far back moves are worked out at the first refresh, by the ends of months."""

NOBODY = pa.schema([("customer_id", pa.int64()), ("stage", pa.string()), ("cause", pa.string())])
MOVES = pa.schema(
    [("customer_id", pa.int64()), ("from_stage", pa.string()), ("to_stage", pa.string()), ("day", pa.date32()),
     ("cause", pa.string()), ("numbers", pa.string())]
)  # fmt: skip


def now(picture: pa.Table) -> pa.Table:
    """customer_id, stage, cause and the features that causes are told with; empty if the picture has no stages."""
    if "stage" not in picture.column_names:
        return NOBODY.empty_table()
    from regulars.insight.compute.lifecycle import NUMBERS

    return picture.select(["customer_id", "stage", "stage_cause", *NUMBERS]).rename_columns(
        ["customer_id", "stage", "cause", *NUMBERS]
    )


def moves(stages: pa.Table, from_stage: pa.Array, day: date) -> pa.Table:
    """The rows of `now` as moves on a day, out of these stages ('' for the first one)."""
    if not len(stages):
        return MOVES.empty_table()
    columns = [
        stages["customer_id"], from_stage, stages["stage"], pa.array([day] * len(stages), pa.date32()),
        stages["cause"], _numbers(stages),
    ]  # fmt: skip
    return pa.table(columns, names=MOVES.names).cast(MOVES)


def history(told: Tables, day: date) -> pa.Table:
    """The moves of the year before a day, month by month; the first month says where everybody was.

    One reading of the orders for each month.
    """
    return pa.concat_tables([MOVES.empty_table(), *_by_month(told, day)])


def _by_month(told: Tables, day: date) -> Iterator[pa.Table]:
    from regulars.insight.compute.lifecycle import NUMBERS, stages

    first = told.orders.day.min().to_pyarrow().as_py()
    month = day.replace(day=1)
    ends = [end for back in range(MONTHS, -1, -1) if (end := add_months(month, -back)) < day]
    before: pa.Table | None = None
    for end in ends:
        if first is None or end <= first:
            continue
        after = stages(told, end).select("customer_id", "stage", "cause", *NUMBERS).to_pyarrow()
        yield moves(*_moved(before, after), end)
        before = after


def _moved(before: pa.Table | None, after: pa.Table) -> tuple[pa.Table, pa.Array]:
    """Those of a later month who are in another stage than in an earlier one, and where they were."""
    if before is None:
        return after, pa.array([""] * len(after), pa.string())
    place = pc.index_in(after["customer_id"], value_set=before["customer_id"].combine_chunks())
    earlier = pc.fill_null(before["stage"].combine_chunks().take(place.combine_chunks()), "")
    changed = pc.not_equal(earlier, after["stage"].combine_chunks())
    return after.filter(changed), earlier.filter(changed)


def _numbers(stages: pa.Table) -> pa.Array:
    """For each row the numbers that its cause is told with, as JSON."""
    from regulars.insight.compute.lifecycle import CAUSES

    needed = {cause: [name for _, name, _, _ in Formatter().parse(words.en) if name] for cause, words in CAUSES.items()}
    columns = {name: stages[name].to_pylist() for names in needed.values() for name in names}
    causes: list[Any] = stages["cause"].to_pylist()
    told = (
        json.dumps({name: columns[name][place] for name in needed.get(cause, ())}) for place, cause in enumerate(causes)
    )
    return pa.array(told, pa.string())
