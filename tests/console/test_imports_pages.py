"""The pages of an import as somebody walks through them, and what happens when they walk twice."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from regulars.console.views.imports import upload
from regulars.customers import actions as customers
from regulars.customers import duplicates_view
from regulars.facts import imports_view
from regulars.facts.imports_view import ImportView
from regulars.flows import jobs
from regulars.flows.set_up import set_up
from regulars.loyalty import membership
from regulars.loyalty.models import PolicyVersion
from regulars.staff import actions, queries
from regulars.staff.rules import SYSTEM

from ..flows.working import work_off

pytestmark = pytest.mark.django_db

PASSWORD = "a short sentence is easy"
ORDERS = """订单号,下单时间,手机号,姓名,实付,备注
A1,2026-01-05 10:00,13912345670,林小满,120.50,
A2,2026-01-06 11:00,13912345670,林小满,80,
A3,2026-01-06 12:00,138****7955,何明,45.00,
=1+1,2026-01-07 09:30,13812345671,周周,很多,"=HYPERLINK(""x"")"
"""


@pytest.fixture
def browser() -> Client:
    """The owner's, in English."""
    set_up(
        business="Camellia", time_zone="Asia/Shanghai", currency="CNY", language="en", email="lin@example.com",
        name="Lin", password=PASSWORD, at=timezone.now(),
    )  # fmt: skip
    return signed_in("lin@example.com")


def signed_in(email: str) -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def colleague(role: str) -> Client:
    actions.create_user(
        email=f"{role}@example.com", role=role, language="en", password=PASSWORD, by=SYSTEM, at=timezone.now()
    )
    return signed_in(f"{role}@example.com")


def send(client: Client, text: str | bytes = ORDERS, name: str = "orders.csv", **headers: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, content)}, headers=headers)


def newest() -> ImportView:
    found = imports_view.get(imports_view.newest(most=1)[0].id)
    assert found is not None
    return found


def form_of(client: Client, view: ImportView) -> dict[str, str]:
    """What the browser would send of the columns' form, unchanged."""
    page = client.get(f"/imports/{view.id}/columns/")
    sent = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    return sent | {row.key: row.meaning for row in page.context["rows"]}


def checked(client: Client, text: str = ORDERS, **changed: str) -> ImportView:
    send(client, text)
    view = newest()
    client.post(f"/imports/{view.id}/columns/", form_of(client, view) | changed)
    work_off()
    return newest()


def posted(client: Client, text: str = ORDERS) -> ImportView:
    view = checked(client, text)
    client.post(f"/imports/{view.id}/post/")
    work_off()
    return newest()


def test_the_whole_way_and_back(browser: Client) -> None:
    assert "No orders yet" in browser.get("/imports/").text
    answer = send(browser)
    view = newest()
    assert answer["Location"] == f"/imports/{view.id}/columns/"
    page = browser.get(f"/imports/{view.id}/columns/").text
    assert "120 points" in page, "what will happen is seen before anything is recorded"
    assert 'value="Asia/Shanghai" selected' in page
    assert 'value="Camellia"' in page
    assert "139****5670" in page
    assert "13912345670" in page, "the file's own cells stand beside their column"

    assert browser.post(f"/imports/{view.id}/columns/", form_of(browser, view)).status_code == 302
    assert "The whole file is being read" in browser.get(f"/imports/{view.id}/").text
    assert browser.get(f"/imports/{view.id}/columns/").status_code == 302, "the back button finds no form to send again"
    work_off()
    panel = browser.get(f"/imports/{view.id}/progress/").text
    assert "Yes, import 3 orders" in panel
    assert "Asia/Shanghai" in panel
    assert "1 masked phone numbers" in panel
    assert "“很多” is not an amount" in panel
    assert "<html" not in panel

    browser.post(f"/imports/{view.id}/post/")
    assert "Orders are being recorded" in browser.get(f"/imports/{view.id}/").text
    work_off()
    done = browser.get(f"/imports/{view.id}/").text
    assert "3 entries were recorded" in done
    assert "hx-trigger" not in done.split('id="import"')[1].split(">")[0], "a finished import is asked for no more"
    browser.post(f"/imports/{view.id}/undo/")
    work_off()
    undone = browser.get(f"/imports/{view.id}/").text
    assert "Nothing of this file counts any more" in undone
    assert "by Lin" in undone
    trail = [line.action for line in queries.audit_trail(subject=("import", str(view.id)))]
    assert trail == ["imports.undo", "imports.post", "imports.upload"]


