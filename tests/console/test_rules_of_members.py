"""Rules that ask about the member 人群与资料, on the pages: chosen by name, told in words, tried, and kept in use."""

import pytest
from django.utils import timezone

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY
from regulars.insight.segments import actions, queries
from regulars.loyalty import drafts_view

from .programme_form import begun, launched, rule_form
from .test_settings_pages import owner

pytestmark = pytest.mark.django_db

TRIAL = {"amount": "120", "tier": "basic", "day": "2026-11-18", "hour": "12", "channel": "store"}


def segment(zh: str = "老客", en: str = "Regulars") -> int:
    return actions.create(name=Text(zh, en), tree=EVERYBODY, actor="user:1", at=timezone.now())


def of_segment(key: int, **more: object) -> dict[str, object]:
    """Double points for who is in a segment, as the browser would send it."""
    asked = {"field-2": "segments", "op-2": "has_any", "shape-2": "set::segments", "value-2": [str(key)]}
    return rule_form(after=1) | asked | more


def test_a_segment_is_chosen_by_its_name() -> None:
    key, away, browser = segment(), segment("旧的", "Old one"), owner()
    actions.archive(segment_id=away, at=timezone.now())
    page = begun(browser)
    shown = browser.post(f"{page}rules/build/", {"new-1": "segments"}).text
    assert "Regulars" in shown
    assert "Old one" not in shown, "what is put away is not offered"
    assert browser.post(f"{page}rules/new/", of_segment(key))["Location"] == page
    (rule,) = drafts_view.open_drafts()[0].terms["rules"]
    assert rule["if"] == {"all": [{"field": "segments", "op": "has_any", "value": [str(key)]}]}
    assert "Members in segment Regulars: double points; at most 500 points" in browser.get(page).text


def test_the_rule_is_told_in_chinese_too() -> None:
    key, browser = segment(), owner("zh-hans")
    page = begun(browser)
    browser.post(f"{page}rules/new/", of_segment(key))
    assert "在人群老客里的会员，积分双倍" in browser.get(page).text


def test_an_order_is_tried_by_somebody_in_it_and_by_somebody_who_is_not() -> None:
    key, browser = segment(), owner()
    page = begun(browser)
    browser.post(f"{page}rules/new/", of_segment(key))
    shown = browser.get(page)
    assert shown.context["trial_form"]["segment"].value() == str(key), "the example begins with the rule at work"
    assert "In segment" in shown.text
    assert "earns 240 points" in browser.post(f"{page}trial/", TRIAL | {"segment": str(key)}).text
    assert "earns 120 points" in browser.post(f"{page}trial/", TRIAL | {"segment": ""}).text


def test_the_profile_is_tried_too() -> None:
    browser = owner()
    page = begun(browser)
    asked = {"field-2": "birthday", "op-2": "is", "shape-2": "boolean::", "value-2": ["yes"]}
    browser.post(f"{page}rules/new/", rule_form(after=1) | asked)
    assert "On the birthday: double points" in browser.get(page).text
    assert "earns 240 points" in browser.post(f"{page}trial/", TRIAL | {"birthday": "on"}).text
    assert "earns 120 points" in browser.post(f"{page}trial/", TRIAL).text


def test_a_segment_that_rules_ask_about_is_not_put_away() -> None:
    key, browser = segment(), owner()
    page = begun(browser)
    browser.post(f"{page}rules/new/", of_segment(key))
    said = "Take it out of them first."
    assert said in browser.post(f"/segments/{key}/archive/", follow=True).text
    launched(browser, page)
    assert said in browser.post(f"/segments/{key}/archive/", follow=True).text
    assert queries.segment(key).archived_at is None
    other = segment("新客", "New")
    browser.post(f"/segments/{other}/archive/")
    assert queries.segment(other).archived_at is not None


def test_without_segments_the_builder_says_so() -> None:
    browser = owner()
    assert "nothing to choose from yet" in browser.post(f"{begun(browser)}rules/build/", {"new-1": "segments"}).text
