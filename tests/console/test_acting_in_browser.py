"""The pages of action in a browser: an alert's task in two taps on a phone, the copy list by keys, a scanner's till."""

from datetime import time
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.loyalty.coupons.codes import shown
from regulars.outreach.actions import change_settings
from regulars.outreach.models import MailboxMessage
from regulars.outreach.rules import OutreachSettings
from tests.browser import assert_accessible, watched

from .acting import a_copy_list, a_coupon, alerts, an_offer, members
from .shop import a_shop, staff
from .test_in_browser import context_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Any:
    """An owner's phone, in a shop that sends at any hour."""
    a_shop()
    change_settings(told=OutreachSettings(cap_most=9, sends_from=time(0), sends_until=time(23, 59, 59)))
    context = context_of(chromium, staff(), live_server.url, viewport=PHONE)
    yield context.new_page()
    context.close()


def fits(page: Page, *themes: str) -> None:
    """The page fits a phone and axe finds nothing in these themes, with everything opened."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
    page.evaluate("document.activeElement.blur()")
    for _theme in themes or ("light", "dark"):
        assert_accessible(page)
        page.keyboard.press("t")


def test_from_an_alert_to_its_result_in_two_taps(page: Page) -> None:
    errors = watched(page)
    an_offer()
    alerts(*list(members().values())[:2])
    page.goto("/?days=30")
    page.click("#todo-title ~ a")
    card = page.locator("li.card").first
    card.get_by_role("radio", name="Will come").click()
    card.get_by_role("button", name="Done").click()
    expect(page.locator("#todo-counts")).to_contain_text("1 done today")
    expect(page.locator("li.card").first).to_contain_text("Will come")
    expect(page.get_by_role("button", name="Undo for")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#todo-counts")).to_contain_text("2 later")
    card = page.locator("li.card").first
    card.get_by_role("button", name="Show the phone of").click()
    expect(card.locator("a[href^='tel:']")).to_be_visible()
    card.locator("summary", has_text="More").click()
    card.locator("text=Make the code").click()
    expect(page.locator("li.card").first).to_contain_text("we have missed you")
    fits(page)
    assert errors == []


def test_the_copy_list_by_keys(page: Page) -> None:
    errors = watched(page)
    a_copy_list(list(members().values()), offer_id=an_offer())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/copy-list/")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#copy-list")).to_contain_text("1 of 3")
    first = page.locator("#who").inner_text()
    page.keyboard.press("c")
    expect(page.locator("text=now paste it into WeChat")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#copy-text").input_value()
    fits(page)
    page.keyboard.press("s")
    expect(page.locator("#copy-list")).to_contain_text(f"Sent to {first}")
    expect(page.locator("#copy-list")).to_contain_text("2 of 3")
    page.keyboard.press("k")
    expect(page.locator("#copy-list")).to_contain_text("3 of 3")
    page.locator("#copy-list [role=status]").get_by_text("Undo").click()
    expect(page.locator("#copy-list")).to_contain_text("2 of 3")
    assert errors == []


def test_a_scanner_redeems_with_enter_alone(page: Page) -> None:
    code = shown(a_coupon(an_offer(value=500, least=0), members()["林晓"]))
    page.goto("/redeem/")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#till")).to_contain_text("林** 138****0001")
    expect(page.get_by_role("button", name="Redeem")).to_be_focused()
    fits(page)
    page.get_by_role("button", name="Redeem").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#till")).to_contain_text("Coupon redeemed")
    expect(page.locator("#code")).to_be_focused()
    page.locator("#till").get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.locator("#till")).to_contain_text("Taken back")


def test_the_mailbox_settings_and_a_customers_cards_are_accessible_and_fit(page: Page) -> None:
    MailboxMessage.objects.create(
        recipient="guest@example.com", subject="We miss you", text="Come back.", kept_at=timezone.now(),
        html="<html lang=en><title>x</title><main><h1>Come back</h1></main></html>",
        headers={"List-Unsubscribe": "<https://club.example.com/p/x/stop/>"},
    )  # fmt: skip
    page.goto("/mailbox/")
    page.click("text=We miss you")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Come back")
    fits(page, "light")
    page.goto("/settings/email/")
    page.select_option("#provider", "smtp")
    expect(page.locator("#id_password")).to_be_visible()
    fits(page, "light")
    page.goto("/settings/outreach/")
    fits(page, "light")
    page.goto(f"/customers/M{100_000 + members()['林晓']}/")
    page.locator("#customer-tasks summary").click()
    page.fill("#task-note", "Birthday cake")
    page.click("text=Add the task")
    expect(page.locator("#customer-tasks")).to_contain_text("Birthday cake")
    page.locator("#consents summary").first.click()
    page.fill("#consent-note", "At the till")
    page.click("text=They agree")
    expect(page.locator("#consents")).to_contain_text("told to us")
    fits(page, "light")