def test_the_button_pressed_twice_imports_once(browser: Client) -> None:
    view = checked(browser)
    for _ in range(2):
        assert browser.post(f"/imports/{view.id}/post/").status_code == 302
    assert work_off() == ["post_import"]
    assert newest().counts["recorded"] == 3
    late = browser.post(f"/imports/{view.id}/post/", follow=True).text
    assert "Somebody else was faster" in late
    assert browser.post(f"/imports/{view.id}/discard/").status_code == 302
    assert newest().status == "done"


def test_columns_sent_from_a_second_tab_change_nothing(browser: Client) -> None:
    send(browser)
    view = newest()
    form = form_of(browser, view)
    browser.post(f"/imports/{view.id}/columns/", form)
    browser.post(f"/imports/{view.id}/columns/", form | {"source": "elsewhere"})
    assert newest().source == "Camellia"
    assert work_off() == ["check_import"]


def test_a_checked_file_can_be_read_another_way(browser: Client) -> None:
    view = checked(browser)
    again = browser.get(f"/imports/{view.id}/columns/")
    assert again.status_code == 200
    phone = next(row.key for row in again.context["rows"] if row.meaning == "phone")
    browser.post(f"/imports/{view.id}/columns/", form_of(browser, view) | {phone: ""})
    work_off()
    assert newest().counts["customers"] == 0
    kept = imports_view.newest(most=1)[0].mapping
    assert "phone" not in kept


def test_the_next_file_of_the_same_shape_is_read_the_same_way(browser: Client) -> None:
    checked(browser, source="till", time_zone="UTC")
    send(browser, ORDERS.replace("A1", "B1"))
    page = browser.get(f"/imports/{newest().id}/columns/").text
    assert "Read as the last file with these columns" in page
    assert 'value="till"' in page
    assert 'value="UTC" selected' in page


def test_what_is_missing_is_asked_for(browser: Client) -> None:
    send(browser)
    view = newest()
    form = form_of(browser, view)
    time, paid = (next(key for key, field in form.items() if field == name) for name in ("occurred_at", "paid"))
    without_time = browser.post(f"/imports/{view.id}/columns/", form | {time: ""})
    assert (without_time.status_code, "Choose the column with the time" in without_time.text) == (422, True)
    twice = browser.post(f"/imports/{view.id}/columns/", form | {time: "paid"})
    assert (twice.status_code, "is that already" in twice.text) == (422, True)
    nameless = browser.post(f"/imports/{view.id}/columns/", form | {"source": " "})
    assert "source" in nameless.context["form"].errors
    odd = browser.post(f"/imports/{view.id}/columns/", form | {paid: "nonsense"})
    assert (odd.status_code, "Choose the column with what was paid" in odd.text) == (422, True)
    assert newest().status == "mapping"


def test_the_preview_follows_the_form(browser: Client) -> None:
    send(browser)
    view = newest()
    form = form_of(browser, view)
    assert "18:00" in browser.post(f"/imports/{view.id}/preview/", form | {"time_zone": "UTC"}).text
    time = next(key for key, field in form.items() if field == "occurred_at")
    assert "Choose the column with the time" in browser.post(f"/imports/{view.id}/preview/", form | {time: ""}).text
    assert browser.post(f"/imports/{view.id}/preview/", {}).status_code == 200
    dates = "order number,order date,paid\n1,05/01/2026,10\n"
    send(browser, dates)
    asked = browser.post(f"/imports/{newest().id}/preview/", form_of(browser, newest())).text
    assert "whether the day or the month comes first" in asked


