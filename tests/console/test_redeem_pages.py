"""The till: what a code is worth, used once, undone, and words for everything that stands in the way."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.codes import shown
from regulars.loyalty.coupons.rules import OfferKind
from regulars.staff import queries as people
from tests.flows.world import SHANGHAI

from .acting import HX, a_coupon, an_offer, members
from .shop import a_shop, staff

pytestmark = pytest.mark.django_db


def look(till: Client, code: str):  # type: ignore[no-untyped-def]
    return till.post("/redeem/look/", {"code": code}, headers=HX)


def use(till: Client, page, **told: str):  # type: ignore[no-untyped-def]
    given = {"code": page.context["found"].code, "key": page.context["key"], **told}
    return till.post("/redeem/use/", given, headers=HX)


def test_a_code_says_what_it_is_worth_and_for_whom() -> None:
    a_shop()
    code = a_coupon(an_offer(), members()["林晓"])
    page = look(staff("cashier"), shown(code).lower())
    found = page.context["found"]
    assert (found.worth, found.min_spend, found.needs_total) == ("¥10 off from ¥30", 3000, True)
    assert found.whose == "林** 138****0001"
    assert "林晓" not in page.text
    assert found.until == timezone.localdate(timezone=SHANGHAI) + timedelta(days=14)
    assert queries.latest_uses(most=5) == [], "looking uses nothing"


def test_it_is_used_once_and_says_what_to_take_off() -> None:
    a_shop()
    till = staff("cashier", stores=["S1"])
    page = look(till, a_coupon(an_offer(), members()["林晓"]))
    for _ in range(2):
        done = use(till, page, total="48.50", order="T-1")
        assert done.status_code == 200
        assert "−¥10.00" in done.text
        assert "¥38.50 left to pay of ¥48.50" in done.text
    (one,) = queries.latest_uses(most=5)
    assert (one.spend_minor, one.discount_minor, one.order_key, one.store) == (4850, 1000, "T-1", "S1")
    assert one.actor == f"user:{people.member_by_email('cashier-en@example.com').id}"  # type: ignore[union-attr]
    again = look(till, one.code)
    assert again.status_code == 422
    assert "was used on" in again.text


def test_a_scanner_needs_only_enter_where_no_total_is_asked() -> None:
    till = staff("cashier")
    page = look(till, a_coupon(an_offer(value=500, least=0)))
    assert not page.context["found"].needs_total
    assert page.context["found"].whose == ""
    assert "−¥5.00" in use(till, page).text


def test_a_gift_says_what_to_give() -> None:
    till = staff("cashier")
    page = look(till, a_coupon(an_offer(value=0, least=0, kind=OfferKind.GIFT)))
    assert "Free: a coffee" in use(till, page).text


def test_a_percentage_asks_for_the_total() -> None:
    till = staff("cashier")
    page = look(till, a_coupon(an_offer(value=15, least=0, kind=OfferKind.PERCENT_OFF)))
    assert page.context["found"].needs_total
    missing = use(till, page)
    assert missing.status_code == 422
    assert "Please say what the order comes to." in missing.text
    assert "Write the total as a number" in use(till, page, total="a lot").text
    assert "−¥15.00" in use(till, missing, total="￥100").text


def test_too_small_an_order_is_told_what_is_missing_and_can_be_corrected() -> None:
    till = staff("cashier")
    page = look(till, a_coupon(an_offer()))
    small = use(till, page, total="21.50")
    assert "good from ¥30; ¥8.50 more is needed" in small.text
    assert small.context["total"] == "21.50"
    assert "Coupon redeemed" in use(till, small, total="30").text


def test_what_was_redeemed_today_can_be_taken_back_by_whoever_did_it() -> None:
    till, code = staff("cashier"), a_coupon(an_offer(least=0))
    done = use(till, look(till, code))
    use_id = done.context["done"].use_id
    other = staff("service")
    assert other.post(f"/redeem/undo/{use_id}/", headers=HX).status_code == 422
    assert "Taken back" in till.post(f"/redeem/undo/{use_id}/", headers=HX).text
    assert queries.latest_uses(most=1)[0].undone_at is not None
    assert look(till, code).context["found"].uses_left == 1


def test_words_for_codes_that_cannot_be_used() -> None:
    till, offer = staff("cashier"), an_offer(least=0)
    old = a_coupon(offer, key="old", at=timezone.now() - timedelta(days=40))
    void = a_coupon(offer, key="void")
    ids = [queries.of_keys(["void"])["void"].id]
    coupons.void(coupon_ids=ids, actor="test", at=timezone.now())
    assert "This coupon ended on" in look(till, old).text
    assert "was taken back on" in look(till, void).text
    assert "code has 12 letters" in look(till, "hello").text


def test_guessing_is_stopped_with_a_word_when_to_come_back() -> None:
    till, good = staff("cashier"), a_coupon(an_offer(least=0))
    for number in range(5):
        assert "There is no such code" in look(till, f"2222222222{number + 22}").text
    page = look(till, good)
    assert page.status_code == 422
    assert re.search(r"Too many wrong codes. Try again in [56] minutes.", page.text)
    assert "found" not in page.context


def test_the_store_is_chosen_once() -> None:
    a_shop()
    till = staff("cashier")
    assert [code for code, _name, _chosen in till.get("/redeem/").context["stores"]] == ["S1", "S2"]
    till.post("/redeem/look/", {"code": "x", "store": "S2"})
    assert till.get("/redeem/").context["store"] == "S2"
    till.post("/redeem/look/", {"code": "x", "store": "S9"})
    assert till.get("/redeem/").context["store"] == "S2"
    assert staff("cashier", "zh-hans", stores=["S1"]).get("/redeem/").context["store"] == "S1"


def test_without_a_script_it_is_a_page() -> None:
    page = staff("cashier").post("/redeem/look/", {"code": shown(a_coupon(an_offer()))})
    assert "<html" in page.text
    assert staff("viewer").get("/redeem/").status_code == 403
