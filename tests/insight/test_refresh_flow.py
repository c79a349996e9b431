"""A refresh as a whole: facts go in, a picture comes out, and what fails leaves the last good one."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone
from typer.testing import CliRunner

from regulars.config.cli import app
from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.conditions import read
from regulars.flows import refresh_insight as flow
from regulars.flows.picture_fields import picture_fields
from regulars.insight import actions, queries
from regulars.insight.compute import refresh, stages
from regulars.insight.compute.apart import SETS, RefreshFailed, make_apart
from regulars.insight.compute.engine import connect
from regulars.insight.compute.lake import Lake
from regulars.insight.compute.lifecycle import NUMBERS
from regulars.insight.compute.refresh import Made, Work
from regulars.insight.compute.sets import Sets
from regulars.insight.compute.tables import purchases
from regulars.insight.segments import actions as segments
from regulars.insight.segments import following
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, refund, settled, when


def counted(work: Work) -> None:
    """A step in the place of all others: how the sums are done is not the matter here."""
    known = work.told.as_of(work.day)
    bought = purchases(known)
    sums = bought.group_by("customer_id").aggregate(
        orders=bought.count(), spent_minor=bought.net.sum(), last_purchase_day=bought.day.max()
    )
    people = known.customers.select("customer_id", "who").left_join(sums, "customer_id").drop("customer_id_right")
    work.picture = people.order_by("customer_id").to_pyarrow()
    work.add(pa.table({"customer_id": work.picture["customer_id"], "value_minor": work.picture["spent_minor"]}))


def make_here(lake: Path, day: date, *, engine: str, with_history: bool = False, progress: Any = None) -> Made:
    """`make_apart` in this process."""
    assert engine == "duckdb"
    connection = connect(threads=1)
    return refresh.make(Lake(lake).tables(connection), day, Sets(lake / SETS), with_history=False, progress=progress)


@pytest.fixture
def books(transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.LAKE_DIR = tmp_path / "lake"
    monkeypatch.setattr(flow, "make_apart", make_here)
    monkeypatch.setattr(refresh, "STEPS", {"features": counted})
    return World(now="2024-12-01 10:00")


def refreshed(day: str) -> flow.Refreshed:
    settled()
    return flow.refresh_insight(day=date.fromisoformat(day), clock=timezone.now)


def spent() -> dict[int, int]:
    """customer → spent, by the picture that is looked at."""
    return {row.customer_id: row["spent_minor"] for row in queries.pictures(order=["-spent_minor"])}


def test_the_picture_shows_what_was_told_before_its_day(books: World) -> None:
    assert (queries.picture(), queries.last_refresh(), queries.pictures(), queries.count()) == (None, None, [], 0)
    books.tell(
        order("A", "anna", when("2024-03-01 10:00"), 100_00), order("A2", "anna", when("2024-04-01 10:00"), 50_00),
        order("B", "bo", when("2024-03-05 10:00"), 20_00), refund("R", "A", when("2024-03-20 10:00"), 30_00),
    )  # fmt: skip
    made = refreshed("2024-04-01")
    anna, bo = books.customer("anna"), books.customer("bo")
    assert spent() == {anna: 70_00, bo: 20_00}
    assert made.counts["customers"] == 2
    one = queries.picture_of(anna)
    assert one is not None
    assert (one["orders"], one["last_purchase_day"]) == (1, date(2024, 3, 1))
    assert queries.picture_of(10**6) is None
    last = queries.last_refresh()
    assert last is not None
    assert (last.status, last.day, last.failed) == ("done", date(2024, 4, 1), False)
    assert last == queries.last_good()
    refreshed("2024-04-02")
    assert spent() == {anna: 120_00, bo: 20_00}


def test_lists_and_counts_of_the_picture(books: World) -> None:
    books.tell(*(order(f"o{n}", f"m{n % 4}", when("2024-03-01 10:00"), (n + 1) * 10_00) for n in range(8)))
    books.tell(order("web", "m0", when("2024-03-02 10:00"), 5_00, channel="online"))
    refreshed("2024-03-10")
    rows = queries.pictures(order=["-spent_minor"], columns=["spent_minor"], limit=2, offset=1)
    assert [row["spent_minor"] for row in rows] == [100_00, 80_00]
    groups = queries.counts_by(["orders"], sums=["spent_minor"])
    assert [(group.key, group.customers, group.sums["spent_minor"]) for group in groups] == [
        ((2,), 3, 300_00), ((3,), 1, 65_00),
    ]  # fmt: skip
    assert queries.count(among=[books.customer("m1"), books.customer("m2")]) == 2


def test_a_failed_refresh_keeps_the_last_picture_and_says_so(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))
    refreshed("2024-04-01")
    seen, before = queries.folder(), spent()
    books.tell(order("B", "anna", when("2024-04-01 10:00"), 10_00))
    monkeypatch.setitem(refresh.STEPS, "features", lambda work: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refreshed("2024-04-02")
    last = queries.last_refresh()
    assert last is not None
    assert (last.status, last.failed, last.failure_code) == ("failed", True, "error")
    assert "ZeroDivisionError" in last.failure
    assert last.finished_at is not None
    assert (queries.folder(), spent()) == (seen, before)
    assert not list((queries.sets().folder).glob(".making*"))


def test_what_fails_after_the_computing_changes_nothing_either(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))
    refreshed("2024-04-01")
    seen = queries.folder()
    with monkeypatch.context() as patch:
        patch.setattr(following, "follow", lambda **told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            refreshed("2024-12-01")
    assert queries.folder() == seen
    assert bulk.run(connection, "SELECT status FROM insight_refresh ORDER BY id") == [("done",), ("failed",)]


def test_one_who_was_killed_is_found_out_by_the_next(books: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insight_refresh (day, started_at, status, failure_code, failure, set_name, counts)"
            " VALUES ('2024-03-31', now(), 'running', '', '', '', '{}')"
        )
    refreshed("2024-04-01")
    rows = bulk.run(connection, "SELECT status, failure_code FROM insight_refresh ORDER BY id")
    assert rows == [("failed", "killed"), ("done", "")]


def test_of_two_at_once_one_is_refused(books: World) -> None:
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 100_00))

    def one() -> flow.Refreshed:
        return refreshed("2024-04-01")

    ends = at_once([one, one])
    assert [type(error) for error in failures(ends)] == [actions.AlreadyRefreshing]
    assert bulk.run(connection, "SELECT count(*) FROM insight_refresh") == [(1,)]


def test_looking_back_leaves_the_picture_as_it_is(books: World) -> None:
    books.tell(
        order("A", "anna", when("2024-03-01 10:00"), 100_00), order("B", "anna", when("2024-03-20 10:00"), 50_00)
    )
    refreshed("2024-04-01")
    seen, last = queries.folder(), queries.last_refresh()
    made = flow.look_back(day=date(2024, 3, 10))
    assert made.folder != seen
    assert (made.folder / "picture.parquet").exists()
    assert (queries.folder(), queries.last_refresh()) == (seen, last)


def stage_table(**stage_of: tuple[int, str]) -> pa.Table:
    """Who is in which stage, as a set tells it: cause=(customer, stage)."""
    rows = [
        {**dict.fromkeys(NUMBERS, 7), "customer_id": c, "stage": s, "cause": why} for why, (c, s) in stage_of.items()
    ]
    return pa.Table.from_pylist(rows) if rows else stages.now(pa.table({"customer_id": pa.array([], pa.int64())}))


def record(day: date, now: pa.Table, history: pa.Table | None = None) -> dict[str, int]:
    made = Made("a set", {}, {}, now, stages.MOVES.empty_table() if history is None else history)
    with actions.refreshing(day=day, clock=timezone.now) as refresh_id:
        return actions.record_stages(refresh_id=refresh_id, day=day, made=made)


def seen(customer_id: int) -> list[tuple[int, str, str, str]]:
    return [(m.day.day, m.from_stage, m.to_stage, m.cause) for m in queries.stage_moves(customer_id)]


@pytest.mark.django_db
def test_moves_between_stages_are_on_record_with_cause_and_day() -> None:
    may = [date(2024, 5, day) for day in range(1, 6)]
    past = stages.moves(stage_table(in_rhythm=(1, "active")), pa.array([""]), may[0])
    first = record(may[1], stage_table(in_rhythm=(1, "active"), first_purchase=(2, "new")), past)
    assert first == {"stage_moves": 1, "stage_moves_before": 1}
    assert (seen(1), seen(2)) == ([(1, "", "active", "in_rhythm")], [(2, "", "new", "first_purchase")])
    assert queries.stage_moves(2)[0].numbers == {"recency_days": 7}
    second = record(may[2], stage_table(silent_own=(1, "dormant"), first_purchase=(2, "new")), past)
    assert second == {"stage_moves": 1, "stage_moves_before": 0}, "the past is told once"
    assert seen(1)[1:] == [(3, "active", "dormant", "silent_own")]
    flows = queries.stage_flows(since=may[1], until=may[4])
    assert [(flow.from_stage, flow.to_stage, flow.customers) for flow in flows] == [
        ("", "new", 1), ("active", "dormant", 1),
    ]  # fmt: skip
    record(may[2], stage_table(came_back=(1, "won_back"), first_purchase=(2, "new")))
    assert seen(1)[1:] == [(3, "active", "won_back", "came_back")], (
        "the same day again takes the place of what was said"
    )
    record(may[2], stage_table(in_rhythm=(1, "active"), first_purchase=(2, "new")))
    assert seen(1)[1:] == []
    assert record(may[3], stage_table()) == {"stage_moves": 0, "stage_moves_before": 0}


def test_the_commands_make_the_picture_show_its_models_and_export_it(books: World, tmp_path: Path) -> None:
    assert "regulars refresh" in ask("models", code=1)["message"]
    assert ask("export", "scores", str(tmp_path / "scores.csv"), code=1)["error"] == "no_picture"
    books.tell(*(order(f"o{n}", f"m{n}", when("2024-03-01 10:00"), 10_00 + n) for n in range(3)))
    everybody = read({"field": "orders", "op": "ge", "value": 1}, picture_fields())
    segments.create(name=Text("都算", "Everybody"), tree=everybody, actor="", at=timezone.now())
    answer = ask("refresh")
    assert (answer["as_of"], answer["counts"]["customers"]) == ("2024-03-02", 3), "kept data are seen as of their end"
    assert ask("models") == {"as_of": "2024-03-02", "models": []}
    assert ask("export", "features", str(tmp_path / "features.parquet"))["rows"] == 3
    features = pq.read_table(tmp_path / "features.parquet")
    assert {"customer_id", "who", "orders", "spent_minor"} <= set(features.column_names)
    assert "value_minor" not in features.column_names
    assert ask("export", "scores", str(tmp_path / "scores.csv"))["rows"] == 3
    assert "value_minor" in (tmp_path / "scores.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert ask("export", "segments", str(tmp_path / "segments.csv"))["rows"] == 3
    assert ask("refresh", "--as-of", "2999-01-01", code=1)["error"] == "day_ahead"
    looked_back = ask("refresh", "--as-of", "2024-03-01")
    assert (looked_back["counts"]["customers"], looked_back["set"] == str(queries.folder())) == (0, False)
    assert queries.count() == 3


def ask(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout.splitlines()[-1])


def test_a_failure_in_the_other_process_is_told(tmp_path: Path) -> None:
    steps: list[str] = []
    with pytest.raises(RefreshFailed, match="There is no lake"):
        make_apart(tmp_path, date(2024, 4, 1), engine="duckdb", progress=steps.append)
    assert steps == []
