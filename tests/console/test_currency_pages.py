"""Stamps in the console: written in a draft, given by a rule, put live; then earned, granted, spent and looked at."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.core.bilingual import Text
from regulars.flows.record_facts import record_facts
from regulars.flows.settings import programme
from regulars.ledger import statements
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards import actions, catalogue
from regulars.loyalty.rewards.rules import RewardKind, Terms
from regulars.staff import queries as people
from tests.flows.world import order, query

from .forms import form_of
from .programme_form import begun, launched, revision, rule_form
from .test_settings_pages import an_order, owner

pytestmark = pytest.mark.django_db

STAMPS = {
    "zh": "印花", "en": "stamps", "one": "stamp", "expiry": "rolling", "expiry_months": "3", "store": "0",
    "online": "7", "restore_days": "14", "caps-TOTAL_FORMS": "1", "caps-INITIAL_FORMS": "0", "caps-0-most": "2",
    "caps-0-period": "day",
}  # fmt: skip
CUP = {"zh": "集印花", "en": "A stamp", "kind": "fixed", "amount": "1", "earns": "stamps", "limits-0-most": ""}


def written(browser: Client, page: str, **more: Any) -> Any:
    return browser.post(f"{page}currencies/new/", {**STAMPS, "after": revision(page), **more})


def live(browser: Client) -> str:
    """Stamps are live, one for each order; where the page of the draft was."""
    an_order()
    page = begun(browser)
    assert written(browser, page)["Location"] == page
    sent = rule_form(**CUP, after=revision(page)) | {"value-2": ["1"]}
    assert browser.post(f"{page}rules/new/", sent)["Location"] == page
    launched(browser, page)
    return page


def test_a_currency_is_written_given_by_a_rule_and_tried_before_it_is_live() -> None:
    browser = owner()
    an_order()
    page = begun(browser)
    assert "Only points." in browser.get(page).text
    assert written(browser, page, expiry_months="").status_code == 422
    assert written(browser, page, zh="", en="").status_code == 422
    written(browser, page)
    [told] = drafts_view.open_drafts()[0].terms["currencies"]
    assert told == {
        "code": "stamps", "names": {"zh": "印花", "en": "stamps", "one": "stamp"}, "expiry": "rolling",
        "expiry_months": 3, "pending_days": {"store": 0, "online": 7}, "restore_days": 14,
        "caps": [{"counts": "amount", "period": "day", "most": 2}],
    }  # fmt: skip
    refused = browser.post(f"{page}rules/new/", rule_form(earns="stamps", after=revision(page)))
    assert "there is nothing to multiply" in refused.text
    browser.post(f"{page}rules/new/", rule_form(**CUP, after=revision(page)))
    shown = browser.get(page).text
    assert "They last 3 months; from orders online spendable after 7 days; at most 2 stamps a day each." in shown
    assert "1 stamp more" in shown
    trial = {"amount": "120", "tier": "basic", "day": "2026-11-18", "hour": "12", "channel": "store"}
    assert "It adds 1 stamp." in browser.post(f"{page}trial/", trial).text
    out = browser.post(f"{page}currencies/of/stamps/remove/", {"after": revision(page)}, follow=True)
    assert "The rule “rule1” does not fit these terms" in out.content.decode(), "a rule still gives it"
    edited = browser.post(f"{page}currencies/of/stamps/", {**STAMPS, "expiry": "never", "after": revision(page)})
    assert edited["Location"] == page
    launched(browser, page)
    new = programme_view.versions()[0]
    assert (new.terms["currencies"][0]["number"], new.terms["currencies"][0]["expiry"]) == (11, "never")


def test_what_members_collect_stands_on_their_page_and_can_be_granted_and_spent() -> None:
    browser = owner()
    live(browser)
    policies, zone = programme()
    number, now = policies.currency("stamps").number, timezone.now()
    record_facts(facts=[order("S1", "anna", now, 50_00)], policies=policies, zone=zone, at=now)
    [(who,)] = query("SELECT customer_id FROM customers_identity WHERE value = 'anna'")
    url = f"/customers/{number_of(who)}/"
    page = browser.get(url)
    assert [(one.name, one.balance.spendable) for one in page.context["other_balances"]] == [("stamps", 1)]
    assert "+1 stamp" in page.text
    told = form_of(page.text, "points-form").dict() | {"currency": "stamps", "amount": "9", "note": "Sorry"}
    assert "Granted: 9 stamps." in browser.post(f"{url}points/", told, follow=True).content.decode()
    too_many = {**told, "what": "deduct", "amount": "11", "key": "aaaaaaaa-2"}
    assert "Only 10 stamps can be spent." in browser.post(f"{url}points/", too_many).text
    assert people.audit_trail(limit=1)[0].detail == {"points": 9, "currency": "stamps"}
    terms = Terms(Text("一杯咖啡", "A coffee"), RewardKind.ITEM, 9, currency="stamps")
    actions.create(code="coffee", terms=terms, actor="", at=now)
    shown = browser.get(f"{url}rewards/").text
    assert "9 stamps" in shown
    assert "It takes 9 stamps." in shown
    browser.post(f"{url}rewards/claim/", {"reward": "coffee", "key": "k", "store": ""})
    left = statements.balances_by_currency([who], at=timezone.now() + timedelta(minutes=1))[who]
    assert left[number].spendable == 1
    ledger = browser.get("/ledger/?currency=stamps").text
    assert "A coffee" in ledger
    trial = browser.get("/ledger/trial/")
    [books] = trial.context["others"]
    assert (books.name, books.issued, books.members, books.redeemed, books.total) == ("stamps", 10, 1, 9, 0)


def test_a_reward_is_priced_in_what_the_programme_gives() -> None:
    browser = owner()
    told = form_of(browser.get("/rewards/new/").content.decode(), "reward-form").dict() | {"en": "Mug", "points": "9"}
    assert browser.post("/rewards/new/", told | {"currency": "stamps"}).status_code == 422, "there is no such currency"
    live(browser)
    assert browser.post("/rewards/new/", told | {"currency": "stamps"}).status_code == 302
    [one] = catalogue.rewards(at=timezone.now())
    assert (one.terms.points, one.terms.currency) == (9, "stamps")
    assert "9 stamps" in browser.get("/rewards/").text
