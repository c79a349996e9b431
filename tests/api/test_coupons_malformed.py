"""Whatever is sent about coupons, the API answers with what is wrong: never with a failure of its own."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.api import coupon_schemas
from regulars.api.limits import limits
from regulars.loyalty.coupons.actions import guessing
from regulars.loyalty.coupons.rules import GUESSES
from tests.api.test_malformed import ANY_JSON, CHECKS, documented, places, quick, replaced

__all__ = ["documented"]

ANSWERED = {200, 400, 404, 409, 413, 415, 422}
PATHS = {
    "/coupons/check": coupon_schemas.CHECK_BODIES,
    "/coupons/redeem": coupon_schemas.REDEEM_BODIES,
    "/coupons/undo": coupon_schemas.UNDO_BODIES,
}


@pytest.fixture
def counter(new_till, monkeypatch):
    """A key that may guess as long as it likes, on a coupon that exists."""
    from django.utils import timezone

    from regulars.loyalty.coupons import codes
    from tests.loyalty.coupons import shop

    monkeypatch.setattr(limits, "rate", 1e9)
    monkeypatch.setattr(limits, "burst", 1e9)
    monkeypatch.setattr(guessing, "GUESSES", replace(GUESSES, ceiling=10**9))
    made = replace(shop.TEN_OFF, uses_most=10**6)
    till = new_till("coupons.redeem")
    with monkeypatch.context() as patch:
        patch.setattr(codes, "new_codes", lambda count: ["7KQMR4WX92TD"])
        shop.issue(shop.offer(made), at=timezone.now())
    return till


@st.composite
def disturbed(draw):
    path = draw(st.sampled_from(sorted(PATHS)))
    body = draw(st.sampled_from([one["value"] for one in PATHS[path].values()]))
    for _ in range(draw(st.integers(1, 3))):
        body = replaced(body, draw(st.sampled_from(sorted(places(body), key=repr))), draw(ANY_JSON))
    return path, json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@settings(quick, max_examples=100)
@given(sent=disturbed())
def test_a_good_request_with_something_wrong_in_it(counter, sent):
    path, body = sent
    assert counter.post(path, raw=body).status_code in ANSWERED


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_examples_are_answered(counter, path):
    statuses = [counter.post(path, one["value"]).status_code for one in PATHS[path].values()]
    assert set(statuses) == ({404} if path == "/coupons/undo" else {200})


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_api_answers_as_its_document_says(counter, documented, path):
    operation = documented[f"/api/v1{path}"]["post"]

    @settings(quick, max_examples=15, database=None)
    @given(case=operation.as_strategy())
    def send(case):
        response = case.call(headers={"Authorization": f"Bearer {counter.secret}"})
        case.validate_response(response, checks=CHECKS)

    send()
