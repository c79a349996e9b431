"""Risk control in the console: the queue, a case, freezing, four eyes, and who may see it."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from regulars.loyalty.membership import number_of
from regulars.loyalty.risk import queries
from regulars.loyalty.risk.queries import CaseView
from regulars.loyalty.risk.rules import CaseState
from regulars.staff.actions import change_business
from regulars.staff.queries import audit_trail
from regulars.staff.rules import SYSTEM

from ..browser import assert_accessible, watched
from ..flows.world import World, order
from ..loyalty.risk.watched import feed, look
from .shop import LIN, a_shop, bought, counted, days_ago, staff
from .test_in_browser import context_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("feed")]
__all__ = ["feed"]


@pytest.fixture
def shop() -> World:
    return odd_shop()


def odd_shop() -> World:
    """Lin's card was used seven times within minutes."""
    world = a_shop()
    world.tell(*(bought(f"B{n}", LIN, 1 - n / 1440, 20_00) for n in range(7)), at=days_ago(0))
    look(world, days_ago(0))
    return world


def the_case() -> CaseView:
    [case] = queries.cases(tuple(CaseState))
    return case


def post(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, data, follow=True)


def test_the_page_opens_with_the_answer_and_says_why(shop: World) -> None:
    text = staff().get("/risk/").content.decode()
    assert "1 customer is odd enough for somebody to look." in text
    assert "7 orders within 6 minutes." in text
    assert "林晓" in text
    assert "Many orders in minutes" in text, "what the rules found this month"
    chinese = staff(language="zh-hans").get("/risk/").content.decode()
    assert "6 分钟内下了 7 单。" in chinese


def test_an_empty_page_says_what_happens_next() -> None:
    a_shop()
    owner = staff()
    assert "looked at every minute" in owner.get("/risk/").content.decode()
    assert "spends nothing until somebody releases" in owner.get("/risk/?tab=frozen").content.decode()
    assert owner.get("/risk/?tab=nonsense&page=99").status_code == 200
    assert owner.get("/risk/1/").status_code == 404


def test_a_case_is_frozen_shown_and_released(shop: World) -> None:
    owner, case = staff(), the_case()
    page = owner.get(f"/risk/{case.id}/").content.decode()
    assert "What the evidence names earned 140 points." in page
    said = post(owner, f"/risk/{case.id}/freeze/", note="made up").content.decode()
    assert "The account is frozen." in said
    assert "made up" in said
    customer = owner.get(f"/customers/{number_of(case.customer_id)}/").content.decode()
    assert "Account frozen since" in customer
    assert "7 orders within 6 minutes." in customer
    assert "meanwhile" in post(owner, f"/risk/{case.id}/freeze/").content.decode(), "a second click does nothing"
    post(owner, f"/risk/{case.id}/release/")
    assert the_case().state is CaseState.RELEASED
    assert "Account frozen since" not in owner.get(f"/customers/{number_of(case.customer_id)}/").content.decode()
    assert [line.action for line in audit_trail(area="risk")] == ["risk.release", "risk.freeze"]


def test_points_are_taken_back_as_the_page_said(shop: World) -> None:
    owner, case = staff(), the_case()
    assert "So many points are not there" in post(owner, f"/risk/{case.id}/reverse/", points="141").content.decode()
    assert "So many points are not there" in post(owner, f"/risk/{case.id}/reverse/", points="-1").content.decode()
    said = post(owner, f"/risk/{case.id}/reverse/", points="140", key="once").content.decode()
    assert "140 were taken back already." in said
    assert "names no points that could be taken back" in said


def test_dismissed_is_dismissed(shop: World) -> None:
    owner, case = staff(), the_case()
    post(owner, f"/risk/{case.id}/take-on/")
    assert the_case().state is CaseState.REVIEWED
    post(owner, f"/risk/{case.id}/dismiss/", note="his birthday")
    assert "his birthday" in owner.get(f"/risk/{case.id}/").content.decode()
    assert "Nobody waits to be looked at." in owner.get("/risk/").content.decode()


