"""The examples of the checkout's document, sent in their order: held, captured in part, released, refunded."""

import pytest

from regulars.api import checkout_examples as schemas

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
    till = new_till("checkout.write", "facts.write")
    till.post("/track", order(total=10**9, context={"traits": {"phone": "13812345678"}}))
    till.post("/identify", {"userId": "u-1024", "source": "web", "traits": {"phone": "13812345678"}})
    return till


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
