"""Tiers on visits or on points earned: written in a draft, and named so wherever growth is read."""

import pytest

from regulars.loyalty import drafts_view

from .programme_form import begun, launched, rule_form, terms_form
from .shop import ANN, a_shop, bought, days_ago, staff
from .test_customer_page import url_of

pytestmark = pytest.mark.django_db


def test_a_draft_on_visits_says_so_everywhere() -> None:
    browser = staff()
    page = begun(browser)
    sent = terms_form(browser, page) | {"growth_from": "visits", "tiers-1-threshold": "3", "tiers-2-threshold": "10"}
    shown = browser.post(f"{page}terms/example/", sent).text
    assert "Who comes on 3 days within 12 months is Silver." in shown
    assert browser.post(f"{page}terms/", sent).status_code == 302
    assert drafts_view.open_drafts()[0].terms["growth_from"] == "visits"
    text = browser.get(page).text
    assert "Each day with a paid order is a visit" in text
    assert "Tiers look at the visits of the last 12 months." in text
    assert "From visits" in text
    chinese = staff(language="zh-hans").get(page).text
    assert "有消费的每一天计一次到店" in chinese
    assert "等级看最近 12 个月的到店次数。" in chinese


def test_back_to_growth_value_leaves_no_trace_in_the_terms() -> None:
    browser = staff()
    page = begun(browser)
    before = drafts_view.open_drafts()[0].terms
    for source in ("points", "spend"):
        assert browser.post(f"{page}terms/", terms_form(browser, page) | {"growth_from": source}).status_code == 302
    assert drafts_view.open_drafts()[0].terms == before


def test_a_rule_that_gives_growth_for_money_does_not_fit() -> None:
    browser = staff()
    page = begun(browser)
    sent = rule_form(after=1, kind="per_amount", money="10", earns="growth")
    assert browser.post(f"{page}rules/new/", sent).status_code == 302
    answer = browser.post(f"{page}terms/", terms_form(browser, page) | {"growth_from": "visits"})
    assert answer.status_code == 422
    assert "The rule “rule1” does not fit these terms." in answer.text


def test_tiers_that_change_with_the_year_are_written_and_said() -> None:
    browser = staff()
    page = begun(browser)
    yearly = {"window": "calendar_year", "at_term": "on"}
    assert browser.post(f"{page}terms/", terms_form(browser, page) | yearly).status_code == 302
    assert drafts_view.open_drafts()[0].terms["keeping"] == {"window": "calendar_year", "at_term": True}
    assert "Tiers change when a year ends, by what counted in it." in browser.get(page).text
    wrong = browser.post(f"{page}terms/", terms_form(browser, page) | {"window": "rolling", "at_term": "on"})
    assert (wrong.status_code, "A rolling window has no end" in wrong.text) == (422, True)


def test_a_customer_s_page_speaks_of_visits() -> None:
    shop, browser = a_shop(), staff()
    page = begun(browser)
    sent = terms_form(browser, page) | {"growth_from": "visits", "tiers-1-threshold": "2", "tiers-2-threshold": "9"}
    browser.post(f"{page}terms/", sent)
    launched(browser, page)
    shop.learn()
    assert "Silver from 2 visits." in browser.get("/settings/programme/").text, "it is among the differences"
    shop.tell(bought("V1", ANN, -0.001, 5_000), at=days_ago(-0.01))
    found = browser.get(url_of(browser, "Ann"))
    assert "It makes this day a visit, which counts for tiers until" in found.text
    assert "· visits" in found.text
