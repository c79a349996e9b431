"""A tier is given on a phone and by keys, and the editor asks only what belongs to the choice."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import assert_accessible, watched

from .programme_form import begun
from .shop import a_shop, staff
from .test_customer_page import url_of
from .test_in_browser import context_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Any:
    a_shop()
    context = context_of(chromium, staff(), live_server.url, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_given_by_keys_and_ended(page: Page) -> None:
    errors = watched(page)
    page.goto(url_of(staff("service"), "林"))
    page.get_by_role("button", name="Give a tier").focus()
    page.keyboard.press("Enter")
    page.locator("#id_tier_tier").select_option("gold")
    page.locator("#id_tier_until").fill("2099-06-30")
    page.locator("#id_tier_reason").fill("Waited an hour for a cake on her birthday")
    assert_accessible(page)
    page.keyboard.press("Enter")
    given = page.get_by_text("Gold through 30 Jun 2099, given by hand: Waited an hour")
    expect(given.first).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
    page.get_by_role("button", name="End it today").click()
    expect(page.get_by_text("The given tier ends today.")).to_be_visible()
    assert errors == []


def test_the_editor_asks_for_money_only_where_money_counts(page: Page) -> None:
    draft = begun(staff("owner", "zh-hans"))
    page.goto(f"{draft}terms/")
    money = page.locator("#id_money_per_growth")
    expect(money).to_be_visible()
    page.locator("#id_growth_from").select_option("visits")
    expect(money).to_be_hidden()
    expect(page.locator("#examples")).to_contain_text("Who comes on 1,000 days within 12 months is Silver.")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    expect(page.locator("#id_at_term")).to_be_hidden()
    page.locator("#id_window").select_option("calendar_year")
    expect(page.locator("#id_at_term")).to_be_visible()
    assert_accessible(page)