def test_a_file_that_cannot_be_used_says_why_and_leaves_nothing(browser: Client) -> None:
    for content, said in (
        (b"%PDF-1.7", "This file is a PDF"),
        (b"", "There is nothing in this file."),
        (b"a,b\n", "column names and no rows"),
        (b"\x89PNG\r\n", "a picture"),
    ):
        answer = send(browser, content)
        assert (answer.status_code, said in answer.text) == (422, True), content
    assert "Choose a file first." in browser.post("/imports/new/").text
    assert imports_view.count() == 0


def test_the_reason_is_told_in_chinese_too(browser: Client) -> None:
    browser.post("/language/", {"language": "zh-hans"})
    assert "PDF" in send(browser, b"%PDF-1.7").context["form"].errors["file"][0]
    view = checked(browser)
    assert "“很多”不是金额" in browser.get(f"/imports/{view.id}/").text


def test_a_file_that_is_too_large_is_not_kept(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_BYTES", 100_000)
    answer = send(browser, b"a,b\n" + b"1,2\n" * 100_000)
    assert (answer.status_code, "larger than 300 MB" in answer.text) == (422, True)
    assert imports_view.count() == 0


def test_without_scripts_and_with_them(browser: Client) -> None:
    answer = send(browser, **{"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/imports/{newest().id}/columns/")
    wrong = send(browser, b"", **{"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "<html" not in wrong.text


def test_an_upload_takes_the_token_of_the_form(browser: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert send(strict).status_code == 403
    assert imports_view.count() == 0


def test_refused_rows_are_downloaded_without_running_as_formulas(browser: Client) -> None:
    view = checked(browser)
    answer = browser.get(f"/imports/{view.id}/problems.csv")
    assert "filename" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    heading, row = list(csv.reader(io.StringIO(text)))
    assert heading == ["Row", "Column", "Reason", "订单号", "下单时间", "手机号", "姓名", "实付", "备注"]
    assert row[:2] == ["5", "实付"]
    assert row[3:] == ["'=1+1", "2026-01-07 09:30", "13812345671", "周周", "很多", '\'=HYPERLINK("x")']
    book = b"".join(browser.get(f"/imports/{view.id}/problems.xlsx").streaming_content)  # type: ignore[attr-defined]
    sheet = load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    cells = list(sheet.iter_rows())[1]
    assert cells[0].value == 5
    assert {cell.data_type for cell in cells} <= {"n", "s", "inlineStr"}
    assert "imports.problems" in {line.action for line in queries.audit_trail()}
    assert browser.get(f"/imports/{view.id}/problems.exe").status_code == 404


def test_work_that_has_stopped_can_go_on(browser: Client) -> None:
    view = checked(browser)
    browser.post(f"/imports/{view.id}/post/")
    assert "The work has stopped." not in browser.get(f"/imports/{view.id}/progress/").text
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert "The work has stopped." in browser.get(f"/imports/{view.id}/progress/").text
    for _ in range(2):
        browser.post(f"/imports/{view.id}/go-on/")
    assert work_off() == ["post_import"]
    assert newest().status == "done"


def test_given_up(browser: Client) -> None:
    view = checked(browser)
    assert browser.post(f"/imports/{view.id}/discard/")["Location"] == "/imports/"
    assert "was given up" in browser.get(f"/imports/{view.id}/").text
    assert not imports_view.has_facts()


def test_the_template_can_be_filled_in_and_imported(browser: Client) -> None:
    template = browser.get("/imports/template.xlsx").content
    send(browser, template, "filled.xlsx")
    view = newest()
    assert view.status == "mapping"
    browser.post(f"/imports/{view.id}/columns/", form_of(browser, view))
    work_off()
    assert newest().counts["rows_refused"] == 0
    assert newest().counts["orders"] >= 1


def test_who_may_look_may_not_import(browser: Client) -> None:
    view = checked(browser)
    service, marketer = colleague("service"), colleague("marketer")
    page = service.get(f"/imports/{view.id}/").text
    assert "Yes, import" not in page
    for path in ("post", "undo", "discard", "go-on", "columns", "preview"):
        assert service.post(f"/imports/{view.id}/{path}/").status_code == 403
    assert service.get(f"/imports/{view.id}/problems.csv").status_code == 403
    assert marketer.post(f"/imports/{view.id}/undo/").status_code == 403
    assert (newest().status, newest().failure) == ("ready", "")
    send(marketer)
    assert "still has to say what the columns mean" in service.get(f"/imports/{newest().id}/").text


def test_without_a_programme_nothing_is_posted(browser: Client) -> None:
    view = checked(browser)
    assert view.status == "ready", (view.status, view.failure)
    PolicyVersion.objects.all().delete()
    assert browser.post(f"/imports/{view.id}/post/")["Location"] == "/settings/programme/"
    assert newest().status == "ready"
    assert "Set up the programme first" in browser.get("/imports/new/").text


TWINS = """member number,phone,name,birthday,order date,paid,order number
V1,13912345670,林小满,1990-05-01,2026-01-05,100,1
V2,13812345670,林小满,1990-05-01,2026-01-06,50,2
"""


class TestDuplicates:
    def numbers(self) -> dict[str, int]:
        now = timezone.now()
        found = membership.find(membership.Filter(), today=now.date(), at=now, sort="name", offset=0, most=100)
        return {member.number: member.points for member in found}

    def test_two_who_are_one_are_merged_on_review_and_parted_again(self, browser: Client) -> None:
        posted(browser, TWINS)
        assert "Nothing to look at" in browser.get("/duplicates/").text
        assert "1 new pair to look at." in browser.post("/duplicates/look/", follow=True).text
        page = browser.get("/duplicates/")
        assert "Same name and same birthday" in page.text
        assert "Same name, and phones that end alike" in page.text
        assert "139****5670" in page.text
        assert "13912345670" not in page.text
        (pair,) = duplicates_view.open_proposals(offset=0, most=10)
        lead = str(pair.second)
        browser.post(f"/duplicates/{pair.id}/merge/", {"lead": lead})
        assert self.numbers() == {membership.number_of(pair.second): 150}
        late = browser.post(f"/duplicates/{pair.id}/merge/", {"lead": lead}, follow=True).text
        assert "decided meanwhile" in late
        merged = browser.get("/duplicates/merged/")
        assert "林小满" in merged.text
        merge_id = merged.context["lines"][0]["url_id"]
        browser.post(f"/duplicates/merges/{merge_id}/undo/")
        assert sorted(self.numbers().values()) == [50, 100]
        assert "undone already" in browser.post(f"/duplicates/merges/{merge_id}/undo/", follow=True).text
        actions_done = [line.action for line in queries.audit_trail(area="customers")]
        assert actions_done == ["customers.unmerge", "customers.merge"]

    def test_two_who_are_not_are_not_asked_about_again(self, browser: Client) -> None:
        posted(browser, TWINS)
        customers.propose_duplicates(at=timezone.now())
        (pair,) = duplicates_view.open_proposals(offset=0, most=10)
        browser.post(f"/duplicates/{pair.id}/apart/")
        assert duplicates_view.open_count() == 0
        assert "Nothing new was found." in browser.post("/duplicates/look/", follow=True).text
        assert len(self.numbers()) == 2

    def test_somebody_else_cannot_be_slipped_in(self, browser: Client) -> None:
        posted(browser, TWINS)
        customers.propose_duplicates(at=timezone.now())
        (pair,) = duplicates_view.open_proposals(offset=0, most=10)
        for lead in ("", "999", "x", "-1"):
            browser.post(f"/duplicates/{pair.id}/merge/", {"lead": lead})
        assert duplicates_view.merge_count() == 0
        assert colleague("cashier").get("/duplicates/").status_code == 403


def test_the_list_tells_how_each_import_stands(browser: Client) -> None:
    posted(browser)
    checked(browser, ORDERS.replace("A1", "B1"))
    page = browser.get("/imports/").text
    assert "Ready to import" in page
    assert "Imported" in page
    assert "3 orders" in page
    assert browser.get("/imports/", {"page": "99"}).status_code == 200
    assert browser.get("/imports/999/").status_code == 404
    assert not jobs.is_waiting(jobs.check_import, import_id=999)
