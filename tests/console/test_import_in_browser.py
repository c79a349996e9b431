"""An import in a real browser: what scripts add to the pages."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.facts import imports_view
from regulars.flows.set_up import set_up

from ..browser import assert_accessible, watched
from ..flows.working import work_off

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a short sentence is easy"
ORDERS = """订单号,下单时间,手机号,姓名,实付
A1,2026-01-05 10:00,13912345670,林小满,120.50
A2,2026-01-06 11:00,13912345670,林小满,很多
"""


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Any:
    """Signed in as the owner, who reads English."""
    set_up(
        business="Camellia", time_zone="Asia/Shanghai", currency="CNY", language="en", email="lin@example.com",
        name="Lin", password=PASSWORD, at=timezone.now(),
    )  # fmt: skip
    context = chromium.new_context(base_url=live_server.url, locale="en-GB", viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto("/accounts/login/?next=/imports/")
    page.fill("#id_login", "lin@example.com")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/imports/")
    yield page
    context.close()


def test_a_file_goes_in_and_out_again_on_a_phone(page: Page, tmp_path: Path) -> None:
    errors = watched(page)
    assert_accessible(page)
    page.goto("/imports/new/")
    file = tmp_path / "orders.csv"
    file.write_text("%PDF-1.7")
    page.set_input_files("#id_file", file)
    page.click("text=Continue")
    expect(page.locator(".problem")).to_contain_text("This file is a PDF")
    errors.clear()  # the browser itself notes the 422
    file.write_text(ORDERS)
    page.set_input_files("#id_file", file)
    page.click("text=Continue")
    page.wait_for_url("**/columns/")
    assert_accessible(page)
    expect(page.locator("#preview")).to_contain_text("120 points")
    page.select_option("#id_time_zone", "UTC")
    expect(page.locator("#preview")).to_contain_text("18:00")
    page.select_option("#id_time_zone", "Asia/Shanghai")

    page.click("text=Check the whole file")
    expect(page.locator("#import")).to_contain_text("The whole file is being read")
    assert_accessible(page)
    work_off()
    expect(page.locator("#import")).to_contain_text("Yes, import 1 order")
    assert_accessible(page)
    page.dblclick("text=Yes, import 1 order")
    expect(page.locator("#import")).to_contain_text("Orders are being recorded")
    assert work_off() == ["post_import"]
    expect(page.locator("#import")).to_contain_text("1 entry was recorded")
    assert_accessible(page)
    page.go_back()
    page.goto("/imports/")
    expect(page.locator("main")).to_contain_text("Imported")

    page.click("text=orders.csv")
    page.click("button:has-text('Undo')")
    expect(page.locator("#confirm")).to_contain_text("stops counting")
    page.keyboard.press("Escape")
    assert imports_view.newest()[0].status == "done"
    page.click("button:has-text('Undo')")
    page.click("#confirm >> text=Yes, go on")
    expect(page.locator("#import")).to_contain_text("being taken back")
    work_off()
    expect(page.locator("#import")).to_contain_text("Nothing of this file counts any more")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []
