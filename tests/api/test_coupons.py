"""Coupons over HTTP: checked, redeemed and undone by whoever holds a key with that scope."""

from dataclasses import replace

import jsonschema_rs
import orjson
import pytest

from regulars.api import coupon_schemas
from regulars.api.problems import CODES
from regulars.loyalty.coupons import codes, queries
from tests.loyalty.coupons import shop


@pytest.fixture
def counter(new_till):
    return new_till("coupons.redeem", "facts.write")


@pytest.fixture
def coupon(business):
    from django.utils import timezone

    return shop.issue(shop.offer(), at=timezone.now())


def redeem(counter, coupon, key="k-1", **more):
    return counter.post("/coupons/redeem", {"code": coupon.code, "key": key, "total": 42, **more})


class TestCheck:
    def test_it_says_what_it_would_take_off_and_takes_nothing(self, counter, coupon):
        for _ in range(2):
            answer = counter.post("/coupons/check", {"code": codes.shown(coupon.code).lower(), "total": "42.00"}).json()
            assert (answer["code"], answer["discount"], answer["currency"]) == (
                codes.shown(coupon.code),
                "10.00",
                "CNY",
            )
            assert answer["offer"]["terms"] == {"zh": "满30元减10元", "en": "¥10 off from ¥30"}
            assert answer["uses_left"] == 1

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"total": 42}, 422, "malformed_fact"),
            ({"code": "7KQM-R4WX", "total": 42}, 422, "malformed_code"),
            ({"code": "222222222222", "total": 42}, 404, "unknown_code"),
            ({"code": "222222222222", "total": "a lot"}, 422, "malformed_fact"),
            ({"code": ["x"]}, 422, "malformed_fact"),
            ({"code": "222222222222", "source": "x" * 101}, 422, "malformed_fact"),
            ({"code": "222222222222", "context": 5}, 422, "malformed_fact"),
            ({"code": "2222\u00002222222"}, 422, "malformed_fact"),
        ],
    )
    def test_what_cannot_be_answered_says_why(self, counter, body, status, code):
        response = counter.post("/coupons/check", body)
        assert (response.status_code, response.json()["code"]) == (status, code)

    def test_a_coupon_that_is_not_for_this_order(self, counter, coupon):
        for total, code in ((29.99, "below_minimum_spend"), (None, "spend_missing")):
            response = counter.post("/coupons/check", {"code": coupon.code, "total": total})
            assert (response.status_code, response.json()["code"]) == (422, code)


class TestRedeem:
    def test_once_and_the_same_again_for_the_same_key(self, counter, coupon):
        first = redeem(counter, coupon)
        assert first.status_code == 200
        assert (first.json()["discount"], first.json()["uses_left"], first.json()["undone_at"]) == ("10.00", 0, None)
        assert redeem(counter, coupon).json() == first.json()
        other = redeem(counter, coupon, total=50)
        assert (other.status_code, other.json()["code"]) == (409, "key_reused")
        used = redeem(counter, coupon, "k-2", store="S01")
        assert (used.status_code, used.json()["code"]) == (422, "coupon_used_up")
        assert used.json()["day"] == first.json()["used_at"][:10]

    def test_it_says_where_it_was_used(self, counter, coupon):
        redeem(counter, coupon, store="S01")
        assert redeem(counter, coupon, "k-2").json()["store"] == "S01"

    def test_keys_belong_to_the_source(self, counter, coupon):
        redeem(counter, coupon, source="till-1")
        other = shop.issue(shop.offer(), "delivery:2")
        assert redeem(counter, other, source="till-2").status_code == 422, "expired in March, and not a reused key"
        assert counter.post("/coupons/undo", {"key": "k-1", "source": "till-2"}).json()["code"] == "no_coupon_use"

    def test_undone_it_is_good_again(self, counter, coupon):
        first = redeem(counter, coupon).json()
        undone = counter.post("/coupons/undo", {"key": "k-1"}).json()
        assert (undone["use_id"], undone["uses_left"]) == (first["use_id"], 1)
        assert undone["undone_at"]
        assert counter.post("/coupons/undo", {"key": "k-1"}).json() == undone
        assert redeem(counter, coupon, "k-2").status_code == 200
        missing = counter.post("/coupons/undo", {"key": "k-9"})
        assert (missing.status_code, missing.json()["code"]) == (404, "no_coupon_use")

    def test_with_the_order_told_it_is_one_use(self, counter, order, coupon):
        told = order("A-1", properties={"coupons": [codes.shown(coupon.code)]})
        assert counter.track(**told).json()["status"] == "recorded"
        receipt = redeem(counter, coupon, order_id="A-1")
        # The order is of March, when the coupon was not issued yet: so it is noted, and the till's use counts.
        assert receipt.status_code == 200
        assert queries.unmatched(since=shop.AT.replace(year=2000)) == {"coupon_not_yet_valid": 1}

    def test_whose_coupon_it_is(self, counter, coupon, business):
        from django.utils import timezone

        from regulars.customers import lookup
        from regulars.customers.identities import Identity, IdentityKind

        for user, phone in (("u1", "13812345678"), ("u2", "13912345678")):
            counter.post("/identify", {"userId": user, "source": "web", "traits": {"phone": phone}})
        anna = lookup.owner([Identity(IdentityKind.PHONE, "", "+8613812345678")])
        assert anna is not None
        assert (
            lookup.owner([Identity(IdentityKind.PHONE, "", "0"), Identity(IdentityKind.EXTERNAL_ID, "web", "u1")])
            == anna
        )
        personal = shop.issue(shop.offer(), "delivery:2", anna, at=timezone.now())
        bo = redeem(counter, personal, userId="u2", source="web")
        assert bo.json()["code"] == "somebody_elses_coupon"
        assert redeem(counter, personal, "k-3", context={"traits": {"phone": "13812345678"}}).status_code == 200


