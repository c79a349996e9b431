"""The retail preset from zero to live, in both languages, with a rule written in the builder; without a mouse once."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.flows import jobs
from regulars.flows.set_up import set_up
from regulars.loyalty import programme_view
from regulars.loyalty.simulation import queries

from ..browser import assert_accessible, watched
from ..flows.working import context

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a short sentence is easy"
SAID = {
    "en": {
        "live": "On day 18 of the month: double points; at most 500 points a month each.", "points": "240 points",
        "why": "“Member day” gave 120 points more.", "member": "Gold", "first": "First visit",
        "rule": "It is the first order: 88 points more.",
    },
    "zh-hans": {
        "live": "每月 18 号，积分双倍；每人每月最多 500 积分。", "points": "240 积分",
        "why": "“会员日”多得 120 积分。", "member": "金卡", "first": "第一次来", "rule": "首单，多得 88 积分。",
    },
}  # fmt: skip


def signed_in(chromium: Browser, url: str, language: str, width: int) -> Page:
    set_up(
        business="Camellia", time_zone="Asia/Shanghai", currency="CNY", language=language, email="lin@example.com",
        name="Lin", password=PASSWORD, at=timezone.now(),
    )  # fmt: skip
    locale = "zh-CN" if language == "zh-hans" else "en-GB"
    page = chromium.new_context(base_url=url, locale=locale, viewport={"width": width, "height": 900}).new_page()
    page.goto("/accounts/login/?next=/settings/programme/")
    page.fill("#id_login", "lin@example.com")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/settings/programme/")
    return page


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-hans", 390)])
def test_the_retail_preset_from_zero_to_live(chromium: Browser, live_server: Any, language: str, width: int) -> None:
    words, page = SAID[language], signed_in(chromium, live_server.url, language, width)
    errors = watched(page)
    page.click("button[value=retail]")
    page.wait_for_url("**/drafts/*/")
    draft = page.url
    expect(page.locator("#trial")).to_contain_text(words["points"])  # it begins on a day on which the rule counts
    expect(page.locator("#trial")).to_contain_text(words["member"])
    expect(page.locator("#trial")).to_contain_text(words["why"])
    page.fill("#trial_day", "2026-03-17")
    expect(page.locator("#trial")).not_to_contain_text(words["why"])

    page.click("a[href$='/rules/new/']")
    expect(page.locator("#id_products")).to_be_hidden()
    page.fill("#id_zh", "第一次来")
    page.fill("#id_en", "First visit")
    page.focus("[data-pick=new-1]")
    page.keyboard.press("Enter")
    page.keyboard.type("first order")
    page.keyboard.press("Enter")
    expect(page.locator("#value-2")).to_be_visible()
    page.select_option("#id_kind", "fixed")
    page.fill("#id_amount", "88")
    assert_accessible(page)
    page.locator("#rule-form button.btn-primary").press("Enter")
    page.wait_for_url(draft)
    expect(page.locator("main")).to_contain_text(words["rule"])
    page.check("#trial_first_order")
    expect(page.locator("#trial")).to_contain_text(words["first"])

    page.click("form[action$='/simulate/'] button")
    expect(page.locator("#simulation [role=status]")).to_be_visible()
    jobs.simulate_programme(context(), simulation_id=queries.runs(most=1)[0].id)
    expect(page.locator("#simulation dl")).to_be_visible()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.click("form[action$='/launch/'] button")
    page.click("#confirm button[value=yes]")
    page.wait_for_url("**/settings/programme/")
    expect(page.locator("main")).to_contain_text(words["live"])
    expect(page.locator("main")).to_contain_text(words["rule"])
    assert_accessible(page)
    version = programme_view.current()
    assert version is not None
    assert [rule["code"] for rule in version.terms["rules"]] == ["member_day", "rule1"]
    assert errors == []
    page.context.close()
