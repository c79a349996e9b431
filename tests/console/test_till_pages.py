"""The till's pages: a guest is found four ways and served once, and nobody sees more of them than their role allows."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.customers.cards import actions as cards
from regulars.customers.cards import queries as shown
from regulars.loyalty.actions import launch
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.till.ready import FREE_CUP, REWARD, with_stamp_card
from regulars.loyalty.till.rules import STAMP
from regulars.staff import actions
from regulars.staff import queries as people
from regulars.staff.actions import pins
from regulars.staff.rules import SYSTEM
from tests.flows.world import query

from .acting import HX, a_coupon, an_offer, members
from .shop import a_shop, staff

pytestmark = pytest.mark.django_db
PIN = "824170"


@pytest.fixture(autouse=True)
def shop() -> None:
    """The small shop with a stamp card since yesterday, and nine stamps for a cup."""
    world = a_shop()
    at = timezone.now() - timedelta(days=1)
    launch(terms=with_stamp_card(preset_terms(2)), live_from=at, time_zone=world.zone.key, actor="test", at=at)
    rewards.create(code=REWARD, terms=FREE_CUP, actor="test", at=at)


def find(till: Client, who: str, scan: str = "s1") -> Any:
    return till.post("/till/find/", {"who": who, "scan": scan}, headers=HX)


def serve(till: Client, page: Any, **told: Any) -> Any:
    screen = page.context["screen"]
    given = {"number": screen.guest.number, "key": screen.key, "event-0": STAMP, **told}
    return till.post("/till/serve/", given, headers=HX)


def steps() -> list[tuple[Any, ...]]:
    return query("SELECT amount, stamps::text, given::text, undone_at IS NULL FROM loyalty_tillstep ORDER BY id")


def test_a_cashier_is_at_home_here_and_sees_nothing_else() -> None:
    till = staff("cashier", stores=["S1"])
    assert till.get("/").headers["Location"] == "/till/"
    page = till.get("/till/")
    assert [link.url for group in page.context["nav"] for link in group.links] == ["/till/", "/redeem/"]
    for elsewhere in ("/customers/", "/ledger/", "/till/day/", "/till/pin/", "/settings/", f"/customers/{lin()}/"):
        assert till.get(elsewhere).status_code == 403, elsewhere
    assert page.context["store"] == "S1"


def lin() -> str:
    return number_of(members()["林晓"])


@pytest.mark.parametrize("typed", ["138 0001 0001", "+8613800010001", "0001", "number"])
def test_a_guest_is_found_by_phone_number_or_four_digits_and_stays_masked(typed: str) -> None:
    page = find(staff("cashier"), lin() if typed == "number" else typed)
    guest = page.context["screen"].guest
    assert (guest.name, guest.phone) == ("林**", "138****0001")
    assert "林晓" not in page.text
    assert "0001 0001" not in page.text


def test_of_several_whose_phones_end_alike_one_is_chosen() -> None:
    till = staff("cashier")
    join(till, "13911110001", "王芳")
    page = find(till, "0001")
    assert sorted(one.name for one in page.context["found"].guests) == ["林**", "王**"]
    chosen = till.post("/till/guest/", {"number": lin()}, headers=HX)
    assert chosen.context["screen"].guest.number == lin()


def test_four_digits_are_those_of_a_phone_and_of_nothing_else() -> None:
    till = staff("cashier")
    assert find(till, "9999").status_code == 422
    assert find(till, "V-77").context["screen"].guest.number == number_of(members()["=cmd|calc"])
    assert "No phone ends in 0077" in find(till, "0077").context["refusal"]


def test_what_a_member_shows_is_taken_once() -> None:
    till = staff("cashier")
    now = timezone.now()
    card = cards.open_card(customer_id=members()["林晓"], at=now)
    token = shown.face(card, at=now).token
    assert find(till, token.lower(), "s1").context["screen"].guest.number == lin()
    assert find(till, token, "s1").status_code == 200, "the same scan, sent again"
    photograph = find(till, token, "s2")
    assert photograph.status_code == 422
    assert "scanned before" in photograph.context["refusal"]
    old = shown.face(card, at=now - timedelta(minutes=10)).token
    assert "is over" in find(till, old, "s3").context["refusal"]
    assert "no member's card" in find(till, "R1-1-2-0000000000000000", "s4").context["refusal"]


def join(till: Client, phone: str, name: str = "", **more: str) -> Any:
    assert find(till, phone).context["found"].phone
    return till.post("/till/join/", {"phone": phone, "name": name, **more}, headers=HX)


def test_an_unknown_phone_is_a_member_in_one_more_press_and_agreed_to_nothing() -> None:
    page = join(staff("cashier"), "13911112222")
    assert page.context["screen"].guest.phone == "139****2222"
    assert page.context["welcome"]
    assert 'name="marketing"' not in page.text
    assert query("SELECT count(*) FROM customers_consent WHERE granted") == [(0,)]


def test_the_amount_and_a_cup_are_recorded_once_however_often_it_is_pressed() -> None:
    till = staff("cashier", stores=["S1"])
    page = find(till, "0001")
    quote = till.post(
        "/till/quote/", {"number": lin(), "amount": "48.50", "stamps-0": "1", "event-0": STAMP}, headers=HX
    )
    assert quote.context["quoted"].earns == ["48 points", "1 stamp"]
    for _ in range(2):
        done = serve(till, page, amount="48.50", **{"stamps-0": "1"})
        assert done.context["done"].given == ["+48 points", "+1 stamp"]
    assert steps() == [(4850, '{"Stamp Given": 1}', '{"points": 48, "stamps": 1}', True)]
    me = people.member_by_email("cashier-en@example.com")
    assert query("SELECT actor FROM loyalty_tillstep") == [(f"user:{me.id if me else 0}",)]


def test_a_coupon_is_ticked_and_what_is_left_to_pay_is_said() -> None:
    till = staff("cashier")
    code = a_coupon(an_offer(), members()["林晓"])
    page = find(till, "0001")
    quote = till.post("/till/quote/", {"number": lin(), "amount": "48", "coupon": code}, headers=HX)
    assert (quote.context["quoted"].off, quote.context["quoted"].due) == (1000, 3800)
    done = serve(till, page, amount="48", coupon=code)
    assert (done.context["done"].off, done.context["done"].paid) == (1000, 3800)
    assert serve(till, find(till, "0001"), amount="48", coupon=code).status_code == 422


def test_the_last_step_is_undone_with_one_press_and_stands_in_the_audit() -> None:
    till = staff("cashier")
    done = serve(till, find(till, "0001"), amount="10")
    undone = till.post(f"/till/undo/{done.context['done'].step_id}/", headers=HX)
    assert "Undone" in undone.text
    assert steps()[0][3] is False
    assert query("SELECT action FROM staff_auditentry ORDER BY id DESC LIMIT 1") == [("till.undo",)]
    again = till.post(f"/till/undo/{done.context['done'].step_id}/", headers=HX)
    assert again.status_code == 422


def test_above_the_limit_the_manager_s_pin_is_asked_and_both_names_are_kept() -> None:
    actions.change_business(by=SYSTEM, at=timezone.now(), till_points=100)
    staff("store_manager", stores=["S1"])
    boss = people.member_by_email("store_manager-en@example.com")
    assert boss is not None
    pins.set_pin(user_id=boss.id, pin=PIN, by=SYSTEM, at=timezone.now())
    till = staff("cashier", stores=["S1"])
    page = find(till, "0001")
    asked = serve(till, page, amount="200")
    assert asked.status_code == 422
    assert [one.id for one in asked.context["managers"]] == [boss.id]
    wrong = serve(till, page, amount="200", manager=boss.id, pin="111112")
    assert "not the manager's PIN" in wrong.context["refusal"]
    done = serve(till, page, amount="200", manager=boss.id, pin=PIN)
    assert done.context["done"].given == ["+200 points"]
    assert query("SELECT allowed_by FROM loyalty_tillstep") == [(f"user:{boss.id}",)]
    noted = query("SELECT action FROM staff_auditentry WHERE starts_with(action, 'till.') ORDER BY id")
    assert noted == [("till.wrong_pin",), ("till.allow",)]


def test_what_was_kept_without_network_is_told_later_once_and_each_has_its_answer() -> None:
    till = staff("cashier", stores=["S1"])
    at = timezone.now() - timedelta(hours=1)
    told = [
        {"key": "k1", "who": lin(), "amount": "20.00", "stamps": {STAMP: 1}, "at": at.isoformat()},
        {"key": "k2", "who": "M999999", "amount": "5", "stamps": {}, "at": at.isoformat()},
        {"key": "k3", "who": lin(), "amount": "5", "stamps": {}, "at": "yesterday"},
        {"key": "k4", "who": lin(), "amount": "a lot", "stamps": {}, "at": at.isoformat()},
    ]
    for _ in range(2):
        answer = till.post("/till/late/", json.dumps({"steps": told}), content_type="application/json").json()
        assert [one["status"] for one in answer["answers"]] == ["done", "refused", "refused", "refused"]
        assert all(one["said"] for one in answer["answers"][1:])
    assert steps() == [(2000, '{"Stamp Given": 1}', '{"points": 20, "stamps": 1}', True)]
    assert query("SELECT at, is_late FROM loyalty_tillstep") == [(at, True)]
    for broken in ("", "[]", '{"steps": [1]}', '{"steps": "x"}'):
        assert till.post("/till/late/", broken, content_type="application/json").status_code == 400


def test_a_manager_sees_the_day_of_their_own_stores() -> None:
    for store, amount in (("S1", "10"), ("S2", "77")):
        actions.create_user(
            email=f"{store}@example.com", role="cashier", name=store, password="tea-and-return-customers", by=SYSTEM,
            at=timezone.now(), store_codes=[store], language="en",
        )  # fmt: skip
        till = Client()
        till.post("/accounts/login/", {"login": f"{store}@example.com", "password": "tea-and-return-customers"})
        serve(till, find(till, "0001"), amount=amount)
    page = staff("store_manager", stores=["S1"]).get("/till/day/")
    found = page.context["found"]
    assert (found.whole.sales, found.whole.paid) == (1, 1000)
    assert [one.name for one in found.people] == ["S1"]
    assert "林晓" not in page.text
    assert staff("owner").get("/till/day/").context["found"].whole.sales == 2
    assert (
        staff("store_manager", "zh-hans", stores=["S2"]).get("/till/day/?day=2020-01-01").context["found"].lines == []
    )


def test_a_manager_sets_the_pin_on_a_page_of_their_own() -> None:
    boss = staff("store_manager")
    assert boss.post("/till/pin/", {"pin": "123456", "again": "123456"}).status_code == 422
    assert boss.post("/till/pin/", {"pin": PIN, "again": "824171"}).status_code == 422
    assert boss.post("/till/pin/", {"pin": PIN, "again": PIN}).status_code == 302
    assert boss.get("/till/pin/").context["has_pin"]


def test_another_role_may_serve_and_sees_names_whole_where_it_may() -> None:
    assert find(staff("service"), "0001").context["screen"].guest.name == "林晓"
    assert staff("viewer").get("/till/").status_code == 403
