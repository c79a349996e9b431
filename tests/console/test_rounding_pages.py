"""How points are rounded is a term that staff choose, tried at once and told where it is unusual."""

import pytest

from regulars.loyalty import drafts_view

from .programme_form import begun, launched, terms_form
from .shop import staff

pytestmark = pytest.mark.django_db


def test_it_is_chosen_in_the_draft_shown_by_the_example_and_said_in_both_languages():
    browser = staff()
    page = begun(browser)
    before = drafts_view.open_drafts()[0].terms
    assert browser.post(f"{page}terms/", terms_form(browser, page)).status_code == 302
    assert "rounding" not in before
    sent = terms_form(browser, page) | {"rounding": "up", "money_per_point": "0.7"}
    assert "An order of ¥120 earns 172 points." in browser.post(f"{page}terms/example/", sent).text
    assert browser.post(f"{page}terms/", sent).status_code == 302
    assert drafts_view.open_drafts()[0].terms["rounding"] == "up"
    shown = browser.get(page).text
    assert "What an order earns is rounded up: what is left over counts as a whole point." in shown
    assert "= 1 point, rounded up, which makes 172 points." in shown
    browser.post(f"{page}terms/", terms_form(browser, page) | {"rounding": "down", "money_per_point": "1"})
    assert drafts_view.open_drafts()[0].terms == before


def test_a_version_that_rounds_otherwise_differs_in_the_history():
    browser = staff()
    page = begun(browser)
    browser.post(f"{page}terms/", terms_form(browser, page) | {"rounding": "nearest"})
    assert "a half counts as one" in browser.get(page).text
    launched(browser, page)
    assert "What an order earns is rounded to the nearest whole point" in browser.get("/settings/programme/").text


def test_another_way_is_refused_at_its_field():
    browser = staff()
    page = begun(browser)
    answer = browser.post(f"{page}terms/", terms_form(browser, page) | {"rounding": "sideways"})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"rounding"}
