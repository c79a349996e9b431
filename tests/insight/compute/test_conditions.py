"""The expression over a table and the predicate over a mapping are one language."""

from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.core.conditions import AllOf, AnyOf, Comparison, Op, Tree, predicate
from regulars.core.conditions.reading import MOST_CONDITIONS
from regulars.insight.compute.conditions import expression
from tests.core.conditions.samples import ROWS, TODAY, comparisons, trees

SCHEMA = pa.schema(
    {
        "orders": pa.int64(), "share": pa.float64(), "city": pa.string(), "stage": pa.string(), "tier": pa.int16(),
        "tags": pa.list_(pa.string()), "last_on": pa.date32(), "birthday": pa.int64(), "subscribed": pa.bool_(),
    }
)  # fmt: skip
DUCKDB = ibis.duckdb.connect()


def told(trees: list[Tree], rows: list[dict[str, Any]]) -> list[list[bool]]:
    """What the engine says of each tree and row."""
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=SCHEMA).append_column("at", pa.array(range(len(rows)))))
    asked = {f"tree_{place}": expression(tree, table, day=TODAY) for place, tree in enumerate(trees)}
    found = DUCKDB.to_pyarrow(table.select("at", **asked)).sort_by("at")
    return [found[name].to_pylist() for name in asked]


@settings(max_examples=40, deadline=None)
@given(st.lists(trees(), min_size=1, max_size=8), st.lists(ROWS, min_size=1, max_size=30))
def test_expression_and_predicate_agree(some: list[Tree], rows: list[dict[str, Any]]) -> None:
    expected = [[predicate(tree, day=TODAY)(row) for row in rows] for tree in some]
    assert told(some, rows) == expected


def test_nan_is_a_missing_value_and_decimals_are_floats() -> None:
    table = ibis.memtable(pa.table({"x": [1.0, float("nan"), None], "y": pa.array([Decimal("0.1")] * 3)}))
    asked = [Comparison("x", Op.MISSING), Comparison("x", Op.GE, 0), Comparison("y", Op.EQ, 0.1)]
    counts = [DUCKDB.execute(table.filter(expression(tree, table, day=TODAY)).count()) for tree in asked]
    assert counts == [2, 1, 3]


@settings(max_examples=2, deadline=None)
@given(st.lists(comparisons(), min_size=MOST_CONDITIONS, max_size=MOST_CONDITIONS))
def test_the_largest_tree_is_still_a_query(leaves: list[Any]) -> None:
    rows = [dict.fromkeys(SCHEMA.names)]
    assert len(told([AllOf(tuple(leaves)), AnyOf(tuple(leaves))], rows)) == 2


def test_the_empty_tree_is_everybody() -> None:
    assert told([AllOf()], [dict.fromkeys(SCHEMA.names)]) == [[True]]
