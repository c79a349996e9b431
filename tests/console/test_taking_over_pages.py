"""Taking over a programme on pages: upload, look, confirm, compare, drill down, export."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from regulars.console.lines import customer_url
from regulars.flows.import_orders import post_import
from regulars.flows.settings import programme
from regulars.flows.undo_import import undo_import
from regulars.loyalty.taking_over import queries

from ..flows.world import SHANGHAI, World, order, query
from .shop import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> World:
    books = World(now=f"{timezone.localtime(timezone=SHANGHAI):%Y-%m-%d %H:%M}")
    books.tell(order("o1", "V1", books.now - timedelta(days=40), 500_00))
    return books


def day(ago: int) -> str:
    return f"{timezone.localdate(timezone=SHANGHAI) - timedelta(days=ago)}"


def sent(rows: str, **more: str) -> dict[str, Any]:
    file = SimpleUploadedFile("会员.csv", f"会员号,手机,姓名,积分,到期日,等级\n{rows}".encode("gb18030"))
    return {"file": file, "source": "youzan", "as_of": day(1), **more}


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


ROWS = "V1,13912345670,林小满🌸,1200,2099-12-31,金卡\nV2,138****7955,王一,50,,\nV3,,,-4,,\n".replace("🌸", "")


def posted(client: Any, page: Any) -> int:
    import_id = int(page.headers["Location"].rstrip("/").rsplit("/", 1)[-1])
    client.post(f"/imports/{import_id}/post/")
    policies, zone = programme()
    list(post_import(import_id=import_id, policies=policies, zone=zone, at=timezone.now()))
    return import_id


def test_a_table_is_read_shown_confirmed_and_can_be_undone(books: World) -> None:
    owner = staff()
    assert "Take over a programme" in text_of(owner.get("/imports/new/"))
    sent_back = owner.post("/imports/balances/", sent(ROWS))
    ready = text_of(owner.get(sent_back.headers["Location"]))
    assert "1,250" in ready
    assert "1 of them has 500 points here" in ready
    assert "replaced by the table" in ready
    assert "below zero" in ready, "the refused row says why"
    assert "Yes, take 2 members over" in ready
    import_id = posted(owner, sent_back)
    done = text_of(owner.get(f"/imports/{import_id}/"))
    assert "5 balances were taken over" in done or "balances were taken over" in done
    assert "Compare old and new" in done
    assert "Taken over from the old programme" in text_of(owner.get(customer_url(books.customer("V1"))))
    policies, _ = programme()
    owner.post(f"/imports/{import_id}/undo/")
    list(undo_import(import_id=import_id, policies=policies, actor="test", at=timezone.now()))
    assert books.wallet("V1")["available"] == 500


def test_a_day_that_is_not_over_and_a_table_of_nothing_are_refused(books: World) -> None:
    owner = staff()
    early = owner.post("/imports/balances/", sent(ROWS, as_of=day(0)))
    assert early.status_code == 422
    assert "choose one that is over" in text_of(early)
    nothing = {**sent(""), "file": SimpleUploadedFile("a.csv", b"colour,size\nred,3\n")}
    refused = owner.post("/imports/balances/", nothing)
    assert refused.status_code == 422
    assert "must name members" in text_of(refused)
    assert query("SELECT count(*) FROM facts_import") == [(0,)]


def test_the_template_can_be_filled_in_and_read(books: World, tmp_path: Any) -> None:
    owner = staff()
    file = tmp_path / "template.xlsx"
    file.write_bytes(owner.get("/imports/balances/template.xlsx").content)
    assert load_workbook(file).sheetnames == ["Balances", "Notes"]
    with file.open("rb") as opened:
        page = owner.post("/imports/balances/", {"file": opened, "source": "old", "as_of": "2026-03-31"})
    ready = text_of(owner.get(page.headers["Location"]))
    assert "Ten off" in ready, "the example names a coupon that nobody has made here"
    assert "no coupon called" in ready


def test_a_comparison_says_counts_first_lists_who_differs_and_why(books: World) -> None:
    owner = staff()
    posted(owner, owner.post("/imports/balances/", sent(ROWS)))
    empty = text_of(owner.get("/imports/compare/"))
    assert "Compare for the first time" in empty
    rows = "V1,,,1300,2099-12-31,金卡\nV2,,,50,,\nV9,,,7,,\n"
    address = owner.post("/imports/compare/", sent(rows)).headers["Location"]
    page = owner.get(address)
    run = page.context["run"]
    assert (run.agree, run.differ, run.only_old, run.only_new) == (1, 1, 1, 0)
    text = text_of(page)
    assert "do not say the same of 2 of 3 members" in text
    assert "V9" in text
    assert customer_url(books.customer("V1")) in page.content.decode()
    part = owner.get(f"{address}?kind=only_old", headers={"HX-Target": "differences"})
    assert "<html" not in part.content.decode()
    assert [line.number for line in part.context["lines"]] == ["V9"]
    assert "No difference is like this" in text_of(owner.get(f"{address}?what=4"))
    assert owner.get(f"{address}?kind=x&what=99&reason=x").context["asked"].query == ""
    owner.post("/imports/compare/", sent("V1,,,1200,2099-12-31,金卡\n", as_of=day(2)))
    listed = owner.get("/imports/compare/")
    assert "both said the same of 1 of 3 members: 33.3%" in text_of(listed)
    assert len(listed.context["trend"]["x"]) == 2


def test_differences_leave_as_a_file_and_that_is_recorded(books: World) -> None:
    owner = staff()
    address = owner.post("/imports/compare/", sent("V1,,,1300,,\nV9,,,7,,\n")).headers["Location"]
    run_id = queries.runs()[0].id
    page: Any = owner.post(f"{address}export/csv/", {"kind": "only_old"})
    content = b"".join(page).decode("utf-8-sig")
    assert content.splitlines()[1].startswith("V9,V9,3,Only in the old one,7,")
    assert len(content.splitlines()) == 2
    workbook: Any = owner.post(f"{address}export/xlsx/")
    assert b"".join(workbook)[:2] == b"PK"
    assert owner.post(f"{address}export/pdf/").status_code == 404
    audit = text_of(owner.get("/settings/audit/"))
    assert "exported differences to another programme" in audit
    assert f"Comparison {run_id}" in audit


def test_who_sees_some_stores_only_compares_nothing(books: World) -> None:
    assert staff("marketer", stores=["S1"]).get("/imports/compare/").status_code == 403
    viewer = staff("viewer")
    assert viewer.get("/imports/compare/").status_code == 200, "who may look may look"
    assert viewer.post("/imports/compare/", sent(ROWS)).status_code == 403
    assert viewer.get("/imports/balances/").status_code == 403
    assert staff("owner").get("/imports/compare/999/").status_code == 404


def test_a_list_of_many_asks_the_same_number_of_questions(books: World, django_assert_max_num_queries: Any) -> None:
    owner = staff()
    address = owner.post("/imports/compare/", sent("".join(f"N{n},,,{n},,\n" for n in range(60)))).headers["Location"]
    with django_assert_max_num_queries(22):
        assert len(owner.get(address).context["lines"]) == 30
