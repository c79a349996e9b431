"""What goes together at the checkout is a term of the programme that staff write, and told where it is unusual."""

import pytest

from regulars.loyalty import drafts_view

from .programme_form import begun, terms_form
from .test_settings_pages import owner

pytestmark = pytest.mark.django_db


def terms():
    return drafts_view.open_drafts()[0].terms


def test_it_is_written_in_the_draft_and_only_what_is_unusual_is_kept_and_said():
    browser = owner()
    page = begun(browser)
    unchanged = terms_form(browser, page)
    assert browser.post(f"{page}terms/", unchanged).status_code == 302
    assert "checkout" not in terms()
    told = {"coupons": "2", "with_benefits": "no", "points_percent": "30", "offline_days": "3", "offline_debt": "500"}
    assert browser.post(f"{page}terms/", terms_form(browser, page) | told).status_code == 302
    assert terms()["checkout"] == {
        "coupons": 2, "with_benefits": False, "points_percent": 30, "offline_days": 3, "offline_debt": 500,
    }  # fmt: skip
    shown = browser.get(page).text
    assert "One order may use 2 coupons." in shown
    assert "Points pay at most 30% of what is left after coupons and benefits." in shown
    assert "A till that was offline tells within 3 days what it did; a member may then owe 500 points." in shown


@pytest.mark.parametrize(("field", "value"), [("coupons", "4"), ("points_percent", "101"), ("offline_days", "-1")])
def test_out_of_range(field, value):
    browser = owner()
    page = begun(browser)
    answer = browser.post(f"{page}terms/", terms_form(browser, page) | {field: value})
    assert (answer.status_code, "checkout" in terms()) == (422, False)
    assert answer.context["form"].errors.keys() == {field}
