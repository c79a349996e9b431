"""From an empty instance and a spreadsheet to the first offer sent, in at most twelve decisions: in both languages,
each on a phone and on a desktop.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
PHONE, DESKTOP = 390, 1280
PASSWORD = "a short sentence is easy"
WORDS = {
    "zh": {
        "trade": "咖啡 / 餐饮", "head": ("下单时间", "手机号", "姓名", "实付金额"), "phone": "1391000{:04d}",
        "groups": ("熟客", "好久没来", "只来过一次"), "undo": "撤销这次导入",
    },
    "en": {
        "trade": "Café or restaurant", "head": ("Order date", "Phone", "Full name", "Amount paid"),
        "phone": "+44791112{:04d}", "groups": ("My regulars", "Not here for long", "Came only once"),
        "undo": "Undo this import",
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


@dataclass
class Owner:
    """Somebody at a browser of one width, with what they decided so far.

    An instance is set up once, and its orders come in once. Whoever comes `second` finds the buttons for that, where
    the pointer can reach them, and leaves it to the first to press them; everything else both do.
    """

    page: Page
    second: bool = False
    made: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def presses(self, what: str, decision: str, *, once: bool = False) -> None:
        """One decision: the first of what is meant, with the pointer."""
        self.made.append(decision)
        self.page.locator(what).first.click(trial=once and self.second)

    def fits(self) -> None:
        """Nothing stands out to the right, and axe finds nothing."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        if not self.second:
            assert_accessible(self.page)


@contextmanager
def owners(
    chromium: Browser, live_server: Any, settings: Any, *, locale: str, widths: tuple[int, int]
) -> Iterator[tuple[Owner, Owner]]:
    """Two browsers that know nobody."""
    settings.ALLOWED_HOSTS = ["localhost"]
    made = []
    for place, width in enumerate(widths):
        context = chromium.new_context(
            base_url=live_server.url, locale=locale, viewport={"width": width, "height": 844}, reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )  # fmt: skip
        owner = Owner(context.new_page(), second=place == 1)
        owner.errors = watched(owner.page)
        made.append(owner)
    yield made[0], made[1]
    for owner in made:
        owner.page.context.close()


@pytest.mark.parametrize(
    ("language", "locale", "widths"), [("zh", "zh-CN", (PHONE, DESKTOP)), ("en", "en-GB", (DESKTOP, PHONE))]
)
def test_ten_minutes_with_a_spreadsheet(
    chromium: Browser, live_server: Any, settings: Any, tmp_path: Path, language: str, locale: str,
    widths: tuple[int, int],
) -> None:  # fmt: skip
    words: dict[str, Any] = WORDS[language]
    file = spreadsheet(tmp_path / "orders.xlsx", words)
    with owners(chromium, live_server, settings, locale=locale, widths=widths) as (first, second):
        for owner in (second, first):
            answers(owner, words["trade"])
        second.page.context.add_cookies(first.page.context.cookies())  # type: ignore[arg-type]
        for owner in (second, first):
            brings_orders(owner, file)
        waits_for_the_picture(first)
        for owner, group in ((first, "not_seen"), (second, "came_once")):
            sees_regulars(owner, words)
            asks_back(owner, group)
            assert len(owner.made) <= MOST_DECISIONS, owner.made
            owner.page.goto("/today/")
            owner.fits()
            assert owner.errors == []
        assert [by_hand.progress(campaign_id=one.id).sent for one in campaigns.campaigns()] == [1, 1]


def answers(owner: Owner, trade: str) -> None:
    """The four questions, and one press."""
    page = owner.page
    page.goto("/")
    page.wait_for_url("**/setup/")
    owner.fits()
    for name, text in (("business", "Camellia"), ("email", "lin@example.com"), ("password", PASSWORD)):
        owner.made.append(name)
        page.fill(f"#id_{name}", text)
    owner.presses(f"text='{trade}'", "trade")
    owner.presses("form button.btn-primary", "begin", once=True)
    if not owner.second:
        page.wait_for_url("**/today/")


def brings_orders(owner: Owner, file: Path) -> None:
    """The file goes in as it is: its columns were guessed."""
    page = owner.page
    if owner.second:
        page.goto("/today/")
    owner.fits()
    owner.made.append("the file")
    page.set_input_files("#id_file", file)
    page.wait_for_url("**/columns/")
    owner.fits()
    owner.presses("button[name=go]", "the columns are right")
    page.wait_for_url("**/imports/*/")
    assert work_off() == ["check_import"]
    owner.presses("form[action$='/post/'] button", "import", once=True)


def waits_for_the_picture(owner: Owner) -> None:
    """From the bar of the import to that of the picture; nothing is to be decided."""
    page = owner.page
    expect(page.locator("#import progress")).to_be_visible()
    assert work_off() == ["post_import"], "the picture waits in its own queue"
    page.wait_for_url("**/today/")
    expect(page.locator("#today-waiting progress")).to_be_visible()
    owner.fits()
    assert "refresh_insight" in work_off(insight=True)


def asks_back(owner: Owner, group: str) -> None:
    """The note and the coupon are ready: start, copy, sent."""
    page = owner.page
    owner.presses(f"section[aria-labelledby=group-{group}] header button", "whom to ask back")
    page.wait_for_url("**/bring-back/**")
    owner.fits()
    owner.presses("button[value=start]", "start, as it stands")
    page.wait_for_url("**/copy-list/**")
    owner.fits()
    owner.presses("[data-copies]", "copy")
    assert "Guest" in page.evaluate("navigator.clipboard.readText()")
    owner.presses("form[action*='/sent/'] button", "sent")
    expect(page.locator("#copy-list")).to_contain_text("Guest")
    expect(page.locator("#copy-list [role=status] form")).to_be_visible()


def sees_regulars(owner: Owner, words: dict[str, Any]) -> None:
    """By name, in three groups, on the same page; and the import can be undone from here."""
    page = owner.page
    if owner.second:
        page.goto("/today/")
    expect(page.locator(".guests").first).to_be_visible(timeout=10_000)
    owner.fits()
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
