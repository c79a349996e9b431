"""What pages show of groups, kept with the set: rows counted once at the refresh, made into tables when looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.insight.compute import cohorts, retention, segment_retention, survival
from regulars.insight.compute.card_files import plain_json, read_verdict
from regulars.insight.compute.cards import Verdict
from regulars.insight.compute.churn.drivers import Driver
from regulars.insight.compute.churn.moments import Moment
from regulars.insight.compute.cohorts import Cohorts
from regulars.insight.compute.files import durable_parquet, replace_file
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.rates import Rate
from regulars.insight.compute.retention import Retention
from regulars.insight.compute.survival import Curve, Step, Survival
from regulars.insight.compute.tables import Tables
from regulars.insight.compute.visits import Part, Trait

if TYPE_CHECKING:
    # Who only looks at figures need not load what models are trained with.
    from regulars.insight.compute.churn.score import Assessment
    from regulars.insight.compute.frequency import Decline

CHURN = "churn.json"
VERDICTS = "verdicts.json"
TRAITS: tuple[Trait | None, ...] = (None, "channel", "store", "cohort")
"""What retention and survival are parted by; None: not at all."""
KEPT = 8
"""Tables of finished sets, which never change again, are kept by the process: making one takes longer than a page."""


def count_cohorts(told: Tables, day: date, folder: Path) -> None:
    """Count cohorts by week, month and quarter into a set."""
    for unit in Unit:
        _write(folder / _parquet("cohorts", unit), cohorts.counted(told, day, unit).to_pyarrow())


@lru_cache(maxsize=KEPT)
def cohorts_of(folder: Path, day: date, unit: Unit) -> Cohorts:
    """The cohorts of a set as of its day."""
    return cohorts.table(_rows(folder / _parquet("cohorts", unit)), day, unit)


def count_retention(told: Tables, day: date, folder: Path) -> None:
    """Count who came again, of everybody by all periods, of groups by month, into a set."""
    for unit in Unit:
        for by in TRAITS if unit is Unit.MONTH else (None,):
            _write(folder / _parquet("retention", unit, by), retention.counted(told, day, unit, by).to_pyarrow())


@lru_cache(maxsize=KEPT)
def retention_of(folder: Path, day: date, unit: Unit = Unit.MONTH, by: Trait | None = None) -> Retention:
    """Retention and churn of a set; groups by month only."""
    return retention.table(_rows(folder / _parquet("retention", unit, by)), day, unit, by)


def count_segment_retention(told: Tables, day: date, folder: Path) -> None:
    """Count who of each segment came again, by month, into a set."""
    rows = segment_retention.counted(told, day, Unit.MONTH).to_pyarrow()
    _write(folder / _parquet("retention", Unit.MONTH, "segment"), rows)


@lru_cache(maxsize=KEPT)
def segment_retention_of(folder: Path, day: date) -> Retention:
    """Retention and churn of segments by month, by a set."""
    file = folder / _parquet("retention", Unit.MONTH, "segment")
    return segment_retention.table(_rows(file) if file.exists() else [], day, Unit.MONTH)


def count_survival(told: Tables, day: date, folder: Path) -> None:
    """Work out how long customers stay into a set."""
    whole = survival.curves(told, day)
    _keep(folder / _json("survival"), asdict(whole))
    for by in TRAITS[1:]:
        parted = whole
        if whole.limit_days is not None:
            parted = survival.curves(told, day, by, limit_days=whole.limit_days)
            # The limit was not told by a person, it is the shop's own.
            parted = replace(parted, verdict=whole.verdict) if parted.verdict.code == whole.verdict.code else parted
        _keep(folder / _json("survival", by=by), asdict(parted))


@lru_cache(maxsize=KEPT)
def survival_of(folder: Path, by: Trait | None = None) -> Survival:
    """The survival curves of a set."""
    told = _kept(folder / _json("survival", by=by))
    curves = tuple(
        Curve(**{**curve, "part": _part(curve["part"], by), "steps": tuple(Step(**step) for step in curve["steps"])})
        for curve in told["curves"]
    )
    return Survival(date.fromisoformat(told["day"]), told["limit_days"], curves, read_verdict(told["verdict"]))


def count_decline(told: Tables, day: date, folder: Path) -> None:
    """Find who buys less often into a set."""
    from regulars.insight.compute import frequency

    found = frequency.declining(told, day)
    _write(folder / _parquet("declining"), found.customers)
    kept = {name: getattr(found, name) for name in ("day", "window_days", "tested", "by_chance")}
    _keep(folder / _json("declining"), {**kept, "verdict": asdict(found.verdict)})


def decline_of(folder: Path) -> Decline:
    """Who buys less often, by a set."""
    from regulars.insight.compute.frequency import Decline

    told, rows = _kept(folder / _json("declining")), pq.read_table(folder / _parquet("declining"))
    day, verdict = date.fromisoformat(told.pop("day")), read_verdict(told.pop("verdict"))
    return Decline(**told, day=day, fewer=Rate(len(rows), told["tested"]), customers=rows, verdict=verdict)


@dataclass(frozen=True, slots=True)
class Churn:
    """What churn says of groups: the horizon, drivers by group, key moments; and the model, for the next refresh."""

    horizon_days: int
    drivers: tuple[Driver, ...]
    moments: tuple[Moment, ...]
    model: dict[str, Any] | None


def keep_verdicts(verdicts: Mapping[str, Verdict], folder: Path) -> None:
    """Keep what RFM, contribution, the loyalty index or lifecycle say of themselves in a set, beside what is kept."""
    kept = _kept(folder / VERDICTS) if (folder / VERDICTS).exists() else {}
    _keep(folder / VERDICTS, {**kept, **{name: asdict(one) for name, one in verdicts.items()}})


def verdicts_of(folder: Path) -> dict[str, Verdict]:
    """The verdicts of a set by what they judge."""
    file = folder / VERDICTS
    return {name: read_verdict(told) for name, told in _kept(file).items()} if file.exists() else {}


def keep_churn(assessed: Assessment, folder: Path) -> None:
    """Keep what churn says of groups in a set."""
    told: dict[str, Any] = {
        "horizon_days": assessed.horizon_days,
        "drivers": [asdict(one) for one in assessed.drivers],
        "moments": [asdict(one) for one in assessed.moments],
        "model": assessed.model,
    }
    _keep(folder / CHURN, told)


def churn_of(folder: Path) -> Churn | None:
    """What churn says of groups by a set; None if the set is without."""
    file = folder / CHURN
    if not file.exists():
        return None
    told = _kept(file)
    drivers = tuple(Driver(**one) for one in told["drivers"])
    return Churn(told["horizon_days"], drivers, tuple(Moment(**one) for one in told["moments"]), told["model"])


def _parquet(what: str, unit: Unit | None = None, by: str | None = None) -> str:
    return "-".join([what, *([unit.value] if unit else []), *([by] if by else [])]) + ".parquet"


def _json(what: str, by: str | None = None) -> str:
    return f"{what}-{by}.json" if by else f"{what}.json"


def _write(file: Path, rows: pa.Table) -> None:
    with durable_parquet(file, rows.schema) as writer:
        writer.write_table(rows)


def _rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows


def _keep(file: Path, told: dict[str, Any]) -> None:
    replace_file(file, json.dumps(told, ensure_ascii=False, default=plain_json, allow_nan=False).encode())


def _kept(file: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(file.read_text())
    return told


def _part(told: Any, by: Trait | None) -> Part:
    return date.fromisoformat(told) if by == "cohort" else told
