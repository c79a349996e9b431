"""Every table that is computed over the lake is the same on DuckDB and over Spark Connect.

Whole numbers are equal, others to nine decimals. What is tested stands in OF_LAKES, OF_PICTURES and RESULTS by the
module that it is from; a module that speaks Ibis and has nothing there is found by the last test.
"""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from regulars.insight import compute
from regulars.insight.compute import (
    cohorts,
    contribution,
    features,
    frequency,
    lifecycle,
    loyalty_index,
    retention,
    rfm,
    segment_retention,
    survival,
    tier,
)
from regulars.insight.compute.churn import moments, observations, rhythm
from regulars.insight.compute.clv import summary
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.tables import Tables, purchases
from tests.conformance.lake import TODAY
from tests.conformance.showing import Shown

HORIZON = 60
MARCH = date(2024, 3, 1)
BY: tuple[Any, ...] = (None, "store", "cohort")


def bought(told: Tables) -> ir.Table:
    return purchases(told.as_of(TODAY))


def gathered(told: Tables) -> dict[str, list[str]]:
    sample, _ = observations.gathered(told, TODAY)
    return {one.name: rows(getattr(sample, one.name).to_pyarrow()) for one in fields(Tables)}


def moved(picture: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Stages with their numbers as they are, and as they would be after two more silent months."""
    now, later = (picture.mutate(recency_days=picture.recency_days + days) for days in (0, 60))
    numbers = picture.select("customer_id", *lifecycle.NUMBERS)
    return lifecycle.stage_of(now), lifecycle.stage_of(later).inner_join(numbers, "customer_id")


OF_LAKES: Mapping[str, Callable[[Tables], ir.Table]] = {
    "tables.purchases": bought,
    "features.build": partial(features.build, day=TODAY),
    **{f"cohorts.counted {unit}": partial(cohorts.counted, day=TODAY, unit=unit) for unit in Unit},
    "cohorts.members": partial(cohorts.members, day=TODAY, unit=Unit.MONTH, first_day=MARCH, period=2, again=True),
    **{f"retention.counted {by}": partial(retention.counted, day=TODAY, unit=Unit.MONTH, by=by) for by in BY},
    "retention.behind": partial(
        retention.behind, day=TODAY, unit=Unit.MONTH, first_day=MARCH, figure="retained_here", by="store", part=None
    ),
    **{f"segment_retention.counted {unit}": partial(segment_retention.counted, day=TODAY, unit=unit) for unit in Unit},
    "segment_retention.behind": partial(
        segment_retention.behind, day=TODAY, unit=Unit.MONTH, first_day=MARCH, figure="lost", segment_id=1
    ),
    "survival.longest_silences": partial(survival.longest_silences, day=TODAY),
    **{f"survival.durations {by}": partial(survival.durations, day=TODAY, limit_days=HORIZON, by=by) for by in BY},
    "frequency.counted": partial(frequency.counted, day=TODAY),
    "lifecycle.stages": partial(lifecycle.stages, day=TODAY),
    "tier.held": partial(tier.held, day=TODAY),
}
OF_PICTURES: Mapping[str, Callable[[ir.Table], ir.Table]] = {
    "rfm.scores": rfm.scores,
    "contribution.classes": contribution.classes,
    "loyalty_index.index": loyalty_index.index,
    "lifecycle.stage_of": lifecycle.stage_of,
    "lifecycle.moves": lambda picture: lifecycle.moves(*moved(picture)),
    "lifecycle.flows": lambda picture: lifecycle.flows(*moved(picture)),
}
RESULTS: Mapping[str, Callable[[Tables], Any]] = {
    "clv.summary.window": lambda told: summary.window(bought(told), TODAY),
    "clv.summary.summaries": lambda told: summary.summaries(bought(told), TODAY, 90),
    "clv.summary.repeats_by_day": lambda told: summary.repeats_by_day(bought(told), TODAY, MARCH),
    "churn.observations.gathered": gathered,
    "churn.rhythm.returned": lambda told: rhythm.returned(told, MARCH, HORIZON),
    "churn.moments.moments": lambda told: moments.moments(told, TODAY, HORIZON),
}
ELSEWHERE = {"conditions", "crosstab", "axes"}
"""Modules with expressions over the picture: test_pictures.py runs them."""
NOT_COMPARED = {
    "engine": "connects and reads",
    "clv.value": "works on what clv.summary brought",
    "churn.score": "works on the sample that churn.observations brought",
    "churn.contract_book": "reads rows in their order; what it makes of them is plain Python",
    "periods": "is used by cohorts and retention",
    "visits": "is used by cohorts, retention, survival and frequency",
    "pictures": "looks at finished pictures, with DuckDB only",
    "browse": "looks at finished pictures, with DuckDB only",
}
PICTURES = {f"{compute.__name__}.{name}" for name in ("pictures", "browse")}


@pytest.mark.parametrize("name", OF_LAKES)
def test_engines_agree(name: str, on_duckdb: Tables, on_spark: Tables, spark: Any) -> None:
    agree(OF_LAKES[name](on_duckdb), OF_LAKES[name](on_spark), spark)


@pytest.mark.parametrize("name", OF_PICTURES)
def test_engines_agree_on_pictures(name: str, picture: Shown, spark: Any) -> None:
    ours, theirs = picture.engines
    agree(OF_PICTURES[name](ours), OF_PICTURES[name](theirs), spark)


def agree(ours: ir.Table, theirs: ir.Table, spark: Any) -> None:
    answer = spark.spark_session.sql(spark.compile(theirs))
    # A float that an engine takes for a decimal, as Spark takes a bare 0.5, is cut off somewhere.
    assert [(name, kind) for name, kind in answer.dtypes if kind.startswith("decimal")] == []
    expected, found = rows(ours.to_pyarrow()), rows(answer.toArrow().cast(theirs.schema().to_pyarrow()))
    assert expected, "nothing to compare"
    assert found == expected


@pytest.mark.parametrize("name", RESULTS)
def test_results_agree(name: str, on_duckdb: Tables, on_spark: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observations, "SAMPLED", 50)
    expected, found = (plain(RESULTS[name](told)) for told in (on_duckdb, on_spark))
    assert found == expected


def test_every_module_that_speaks_ibis_is_here() -> None:
    home = Path(compute.__file__).parent
    compared = {name.split(" ")[0].rpartition(".")[0] for name in (*OF_LAKES, *OF_PICTURES, *RESULTS)} | ELSEWHERE
    for file in home.rglob("*.py"):
        module = file.relative_to(home).with_suffix("").as_posix().replace("/", ".")
        used = imported(file)
        # One table has the features of all families; finished pictures are looked at with DuckDB only.
        exempt = module.startswith("features.") or used & PICTURES
        assert "ibis" not in used or exempt or module in compared | set(NOT_COMPARED), (
            f"nothing of {module} is held against Spark"
        )


def imported(file: Path) -> set[str]:
    """The modules that a file imports, and the packages they are in."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module.split(".")[0], node.module}
            found |= {f"{node.module}.{one.name}" for one in node.names}
    return found


def rows(table: pa.Table) -> list[str]:
    """The rows in an order of their own, floats to nine decimals."""
    return sorted(repr({name: plain(value) for name, value in row.items()}) for row in table.to_pylist())


def plain(value: Any) -> Any:
    """A result as nested lists and plain values."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else round(value, 9)
    if isinstance(value, np.ndarray | pa.Table | pa.ChunkedArray | pa.Array):
        return plain(value.tolist() if isinstance(value, np.ndarray) else value.to_pylist())
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value
