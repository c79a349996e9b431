"""Columns arrive in the database as they were sent, whatever is in them."""

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core import bulk

quick = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "int": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamptz": st.datetimes(timezones=st.just(UTC)),
    "text": st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    "bytea": st.binary(),
}
EXTREMES: dict[str, list[Any]] = {
    "smallint": [-(2**15), -1, 0, 2**15 - 1],
    "int": [-(2**31), -1, 0, 2**31 - 1],
    "bigint": [-(2**63), -1, 0, 2**63 - 1],
    "boolean": [True, False],
    "date": [date.min, date(1999, 12, 31), date(2000, 1, 1), date(2024, 2, 29), date.max],
    "timestamptz": [
        datetime.min.replace(tzinfo=UTC), datetime(1999, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC), datetime(1970, 1, 1, 0, 0, 0, 1, UTC),
    ],
    "text": ["", " ", "回头客", "😀👩‍👩‍👧‍👦", "NULL", "{},\"\\", "é", "\x01\x7f", "x" * 100_000],
    "bytea": [b"", b"\x00\xff", b"x" * 70_000],
}  # fmt: skip


def echo(kind: str, values: list[Any]) -> list[Any]:
    rows = bulk.run(
        connection,
        f"SELECT v FROM {bulk.unnest(kind)} WITH ORDINALITY AS n (v, place) ORDER BY place",
        [bulk.Column(kind, values)],
    )
    return [bytes(row[0]) if isinstance(row[0], memoryview) else row[0] for row in rows]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(VALUES))
def test_what_is_sent_arrives(kind: str) -> None:
    values = [*EXTREMES[kind], None, *EXTREMES[kind]]
    assert echo(kind, values) == values
    assert echo(kind, EXTREMES[kind]) == EXTREMES[kind]
    assert echo(kind, [None, None]) == [None, None]
    assert echo(kind, []) == []

    @quick
    @given(st.lists(st.none() | VALUES[kind], max_size=20))
    def arrives(values: list[Any]) -> None:
        assert echo(kind, values) == values

    arrives()


@pytest.mark.django_db
def test_columns_of_different_types_stay_side_by_side() -> None:
    rows = [(1, "甲", None, True), (2, None, date(2024, 2, 29), False), (None, "", date.min, None)]
    types = ("bigint", "text", "date", "boolean")
    found = bulk.run(connection, f"SELECT * FROM {bulk.unnest(*types)}", bulk.columns(rows, types))
    assert found == rows
    assert bulk.run(connection, f"SELECT * FROM {bulk.unnest(*types)}", bulk.columns([], types)) == []
    assert from_table(rows, types) == rows
    assert from_table([], types) == []


def from_table(rows: list[tuple[Any, ...]], types: Sequence[str]) -> list[tuple[Any, ...]]:
    table, parameters = bulk.table(rows, types)
    found = bulk.run(connection, f"SELECT * FROM {table} AS n", parameters)
    return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in found]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(VALUES))
def test_what_all_rows_of_a_large_batch_have_alike_is_sent_once_and_arrives_in_each(kind: str) -> None:
    for value in (*EXTREMES[kind], None):
        rows = [(place, value, place % 7, value) for place in range(bulk.MANY)]
        types = ("bigint", kind, "int", kind)
        assert from_table(rows, types) == rows
        assert sum(isinstance(one, bulk.Column) for one in bulk.table(rows, types)[1]) == 2

    other = EXTREMES[kind][1]
    nearly = [(place, other if place == 50 else EXTREMES[kind][0]) for place in range(bulk.MANY)]
    assert from_table(nearly, ("bigint", kind)) == nearly


@pytest.mark.django_db
def test_a_large_batch_of_equal_rows_stays_as_many_rows() -> None:
    rows = [(7, "甲", None)] * bulk.MANY
    assert from_table(rows, ("bigint", "text", "date")) == rows


@pytest.mark.django_db
def test_times_of_other_zones_are_the_same_instants() -> None:
    told = datetime.fromisoformat("2024-03-10T01:30:00.123456-05:00")
    assert echo("timestamptz", [told]) == [told]
    assert echo("timestamptz", [told - timedelta(days=10_000)]) == [told - timedelta(days=10_000)]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
def test_a_null_character_is_refused_not_cut(text: str) -> None:
    with pytest.raises(DataError), transaction.atomic():
        echo("text", ["fine", text])
    assert echo("text", ["fine"]) == ["fine"]


@pytest.mark.django_db
def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError), transaction.atomic():
        echo("text", ["\ud800"])


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "value"), [("smallint", 2**15), ("int", -(2**31) - 1), ("bigint", 2**63)])
def test_a_number_that_does_not_fit_is_refused(kind: str, value: int) -> None:
    with pytest.raises((struct.error, OverflowError)), transaction.atomic():
        echo(kind, [value])


@pytest.mark.django_db
def test_failures_are_djangos_own_and_name_their_cause() -> None:
    """Flows look for lost races among Django's errors; psycopg's own would pass them by."""
    statement = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END $$"
    with pytest.raises(OperationalError) as waited, transaction.atomic():
        bulk.run(connection, statement)
    with pytest.raises(OperationalError) as sent, transaction.atomic(), bulk.pipeline(connection):  # noqa: PT012
        bulk.send(connection, statement)
        bulk.send(connection, "SELECT 1")
    for failure in (waited, sent):
        assert getattr(failure.value.__cause__, "sqlstate", None) == "40P01"
    assert bulk.run(connection, "SELECT 1") == [(1,)]
