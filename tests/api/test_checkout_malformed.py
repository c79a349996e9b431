"""Whatever is sent at the checkout, the API answers with what is wrong: never with a failure of its own."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.api import checkout_schemas as schemas
from regulars.api.limits import limits
from tests.api.test_malformed import ANY_JSON, CHECKS, documented, places, quick, replaced

__all__ = ["documented"]

ANSWERED = {200, 400, 404, 409, 413, 415, 422}
PATHS = {
    "/checkout/quote": schemas.QUOTE_BODIES,
    "/checkout/reserve": schemas.RESERVE_BODIES,
    "/checkout/capture": schemas.CAPTURE_BODIES,
    "/checkout/release": schemas.RELEASE_BODIES,
    "/checkout/refund": schemas.REFUND_BODIES,
}


@pytest.fixture
def counter(new_till, order, monkeypatch):
    """A till at which the examples' customer has more points than anybody holds, and the examples' coupon."""
    from django.utils import timezone

    from regulars.loyalty.coupons import codes
    from regulars.staff.actions import change_business
    from regulars.staff.rules import SYSTEM
    from tests.loyalty.coupons import shop

    change_business(by=SYSTEM, at=timezone.now(), worth_points=100, worth_minor=100)
    with monkeypatch.context() as patch:
        patch.setattr(codes, "new_codes", lambda count: ["7KQMR4WX92TD"])
        shop.issue(shop.offer(), at=timezone.now())
    monkeypatch.setattr(limits, "rate", 1e9)
    monkeypatch.setattr(limits, "burst", 1e9)
    till = new_till("checkout.write", "facts.write")
    till.post("/track", order(total=10**9, context={"traits": {"phone": "13812345678"}}))
    till.post("/identify", {"userId": "u-1024", "source": "web", "traits": {"phone": "13812345678"}})
    return till


@st.composite
def disturbed(draw):
    path = draw(st.sampled_from(sorted(PATHS)))
    body = draw(st.sampled_from([one["value"] for one in PATHS[path].values()]))
    for _ in range(draw(st.integers(1, 3))):
        body = replaced(body, draw(st.sampled_from(sorted(places(body), key=repr))), draw(ANY_JSON))
    return path, json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@settings(quick, max_examples=50)
@given(sent=disturbed(), key=st.sampled_from(["a", "b", "c"]))
def test_a_good_request_with_something_wrong_in_it(counter, sent, key):
    path, body = sent
    assert counter.post(path, raw=body, Idempotency_Key=key).status_code in ANSWERED


def test_the_examples_are_answered(counter):
    """In their order: held, captured in part, the rest released, a part refunded."""
    for path in ("/checkout/quote", "/checkout/reserve"):
        for name, one in PATHS[path].items():
            assert counter.post(path, one["value"], Idempotency_Key=name).status_code == 200
    hold = counter.post("/checkout/reserve", schemas.RESERVE_BODIES["till"]["value"], Idempotency_Key="till").json()
    ids = {"hold_id": hold["hold_id"]}
    for path, name in (("capture", "part"), ("release", "whole"), ("refund", "part")):
        body = {**PATHS[f"/checkout/{path}"][name]["value"]}
        body |= {number: ids[number] for number in ("hold_id", "capture_id") if number in body}
        answer = counter.post(f"/checkout/{path}", body, Idempotency_Key=path)
        assert answer.status_code == 200, answer.content
        ids |= answer.json()


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_api_answers_as_its_document_says(counter, documented, path):
    operation = documented[f"/api/v1{path}"]["post"]

    @settings(quick, max_examples=6, database=None)
    @given(case=operation.as_strategy())
    def send(case):
        response = case.call(headers={"Authorization": f"Bearer {counter.secret}"})
        case.validate_response(response, checks=CHECKS)

    send()
