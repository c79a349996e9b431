"""Checkout over HTTP: quoted, held, captured, released and refunded, each once."""

from datetime import UTC, datetime, timedelta

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import access, checkout_examples, checkout_schemas, situation
from regulars.api.problems import CODES
from regulars.flows.release_holds import release_holds
from regulars.loyalty import queries as loyalty
from regulars.loyalty.coupons import codes
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.verification import verify
from tests.flows.world import SHANGHAI, query
from tests.loyalty.coupons import shop

ANNA = {"userId": "u1"}
SUNDAY = {
    "code": "sunday", "names": {"zh": "周日双倍", "en": "Double Sunday"},
    "if": {"field": "weekday", "op": "in", "value": [7]}, "then": {"kind": "multiply", "percent": 200},
    "limits": [{"period": "month", "most": 150}],
}  # fmt: skip


@pytest.fixture
def counter(new_till, order):
    """A till at which Anna, who has 500 points, checks out."""
    till = new_till("checkout.write", "facts.write")
    till.post("/track", order("A-1", total=500))
    return till


def quote(till, total=128, who=ANNA, **more):
    basket = {"total": total, **more.pop("basket", {})}
    response = till.post("/checkout/quote", {**who, "basket": basket, **more})
    assert response.status_code == 200, response.content
    return response.json()


def step(till, verb, key="k-1", **body):
    return till.post(f"/checkout/{verb}", body, Idempotency_Key=key)


def held(till, points=100, key="h-1", **more):
    response = step(till, "reserve", key, **{**ANNA, "points": points, **more})
    assert response.status_code == 200, response.content
    return response.json()


def refusal(response):
    return response.status_code, response.json()["code"]


def spendable(till):
    return quote(till)["points"]["spendable"]


def assert_clean():
    *_, report = verify(policies=loyalty.policies(SHANGHAI), at=timezone.now())
    assert report.clean, report.differences


