"""A member's phone: the QR at the till, the card, a reward, and signing out, after which nothing of them is left."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from regulars.loyalty.membership import number_of
from regulars.staff import actions as staff
from regulars.staff.rules import SYSTEM
from tests.browser import assert_accessible, watched
from tests.portal.people import ANNA, a_shop, codes_drawn, id_of
from tests.portal.rewarding import mug

PASSWORD = "tea-and-return-customers"


@pytest.mark.django_db(transaction=True)
def test_from_the_till_to_the_card_to_a_reward_and_out(
    live_server: Any, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_shop()
    mug()
    staff.create_user(email="lin@example.com", role="owner", password=PASSWORD, by=SYSTEM, at=timezone.now())
    desk = Client()
    desk.post(reverse("account_login"), {"login": "lin@example.com", "password": PASSWORD})
    link = _shown_at_the_till(desk, monkeypatch)

    phone = chromium.new_context(viewport={"width": 320, "height": 640}, locale="en-US", color_scheme="dark")
    page = phone.new_page()
    errors = watched(page)
    page.goto(live_server.url + link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=re.compile("Anna Lin"))).to_be_visible()
    expect(page.get_by_role("img", name="Your code for the till")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.wait_for_function("caches.open('member-card-1').then((kept) => kept.match('/m/')).then(Boolean)")

    phone.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("Anna Lin"))).to_be_visible()
    expect(page.get_by_text("No network. This is your card as it was last")).to_be_visible()
    with page.expect_navigation():  # the card comes back by itself
        phone.set_offline(False)
    expect(page.get_by_text("No network. This is your card as it was last")).to_be_hidden()

    page.get_by_role("link", name="Redeem points").click()
    page.locator("summary", has_text="Redeem it").click()
    assert_accessible(page)
    page.get_by_role("button", name="Yes, redeem it").click()
    expect(page.get_by_text(re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$"))).to_be_visible()
    page.get_by_role("link", name="Card", exact=True).click()
    expect(page.get_by_text("700", exact=True)).to_be_visible()

    page.get_by_role("link", name="Me", exact=True).click()
    assert_accessible(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Your membership card")).to_be_visible()
    page.wait_for_function("caches.has('member-card-1').then((kept) => !kept)")
    page.go_back()
    expect(page.get_by_text("Anna Lin")).to_have_count(0)
    assert [one for one in errors if "ERR_INTERNET_DISCONNECTED" not in one and "sendError" not in one] == []
    phone.close()


def _shown_at_the_till(desk: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address in the QR that staff show."""
    told = codes_drawn(monkeypatch)
    assert desk.post(f"/customers/{number_of(id_of(ANNA[0]))}/sign-in/").status_code == 200
    return told[0].removeprefix("http://testserver")
