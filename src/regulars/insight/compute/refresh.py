"""A refresh: from the lake, as of a day, to a set: one row for each customer, the models' cards, tables for pages.

Steps run one after the other, and each may use the columns that earlier ones brought. Knows neither Django nor where
the tables come from, so that plain Parquet will do.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from regulars.insight.compute import engine, stages
from regulars.insight.compute.card_files import write_cards
from regulars.insight.compute.cards import Card
from regulars.insight.compute.files import durable_parquet
from regulars.insight.compute.sets import CARDS, PICTURE, Sets
from regulars.insight.compute.tables import Tables, purchases

ROW_GROUP = 100_000
GROUPS = ("stage", "rfm_eight", "contribution", "tier")
"""Columns by which the drivers of churn are told apart, besides the channel."""

Progress = Callable[[str], None]
"""Told the name of each step when its turn comes."""

STAGED, MOVED = "stages.parquet", "moves.parquet"
"""What the database is told of a set: who is in which stage, and moves of the past."""


@dataclass(slots=True)
class Work:
    """What a refresh has so far: the picture's rows by customer_id, cards, and the seconds of each step.

    `folder` is the new set's, `last` that of the set that is looked at now, where there is one.
    """

    told: Tables
    day: date
    folder: Path
    last: Path | None = None
    picture: pa.Table = field(default_factory=lambda: pa.table({"customer_id": pa.array([], pa.int64())}))
    cards: list[Card] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def seen(self) -> Any:
        """The picture so far as an Ibis table, in a DuckDB of its own: one row a customer is little for any machine."""
        return engine.connect().create_table("picture", self.picture)

    def add(self, columns: pa.Table) -> None:
        """Bring columns into the picture by customer_id; who has no row there gets nulls."""
        ids = columns["customer_id"].to_numpy()
        order = np.argsort(ids, kind="stable")
        wanted = self.picture["customer_id"].to_numpy()
        place = np.searchsorted(ids, wanted, sorter=order)
        found = place < len(ids)
        found[found] = ids[order[place[found]]] == wanted[found]
        index = pa.array(order[np.where(found, place, 0)] if len(ids) else np.zeros(len(wanted), int), mask=~found)
        rows = columns.drop_columns(["customer_id"]).take(index)
        if twice := set(rows.column_names) & set(self.picture.column_names):
            raise ValueError(f"The picture has these columns already: {', '.join(sorted(twice))}.")
        for name in rows.column_names:
            self.picture = self.picture.append_column(rows.schema.field(name), rows[name])


@dataclass(frozen=True, slots=True)
class Made:
    """A set that was made: its name, counts and seconds by step.

    `stages` is who is in which stage now and why, `history` who moved in the past, see `stages.py`.
    """

    name: str
    counts: dict[str, int]
    seconds: dict[str, float]
    stages: pa.Table
    history: pa.Table


def make(
    told: Tables, day: date, sets: Sets, *, with_history: bool = False, progress: Progress = lambda step: None
) -> Made:
    """Compute everything as of a day into a new set; it is not looked at yet. If a step fails, no set stays.

    Args:
        with_history: Also work out who moved between stages in the year before.
    """
    with sets.new(day) as (name, folder):
        work = compute(told, day, folder, last=sets.current(), progress=progress)
        now, history = stages.now(work.picture), stages.MOVES.empty_table()
        if with_history:
            progress("history")
            history = _timed(work, "history", lambda work: stages.history(work.told, work.day))
        for file, table in ((STAGED, now), (MOVED, history)):
            with durable_parquet(folder / file, table.schema) as writer:
                writer.write_table(table)
    return Made(name, counts(work), work.seconds, now, history)


def compute(
    told: Tables, day: date, folder: Path, *, last: Path | None = None, progress: Progress = lambda step: None
) -> Work:
    """Run all steps and write picture and cards into a folder."""
    work = Work(told, day, folder, last)
    for name, step in STEPS.items():
        progress(name)
        _timed(work, name, step)
    with durable_parquet(folder / PICTURE, work.picture.schema) as writer:
        writer.write_table(work.picture, row_group_size=ROW_GROUP)
    write_cards(folder / CARDS, work.cards)
    return work


def _timed(work: Work, name: str, step: Callable[[Work], Any]) -> Any:
    start = time.perf_counter()
    found = step(work)
    work.seconds[name] = round(time.perf_counter() - start, 3)
    return found


def counts(work: Work) -> dict[str, int]:
    """What a page says about the refresh."""
    return {"customers": len(work.picture), "cards": len(work.cards)}


# --- steps: each imports what it needs when its turn comes, since the models' libraries take seconds to load ----------


def _features(work: Work) -> None:
    from regulars.insight.compute import features

    people = work.told.as_of(work.day).customers
    who = people.select("customer_id", "who", "joined_on").order_by("customer_id").to_pyarrow()
    work.picture = who
    work.add(features.build(work.told, work.day).to_pyarrow())


def _labels(work: Work) -> None:
    from regulars.insight.compute import contribution, figures, loyalty_index, rfm, tier

    seen = work.seen()
    work.add(tier.held(work.told, work.day).to_pyarrow())
    work.add(rfm.scores(seen).to_pyarrow())
    work.add(contribution.classes(seen).to_pyarrow())
    work.add(loyalty_index.index(seen).to_pyarrow())
    figures.keep_verdicts({"rfm": rfm.verdict(seen), "contribution": contribution.verdict(seen)}, work.folder)


def _stages(work: Work) -> None:
    from regulars.insight.compute import figures, lifecycle

    seen = work.seen()
    work.add(lifecycle.stage_of(seen).rename(stage_cause="cause").to_pyarrow())
    figures.keep_verdicts({"lifecycle": lifecycle.verdict(seen)}, work.folder)


def _value(work: Work) -> None:
    from regulars.insight.compute import clv

    rows, cards = clv.value(purchases(work.told.as_of(work.day)), work.day)
    names = {"average_order_minor": "expected_order_minor"}  # the feature of that name is what was, not what comes
    work.add(rows.rename_columns([names.get(name, name) for name in rows.column_names]))
    work.cards += cards


def _churn(work: Work) -> None:
    from regulars.insight.compute import figures
    from regulars.insight.compute.churn import score

    last = figures.churn_of(work.last) if work.last else None
    groups = pa.table({name: _words(work.picture[name]) for name in GROUPS if name in work.picture.column_names})
    groups = groups.append_column("customer_id", work.picture["customer_id"])
    assessed = score.assess(
        work.told, work.day, previous=last.model if last else None, features=work.seen(), groups=groups
    )
    names = {"level": "churn_level", "reasons": "churn_reasons"}
    work.add(assessed.scores.rename_columns([names.get(name, name) for name in assessed.scores.column_names]))
    work.cards += assessed.cards
    figures.keep_churn(assessed, work.folder)


def _words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column to group by: tiers are numbers, and go by their digits."""
    return column.cast(pa.string())


