"""The main stories of the overview, the members, one customer and the ledger, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ..browser import assert_accessible, watched
from ..flows.working import work_off
from .shop import a_shop, staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def context_of(browser: Browser, client: Client, url: str, **more: Any) -> BrowserContext:
    """A browser with the session of somebody who has signed in."""
    context = browser.new_context(base_url=url, reduced_motion="reduce", **more)
    session = client.cookies["regulars_session"].value
    context.add_cookies([{"name": "regulars_session", "value": session, "url": url}])
    context.set_default_timeout(8_000)
    return context


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """The owner's browser, in English, in a shop with three members."""
    a_shop()
    context = context_of(chromium, staff(), live_server.url, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_from_the_overview_to_a_member_who_went_quiet(page: Page) -> None:
    errors = watched(page)
    page.goto("/")
    expect(page.locator("[data-chart] svg")).to_be_visible()
    page.click("#periods >> text=90 days")
    expect(page.locator("#periods [aria-current]")).to_have_text("90 days")
    expect(page.locator("[data-chart] svg")).to_be_visible()
    page.click("[aria-label='Show as table']")
    expect(page.locator("table")).to_be_visible()
    page.click("[aria-label='Check the books now']")
    expect(page.locator("#books")).to_contain_text("checking the books")
    work_off()
    expect(page.locator("#books")).to_contain_text("books balanced")
    page.click("text=See who")
    expect(page.locator("#results [role=status]")).to_contain_text("1 member")
    page.click("#results tbody a")
    expect(page.locator("h1")).to_contain_text("林晓")
    assert errors == []


def test_searching_filtering_keeping_a_view_and_taking_it_along(page: Page) -> None:
    errors = watched(page)
    page.goto("/customers/")
    page.keyboard.press("/")
    page.keyboard.type("ann")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url("/customers/?q=ann")
    expect(page.locator("#member-words")).to_be_focused()
    page.fill("#member-words", "")
    page.select_option("[name=last]", "silent60")
    expect(page.locator("#results tbody")).to_contain_text("林晓")
    expect(page).to_have_url("/customers/?last=silent60")
    page.click("text=Keep view")
    page.fill("#view-name", "Call them")
    page.press("#view-name", "Enter")
    expect(page.locator("#views [aria-current]")).to_have_text("Call them 1")
    page.click("#views >> text=All members")
    expect(page.locator("#results tbody tr")).to_have_count(3)
    page.go_back()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.click("#list-tools >> text=Export")
    with page.expect_download() as download:
        page.click("text=Excel (.xlsx)")
    assert download.value.suggested_filename.endswith(".xlsx")
    page.click("text=Forget view")
    page.click("#confirm >> text=Yes")
    expect(page.locator("#views")).not_to_contain_text("Call them")
    assert errors == []


def test_asking_why_and_granting_points_with_the_keyboard(page: Page) -> None:
    page.goto("/customers/?q=ann")
    page.click("#results tbody a")
    why = page.locator("details.why").first
    why.locator("summary").press("Enter")
    expect(why).to_contain_text("¥1 = 1 point, which makes 80 points")
    page.click("text=Show phones and e-mails")
    expect(page.locator("#contacts")).to_contain_text("ann@example.com")
    page.click("text=Grant or deduct points")
    page.check("#points-form [value=deduct]")
    page.fill("#id_amount", "5000")
    page.fill("#id_note", "Broken cup")
    page.click("text=Record")
    expect(page.locator("#points-form .problem")).to_contain_text("Only 300 points can be spent.")
    assert_accessible(page)
    page.check("#points-form [value=grant]")
    page.fill("#id_amount", "40")
    page.dblclick("text=Record")
    expect(page.locator("#toasts")).to_contain_text("40 points granted.")
    expect(page.locator(".line-item h3").first).to_have_text("Points granted by hand")
    expect(page.locator("text=Points granted by hand")).to_have_count(1)


def test_jumping_to_a_member(page: Page) -> None:
    page.goto("/ledger/")
    expect(page.locator("main")).to_contain_text("adds up")
    page.keyboard.press("Control+k")
    page.keyboard.type("0001")
    expect(page.locator("#palette-list")).to_contain_text("138****0001")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("林晓")


def test_every_page_is_accessible_in_both_themes_and_languages_and_fits_a_phone(
    chromium: Browser, live_server: Any
) -> None:
    a_shop()
    for language in ("zh-hans", "en"):
        owner = staff(language=language)
        lin = owner.get("/customers/?q=林").context["page"][0].url
        context = context_of(chromium, owner, live_server.url, viewport={"width": 390, "height": 844})
        page = context.new_page()
        errors = watched(page)
        for address in ("/", "/customers/", lin, "/ledger/"):
            page.goto(address, wait_until="networkidle")
            page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
            for _theme in ("light", "dark"):
                assert_accessible(page)
                page.keyboard.press("t")
            assert errors == [], address
        context.close()


def test_a_new_shop_and_an_empty_list_are_accessible_too(chromium: Browser, live_server: Any) -> None:
    context = context_of(chromium, staff(), live_server.url)
    page = context.new_page()
    for address in ("/", "/customers/", "/ledger/"):
        page.goto(address)
        assert_accessible(page)
    context.close()
