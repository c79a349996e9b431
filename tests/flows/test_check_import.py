"""A file of orders from upload to undo: checked whole, posted in batches that resume, taken back by reversals."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.exceptions import JobAborted

from regulars.catalogue.queries import product_names
from regulars.core.calendar import zone
from regulars.facts import actions as facts
from regulars.facts import imports_view, uploads
from regulars.facts.actions.imports import WrongState
from regulars.facts.checking import settings_of
from regulars.facts.imports_view import ImportView
from regulars.facts.reading.columns import Mapping, fingerprint
from regulars.facts.reading.errors import UnreadableFile
from regulars.facts.reading.samples import sampled_table, take_sample
from regulars.facts.reading.table import Cell, Chunk, Table
from regulars.flows import import_orders, jobs, undo_import
from regulars.flows.check_import import open_file, receive_file
from regulars.flows.preview_import import preview_import
from regulars.flows.settings import programme
from regulars.ledger import statements
from regulars.loyalty import actions as loyalty
from regulars.loyalty import membership, queries
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.verification import verify

from .working import context, work_off

pytestmark = pytest.mark.django_db

SETTINGS = {"currency": "CNY", "region": "CN", "day_first": None, "paid_per": "", "channel": "store"}
ORDERS = """订单号,下单时间,手机号,姓名,实付
A1,2026-01-05 10:00,13912345670,林小满,120.50
A2,2026-01-06 11:00,13912345670,林小满,80
A3,2026-01-06 12:00,138****7955,何明,45.00
A4,2026-01-07 09:30,13812345671,周周,很多
"""


@pytest.fixture(autouse=True)
def _business() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    loyalty.launch(terms=preset_terms(2), live_from=at, time_zone="Asia/Shanghai", actor="", at=at)


def receive(text: str = ORDERS, name: str = "orders.csv") -> ImportView:
    import_id = receive_file(
        file=ContentFile(text.encode()), file_name=name, time_zone="Asia/Shanghai", settings=SETTINGS, actor="user:1",
        at=timezone.now(),
    )  # fmt: skip
    return get(import_id)


def get(import_id: int) -> ImportView:
    found = imports_view.get(import_id)
    assert found is not None
    return found


def choose(view: ImportView, **changed: Any) -> None:
    told: dict[str, Any] = {
        "source": "till",
        "time_zone": "Asia/Shanghai",
        "mapping": view.mapping,
        "settings": SETTINGS,
    }
    facts.choose(import_id=view.id, **told | changed)


def ready(text: str = ORDERS) -> ImportView:
    view = receive(text)
    choose(view)
    jobs.check_import(context(), import_id=view.id)
    return get(view.id)


def post(view: ImportView) -> ImportView:
    facts.move_to(import_id=view.id, status="posting", allowed=["ready"])
    jobs.post_import(context(), import_id=view.id)
    return get(view.id)


def assert_books_agree() -> None:
    policies, _zone = programme()
    *_, report = verify(policies=policies, at=timezone.now())
    assert report.differences == []


def points() -> dict[str, int]:
    """Points by name of everybody who is on the list."""
    now = timezone.now()
    found = membership.find(membership.Filter(), today=now.date(), at=now, sort="name", offset=0, most=1000)
    return {member.name or member.number: member.points for member in found}


def test_a_file_becomes_points_and_says_what_it_could_not_use() -> None:
    view = ready()
    assert view.status == "ready"
    assert view.counts["orders"] == 3
    assert (view.counts["customers_new"], view.counts["customers_known"]) == (1, 0)
    assert view.counts["masked_phones"] == 1
    assert view.counts["rows_refused"] == 1
    (problem,) = imports_view.every_problem(view.id)
    assert (problem.row, problem.column, problem.code, problem.found) == (5, "实付", "amount_unreadable", "很多")
    assert problem.cells == ("A4", "2026-01-07 09:30", "13812345671", "周周", "很多")
    assert not imports_view.has_facts(), "checking writes no fact"

    done = post(view)
    assert (done.status, done.counts["recorded"], done.upload) == ("done", 3, "")
    assert done.sample == {}, "first rows name people; they go with the file"
    assert points() == {"林小满": 200}
    assert_books_agree()


def test_what_is_here_already_counts_once() -> None:
    post(ready())
    again = ready(ORDERS.replace("很多", "10"))
    assert (again.counts["here"], again.counts["customers_known"]) == (3, 1)
    done = post(again)
    assert (done.counts["recorded"], done.counts["repeated"]) == (1, 3)
    assert points() == {"林小满": 200, "周周": 10}
    changed = post(ready(ORDERS.replace("120.50", "900")))
    assert changed.counts["conflict"] == 1
    assert points()["林小满"] == 200
    assert_books_agree()


def test_an_unreadable_file_leaves_nothing() -> None:
    before = set(default_storage.listdir(uploads.FOLDER)[1]) if default_storage.exists(uploads.FOLDER) else set()
    for content in ("%PDF-1.7 not a table", "", "订单号,下单时间,实付\n"):
        with pytest.raises(UnreadableFile):
            receive(content)
    after = set(default_storage.listdir(uploads.FOLDER)[1]) if default_storage.exists(uploads.FOLDER) else set()
    assert after == before
    assert imports_view.count() == 0


def test_dates_that_can_be_read_two_ways_are_asked_about() -> None:
    view = receive("order number,order date,member number,paid\n1,05/01/2026,V1,10\n2,06/02/2026,V1,10\n")
    choose(view)
    jobs.check_import(context(), import_id=view.id)
    failed = get(view.id)
    assert (failed.status, failed.failure_code) == ("failed", "ambiguous_dates")
    choose(failed, settings=SETTINGS | {"day_first": True})
    jobs.check_import(context(), import_id=view.id)
    assert get(view.id).report["first_at"].startswith("2026-01-04T16:00")


def test_checking_again_replaces_what_was_found_before() -> None:
    view = ready()
    choose(view, mapping={field: column for field, column in view.mapping.items() if field != "phone"})
    jobs.check_import(context(), import_id=view.id)
    again = get(view.id)
    assert (again.status, again.staged, again.counts["customers"]) == ("ready", 3, 0)
    assert len(list(imports_view.every_problem(view.id))) == 1


def test_products_are_described_when_their_orders_are_posted() -> None:
    view = ready("订单号,下单时间,会员号,商品编码,商品名称,商品实付\nA1,2026-01-05 10:00,V1,TEA-01,茉莉花茶,30\n")
    assert product_names({"TEA-01"}) == {}
    post(view)
    assert product_names({"TEA-01"}) == {"TEA-01": "茉莉花茶"}


def test_columns_mean_what_they_meant_last_time(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("nr,tag,wieviel,karte\n1,2026-01-05 10:00,20,V1\n")
    opened = open_file(file)
    assert opened.kept is None
    chosen = Mapping.from_json(
        {"order_number": "nr", "occurred_at": "tag", "paid": "wieviel", "member_number": "karte"}
    )

    facts.keep_mapping(
        fingerprint=fingerprint(opened.table.names), mapping=chosen.to_json(), source="kasse", time_zone="Europe/Berlin"
    )
    again = open_file(file)
    assert again.kept is not None
    assert (again.kept.source, again.kept.time_zone, again.mapping) == ("kasse", "Europe/Berlin", chosen)


MANY = "订单号,下单时间,会员号,实付\n" + "".join(f"B{n},2026-02-01 10:{n % 60:02},V{n % 7},10\n" for n in range(95))


@pytest.fixture
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_orders, "BATCH", 20)
    monkeypatch.setattr(undo_import, "BATCH", 2)


@pytest.mark.usefixtures("_small_batches")
def test_a_stopped_worker_goes_on_where_it_was_and_jobs_may_run_twice() -> None:
    view = ready(MANY)
    facts.move_to(import_id=view.id, status="posting", allowed=["ready"])
    with pytest.raises(JobAborted):
        jobs.post_import(context(abort_after=1), import_id=view.id)
    half = get(view.id)
    assert (half.status, half.posted) == ("posting", 40)
    jobs.post_import(context(), import_id=view.id)
    jobs.post_import(context(), import_id=view.id)
    done = get(view.id)
    assert (done.status, done.posted, done.counts["recorded"]) == ("done", 95, 95)
    assert "repeated" not in done.counts
    assert_books_agree()


@pytest.mark.usefixtures("_small_batches")
def test_undoing_takes_everything_back_also_in_two_goes() -> None:
    post(ready(ORDERS))
    view = post(ready(MANY))
    before = points()
    facts.move_to(import_id=view.id, status="undoing", allowed=["done"], actor="user:7")
    with pytest.raises(JobAborted):
        jobs.undo_import(context(abort_after=1), import_id=view.id)
    half = get(view.id)
    assert half.status == "undoing"
    assert 0 < half.step < 95
    jobs.undo_import(context(), import_id=view.id)
    undone = get(view.id)
    assert (undone.status, undone.undone_by) == ("undone", "user:7")
    assert points() == {"林小满": 200}, "who came only with the file is gone from the list"
    assert len(before) == 8
    assert statements.trial_balance().balanced
    assert_books_agree()
    # What was undone can be imported once more.
    assert post(ready(MANY)).counts["recorded"] == 95
    assert points() == before
    assert_books_agree()


def test_nothing_is_posted_that_was_not_confirmed() -> None:
    view = ready()
    jobs.post_import(context(), import_id=view.id)
    assert get(view.id).status == "ready"
    assert not imports_view.has_facts()
    with pytest.raises(WrongState):
        facts.move_to(import_id=view.id, status="undoing", allowed=["done"])


def test_only_one_process_works_on_an_import() -> None:
    view = ready()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [imports_view.LOCK_SPACE, view.id])
        facts.move_to(import_id=view.id, status="posting", allowed=["ready"])
        assert imports_view.is_held(view.id)
        jobs.post_import(context(), import_id=view.id)
        assert get(view.id).posted == 0
    finally:
        other.close()


def test_queued_jobs_wait_once_and_are_known_to_wait() -> None:
    view = receive()
    choose(view)
    assert not jobs.is_waiting(jobs.check_import, import_id=view.id)
    jobs.start(jobs.check_import, import_id=view.id)
    jobs.start(jobs.check_import, import_id=view.id)
    assert jobs.is_waiting(jobs.check_import, import_id=view.id)
    assert not jobs.is_waiting(jobs.check_import, import_id=view.id + 1)
    assert work_off() == ["check_import"]
    assert get(view.id).status == "ready"


def test_a_preview_tells_what_each_order_earns_and_writes_nothing() -> None:
    view = receive()
    policies, own_zone = programme()
    settings = settings_of(replace(view, source="till"), timezone.now())
    found = preview_import(
        sample=dict(view.sample), mapping=Mapping.from_json(view.mapping), settings=settings, policies=policies,
        zone=own_zone,
    )  # fmt: skip
    assert [line.points for line in found.lines] == [120, 80, None]
    assert found.report.rows_refused == 1
    assert not imports_view.has_facts()


def test_forgotten_uploads_are_swept() -> None:
    name = uploads.keep(ContentFile(b"x"), named="../../evil name.exe")
    assert name.startswith("imports/")
    assert "." not in name
    kept = receive()
    now = timezone.now()
    assert facts.sweep_uploads(at=now) == 0, "a fresh one may belong to an upload under way"
    assert facts.sweep_uploads(at=now + timedelta(days=2)) >= 1
    assert not default_storage.exists(name)
    assert uploads.path(kept.upload).exists()
    uploads.drop(kept.upload)


def test_tiers_follow_a_changed_programme() -> None:
    post(ready(MANY.replace("2026-02-01", timezone.now().strftime("%Y-%m-%d"))))
    now = timezone.now()
    tiers = [dict(tier, threshold=tier["threshold"] // 10) for tier in preset_terms(2)["tiers"]]
    loyalty.launch(
        terms={**preset_terms(2), "tiers": tiers}, live_from=now, time_zone="Asia/Shanghai", actor="", at=now
    )
    policies, _zone = programme()
    *_, before = verify(policies=policies, at=now)
    assert len(before.differences) == 7, "kept tiers still follow the old thresholds"
    jobs.start(jobs.rate_again)
    assert work_off() == ["rate_again"]
    assert membership.tier_counts(now.astimezone(zone("Asia/Shanghai")).date())[1] == 7
    assert sum(points().values()) == 950, "what orders earned stays"
    assert_books_agree()


def test_the_nightly_job_verifies_and_does_so_once_a_night() -> None:
    post(ready())
    jobs.nightly(context(), timestamp=0)
    first = queries.last_verification()
    assert first is not None
    assert first.clean
    jobs.nightly(context(), timestamp=1)
    assert queries.last_verification() == first


SHANGHAI = zone("Asia/Shanghai")


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        ("2026-03-01 04:30", "2026-03-01 23:07", False),
        ("2026-03-01 04:30", "2026-03-02 03:07", False),
        ("2026-03-01 04:30", "2026-03-02 04:07", True),
        ("2026-02-20 04:30", "2026-03-02 01:07", True),
        ("2026-03-02 03:59", "2026-03-02 04:07", True),
    ],
)
def test_a_night_ends_at_four_by_the_businesss_clock(last: str, now: str, due: bool) -> None:
    at = [datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (last, now)]
    assert jobs.is_night_due(at[0], at[1], SHANGHAI) is due


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.datetimes(timezones=st.one_of(st.none(), st.just(UTC))),
    st.dates(),
    st.times(),
)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=30))
def test_a_kept_sample_holds_every_cell_as_it_was(rows: list[tuple[Cell, Cell]]) -> None:
    def read() -> Iterator[Chunk]:
        yield Chunk(range(2, 2 + len(rows)), [list(column) for column in zip(*rows, strict=True)], frozenset({0}))

    table = Table(("a", "b"), "csv", "UTF-8", None, read)
    kept = sampled_table(json.loads(json.dumps(take_sample(table))))
    assert kept.names == table.names
    assert [row for _, row in kept.first_rows(100)] == rows
    assert [type(cell) for _, row in kept.first_rows(100) for cell in row] == [
        type(cell) for row in rows for cell in row
    ]
    assert [chunk.overlong for chunk in kept.chunks()] == [frozenset({0})]