def _contracts(work: Work) -> None:
    from regulars.insight.compute import contract_files
    from regulars.insight.compute.churn import contract_score

    last = contract_files.model_of(work.last) if work.last else None
    assessed = contract_score.assess(work.told, work.day, previous=last)
    work.add(assessed.holders)
    work.cards += assessed.cards
    contract_files.keep_contracts(assessed, work.day, work.folder)


def _cohorts(work: Work) -> None:
    from regulars.insight.compute import figures

    figures.count_cohorts(work.told, work.day, work.folder)


def _retention(work: Work) -> None:
    from regulars.insight.compute import figures

    figures.count_retention(work.told, work.day, work.folder)
    figures.count_segment_retention(work.told, work.day, work.folder)


def _survival(work: Work) -> None:
    from regulars.insight.compute import figures

    figures.count_survival(work.told, work.day, work.folder)


def _decline(work: Work) -> None:
    from regulars.insight.compute import figures

    figures.count_decline(work.told, work.day, work.folder)


STEPS: dict[str, Callable[[Work], None]] = {
    "features": _features,
    "labels": _labels,
    "stages": _stages,
    "value": _value,
    "churn": _churn,
    "contracts": _contracts,
    "cohorts": _cohorts,
    "retention": _retention,
    "survival": _survival,
    "decline": _decline,
}
