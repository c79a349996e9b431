"""Writing a segment with the keyboard alone, and the pages of this part to axe in every guise."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.console.behind import encoded
from regulars.core.bilingual import Text
from regulars.insight import queries as insight
from regulars.insight.segments import queries
from regulars.insight.tags import actions as tags
from tests.browser import assert_accessible, watched

from .shop import PASSWORD, days_ago, staff
from .test_segments_pages import LARGE, OFTEN, follow, segment

OFTEN_THERE = f"/people/?where={encoded(OFTEN)}"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BROKEN_OFF = ("htmx:afterRequest", "htmx:sendAbort")


def signed_in(chromium: Browser, address: str, *, language: str, **options: Any) -> Page:
    staff(language=language)
    page = chromium.new_context(**options).new_page()
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", f"owner-{language}@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    return page


def test_a_segment_is_written_with_the_keyboard_while_the_count_follows(
    pictured: Any, live_server: Any, chromium: Browser
) -> None:
    page = signed_in(chromium, live_server.url, language="en")
    errors = watched(page)
    page.goto(f"{live_server.url}/segments/new/")
    page.fill("#en", "Often here")
    page.locator("[data-pick=new-1]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("orders so far")
    page.keyboard.press("Enter")
    expect(page.locator("#value-2")).to_be_focused()
    page.keyboard.type("10")
    expect(page.locator("#live")).to_contain_text("Ordered 10 times or more")
    expect(page.locator("#live")).to_contain_text(f"{insight.count(where=OFTEN)}")
    page.keyboard.type("x")
    expect(page.locator("#problem-2")).to_have_text("This is not a number.")
    assert_accessible(page)
    page.keyboard.press("Backspace")
    expect(page.locator("#problem-2")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/\d+/$"))
    assert queries.segments()[0].tree == {"all": [{"field": "orders", "op": "ge", "value": 10}]}
    # A count that the next key, or leaving the page, breaks off is told as an error too, and is none.
    assert [error for error in errors if not error.startswith(BROKEN_OFF)] == []


@pytest.mark.parametrize(
    ("language", "options", "addresses"),
    [
        ("zh-hans", {"color_scheme": "dark"}, ("/segments/{}/", "/tags/")),
        ("en", {"viewport": {"width": 390, "height": 844}}, ("/segments/", "/segments/{}/edit/", OFTEN_THERE)),
    ],
)
def test_every_page_is_fit_for_everybody(
    pictured: Any,
    live_server: Any,
    chromium: Browser,
    language: str,
    options: dict[str, Any],
    addresses: tuple[str, ...],
) -> None:
    made, _other = segment(), segment(LARGE, "大客", "Large")
    tags.create(name=Text("贵宾", "VIP"), actor="", at=days_ago(1))
    follow()
    page = signed_in(chromium, live_server.url, language=language, **options)
    errors = watched(page)
    for address in addresses:
        page.goto(live_server.url + address.format(made))
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert_accessible(page)
    assert errors == []