def test_above_the_limit_a_second_person_decides(shop: World) -> None:
    change_business(by=SYSTEM, at=days_ago(0), second_person_points=100)
    owner, other, case = staff(), staff("service"), the_case()
    number = number_of(case.customer_id)
    form = {"what": "grant", "amount": "500", "note": "sorry", "key": "abcdefgh1"}
    said = post(owner, f"/customers/{number}/points/", **form).content.decode()
    assert "So many points need a second person" in said
    [waiting] = queries.waiting_proposals()
    assert (waiting.kind, waiting.amount) == ("grant", 500)
    mine = post(owner, f"/risk/proposals/{waiting.id}/approve/").content.decode()
    assert "Somebody else has to approve what you proposed." in mine
    assert "Approved and done." in post(other, f"/risk/proposals/{waiting.id}/approve/").content.decode()
    assert queries.waiting_proposals() == []
    post(owner, f"/customers/{number}/points/", **{**form, "amount": "100", "key": "abcdefgh2"})
    assert queries.waiting_proposals() == [], "up to the limit one person decides"
    assert "second person has to approve" in post(owner, f"/risk/{case.id}/reverse/", points="140").content.decode()
    [waiting] = queries.waiting_proposals()
    assert "Waits for a second person" in owner.get(f"/risk/{case.id}/").content.decode()
    post(owner, f"/risk/proposals/{waiting.id}/refuse/")
    assert queries.waiting_proposals() == []


def test_thresholds_are_settings(shop: World) -> None:
    owner = staff()
    assert "From a score of 50 on somebody looks." in owner.get("/settings/risk/").content.decode()
    form = {"risk_review_score": "60", "risk_freeze_score": "", "second_person_points": "1000"}
    said = post(owner, "/settings/risk/save/", **form).content.decode()
    assert "Only people freeze accounts." in said
    assert "Above 1,000 points a second person decides." in said
    assert owner.post("/settings/risk/save/", {**form, "risk_review_score": "0"}).status_code == 422


def test_who_may_look_and_who_may_decide(shop: World) -> None:
    case = the_case()
    marketer, cashier, one_store = staff("marketer"), staff("cashier"), staff("service", stores=["S1"])
    assert marketer.get(f"/risk/{case.id}/").status_code == 200
    assert "Freeze the account" not in marketer.get(f"/risk/{case.id}/").content.decode()
    assert marketer.post(f"/risk/{case.id}/freeze/").status_code == 403
    assert cashier.get("/risk/").status_code == 403
    assert one_store.get("/risk/").status_code == 403, "it is about everybody's customers"


def test_the_queue_asks_the_database_the_same_for_one_case_as_for_many(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = staff()
    owner.get("/risk/")
    with counted(monkeypatch) as few:
        owner.get("/risk/")
    shop.tell(*(order(f"E{who}{n}", f"m{who}", days_ago(1 - n / 1440), 20_00) for who in range(6) for n in range(7)))
    look(shop, days_ago(0))
    owner.get("/risk/")  # what the frame of the page counts is counted once
    with counted(monkeypatch) as many:
        text = owner.get("/risk/").content.decode()
    assert "7 customers are odd enough" in text
    assert len(many) == len(few)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_account_is_frozen_by_keyboard_and_reads_well(chromium: Browser, live_server: Any) -> None:
    odd_shop()
    change_business(by=SYSTEM, at=days_ago(0), second_person_points=1)
    for language, width, theme in (("zh-hans", 390, "dark"), ("en", 1280, "light")):
        context = context_of(
            chromium, staff(language=language), live_server.url, viewport={"width": width, "height": 900},
            color_scheme=theme,
        )  # fmt: skip
        page = context.new_page()
        errors = watched(page)
        page.goto("/risk/", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
        page.goto(f"/risk/{the_case().id}/", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
        if language == "en":
            page.focus("#note")
            page.keyboard.type("made up")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            expect(page.get_by_text("Account frozen").first).to_be_visible()
            page.goto(f"/customers/{number_of(the_case().customer_id)}/", wait_until="networkidle")
            expect(page.get_by_text("Account frozen since")).to_be_visible()
            assert_accessible(page)
        assert errors == []
        context.close()