class TestQuote:
    def test_it_says_what_the_basket_would_earn_and_writes_nothing(self, counter):
        before = query("SELECT count(*) FROM loyalty_command, facts_fact, catalogue_store")
        told = quote(counter, basket={"store": "nowhere"})
        assert told["customer"] == {"known": True, "tier": {"code": "basic", "name": {"zh": "普通", "en": "Basic"}}}
        assert (told["earns"]["points"], told["earns"]["growth"]) == (128, 128)
        assert [award["said"] for award in told["earns"]["awards"] if award["earns"] == "points"] == [
            {
                "zh": "每满 ¥1 得 1 积分，共 128 积分（会员计划第 1 版）。",
                "en": "¥1 = 1 point, which makes 128 points (programme version 1).",
            }
        ]
        assert told["points"] == {"spendable": 500}, "nobody has said what a point is worth"
        assert (told["coupons"], told["best_coupon"]) == ([], None)
        assert query("SELECT count(*) FROM loyalty_command, facts_fact, catalogue_store") == before

    def test_the_fold_of_this_very_customer_says_it_with_limits_that_are_used(self, new_till, order):
        from regulars.loyalty import actions as programme

        terms = {**preset_terms(2), "rules": [SUNDAY]}
        live_from = datetime(2024, 1, 1, tzinfo=UTC)
        programme.launch(terms=terms, live_from=live_from, time_zone="Asia/Shanghai", actor="", at=live_from)
        till = new_till("checkout.write", "facts.write")
        asked = {"timestamp": "2026-03-01T12:00:00+08:00"}
        assert quote(till, 100, **asked)["earns"]["points"] == 200
        till.post("/track", order("A-1", total=100))
        told = quote(till, 100, **asked)["earns"]
        sunday = told["awards"][-1]
        assert (told["points"], sunday["rule"], sunday["amount"], sunday["before_limits"]) == (150, "sunday", 50, 100)
        assert sunday["name"] == {"zh": "周日双倍", "en": "Double Sunday"}
        assert sunday["said"] == {
            "zh": "“周日双倍”本可多得 100 积分，受限“每人每月最多 150 积分”，实得 50 积分。",
            "en": "“Double Sunday” would have given 100 points more; it is limited (at most 150 points a month each), "
            "so it gave 50 points.",
        }  # fmt: skip
        assert quote(till, 100, {"userId": "somebody new"}, **asked)["earns"]["points"] == 200
        earned = till.post("/track", order("A-2", total=100, timestamp="2026-03-01T12:00:00+08:00"))
        assert earned.status_code == 200
        assert quote(till, 100, **asked)["points"]["spendable"] == 200 + 150, "the order earned what was quoted"

    def test_what_points_are_worth(self, counter):
        from regulars.staff.actions import change_business
        from regulars.staff.rules import SYSTEM

        change_business(by=SYSTEM, at=timezone.now(), worth_points=3, worth_minor=10)
        situation.forget()
        points = quote(counter)["points"]
        assert (points["spendable"], points["worth"]) == (500, "16.66"), "rounded down"
        assert points["could_pay"] == {"points": 500, "amount": "16.66", "earns": {"points": 111, "growth": 111}}

    def test_coupons_with_the_best_of_them_and_nobody_elses(self, counter):
        now = timezone.now()
        (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
        counter.post("/identify", {"userId": "u2"})
        ten = shop.issue(shop.offer(), "a", anna, at=now)
        part = shop.issue(shop.offer(shop.PART_OFF), "b", anna, at=now)
        shop.issue(shop.offer(shop.LATTE), "c", anna, at=now)
        shop.issue(shop.offer(), "old", anna, at=now - timedelta(days=400))
        shop.issue(shop.offer(), "other", anna + 1, at=now)
        small, large = quote(counter, 20), quote(counter, 128)
        assert [one["discount"] for one in large["coupons"]] == ["10.00", "19.20", "0.00"]
        assert large["best_coupon"] == codes.shown(part.code)
        assert [one["applies"] for one in small["coupons"]] == [False, True, True]
        assert small["coupons"][0]["code"] == codes.shown(ten.code)
        assert small["coupons"][0]["refused"] == {
            "code": "below_minimum_spend",
            "said": {"zh": "满30元才能用，还差10元。", "en": "This coupon is good from ¥30; ¥10 more is needed."},
        }
        assert quote(counter, 128, {"userId": "u2"})["coupons"][0]["applies"]
        assert query("SELECT count(*) FROM loyalty_couponuse") == [(0,)]

    def test_it_asks_the_database_as_often_however_much_there_is(self, counter, order, monkeypatch):
        from regulars.core import bulk

        (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
        shop.issue(offer := shop.offer(), "a", anna, at=timezone.now())
        quote(counter)
        calls, run = [], bulk.run

        def counted(*told):
            calls.append(told)
            return run(*told)

        monkeypatch.setattr(bulk, "run", counted)
        quote(counter)
        few = len(calls)
        for number in range(5):
            shop.issue(offer, f"b{number}", anna, at=timezone.now())
            counter.post("/track", order(f"B-{number}"))
        calls.clear()
        assert len(quote(counter)["coupons"]) == 6
        assert len(calls) == few <= 10

    def test_steps_ask_it_as_often_too(self, counter, order, monkeypatch):
        from django.db import connection

        from regulars.core import bulk

        held(counter, 1, "open")
        for kept in (access, situation):
            monkeypatch.setattr(kept, "FRESH_SECONDS", 3600.0)
        calls = []

        def noted(work):
            def does(*told):
                calls.append(told)
                return work(*told)

            return does

        monkeypatch.setattr(bulk, "run", noted(bulk.run))
        monkeypatch.setattr(bulk, "send", noted(bulk.send))

        def counted(key):
            calls.clear()
            with connection.execute_wrapper(lambda execute, *told: noted(execute)(*told)):
                hold = held(counter, 1, f"h-{key}")
                reserved = len(calls)
                assert step(counter, "capture", f"c-{key}", hold_id=hold["hold_id"]).status_code == 200
            return reserved, len(calls) - reserved

        few = counted("few")
        for number in range(6):
            counter.post("/track", order(f"B-{number}"))
            held(counter, 1, f"open-{number}")
        assert counted("many") <= few
        assert max(few) <= 17

    def test_of_somebody_unknown_it_is_what_a_new_customer_would_get(self, counter):
        told = quote(counter, who={})
        assert (told["customer"]["known"], told["earns"]["points"], told["points"]["spendable"]) == (False, 128, 0)

    @pytest.mark.parametrize(
        ("basket", "field"),
        [
            ({"total": -1}, "basket.total"),
            ({"total": 0.001}, "basket.total"),
            ({"total": 1e30}, "basket.total"),
            ({}, "basket.total"),
            ({"total": 1, "currency": "USD"}, "basket.currency"),
            ({"products": [5]}, "basket.products"),
            ({"total": 1, "store": "x" * 101}, "basket.store"),
            ("much", "basket"),
        ],
    )
    def test_baskets_that_cannot_be(self, counter, basket, field):
        response = counter.post("/checkout/quote", {"basket": basket})
        assert refusal(response) == (422, "malformed_fact")
        assert response.json()["field"] == field


class TestSteps:
    def test_held_captured_in_part_released_and_refunded(self, counter):
        hold = held(counter, 100, minutes=30, store="S01")
        assert (hold["points"], hold["left"], hold["spendable"], hold["store"]) == (100, 100, 400, "S01")
        ends = datetime.fromisoformat(hold["ends_at"]) - datetime.fromisoformat(hold["at"])
        assert ends == timedelta(minutes=30)
        part = step(counter, "capture", "c-1", hold_id=hold["hold_id"], points=60, store="S02").json()
        assert (part["points"], part["left"], part["spendable"], part["hold_id"]) == (60, 40, 400, hold["hold_id"])
        back = step(counter, "release", "r-1", hold_id=hold["hold_id"]).json()
        assert (back["points"], back["left"], back["spendable"]) == (40, 0, 440)
        refund = step(counter, "refund", "f-1", capture_id=part["capture_id"], points=20).json()
        assert (refund["points"], refund["left"], refund["spendable"]) == (20, 40, 460)
        assert step(counter, "refund", "f-2", capture_id=part["capture_id"]).json()["points"] == 40
        assert refusal(step(counter, "refund", "f-3", capture_id=part["capture_id"])) == (422, "nothing_left")
        assert spendable(counter) == 500
        stores = """SELECT s.code FROM loyalty_checkoutstep h LEFT JOIN catalogue_store s ON s.id = h.store_id
                    ORDER BY h.command_id"""
        assert query(stores) == [("S01",), ("S02",), (None,), (None,), (None,)]
        assert_clean()

    def test_a_second_click_is_the_same_step_and_another_request_an_error(self, counter):
        hold = held(counter)
        capture = step(counter, "capture", "c-1", hold_id=hold["hold_id"]).json()
        assert held(counter) == hold, "word for word, although the points are captured since"
        assert step(counter, "capture", "c-1", hold_id=hold["hold_id"]).json() == capture
        counter.post("/identify", {"userId": "u2"})
        for verb, key, body in (
            ("reserve", "h-1", {**ANNA, "points": 101}),
            ("reserve", "h-1", {**ANNA, "points": 100, "minutes": 16}),
            ("reserve", "h-1", {**ANNA, "points": 100, "store": "S01"}),
            ("reserve", "h-1", {"userId": "u2", "points": 100}),
            ("capture", "c-1", {"hold_id": hold["hold_id"], "points": 100}),
            ("release", "c-1", {"hold_id": hold["hold_id"]}),
        ):
            assert refusal(step(counter, verb, key, **body)) == (409, "key_reused")
        assert spendable(counter) == 400
        assert held(counter, source="api:Till") == hold, "keys are the source's own"

    def test_not_more_than_there_is(self, counter):
        too_much = step(counter, "reserve", "h-0", **ANNA, points=501)
        assert refusal(too_much) == (422, "insufficient_points")
        assert too_much.json()["spendable"] == 500
        hold = held(counter, 100)
        over = step(counter, "capture", "c-1", hold_id=hold["hold_id"], points=101)
        assert (refusal(over), over.json()["left"]) == ((422, "nothing_left"), 100)
        assert step(counter, "capture", "c-2", hold_id=hold["hold_id"]).status_code == 200
        after = step(counter, "release", "r-1", hold_id=hold["hold_id"])
        assert (refusal(after), after.json()["left"]) == ((422, "nothing_left"), 0)

    def test_what_is_not_there(self, counter):
        assert refusal(step(counter, "reserve", userId="nobody", points=1)) == (404, "unknown_customer")
        assert refusal(step(counter, "reserve", points=1)) == (404, "unknown_customer")
        hold = held(counter)
        for verb, body in (
            ("capture", {"hold_id": 2**63 - 1}),
            ("release", {"hold_id": hold["hold_id"] + 1}),
            ("refund", {"capture_id": hold["hold_id"]}),
        ):
            assert refusal(step(counter, verb, **body)) == (404, "unknown_command")
        assert refusal(counter.post("/checkout/reserve", {**ANNA, "points": 1})) == (400, "key_missing")

    @pytest.mark.parametrize("points", [0, -1, 1.5, 1.0, "1", True, 10**15 + 1, 2**63, [1]])
    def test_points_are_whole_and_above_zero(self, counter, points):
        for verb, body in (("reserve", ANNA), ("capture", {"hold_id": 1}), ("refund", {"capture_id": 1})):
            response = step(counter, verb, **body, points=points)
            assert (refusal(response), response.json()["field"]) == ((422, "malformed_fact"), "points")

    @pytest.mark.parametrize(
        ("body", "key"),
        [({"minutes": 0}, "k"), ({"minutes": 1441}, "k"), ({"minutes": 1.5}, "k"), ({}, "x" * 91), ({}, "é")],
    )
    def test_minutes_and_keys_are_bounded(self, counter, body, key):
        assert refusal(step(counter, "reserve", key, **ANNA, points=1, **body)) == (422, "malformed_fact")

    def test_what_staff_took_is_not_for_a_till_to_give_back(self, counter):
        from regulars.flows.command_points import command_points
        from regulars.loyalty.rules import ItemKind

        (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
        policies = loyalty.policies(SHANGHAI)
        taken = command_points(
            kind=ItemKind.DEDUCT, customer_id=anna, amount=50, key="d", at=timezone.now(), policies=policies
        )
        assert refusal(step(counter, "refund", capture_id=taken.command_id)) == (404, "unknown_command")


class TestEnds:
    def test_a_hold_past_its_time_counts_no_more_whether_or_not_the_job_ran(self, counter, later):
        hold = held(counter, 500)
        assert spendable(counter) == 0
        later(minutes=14)
        assert spendable(counter) == 0
        later(minutes=2)
        assert spendable(counter) == 500
        assert query("SELECT held FROM ledger_wallet WHERE currency = 1") == [(500,)], "nobody has written it yet"
        ended = step(counter, "capture", "c-1", hold_id=hold["hold_id"])
        assert (refusal(ended), ended.json()["left"]) == ((422, "hold_ended"), 0)
        again = held(counter, 500, "h-2")
        assert (again["left"], again["spendable"]) == (500, 0), "the next step releases it first"
        assert_clean()

    def test_the_job_releases_what_is_left_once_at_the_time_of_its_end(self, counter, later):
        hold = held(counter, 100)
        held(counter, 10, "h-2", minutes=60)
        step(counter, "capture", "c-1", hold_id=hold["hold_id"], points=30)
        policies = loyalty.policies(SHANGHAI)
        now = later(minutes=20)
        assert list(release_holds(policies=policies, at=now)) == [1]
        assert list(release_holds(policies=policies, at=now)) == []
        released = query("SELECT amount, at FROM loyalty_command WHERE starts_with(key, 'hold:')")
        assert released == [(70, datetime.fromisoformat(hold["ends_at"]))]
        assert query("SELECT available, held FROM ledger_wallet WHERE currency = 1") == [(460, 10)]
        assert_clean()
        assert step(
            counter, "refund", "f", capture_id=query("SELECT max(id) FROM loyalty_command WHERE kind = 14")[0][0]
        )

    def test_a_hold_that_is_used_up_ends_without_a_trace(self, counter, later):
        hold = held(counter)
        step(counter, "capture", "c-1", hold_id=hold["hold_id"])
        now = later(minutes=20)
        assert list(release_holds(policies=loyalty.policies(SHANGHAI), at=now)) == [1]
        assert query("SELECT count(*) FROM loyalty_command") == [(2,)]
        assert refusal(step(counter, "release", "r", hold_id=hold["hold_id"])) == (422, "nothing_left")

    def test_an_order_after_its_end_and_before_the_job_changes_nothing(self, counter, later, order):
        held(counter, 500)
        now = later(minutes=30)
        counter.post("/track", order("A-2", total=100, timestamp=now.isoformat()))
        assert spendable(counter) == 600
        list(release_holds(policies=loyalty.policies(SHANGHAI), at=now))
        assert query("SELECT available, held FROM ledger_wallet WHERE currency = 1") == [(600, 0)]
        assert_clean()

    def test_a_hold_after_an_order_of_a_clock_that_runs_ahead_still_ends(self, counter, later, order):
        ahead = timezone.now() + timedelta(hours=5)
        counter.post("/track", order("A-2", total=100, timestamp=ahead.isoformat()))
        hold = held(counter, 600)
        assert datetime.fromisoformat(hold["at"]) == ahead, "a command never stands before what is posted already"
        assert datetime.fromisoformat(hold["ends_at"]) < ahead
        now = later(minutes=16)
        assert spendable(counter) == 600
        list(release_holds(policies=loyalty.policies(SHANGHAI), at=now))
        assert query("SELECT available, held FROM ledger_wallet WHERE currency = 1") == [(600, 0)]
        assert_clean()

    @pytest.mark.parametrize("again", [False, True])
    def test_a_merge_between_reserve_and_capture(self, counter, order, again):
        from regulars.flows.merge_customers import merge_customers, undo_merge

        counter.post("/track", order("B-1", user="u2", total=50))
        hold = held(counter, 500)
        anna, bo = (row[0] for row in query("SELECT id FROM customers_customer ORDER BY id"))
        policies = loyalty.policies(SHANGHAI)
        merge_customers(child_id=anna, parent_id=bo, actor="", policies=policies, at=timezone.now())
        if again:
            (merge_id,) = query("SELECT max(id) FROM customers_merge")[0]
            undo_merge(merge_id=merge_id, actor="", policies=policies, at=timezone.now())
        assert held(counter, 500) == hold, "the same request of the same person"
        taken = step(counter, "capture", "c-1", hold_id=hold["hold_id"]).json()
        assert (taken["points"], taken["spendable"]) == (500, 0 if again else 50)
        refund = step(counter, "refund", "f-1", capture_id=taken["capture_id"]).json()
        assert refund["spendable"] == (500 if again else 550)
        assert_clean()


@pytest.fixture
def later(monkeypatch):
    """Lets time pass for whoever asks the clock at the counter."""
    from regulars.api import asked

    passed = timedelta()
    real = timezone.now

    def let_pass(**more):
        nonlocal passed
        passed += timedelta(**more)
        return real() + passed

    class Clock:
        @staticmethod
        def now():
            return real() + passed

    monkeypatch.setattr(asked, "timezone", Clock)
    return let_pass


class TestDocument:
    def test_a_key_needs_the_scope(self, new_till):
        refused = new_till("facts.write").post("/checkout/quote", {"basket": {"total": 1}})
        assert refusal(refused) == (403, "scope_missing")

    def test_examples_and_answers_keep_to_the_schemas(self, counter, client):
        document = client.get("/api/v1/openapi.json").json()

        def validate(name, value):
            schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            jsonschema_rs.Draft202012Validator(schema).validate(value)

        for name, shown in (
            ("BasketQuestion", checkout_examples.QUOTE_BODIES),
            ("Reserve", checkout_examples.RESERVE_BODIES),
            ("Capture", checkout_examples.CAPTURE_BODIES),
            ("Release", checkout_examples.RELEASE_BODIES),
            ("Refund", checkout_examples.REFUND_BODIES),
            *checkout_examples.ANSWERS.items(),
        ):
            for example in shown.values():
                validate(name, example["value"])
        for status, shown in checkout_schemas.PROBLEMS.items():
            for example in shown.values():
                validate("Problem", example["value"])
                assert CODES[example["value"]["code"]] == (status, example["value"]["title"])
        (anna,) = query("SELECT canonical_id FROM customers_customer")[0]
        shop.issue(shop.offer(), "a", anna, at=timezone.now())
        hold = held(counter)
        validate("Held", hold)
        validate("BasketQuote", quote(counter, 20))
        captured = step(counter, "capture", "c", hold_id=hold["hold_id"], points=50).json()
        validate("Captured", captured)
        validate("Released", step(counter, "release", "r", hold_id=hold["hold_id"]).json())
        validate("Refunded", step(counter, "refund", "f", capture_id=captured["capture_id"]).json())
        parameters = document["paths"]["/api/v1/checkout/capture"]["post"]["parameters"]
        assert [(one["name"], one["in"], one["required"]) for one in parameters] == [
            ("Idempotency-Key", "header", True)
        ]