class TestGuesses:
    def test_the_sixth_wrong_code_is_not_looked_up(self, counter, coupon, new_till):
        wrong = {"code": "222222222222", "key": "k"}
        assert [counter.post("/coupons/redeem", wrong).status_code for _ in range(5)] == [404] * 5
        stopped = redeem(counter, coupon)
        assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many_guesses")
        assert 290 <= int(stopped["Retry-After"]) <= 301
        assert redeem(new_till("coupons.redeem"), coupon).status_code == 200, "another key goes on"

    def test_redeeming_all_day_is_no_guessing(self, counter, business):
        from django.utils import timezone

        made = shop.offer()
        coupons = [shop.issue(made, str(n), at=timezone.now()) for n in range(20)]
        assert {redeem(counter, one, one.code).status_code for one in coupons} == {200}


class TestDocument:
    def validator(self, client, name):
        document = client.get("/api/v1/openapi.json").json()
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return jsonschema_rs.Draft202012Validator(schema)

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("CouponCheck", coupon_schemas.CHECK_BODIES),
            ("CouponRedeem", coupon_schemas.REDEEM_BODIES),
            ("CouponUndo", coupon_schemas.UNDO_BODIES),
            *coupon_schemas.ANSWERS.items(),
            *(("Problem", shown) for shown in coupon_schemas.PROBLEMS.values()),
        ],
    )
    def test_the_examples_keep_to_the_schemas(self, client, db, name, shown):
        for example in shown.values():
            self.validator(client, name).validate(example["value"])

    def test_what_is_answered_keeps_to_the_schemas(self, client, counter, coupon):
        self.validator(client, "CouponQuote").validate(
            counter.post("/coupons/check", {"code": coupon.code, "total": 42}).json()
        )
        self.validator(client, "CouponReceipt").validate(redeem(counter, coupon).json())
        self.validator(client, "CouponReceipt").validate(counter.post("/coupons/undo", {"key": "k-1"}).json())
        self.validator(client, "Problem").validate(redeem(counter, coupon, total=1).json())

    @pytest.mark.parametrize("status", coupon_schemas.PROBLEMS)
    def test_the_shown_problems_are_the_ones_that_are_answered(self, status):
        for example in coupon_schemas.PROBLEMS[status].values():
            assert CODES[example["value"]["code"]] == (status, example["value"]["title"])

    def test_a_key_needs_the_scope(self, new_till, coupon):
        answer = redeem(new_till("facts.write"), coupon)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        assert orjson.loads(answer.content)["detail"].startswith("This API key needs the scope coupons.redeem")


def test_the_examples_are_answered(new_till, monkeypatch):
    from django.utils import timezone

    with monkeypatch.context() as patch:
        patch.setattr(codes, "new_codes", lambda count: ["7KQMR4WX92TD"])
        shop.issue(shop.offer(replace(shop.TEN_OFF, uses_most=9)), at=timezone.now())
    counter = new_till("coupons.redeem")
    for path, bodies, status in (
        ("/coupons/check", coupon_schemas.CHECK_BODIES, 200), ("/coupons/redeem", coupon_schemas.REDEEM_BODIES, 200),
        ("/coupons/undo", coupon_schemas.UNDO_BODIES, 200),
    ):  # fmt: skip
        assert [counter.post(path, one["value"]).status_code for one in bodies.values()] == [status] * len(bodies)
