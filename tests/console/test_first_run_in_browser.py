"""From an empty instance and a spreadsheet to the first offer sent, in at most twelve decisions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from regulars.flows import raise_alerts, refresh_insight
from regulars.insight.compute import refresh
from regulars.insight.compute.engine import connect
from regulars.insight.compute.lake import Lake
from regulars.insight.compute.refresh import Made
from regulars.insight.compute.sets import Sets
from regulars.outreach.campaigns import queries as campaigns
from regulars.outreach.deliveries import by_hand

from ..browser import assert_accessible, watched
from ..flows.working import work_off

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_DECISIONS = 12
PASSWORD = "a short sentence is easy"
WORDS = {
    "zh": {
        "trade": "咖啡 / 餐饮", "head": ("下单时间", "手机号", "姓名", "实付金额"), "phone": "1391000{:04d}",
        "groups": ("熟客", "好久没来", "只来过一次"), "back": "请他们回来", "undo": "撤销这次导入",
    },
    "en": {
        "trade": "Café or restaurant", "head": ("Order date", "Phone", "Full name", "Amount paid"),
        "phone": "+44791112{:04d}", "groups": ("My regulars", "Not here for long", "Came only once"),
        "back": "Bring them back", "undo": "Undo this import",
    },
}  # fmt: skip


def spreadsheet(file: Path, words: dict[str, Any]) -> Path:
    """What a till exports: when, who, how much. Three come every week, two stopped ten weeks ago, two came once."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(words["head"])
    noon = timezone.now().replace(hour=4, minute=0)
    came = {0: range(2, 120, 7), 1: range(3, 120, 6), 2: range(1, 90, 8), 3: range(72, 160, 7), 4: range(80, 170, 9)}
    rows = [(days, guest) for guest, every in came.items() for days in every] + [(60, 5), (45, 6)]
    for days, guest in sorted(rows, reverse=True):
        at = noon - timedelta(days=days)
        sheet.append([f"{at:%Y-%m-%d %H:%M}", words["phone"].format(guest), f"Guest {guest}", 20 + guest])
    book.save(file)
    return file


def quickly(lake: Path, day: date, *, engine: str, with_history: bool = False, progress: Any = None) -> Made:
    """What a refresh does, in this process, without the models: they say nothing about seven guests."""
    tables = Lake(lake).tables(connect(threads=1))
    return refresh.make(tables, day, Sets(lake / "sets"), with_history=False, progress=progress)


@pytest.fixture(autouse=True)
def _quick_picture(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LAKE_DIR = tmp_path / "lake"
    monkeypatch.setattr(refresh_insight, "make_apart", quickly)
    monkeypatch.setattr(refresh, "STEPS", {"features": refresh.STEPS["features"]})
    monkeypatch.setattr(raise_alerts, "raise_alerts", lambda **told: 0)  # they look at what the models say


@contextmanager
def walking(
    chromium: Browser, live_server: Any, settings: Any, *, locale: str, width: int
) -> Iterator[tuple[Page, Callable[[str], None], list[str]]]:
    """A browser that knows nobody, and a counter of what its owner decides."""
    settings.ALLOWED_HOSTS = ["localhost"]
    context = chromium.new_context(
        base_url=live_server.url, locale=locale, viewport={"width": width, "height": 844},
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    made: list[str] = []
    yield context.new_page(), made.append, made
    context.close()


@pytest.mark.parametrize(("language", "locale", "width"), [("zh", "zh-CN", 390), ("en", "en-GB", 1280)])
def test_ten_minutes_with_a_spreadsheet(
    chromium: Browser, live_server: Any, settings: Any, tmp_path: Path, language: str, locale: str, width: int
) -> None:
    words: dict[str, Any] = WORDS[language]
    file = spreadsheet(tmp_path / "orders.xlsx", words)
    with walking(chromium, live_server, settings, locale=locale, width=width) as (page, decides, made):
        errors = watched(page)
        answers(page, decides, words["trade"])
        brings_orders(page, decides, file)
        sees_regulars(page, words)
        decides("whom to ask back")
        page.locator("#group-not_seen").locator("xpath=ancestor::section").get_by_text(words["back"]).click()
        page.wait_for_url("**/bring-back/**")
        assert_accessible(page)
        decides("start, as it stands")
        page.click("button[value=start]")
        page.wait_for_url("**/copy-list/**")
        decides("copy")
        page.locator("[data-copies]").first.click()
        assert "Guest" in page.evaluate("navigator.clipboard.readText()")
        decides("sent")
        page.locator("form[action*='/sent/'] button, button[formaction*='/sent/']").first.click()
        [campaign] = campaigns.campaigns()
        expect(page.locator("main")).to_be_visible()
        page.wait_for_timeout(300)
        assert by_hand.progress(campaign_id=campaign.id).sent == 1
        assert len(made) <= MOST_DECISIONS, made
        page.goto("/today/")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert errors == []


def answers(page: Page, decides: Callable[[str], None], trade: str) -> None:
    """The four questions, and one press."""
    page.goto("/")
    page.wait_for_url("**/setup/")
    assert_accessible(page)
    for field, text in (("business", "Camellia"), ("email", "lin@example.com"), ("password", PASSWORD)):
        decides(field)
        page.fill(f"#id_{field}", text)
    decides("trade")
    page.get_by_text(trade, exact=True).click()
    decides("begin")
    page.locator("form button.btn-primary").click()
    page.wait_for_url("**/today/")
    assert_accessible(page)


def brings_orders(page: Page, decides: Callable[[str], None], file: Path) -> None:
    """The file goes in as it is: its columns were guessed."""
    decides("the file")
    page.set_input_files("#id_file", file)
    page.wait_for_url("**/columns/")
    assert_accessible(page)
    decides("the columns are right")
    page.click("button[name=go]")
    page.wait_for_url("**/imports/*/")
    assert work_off() == ["check_import"]
    decides("import")
    page.locator("form[action$='/post/'] button").click()
    expect(page.locator("#import progress")).to_be_visible()
    assert work_off() == ["post_import"], "the picture waits in its own queue"
    page.wait_for_url("**/today/")
    expect(page.locator("#today-waiting progress")).to_be_visible()
    assert_accessible(page)
    assert "refresh_insight" in work_off(insight=True)


def sees_regulars(page: Page, words: dict[str, Any]) -> None:
    """By name, in three groups, on the same page; and the import can be undone from here."""
    expect(page.locator(".guests").first).to_be_visible(timeout=10_000)
    assert_accessible(page)
    shown = {
        code: page.locator(f"section[aria-labelledby=group-{code}] .guests b").all_inner_texts()
        for code in ("regulars", "not_seen", "came_once")
    }
    assert {code: sorted(names) for code, names in shown.items()} == {
        "regulars": ["Guest 0", "Guest 1", "Guest 2"],
        "not_seen": ["Guest 3", "Guest 4"],
        "came_once": ["Guest 5", "Guest 6"],
    }
    for title in words["groups"]:
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text(words["undo"])).to_be_visible()
