"""A segment counted in DuckDB, by the Python predicate and over Spark Connect is the same; so is every cross-tab."""

from datetime import date
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from regulars.core.conditions import Tree, predicate, read
from regulars.insight.compute import crosstab
from regulars.insight.compute.axes import Axis
from regulars.insight.compute.conditions import expression
from regulars.insight.compute.fields import catalogue
from tests.conformance.lake import TODAY
from tests.conformance.showing import Shown, shown
from tests.core.conditions import samples

SAMPLE = pa.schema(
    {
        "orders": pa.int64(), "share": pa.float64(), "city": pa.string(), "stage": pa.string(), "tier": pa.int16(),
        "tags": pa.list_(pa.string()), "last_on": pa.date32(), "birthday": pa.int64(), "subscribed": pa.bool_(),
    }
)  # fmt: skip
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)


@pytest.fixture(scope="module")
def sample(duckdb: Any, spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Every value of every sample field, in combinations that stay the same."""
    values = {
        "orders": [None, *range(-3, 4)],
        "share": [None, float("nan"), 0.0, 0.1, 0.3, -0.1 - 0.2, -0.3, 1.0, 2.0],
        "city": [None, "", "上海", "Bath", "bath", "O'Hare", "100%", "a_b", 'say "hi"', "back\\slash", "a\\'b"],
        "stage": [None, "new", "active", "gone"],
        "tier": [None, 0, 1],
        "tags": [None, [], ["1"], ["2", "3"], ["1", "2", "3"]],
        "last_on": [None, *(date.fromordinal(samples.TODAY.toordinal() + n) for n in range(-7, 6))],
        "birthday": [None, 101, 228, 229, 301, 531, 601, 602, 607, 1231],
        "subscribed": [None, True, False],
    }
    rows = [{name: given[n * (7 + 2 * at) % len(given)] for at, (name, given) in enumerate(values.items())}
            for n in range(200)]  # fmt: skip
    file = tmp_path_factory.mktemp("pictures") / "sample.parquet"
    return shown(pa.Table.from_pylist(rows, schema=SAMPLE), file, (duckdb, spark))


def three_ways(shown: Shown, trees: list[Tree], day: date) -> tuple[list[list[bool]], ...]:
    """What the predicate, DuckDB and Spark say of every tree and row."""
    told = [[predicate(tree, day=day)(row) for row in shown.rows] for tree in trees]
    found = []
    for table in shown.engines:
        asked = {f"tree_{n}": expression(tree, table, day=day) for n, tree in enumerate(trees)}
        answers = table.select("place", **asked).to_pyarrow().sort_by("place")
        found.append([answers[name].to_pylist() for name in asked])
    return told, *found


@settings(COMMON, max_examples=2)
@given(st.lists(samples.trees(), min_size=30, max_size=30))
def test_any_condition_is_the_same_three_ways(sample: Shown, trees: list[Tree]) -> None:
    by_predicate, on_duckdb, on_spark = three_ways(sample, trees, samples.TODAY)
    assert on_duckdb == by_predicate
    assert on_spark == by_predicate


SEGMENTS = [
    {"all": [{"field": "orders", "op": "ge", "value": 3}, {"field": "recency_days", "op": "gt", "value": 60}]},
    {"any": [{"field": "spent_minor", "op": "between", "value": [100000, 500000]},
             {"field": "last_purchase_day", "op": "in_last_days", "value": 14}]},
    {"not": {"field": "recency_days", "op": "le", "value": 90}},
    {"field": "recency_days", "op": "missing"},
    {"field": "silence_ratio", "op": "gt", "value": 1.5},
    {"all": [{"field": "usual_gap_days", "op": "lt", "value": 30.5},
             {"field": "main_channel", "op": "in", "value": ["online"]}]},
]  # fmt: skip


def test_segments_of_the_picture_are_the_same_three_ways(picture: Shown) -> None:
    fields = catalogue()
    trees = [read(told, fields) for told in SEGMENTS]
    by_predicate, on_duckdb, on_spark = three_ways(picture, trees, TODAY)
    assert on_duckdb == by_predicate
    assert on_spark == by_predicate
    assert all(0 < sum(told) < len(told) for told in by_predicate)


@pytest.mark.parametrize(
    ("rows", "columns", "value"),
    [
        (Axis("orders"), Axis("last_purchase_day"), "silence_ratio"),
        (Axis("silence_ratio", "quantiles", 4), Axis("main_channel"), "spent_minor"),
        (Axis("redeemed_share"), Axis("usual_gap_basis"), None),
        (Axis("spent_minor", (0, 100_000)), None, "spent_minor"),
    ],
)
def test_cross_tabs_are_the_same(picture: Shown, rows: Axis, columns: Axis | None, value: str | None) -> None:
    ours, theirs = (crosstab.table(one, catalogue(), rows, columns, value=value) for one in picture.engines)
    assert len(ours.rows) > 1
    assert theirs == ours


def test_the_customers_behind_a_cell_are_the_same(picture: Shown) -> None:
    fields = catalogue()
    table = crosstab.table(picture.engines[0], fields, Axis("orders"), Axis("recency_days"))
    row, column = len(table.rows) - 1, 0
    tree = table.tree(row, column)
    ours, theirs = (crosstab.customers(one, tree, TODAY).to_pyarrow()["customer_id"] for one in picture.engines)
    assert len(ours) == table.cell(row, column).count > 0
    assert sorted(ours.to_pylist()) == sorted(theirs.to_pylist())
