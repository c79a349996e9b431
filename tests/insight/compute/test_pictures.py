"""A picture is asked where it lies, also for what it does not know."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.core.conditions import EVERYBODY, AllOf, Comparison, FieldType, Not, Op
from regulars.core.conditions.fields import OPERATORS, Operand, operand
from regulars.insight.compute import pictures
from regulars.insight.compute.pictures import TAGS, Picture, Tagged
from tests.core.conditions.samples import FIELDS, TODAY

AT = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    pq.write_table(pa.table({"customer_id": [3, 1, 2], "orders": [7, None, 2]}), tmp_path / "picture.parquet")
    return Picture(tmp_path / "picture.parquet", date(2024, 6, 1), AT)


@pytest.mark.parametrize("name", [name for name in sorted(FIELDS) if name not in ("orders", TAGS)])
def test_a_column_that_is_not_there_is_missing_whatever_is_asked(picture: Picture, name: str) -> None:
    field = FIELDS[name]
    plain: dict[FieldType, Any] = {FieldType.TEXT: "a", FieldType.DATE: TODAY}
    one = field.choices[0].value if field.choices else plain.get(field.type, 1)
    values: dict[Operand, Any] = {
        Operand.NONE: None,
        Operand.DAYS: 3,
        Operand.PAIR: (one, one),
        Operand.LIST: (one,),
        Operand.ONE: one,
    }
    asked = {place: Comparison(name, op, values[operand(op)]) for place, op in enumerate(OPERATORS[field.type])}
    found = pictures.members(picture, asked, FIELDS)
    assert {asked[place].op: len(ids) for place, ids in found.items()} == {
        op: 3 * (op is Op.MISSING) for op in OPERATORS[field.type]
    }


def test_members_are_sorted_and_pages_follow_each_other(picture: Picture) -> None:
    assert pictures.members(picture, {5: EVERYBODY}, FIELDS)[5].tolist() == [1, 2, 3]
    assert pictures.matching(picture, EVERYBODY, FIELDS, after=0, most=2) == [1, 2]
    assert pictures.matching(picture, EVERYBODY, FIELDS, after=2, most=2) == [3]


def test_truths_tell_the_whole_and_every_comparison(picture: Picture) -> None:
    tree = AllOf((Comparison("orders", Op.GE, 2), Not(Comparison("orders", Op.GE, 5))))
    found = pictures.truths(picture, tree, FIELDS, np.array([1, 2, 3, 99]))
    assert found.customers.tolist() == [1, 2, 3]
    assert found.whole.tolist() == [False, True, False]
    assert found.leaves.tolist() == [[False, False], [True, False], [True, True]]


def test_tags_are_brought_along(picture: Picture) -> None:
    tree = Comparison(TAGS, Op.HAS_ANY, ("1", "2"))
    tagged = Tagged([1, 1, 3, 77], ["1", "2", "3", "1"])
    assert pictures.matching(picture, tree, FIELDS, tagged, after=0, most=9) == [1]
    assert pictures.count(picture, Not(tree), FIELDS, tagged) == 2
    assert pictures.count(picture, Comparison(TAGS, Op.HAS_NONE, ("1",)), FIELDS, None) == 3


def test_a_question_is_written_once_and_answered_for_what_is_brought_each_time(picture: Picture) -> None:
    tree = Comparison(TAGS, Op.HAS_ANY, ("1",))
    pictures.count(picture, tree, FIELDS, Tagged([1], ["1"]))
    written = pictures._written.cache_info().misses
    assert pictures.count(picture, tree, FIELDS, Tagged([1, 2, 3], ["1", "1", "1"])) == 3
    assert pictures.count(picture, tree, FIELDS, Tagged([1, 2], ["1", "9"])) == 1
    assert pictures._written.cache_info().misses == written
    other = Picture(picture.file.with_name("other.parquet"), picture.day, AT)
    pq.write_table(pa.table({"customer_id": [1], "orders": [7]}), other.file)
    assert (pictures.count(picture, EVERYBODY, FIELDS), pictures.count(other, EVERYBODY, FIELDS)) == (3, 1)


def test_many_may_ask_at_once(picture: Picture) -> None:
    asked = [Comparison("orders", Op.GE, number % 9) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda tree: pictures.count(picture, tree, FIELDS), asked))
    assert found == [sum(orders >= tree.value for orders in (7, 2)) for tree in asked]  # type: ignore[operator]
