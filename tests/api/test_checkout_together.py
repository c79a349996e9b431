"""Points, coupons and benefits of one basket in one call: all of it or nothing, by line, and told later by a till."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from regulars.api import situation
from regulars.flows.release_holds import release_holds
from regulars.loyalty import actions as programme
from regulars.loyalty import queries as loyalty
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.loyalty.rules import preset_terms
from tests.api.test_checkout import ANNA, assert_clean, counter, later, quote, refusal, spendable, step
from tests.flows.world import SHANGHAI, query
from tests.loyalty.coupons import shop

__all__ = ["counter", "later"]
BASKET = {
    "total": 100, "products": [
        {"line_id": "1", "sku": "A", "quantity": 1, "total": 60},
        {"line_id": "2", "sku": "B", "quantity": 1, "total": 40},
    ],
}  # fmt: skip
GOLDEN = {
    "benefits": [
        {"code": "member", "kind": "discount", "percent": 10, "names": {"zh": "会员价", "en": "Member price"},
         "quota": {"period": "month", "times": 1}},
    ],
}  # fmt: skip


@pytest.fixture
def coupon(counter):
    """Anna's: 10.00 off from 30.00."""
    (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
    return codes.shown(shop.issue(shop.offer(), "a", anna, at=timezone.now()).code)


@pytest.fixture
def worth(counter):
    """A hundred points pay 1.00."""
    from regulars.staff.actions import change_business
    from regulars.staff.rules import SYSTEM

    change_business(by=SYSTEM, at=timezone.now(), worth_points=100, worth_minor=100)
    situation.forget()


def live(**changed):
    """Another version of the programme, from a minute ago on."""
    at = timezone.now() - timedelta(minutes=1)
    programme.launch(
        terms={**preset_terms(2), **changed}, live_from=at, time_zone="Asia/Shanghai", actor="", at=at
    )  # fmt: skip
    situation.forget()


def done(response):
    assert response.status_code == 200, response.content
    return response.json()


def reserve(till, key="h", **more):
    return step(till, "reserve", key, **{**ANNA, "basket": BASKET, **more})


def uses():
    """Of each use of a coupon: whether it stands, is only reserved, and for which order."""
    return query("SELECT undone_at IS NULL, reserved_until IS NOT NULL, order_key FROM loyalty_couponuse ORDER BY id")


class TestTogether:
    def test_points_and_a_coupon_are_reserved_captured_for_an_order_and_refunded(self, counter, coupon):
        hold = done(reserve(counter, points=100, coupons=[coupon.lower()]))
        assert (hold["points"], hold["spendable"], hold["discount"]) == (100, 400, "10.00")
        assert hold["coupons"] == [{"code": coupon, "discount": "10.00"}]
        assert uses() == [(True, True, "")]
        captured = done(step(counter, "capture", "c", hold_id=hold["hold_id"], order_id="A-9"))
        assert (captured["points"], captured["coupons"]) == (100, hold["coupons"])
        assert uses() == [(True, False, "A-9")]
        counter.post("/track", order_9 := {
            "event": "Order Completed", "timestamp": timezone.now().isoformat(), **ANNA,
            "properties": {"order_id": "A-9", "total": 90, "coupon": coupon},
        })  # fmt: skip
        assert order_9["event"]
        assert uses() == [(True, False, "A-9")], "the order tells of the same use"
        back = done(step(counter, "refund", "f", capture_id=captured["capture_id"]))
        assert (back["points"], back["left"], back["coupons"]) == (100, 0, captured["coupons"])
        assert uses() == [(False, False, "A-9")]
        assert refusal(step(counter, "refund", "f2", capture_id=captured["capture_id"])) == (422, "nothing_left")
        assert done(reserve(counter, "h2", coupons=[coupon]))["points"] == 0, "it can be used again"
        assert_clean()

    def test_all_or_nothing_and_each_refusal_says_which_part(self, counter, coupon):
        done(reserve(counter, coupons=[coupon]))
        refused = reserve(counter, "h2", points=501, coupons=[coupon])
        assert refusal(refused) == (422, "insufficient_points")
        told = refused.json()
        assert (told["part"], told["spendable"]) == ("points", 500)
        assert [(one["part"], one["item"], one["code"]) for one in told["refused"]] == [
            ("points", "", "insufficient_points"),
            ("coupons", codes.read(coupon), "coupon_reserved"),
        ]
        assert query("SELECT count(*) FROM loyalty_command") == [(0,)]
        refused = reserve(counter, "h3", points=5, coupons=[coupon])
        assert (refusal(refused), refused.json()["part"]) == ((422, "coupon_reserved"), "coupons")
        assert spendable(counter) == 500
        unknown = reserve(counter, "h4", points=5, coupons=["2222-2222-2222"])
        assert (refusal(unknown), unknown.json()["item"]) == ((404, "unknown_code"), "222222222222")
        assert done(reserve(counter, "h3", points=5)), "a refusal is not kept: the same key may ask otherwise"
        assert_clean()

    def test_what_is_named_alone_is_captured_or_released_alone(self, counter, coupon):
        hold = done(reserve(counter, points=100, coupons=[coupon]))["hold_id"]
        part = done(step(counter, "capture", "c1", hold_id=hold, points=60))
        assert (part["points"], part["left"], part["coupons"]) == (60, 40, [])
        assert uses() == [(True, True, "")]
        back = done(step(counter, "release", "r1", hold_id=hold, coupons=[coupon]))
        assert (back["points"], back["coupons"][0]["code"]) == (0, coupon)
        assert uses() == [(False, True, "")]
        again = step(counter, "capture", "c2", hold_id=hold, coupons=[coupon])
        assert (refusal(again), again.json()["item"]) == ((422, "not_in_it"), codes.read(coupon))
        assert done(step(counter, "capture", "c3", hold_id=hold))["points"] == 40
        assert refusal(step(counter, "capture", "c4", hold_id=hold)) == (422, "nothing_left")
        assert_clean()

    def test_a_coupon_alone_for_somebody_unknown(self, counter):
        shared = codes.shown(shop.issue(shop.offer(), "shared", None, at=timezone.now()).code)
        hold = done(step(counter, "reserve", "h", coupons=[shared], basket=BASKET))
        assert (hold["points"], hold["spendable"]) == (0, 0)
        assert done(step(counter, "reserve", "h", coupons=[shared], basket=BASKET)) == hold
        captured = done(step(counter, "capture", "c", hold_id=hold["hold_id"]))
        assert captured["coupons"] == [{"code": shared, "discount": "10.00"}]
        assert done(step(counter, "capture", "c", hold_id=hold["hold_id"])) == captured
        assert refusal(step(counter, "capture", "c2", hold_id=hold["hold_id"])) == (422, "nothing_left")

    def test_a_reservation_ends_with_its_hold_whether_or_not_the_job_ran(self, counter, coupon, later):
        hold = done(reserve(counter, points=10, coupons=[coupon]))["hold_id"]
        now = later(minutes=16)
        assert [one["applies"] for one in quote(counter)["coupons"]] == [True]
        assert refusal(step(counter, "capture", "c", hold_id=hold)) == (422, "hold_ended")
        again = done(reserve(counter, "h2", coupons=[coupon]))
        assert uses() == [(False, True, ""), (True, True, "")]
        later(minutes=40)
        list(release_holds(policies=loyalty.policies(SHANGHAI), at=now + timedelta(minutes=40)))
        assert uses() == [(False, True, ""), (False, True, "")]
        assert refusal(step(counter, "capture", "c2", hold_id=again["hold_id"])) == (422, "hold_ended")
        assert_clean()

    def test_points_by_the_money_that_they_shall_pay(self, counter, worth):
        hold = done(reserve(counter, pay="2.50"))
        assert (hold["points"], done(reserve(counter, pay="2.50"))) == (250, hold)
        assert refusal(reserve(counter, pay="2.51")) == (409, "key_reused")
        live(checkout={"points_percent": 2})
        refused = reserve(counter, "h2", pay=2.01)
        assert (refusal(refused), refused.json()["most"]) == ((422, "too_many_points"), 200)
        assert done(reserve(counter, "h2", pay=2))["points"] == 200

    def test_points_without_a_value_pay_nothing(self, counter):
        assert refusal(reserve(counter, pay=2)) == (422, "no_points_value")
        for wrong in (-1, 0.001, 1e30, "much", True):
            assert refusal(reserve(counter, pay=wrong)) == (422, "malformed_fact")
        assert refusal(reserve(counter, points=1, pay=1)) == (422, "malformed_fact")
        assert refusal(reserve(counter, points=1, basket={"total": 1, "currency": "USD"})) == (422, "malformed_fact")

    def test_more_coupons_than_one_basket_may_use(self, counter, coupon):
        other = codes.shown(shop.issue(shop.offer(shop.PART_OFF), "b", None, at=timezone.now()).code)
        refused = reserve(counter, coupons=[coupon, other])
        assert (refusal(refused), refused.json()["most"]) == ((422, "not_together"), 1)
        live(checkout={"coupons": 2})
        assert done(reserve(counter, coupons=[coupon, other]))["discount"] == "25.00", "15 % first, then 10.00"

    def test_frozen_or_under_another_version_what_is_held_may_be_captured(self, counter, coupon):
        from regulars.flows.command_points import command_points
        from regulars.loyalty.rules import ItemKind

        hold = done(reserve(counter, points=100, coupons=[coupon]))
        (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
        live(minor_per_point=1000)
        command_points(
            kind=ItemKind.FREEZE, customer_id=anna, amount=0, key="f", at=timezone.now(),
            policies=loyalty.policies(SHANGHAI),
        )  # fmt: skip
        refused = reserve(counter, "h2", points=1)
        assert (refusal(refused), refused.json()["part"]) == ((422, "account_frozen"), "points")
        captured = done(step(counter, "capture", "c", hold_id=hold["hold_id"], order_id="A-9"))
        assert (captured["points"], captured["discount"]) == (100, "10.00")
        assert_clean()


class TestByLine:
    def test_points_come_back_in_proportion_and_coupons_with_the_last_line(self, counter, coupon):
        told = done(step(counter, "redeem", "c", **ANNA, points=33, coupons=[coupon], basket=BASKET, order_id="A-9"))
        capture = told["capture_id"]

        def back(key, *lines):
            products = [{"line_id": line, "total": total} for line, total in lines]
            return step(counter, "refund", key, capture_id=capture, products=products)

        assert done(back("f1", ("1", 30)))["points"] == 10, "of its 20"
        assert refusal(back("f2", ("1", 30.01))) == (422, "refund_above_order")
        assert refusal(back("f2", ("9", 1))) == (422, "refund_above_order")
        assert refusal(
            step(counter, "refund", "f2", capture_id=capture, points=1, products=[{"line_id": "1", "total": 1}])
        )
        half = done(back("f3", ("1", 30)))
        assert (half["points"], half["left"], half["coupons"]) == (10, 13, [])
        last = done(back("f4", ("2", 40)))
        assert (last["points"], last["left"], last["coupons"][0]["code"]) == (13, 0, coupon)
        assert done(back("f1", ("1", 30)))["points"] == 10
        assert spendable(counter) == 500
        assert_clean()

    def test_the_lines_are_the_orders_where_the_till_told_none(self, counter, order):
        capture = done(step(counter, "redeem", "c", **ANNA, points=10, order_id="A-9"))["capture_id"]
        body = {"capture_id": capture, "products": [{"line_id": "2", "total": 40}]}
        assert refusal(step(counter, "refund", "f", **body)) == (422, "lines_unknown")
        counter.post("/track", order("A-9", total=100, properties=BASKET))
        assert done(step(counter, "refund", "f", **body))["points"] == 4
        counter.post("/track", {
            "event": "Order Refunded", "timestamp": timezone.now().isoformat(),
            "properties": {"order_id": "A-9", "refund_id": "R", "products": body["products"]},
        })  # fmt: skip
        assert spendable(counter) == 500 - 10 + 4 + 60, "the order's refund claws back what the line earned, once"
        assert_clean()


class TestOffline:
    def test_a_till_that_was_offline_tells_what_it_did_and_what_was_not_there_is_owed(self, counter, order):
        then = timezone.now() - timedelta(days=2)
        counter.post("/track", order("A-0", total=300, timestamp=(then - timedelta(days=5)).isoformat()))
        done(step(counter, "redeem", "now", **ANNA, points=700))
        told = done(step(counter, "redeem", "late", **ANNA, points=250, at=then.isoformat()))
        assert (told["points"], datetime.fromisoformat(told["at"])) == (250, then)
        assert query("SELECT available, debt FROM ledger_wallet WHERE currency = 1") == [(0, -150)]
        assert done(step(counter, "redeem", "late", **ANNA, points=250, at=then.isoformat())) == told
        assert_clean()

    def test_up_to_a_limit_of_debt_and_of_days_and_never_ahead(self, counter):
        live(checkout={"offline_days": 3, "offline_debt": 100})
        now = timezone.now()

        def late(key, points, at):
            return step(counter, "redeem", key, **ANNA, points=points, at=at.isoformat())

        refused = late("a", 601, now - timedelta(hours=1))
        assert (refusal(refused), refused.json()["most"]) == ((422, "too_much_debt"), 100)
        assert query("SELECT count(*) FROM loyalty_command") == [(0,)]
        assert refusal(late("b", 1, now - timedelta(days=4))) == (422, "too_late")
        assert refusal(late("c", 1, now + timedelta(minutes=10))) == (422, "too_far_ahead")
        assert done(late("d", 1, now + timedelta(minutes=2)))["points"] == 1, "clocks differ a little"
        assert refusal(step(counter, "redeem", "e", **ANNA, points=1, at="soon")) == (422, "bad_timestamp")
        assert done(late("a", 599, now - timedelta(hours=1)))["spendable"] == 0
        assert_clean()

    def test_a_hold_that_ended_meanwhile_was_captured_in_time(self, counter, coupon, later):
        hold = done(reserve(counter, points=100, coupons=[coupon]))
        in_time = datetime.fromisoformat(hold["at"]) + timedelta(minutes=5)
        now = later(minutes=30)
        list(release_holds(policies=loyalty.policies(SHANGHAI), at=now))
        assert spendable(counter) == 500
        told = done(step(counter, "capture", "c", hold_id=hold["hold_id"], at=in_time.isoformat()))
        assert (told["points"], told["spendable"], told["coupons"][0]["discount"]) == (100, 400, "10.00")
        assert uses() == [(False, True, ""), (True, False, "")]
        again = step(counter, "capture", "c2", hold_id=hold["hold_id"], points=1, at=in_time.isoformat())
        assert refusal(again) == (422, "nothing_left")
        assert_clean()

    def test_a_coupon_that_somebody_used_since_is_not_counted_and_the_rest_is(self, counter, coupon):
        then = (timezone.now() - timedelta(seconds=30)).isoformat()
        done(step(counter, "redeem", "now", **ANNA, coupons=[coupon], basket=BASKET))
        told = done(step(counter, "redeem", "late", **ANNA, points=5, coupons=[coupon], basket=BASKET, at=then))
        assert (told["points"], told["coupons"]) == (5, [])
        assert told["not_counted"] == [{"item": codes.read(coupon), "code": "coupon_used_up"}]
        assert_clean()


class TestBenefits:
    def test_a_benefit_goes_with_a_coupon_and_its_quota_comes_back(self, counter, coupon):
        live(**GOLDEN)
        told = quote(counter, 100)
        (member,) = told["benefits"]
        assert (member["code"], member["discount"], member["uses_left"], member["applies"]) == (
            "member",
            "10.00",
            1,
            True,
        )
        best = told["best"]
        assert (best["coupons"], best["benefits"]) == ([coupon], ["member"])
        assert (best["discount"], best["due"], best["earns"]["points"]) == ("20.00", "80.00", 80)
        hold = done(reserve(counter, points=10, coupons=best["coupons"], benefits=best["benefits"]))
        assert (hold["discount"], hold["benefits"]) == ("20.00", [{"code": "member", "discount": "10.00"}])
        refused = reserve(counter, "h2", benefits=["member"])
        assert (refusal(refused)[1], refused.json()["part"], refused.json()["item"]) == (
            "quota_used_up", "benefits", "member",
        )  # fmt: skip
        done(step(counter, "release", "r", hold_id=hold["hold_id"]))
        hold = done(reserve(counter, "h3", benefits=["member"]))
        captured = done(step(counter, "capture", "c", hold_id=hold["hold_id"], order_id="A-9"))
        assert captured["benefits"] == hold["benefits"]
        assert query("SELECT order_key FROM loyalty_benefituse WHERE undone_at IS NULL") == [("A-9",)]
        done(step(counter, "refund", "f", capture_id=captured["capture_id"]))
        assert quote(counter, 100)["benefits"][0]["uses_left"] == 1
        assert_clean()


def test_what_is_left_out_says_why_in_both_languages(counter, coupon):
    part = shop.issue(shop.offer(Terms(OfferKind.PERCENT_OFF, 50)), "b", None, at=timezone.now())
    (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
    part = shop.issue(shop.offer(Terms(OfferKind.PERCENT_OFF, 50)), "c", anna, at=timezone.now())
    best = quote(counter, 100)["best"]
    assert (best["coupons"], best["due"], best["earns"]) == (
        [codes.shown(part.code)],
        "50.00",
        {"points": 50, "growth": 50},
    )
    assert best["left_out"] == [
        {"code": coupon, "why": "enough_coupons", "said": {
            "zh": "每单能用的券已经用满，其他券优惠更多。",
            "en": "As many coupons as one order may use take more off together.",
        }},
    ]  # fmt: skip


def test_nothing_accrues_on_what_points_pay(counter, worth):
    points = quote(counter, 100)["points"]
    assert points["could_pay"] == {"points": 500, "amount": "5.00", "earns": {"points": 95, "growth": 95}}
