"""Badges in the console: written in a draft, given by a rule, put live, and seen on the member's page and by API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.flows import jobs
from regulars.flows.record_facts import record_facts
from regulars.flows.settings import programme
from regulars.loyalty import drafts_view
from regulars.loyalty.membership import number_of
from regulars.loyalty.simulation import queries as simulations
from regulars.staff.actions import create_api_key
from regulars.staff.rules import SYSTEM
from tests.flows.working import context
from tests.flows.world import order, query

from .programme_form import begun, launched, revision, rule_form
from .shop import a_shop, staff
from .test_settings_pages import an_order, owner

pytestmark = pytest.mark.django_db

BADGE = {"zh": "常客", "en": "Regular guest", "says_zh": "来过", "says_en": "Came by", "icon": "coffee"}
RULE = {"zh": "每单", "en": "Any order", "kind": "badge", "badge": "regular-guest", "limits-0-most": ""}


def written(browser: Client, page: str, **more: Any) -> Any:
    return browser.post(f"{page}badges/new/", {**BADGE, "after": revision(page), **more})


def test_written_given_by_a_rule_put_live_and_seen() -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    assert "No badges." in browser.get(page).text
    assert written(browser, page, zh="", en="").status_code == 422
    assert written(browser, page)["Location"] == page
    assert drafts_view.open_drafts()[0].terms["badges"] == [
        {"code": "regular-guest", "names": {"zh": "常客", "en": "Regular guest"},
         "says": {"zh": "来过", "en": "Came by"}, "icon": "coffee"},
    ]  # fmt: skip
    assert "No rule gives it yet." in browser.get(page).text
    assert (
        browser.post(f"{page}rules/new/", rule_form(**{**RULE, "badge": ""}, after=revision(page))).status_code == 422
    )
    sent = rule_form(**RULE, after=revision(page)) | {"value-2": ["1", "2", "3", "4", "5", "6", "7"]}
    assert browser.post(f"{page}rules/new/", sent)["Location"] == page
    shown = browser.get(page).text
    assert "the badge “Regular guest”" in shown.lower().replace("regular guest", "Regular guest")
    assert "0 members have it" in shown
    assert "Badge: Regular guest · Came by" in shown, "among what differs from the live version"
    trial = {"amount": "120", "tier": "basic", "day": "2026-11-18", "hour": "12", "channel": "store"}
    assert "It gives the badge “Regular guest”." in browser.post(f"{page}trial/", trial).text
    rule = drafts_view.open_drafts()[0].terms["rules"][-1]
    assert (rule["then"], rule["earns"]) == ({"kind": "badge", "badge": "regular-guest"}, "badge")
    again = browser.get(f"{page}rules/of/{rule['code']}/").text
    assert '<option value="regular-guest" selected' in again
    out = browser.post(f"{page}badges/of/regular-guest/remove/", {"after": revision(page)}, follow=True)
    assert "does not fit these terms" in out.content.decode(), "a rule still gives it"
    edited = browser.post(f"{page}badges/of/regular-guest/", {**BADGE, "icon": "star", "after": revision(page)})
    assert edited["Location"] == page
    launched(browser, page)
    policies, zone = programme()
    now = timezone.now() + timedelta(seconds=1)
    record_facts(facts=[order("S1", "anna", now, 50_00)], policies=policies, zone=zone, at=now)
    [(who,)] = query("SELECT customer_id FROM customers_identity WHERE value = 'anna'")
    shown = browser.get(f"/customers/{number_of(who)}/").text
    assert "Regular guest" in shown
    assert "by the rule “Any order”." in shown
    key = create_api_key(name="App", scopes=["ledger.read"], by=SYSTEM, at=now).secret
    told = Client().post(
        "/api/v1/points/of", {"traits": {"memberNumber": "anna"}}, content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    ).json()  # fmt: skip
    assert [(one["code"], one["icon"], one["says"]["en"]) for one in told["badges"]] == [
        ("regular-guest", "star", "Came by")
    ]


def test_the_page_tells_how_many_would_have_it() -> None:
    a_shop()
    browser = staff()
    page = begun(browser)
    written(browser, page)
    sent = rule_form(**RULE, after=revision(page)) | {"value-2": ["1", "2", "3", "4", "5", "6", "7"]}
    assert browser.post(f"{page}rules/new/", sent).status_code == 302
    browser.post(f"{page}simulate/")
    jobs.simulate_programme(context(), simulation_id=simulations.runs(most=1)[0].id)
    found = simulations.runs(most=1)[0].result
    assert found is not None
    [one] = found.draft.badges
    assert one.members > 0
    row = browser.get(page).text.partition("Members with the badge “Regular guest”")[2].partition("</tr>")[0]
    assert f"+{one.members}" in row
