"""Points liability: the answer, the tables that reconcile, files, what a point is worth, and who may see it."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from playwright.sync_api import Browser, expect

from regulars.ledger import statements
from regulars.loyalty.liability.queries import worth
from regulars.loyalty.liability.rules import Worth
from regulars.loyalty.rules import ItemKind
from regulars.staff.actions import change_business
from regulars.staff.queries import audit_trail
from regulars.staff.rules import SYSTEM

from ..browser import assert_accessible, watched
from ..flows.world import World, order
from .shop import a_shop, bought, counted, days_ago, staff
from .test_in_browser import context_of

pytestmark = pytest.mark.django_db
DAY = "2024-03-10 10:00"


@pytest.fixture
def shop() -> World:
    return a_shop()


def body(client: Client, query: str = "") -> dict[str, Any]:
    context: Any = client.get(f"/liability/body/?{query}").context
    return context  # type: ignore[no-any-return]


def test_the_movement_ends_where_the_accounts_stand(shop: World) -> None:
    owner = staff()
    text = owner.get("/liability/body/").content.decode()
    found = body(owner)["found"]
    in_accounts = sum(amount for account, amount in statements.trial_balance().accounts.items() if account < 10)
    assert found.closing == found.wallets == in_accounts == found.outstanding
    assert "the same, to the last point" in text
    assert "that takes points of 6 whole months" in text, "it is too early to speak of breakage"
    assert sum(line.left for line in body(owner)["lines"]) - found.owed == found.outstanding


def test_booked_is_another_story_with_the_same_end(shop: World) -> None:
    owner = staff()
    happened, booked = (body(owner, f"by={by}")["found"] for by in ("happened", "booked"))
    assert len(booked.movements) == 1 < len(happened.movements), "everything was told today"
    assert booked.closing == happened.closing
    assert body(owner, "by=booked&day=2024-01-01")["found"].movements == ()
    assert "No points by then" in owner.get("/liability/body/?by=booked&day=2024-01-01").content.decode()
    assert owner.get("/liability/body/?day=tomorrow").status_code == 200


def test_history_tells_what_will_never_be_used(shop: World) -> None:
    shop.tell(*(order(f"h{n}", f"m{n % 7}", days_ago(30 * n + 5), 100_00) for n in range(1, 12)), at=days_ago(0))
    shop.command(ItemKind.REDEEM, "m3", 50, "k")
    owner = staff()
    found = body(owner)["found"]
    assert found.breakage.points is not None
    assert found.breakage.low <= found.breakage.points <= found.breakage.high <= found.outstanding
    assert found.high.liability <= found.deferral.liability <= found.low.liability or found.low == found.high
    assert "will probably never be used" in owner.get("/liability/body/").content.decode()


def test_files_hold_all_months_and_are_recorded(shop: World) -> None:
    owner = staff()
    found = body(owner)["found"]
    sent = owner.post("/liability/export/movement/csv/", {"by": "happened"})
    rows = list(csv.reader(StringIO(b"".join(sent).decode("utf-8-sig"))))  # type: ignore[call-overload]
    assert rows[0] == ["Month", "Opening", "Earned", "Taken over", "Used", "Expired", "Clawed back", "Closing"]
    assert len(rows) == 1 + len(found.movements)
    assert rows[-1][-1] == str(found.closing)
    for what in ("vintages", "revenue"):
        sheet = owner.post(f"/liability/export/{what}/xlsx/")
        read = load_workbook(BytesIO(b"".join(sheet))).active  # type: ignore[call-overload]
        assert read is not None
        assert read.max_row > 1
    line = audit_trail(limit=1)[0]
    assert (line.action, line.detail["table"], line.detail["format"]) == ("finance.export", "revenue", "xlsx")
    assert owner.post("/liability/export/everything/csv/").status_code == 404
    assert owner.get("/liability/export/movement/csv/").status_code == 405


def test_what_a_point_is_worth_is_said_once_and_changes_the_money_only(shop: World) -> None:
    owner = staff()
    before = body(owner)["found"]
    assert (worth(), "Nobody has said so yet" in owner.get("/liability/body/").content.decode()) == (
        Worth(100, 100, is_chosen=False), True,
    )  # fmt: skip
    assert owner.post("/liability/worth/", {"points": "1000", "money": "25.00"}).status_code == 302
    assert worth() == Worth(1000, 2500)
    after = body(owner)["found"]
    assert after.movements == before.movements
    assert after.deferral.liability > 2 * before.deferral.liability
    change_business(by=SYSTEM, at=days_ago(0), currency="USD")
    assert not worth().is_chosen, "it was said in another money"
    change_business(by=SYSTEM, at=days_ago(0), currency="CNY", worth_points=1000, worth_minor=2500)
    for points, money in (("0", "1"), ("ten", "1"), ("100", "-1"), ("100", "lots"), ("", "")):
        owner.post("/liability/worth/", {"points": points, "money": money})
        assert worth() == Worth(1000, 2500)


def test_an_empty_shop_and_who_may_look(db: None) -> None:
    World()
    assert "No points yet" in staff().get("/liability/body/").content.decode()
    viewer = staff("viewer", language="zh-hans")
    assert viewer.get("/liability/").status_code == 200
    assert viewer.post("/liability/worth/", {"points": "1", "money": "1"}).status_code == 403
    for role in ("marketer", "service", "cashier"):
        assert staff(role).get("/liability/").status_code == 403
    assert staff("owner", stores=["S1"], language="zh-hans").get("/liability/").status_code == 403


def test_as_many_statements_for_many_as_for_few(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = staff()
    owner.get("/liability/")
    with counted(monkeypatch) as few:
        owner.get("/liability/body/")
    shop.tell(*(bought(f"more{n}", None, n + 1, 10_00) for n in range(30)), at=days_ago(0))
    with counted(monkeypatch) as many:
        owner.get("/liability/body/")
    assert len(many) <= len(few) + 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_reads_well_in_both_languages_and_the_file_comes_by_keyboard(chromium: Browser, live_server: Any) -> None:
    a_shop()
    for language, width, theme in (("zh-hans", 390, "dark"), ("en", 1280, "light")):
        context = context_of(
            chromium, staff(language=language), live_server.url, viewport={"width": width, "height": 900},
            color_scheme=theme,
        )  # fmt: skip
        page = context.new_page()
        errors = watched(page)
        page.goto("/liability/", wait_until="networkidle")
        expect(page.locator("[data-chart] svg")).to_have_count(3)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
        page.focus("[popovertarget=export-movement]")
        page.keyboard.press("Enter")
        with page.expect_download() as download:
            page.locator("#export-movement button").first.press("Enter")
        assert download.value.suggested_filename.startswith("movement-")
        assert errors == []
        context.close()
