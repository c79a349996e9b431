"""The lake follows the facts: what is exported bit by bit is what is exported at once, whatever happened in between."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts import actions as facts
from regulars.facts.rules import NewFact
from regulars.flows import import_orders, undo_import
from regulars.insight import lake_export
from regulars.insight.compute import lake as lakes
from regulars.insight.compute.lake import Lake
from regulars.insight.compute.tables import SCHEMAS
from regulars.insight.lake_export import Exported
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import ItemKind
from tests.concurrency.crowd import at_once
from tests.flows.world import SHANGHAI, World, cancel, order, query, refund, settled, when

DAY = when("2024-03-01 10:00")
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def books(transactional_db: None) -> World:
    return World(now="2024-12-01 10:00")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def export(lake: Lake) -> Exported:
    settled()
    return export_now(lake)


def export_now(lake: Lake) -> Exported:
    siblings = {"tiers": loyalty.LAKE_TIERS}
    return lake_export.export(lake, time_zone="Asia/Shanghai", siblings=siblings)


def rows(lake: Lake) -> Rows:
    """Everything that counts, table by table, in an order of its own."""
    manifest = lake.manifest()
    assert manifest is not None
    assert manifest.tables.keys() == SCHEMAS.keys()
    found = {}
    for name, parts in manifest.tables.items():
        told = [row for part in parts for row in pq.read_table(lake.folder / part.file).to_pylist()]
        assert len(told) == sum(part.rows for part in parts)
        found[name] = sorted(
            told, key=lambda row: [(value is None, value or 0) for value in row.values() if _plain(value)]
        )
    return found


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, int)


def at_once_exported(tmp_path: Path) -> Rows:
    fresh = Lake(tmp_path / "fresh")
    assert export(fresh).rebuilt
    return rows(fresh)


def staged(books: World, *told: NewFact) -> int:
    import_id = facts.open_import(
        source="till", connector="test", file_name="orders.csv", time_zone="Asia/Shanghai", mapping={}, actor="test",
        at=books.now,
    )  # fmt: skip
    count = facts.stage(import_id=import_id, facts=told)
    facts.checked(import_id=import_id, staged=count, counts={})
    list(import_orders.post_import(import_id=import_id, policies=books.policies, zone=SHANGHAI, at=books.now))
    return import_id


def undo(books: World, import_id: int) -> None:
    list(undo_import.undo_import(import_id=import_id, policies=books.policies, actor="test", at=books.now))


def test_an_order_is_in_the_lake_as_it_was_told(books: World, lake: Lake) -> None:
    told = order("A", "anna", DAY, 100_00, lines=[30_00, 70_00], paid=110_00)
    told.body["discount"] = 5_00
    books.tell(told, order("B", (), when("2024-03-02 03:00"), 20_00, channel="online"))
    export(lake)
    found = rows(lake)
    identity = query("SELECT id FROM customers_identity")[0][0]
    first, second = found["orders"]
    assert (first["identity_id"], first["paid"], first["base"], first["discount"]) == (identity, 110_00, 100_00, 5_00)
    assert (str(first["occurred_at"]), str(first["day"]), first["channel"]) == (
        "2024-03-01 02:00:00", "2024-03-01", "store",
    )  # fmt: skip
    assert (second["identity_id"], second["discount"], second["channel"]) == (None, 0, "online")
    assert str(second["day"]) == "2024-03-02", "the day is the business's"
    lines = [(line["order_id"], line["product"], line["amount"]) for line in found["lines"]]
    assert sorted(lines, key=str) == sorted(
        [(first["order_id"], "sku", 30_00), (first["order_id"], "sku", 70_00), (second["order_id"], None, 20_00)],
        key=str,
    )


def test_people_have_the_name_of_their_strongest_identity(books: World, lake: Lake) -> None:
    phone = Identity(IdentityKind.PHONE, "", "+8613912345670")
    shop = Identity(IdentityKind.EXTERNAL_ID, "shop", "7")
    books.tell(order("A", (phone,), DAY, 1_00), order("B", (shop, phone), DAY, 1_00))
    export(lake)
    [one] = rows(lake)["customers"]
    assert one["who"] == sha256(b"05\x1fshop\x1f7").hexdigest()
    assert len(rows(lake)["identities"]) == 2


def test_points_are_summed_by_day_with_corrections_netted(books: World, lake: Lake) -> None:
    books.tell(order("A", "anna", DAY, 300_00), order("B", "anna", when("2024-03-01 23:30"), 200_00))
    books.command(ItemKind.REDEEM, "anna", 150, "r1", at=when("2024-04-02 10:00"))
    books.tell(refund("R", "B", when("2024-05-01 10:00"), 100_00), at=when("2024-05-01 10:00"))
    export(lake)
    days = [(str(p["day"]), p["earned"], p["redeemed"], p["expired"]) for p in rows(lake)["points"]]
    assert sorted(days) == [("2024-03-01", 500, 0, 0), ("2024-04-02", 0, 150, 0), ("2024-05-01", -100, 0, 0)]


def test_bit_by_bit_is_the_same_as_at_once(books: World, lake: Lake, tmp_path: Path) -> None:
    random = Random(7)
    imports: list[int] = []
    merges: list[int] = []
    for turn in range(10):
        who = f"m{random.randrange(5)}"
        told = [order(f"o{turn}-{n}", who, DAY, 10_00 + n, lines=[5_00, 5_00 + n]) for n in range(3)]
        if turn % 3 == 0:
            told.append(refund(f"r{turn}", f"o{turn + 1}-0", DAY, 1_00, who="somebody else"))  # before its order
        if turn % 4 == 1:
            told.append(cancel(f"c{turn}", f"o{turn}-1", DAY))
        imports.append(staged(books, *told))
        if turn == 4:
            merges.append(books.merge("m1", "m2"))
        if turn in (5, 8):
            undo(books, imports.pop(random.randrange(len(imports))))
        if turn == 9:
            books.undo(merges.pop())
        exported = export(lake)
        assert exported.rebuilt == (turn == 0)
        assert exported.taken_out == (turn in (5, 8))
    assert rows(lake) == at_once_exported(tmp_path)


def test_what_is_undone_and_told_again_has_its_refund_again(books: World, lake: Lake) -> None:
    import_id = staged(books, order("A", "anna", DAY, 100_00))
    books.tell(refund("R", "A", when("2024-04-01 10:00"), 10_00))
    export(lake)
    before = rows(lake)
    assert before["returns"][0]["order_id"] == before["orders"][0]["order_id"]
    undo(books, import_id)
    export(lake)
    between = rows(lake)
    assert (between["orders"], between["lines"], between["returns"][0]["order_id"]) == ([], [], None)
    books.tell(order("A", "bo", DAY, 100_00))
    export(lake)
    after = rows(lake)
    assert after["returns"][0]["order_id"] == after["orders"][0]["order_id"] != before["orders"][0]["order_id"]
    assert after["returns"][0]["identity_id"] == after["orders"][0]["identity_id"]


def test_merged_people_are_one_in_the_lake_and_parted_again(books: World, lake: Lake) -> None:
    books.tell(order("A", "anna", DAY, 10_00), order("B", "bo", when("2024-03-05 10:00"), 20_00))
    anna, bo = books.customer("anna"), books.customer("bo")
    merge = books.merge("bo", "anna")
    export(lake)
    together = rows(lake)
    assert [one["customer_id"] for one in together["customers"]] == [anna]
    assert {one["customer_id"] for one in together["identities"]} == {anna}
    assert {one["customer_id"] for one in together["points"]} == {anna}
    books.undo(merge)
    export(lake)
    apart = rows(lake)
    assert {one["customer_id"] for one in apart["customers"]} == {anna, bo}
    assert {one["customer_id"] for one in apart["points"]} == {anna, bo}
    assert apart["orders"] == together["orders"], "no fact moved"


def test_an_order_that_commits_late_is_not_missed(books: World, lake: Lake) -> None:
    """The slow one has the lower id; who followed ids would never see it."""
    books.tell(order("opening", (), DAY, 1))
    export(lake)
    written, exported = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            books.tell(order("slow", "anna", DAY, 1_00))
            written.set()
            exported.wait(timeout=30)

    def quick() -> list[int]:
        written.wait(timeout=30)
        books.tell(order("quick", "bo", DAY, 2_00))
        export_now(lake)
        exported.set()
        return [one["paid"] for one in rows(lake)["orders"]]

    slow_end, seen_meanwhile = at_once([slow, quick])
    assert slow_end is None
    assert seen_meanwhile == [1], "the lake does not pass the slow one"
    assert export(lake).added == 2
    assert sorted(one["paid"] for one in rows(lake)["orders"]) == [1, 1_00, 2_00]


def test_a_crash_before_the_manifest_repeats_and_loses_nothing(
    books: World, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.tell(order("A", "anna", DAY, 1_00))
    export(lake)
    before = rows(lake)
    books.tell(order("B", "bo", DAY, 2_00))
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "commit", lambda self, manifest: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            export(lake)
    assert rows(lake) == before, "the lake is as it was"
    export(lake)
    assert rows(lake) == at_once_exported(tmp_path)
    export(lake)
    files = {f"{file.parent.name}/{file.name}" for file in lake.folder.glob("*/*.parquet")}
    manifest = lake.manifest()
    assert manifest is not None
    kept = {part.file for parts in manifest.tables.values() for part in parts}
    assert len(files - kept) == len(SCHEMAS) - 2, "only the whole tables of the export before are left over"


def test_after_a_restore_the_lake_is_made_anew(books: World, lake: Lake, new_epoch: None) -> None:
    """Transaction ids start again in a restored database: the next orders may have lower ones than the last."""
    with transaction.atomic():
        query("SELECT set_config('session_replication_role', 'replica', true)")
        query("UPDATE facts_fact SET xid = '9000000000000000000' RETURNING 1")
    books.tell(order("after", "anna", DAY, 2_00))
    assert export(lake).rebuilt
    assert [one["paid"] for one in rows(lake)["orders"]] == [1_00, 2_00]
    assert not export(lake).rebuilt


@pytest.fixture
def new_epoch(books: World, lake: Lake) -> Iterator[None]:
    books.tell(order("before", "anna", DAY, 1_00))
    assert export(lake).rebuilt
    _set_epoch(2)
    yield
    _set_epoch(1)


def _set_epoch(epoch: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE facts_fact ALTER COLUMN epoch SET DEFAULT {epoch}")


def test_a_lake_with_a_missing_file_is_made_anew(books: World, lake: Lake) -> None:
    books.tell(order("A", "anna", DAY, 1_00))
    export(lake)
    next((lake.folder / "lines").iterdir()).unlink()
    assert lake.manifest() is None
    assert export(lake).rebuilt
    assert len(rows(lake)["lines"]) == 1


def test_many_small_parts_become_one(books: World, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakes, "MOST_PARTS", 2)
    for turn in range(5):
        books.tell(order(f"o{turn}", "anna", DAY, 1_00 + turn))
        export(lake)
        manifest = lake.manifest()
        assert manifest is not None
        assert len(manifest.tables["orders"]) <= 3
    assert rows(lake) == at_once_exported(tmp_path)


def test_parts_end_where_they_are_full(books: World, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakes, "PART_ROWS", 4)
    monkeypatch.setattr(lakes, "ROW_GROUP", 2)
    batches = [batch for n in range(5) for batch in _table(2 * n, 2).to_batches()]
    lake.folder.mkdir()
    parts = lake.write("identities", batches, "000001")
    assert [part.rows for part in parts] == [4, 4, 2]
    parts = lake.write("identities", batches[:2], "000002")
    assert [part.rows for part in parts] == [4]
    assert [part.rows for part in lake.write("identities", [], "000003")] == [0]


def _table(start: int, count: int) -> Any:
    import pyarrow as pa

    ids = list(range(start, start + count))
    return pa.table({"customer_id": ids, "identity_id": ids})
