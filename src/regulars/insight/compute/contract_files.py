"""Contracts in a set: a row for each, with its risk and reasons, and what serves; and the questions that pages ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regulars.core.conditions import AllOf, Comparison, Op, Tree
from regulars.insight.compute.browse import Browser, Row
from regulars.insight.compute.card_files import plain_json
from regulars.insight.compute.cards import Text
from regulars.insight.compute.files import durable_parquet, replace_file

if TYPE_CHECKING:
    # Who only looks need not load what models are trained with.
    from regulars.insight.compute.churn.contract_score import Assessment

ROWS, TOLD = "contracts.parquet", "contracts.json"
SOON_DAYS: Final = (30, 60, 90)
SORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "risk": ("-risk", "ends_on", "contract"),
    "ends": ("ends_on", "-risk", "contract"),
}
"""What an order looks at first: the highest risk, or the soonest end."""
RUNS: Final = Comparison("level", Op.NOT_IN, ("ended",))


@dataclass(frozen=True, slots=True)
class Contracts:
    """What a set says of contracts as a whole.

    Attributes:
        tested_on: 'time', 'customers', or '' where nothing serves.
        horizon_days: Over which a risk looks ahead; 0 where it says nothing about time.
        labels, units: Of the columns that reasons name.
        counts: Contracts by level, 'ended' among them.
        ending: Contracts that run, by how many days ahead at most their agreed end lies.
        with_end: Those of which any end was told.
    """

    tested_on: str
    horizon_days: int
    labels: Mapping[str, Text]
    units: Mapping[str, str]
    counts: Mapping[str, int]
    ending: Mapping[int, int]
    with_end: int

    @property
    def running(self) -> int:
        """How many run."""
        return sum(count for level, count in self.counts.items() if level != "ended")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which contracts that run a list is about. `level` is '' for any; `within` 0, or days to the agreed end."""

    level: str = ""
    within: int = 0

    def tree(self, day: date) -> Tree:
        """The same as a condition on the rows of a set as of a day."""
        parts: list[Tree] = [Comparison("level", Op.IN, (self.level,)) if self.level else RUNS]
        if self.within:
            parts.append(Comparison("ends_on", Op.BETWEEN, (day, day + timedelta(days=self.within))))
        return AllOf(tuple(parts))


def keep_contracts(assessed: Assessment, day: date, folder: Path) -> None:
    """Keep them in a set; a shop without contracts keeps nothing."""
    if not len(assessed.scores):
        return
    with durable_parquet(folder / ROWS, assessed.scores.schema) as writer:
        writer.write_table(assessed.scores)
    told = {
        "day": day.isoformat(),
        "tested_on": assessed.tested_on,
        "horizon_days": assessed.horizon_days,
        "labels": {name: [label.zh, label.en] for name, label in assessed.labels.items()},
        "units": dict(assessed.units),
        "model": assessed.model,
    }
    replace_file(folder / TOLD, json.dumps(told, ensure_ascii=False, default=plain_json, allow_nan=False).encode())


def model_of(folder: Path) -> dict[str, Any] | None:
    """The model of a set, for the next refresh; None without."""
    file = folder / TOLD
    return json.loads(file.read_text())["model"] if file.exists() else None


@lru_cache(maxsize=2)
def contracts_of(folder: Path) -> Contracts | None:
    """What a set says of contracts; None where the shop has none."""
    file = folder / TOLD
    if not file.exists():
        return None
    told = json.loads(file.read_text())
    day = date.fromisoformat(told.pop("day"))
    told.pop("model")
    labels = {name: Text(*words) for name, words in told.pop("labels").items()}
    rows = _browser(folder / ROWS, day)
    counts = {str(group.key[0]): group.customers for group in rows.counts_by(["level"])}
    ending = {days: rows.count(where=Wanted(within=days).tree(day)) for days in SOON_DAYS}
    with_end = rows.count(where=AllOf((RUNS, Comparison("ends_on", Op.NOT_MISSING))))
    return Contracts(**told, labels=labels, counts=counts, ending=ending, with_end=with_end)


def count(folder: Path, day: date, wanted: Wanted) -> int:
    """How many contracts a list has."""
    return _browser(folder / ROWS, day).count(where=wanted.tree(day))


def page(folder: Path, day: date, wanted: Wanted, *, sort: str, limit: int, offset: int = 0) -> list[Row]:
    """A page of a list.

    Args:
        sort: One of `SORTS`.
    """
    rows = _browser(folder / ROWS, day)
    return rows.rows(where=wanted.tree(day), order=SORTS[sort], limit=limit, offset=offset)


def of_customer(folder: Path, day: date, customer_id: int, *, most: int = 20) -> list[Row]:
    """The contracts of a customer who stands for their group: those that run first, the soonest end first."""
    if not (folder / ROWS).exists():
        return []
    found = _browser(folder / ROWS, day).rows(among=[customer_id], order=SORTS["ends"], limit=most)
    return sorted(found, key=lambda row: row["level"] == "ended")


@lru_cache(maxsize=2)
def _browser(file: Path, day: date) -> Browser:
    return Browser(file, day)
