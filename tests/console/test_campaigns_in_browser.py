"""A whole campaign with the keyboard alone, and its pages to axe in both languages, both themes, on a phone."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.core.bilingual import Text
from regulars.core.conditions import Comparison, Op
from regulars.flows.measure_campaign import measure_campaign
from regulars.insight.segments import actions as segments
from regulars.outreach.campaigns import queries
from regulars.outreach.campaigns.rules import State
from tests.browser import assert_accessible, watched
from tests.console.pictured import CUSTOMERS

from ..flows.working import work_off
from .acting import past_campaigns
from .shop import staff
from .test_in_browser import context_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(pictured: Any) -> int:
    from regulars.staff import actions
    from regulars.staff.rules import SYSTEM

    actions.change_business(by=SYSTEM, at=timezone.now(), name="Camellia", language="en", currency="CNY")
    tree = Comparison("orders", Op.GE, 1)
    return segments.create(name=Text("买过的人", "Buyers"), tree=tree, actor="", at=timezone.now())


def press(page: Page, role: Any, name: str) -> None:
    """Go to a button or link with the Tab key alone, and press Enter."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    wanted.wait_for()
    for _step in range(90):
        if wanted.evaluate("one => one === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The Tab key never comes to {name}.")


def test_a_whole_campaign_with_the_keyboard_alone(shop: int, chromium: Browser, live_server: Any) -> None:
    owner = staff()
    context = context_of(chromium, owner, live_server.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors = watched(page)
    page.goto("/campaigns/")
    press(page, "link", "New campaign")
    expect(page.locator("#live")).to_contain_text(f"{CUSTOMERS}")
    expect(page.locator("#live .bubble").first).to_contain_text("¥10 off from ¥30")
    # A chip puts its word where the cursor is, and the preview follows.
    page.locator("#body_en").focus()
    page.keyboard.press("Control+End")
    press(page, "button", "The shop's name")
    expect(page.locator("#body_en")).to_be_focused()
    expect(page.locator("#live .bubble").first).to_contain_text("Hope to see you soon!Camellia")
    press(page, "button", "Save and see who gets it")
    expect(page.locator("#answer-title")).to_contain_text(f"of {CUSTOMERS} customers would get it")
    press(page, "button", "Approve")
    expect(page.locator("h1")).to_contain_text("Approved")
    press(page, "button", "Start")
    expect(page.locator("h1")).to_contain_text("Running")
    work_off()
    one = queries.campaigns()[0]
    assert (one.state, one.is_being_queued) == (State.RUNNING, False)
    expect(page.locator("#progress")).to_contain_text("messages are sent")
    press(page, "button", "Measure now")
    expect(page.locator("main")).to_contain_text("being measured")
    work_off(insight=True)
    expect(page.locator("#answer-title")).to_have_text("Still counting")
    press(page, "link", "Who and why")
    page.locator("#who").focus()
    page.keyboard.type("900010")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Guest 900010")
    assert errors == []
    context.close()


def begun(client: Client, shop: int) -> list[str]:
    """A draft, and a campaign that ran and was measured; where their pages are."""
    client.post("/campaigns/new/", {"customers": "900001,900002,900003"})
    draft = queries.campaigns()[0].id
    client.post(f"/campaigns/{draft}/copy/")
    runs = queries.campaigns()[0]
    client.post(f"/campaigns/{runs.id}/move/", {"do": "approve", "revision": str(runs.revision)})
    client.post(f"/campaigns/{runs.id}/move/", {"do": "start"})
    work_off()
    measure_campaign(campaign_id=runs.id, at=timezone.now())
    return [
        "/campaigns/", f"/campaigns/new/?segment={shop}", f"/campaigns/{draft}/check/",
        f"/campaigns/{runs.id}/report/", f"/campaigns/{runs.id}/people/?q=900001", "/coupons/", "/coupons/new/",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_accessible_in_both_themes_and_fits_a_phone(
    shop: int, chromium: Browser, live_server: Any, language: str
) -> None:
    owner = staff(language=language)
    past_campaigns("7", "8")
    pages = [*begun(owner, shop), "/campaigns/past/"]
    context = context_of(chromium, owner, live_server.url, viewport={"width": 390, "height": 844})
    page = context.new_page()
    errors = watched(page)
    for address in pages:
        page.goto(address, wait_until="networkidle")
        looks_right(page)
        assert errors == [], address
    page.goto(f"/campaigns/new/?segment={shop}", wait_until="networkidle")
    for field, text in (("#name", ""), ("#body_en", "{{ nobody }}"), ("#body_zh", "")):
        page.fill(field, text)
    page.locator("#offer").select_option("new")
    page.fill("#offer_value", "0")
    page.click("button[value=check]")
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("#problem-body_en, #problem-offer_value").filter(visible=True)).to_have_count(2)
    page.wait_for_load_state("networkidle")
    looks_right(page)
    assert [error for error in errors if "422" not in error] == []
    context.close()


def looks_right(page: Page) -> None:
    """The page fits a phone, and axe finds nothing in either theme, with everything opened."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    for _theme in ("light", "dark"):
        assert_accessible(page)
        page.evaluate("document.activeElement?.blur?.()")
        page.keyboard.press("t")
