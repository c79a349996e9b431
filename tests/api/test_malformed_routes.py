"""Whatever is sent to any route, the API answers with what is wrong: never with a failure of its own.

The routes and good requests to each are the document's own, so a route that comes is tried without a word here.
"""

import json
from dataclasses import replace
from typing import Any

import orjson
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.api import webhooks
from regulars.api.limits import limits
from regulars.api.urls import document
from regulars.customers.models import Customer
from regulars.loyalty import draft_parts
from regulars.loyalty.actions import drafts
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions import guessing
from regulars.loyalty.coupons.rules import GUESSES
from regulars.loyalty.models import ProgrammeDraft, RiskCase
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.risk.rules import Sign
from regulars.staff.actions import change_business
from regulars.staff.rules import SCOPES, SYSTEM
from regulars.webhooks.rules import NoEndpoint
from tests.api.test_malformed import ANY_JSON, CHECKS, documented, places, quick, replaced
from tests.loyalty.coupons import shop
from tests.loyalty.rewards.shop import MUG

__all__ = ["documented"]

ANSWERED = {200, 400, 403, 404, 409, 413, 415, 422}
WITH_MODES = {"/track", "/identify", "/batch"}
"""These are tried harder in `test_malformed`."""


def _bodies(operation: dict[str, Any]) -> list[Any]:
    return [one["value"] for one in operation["requestBody"]["content"]["application/json"]["examples"].values()]


ROUTES = {
    (method, path.removeprefix("/api/v1")): _bodies(operation)
    for path, methods in orjson.loads(document())["paths"].items()
    for method, operation in methods.items()
}
OTHERS = sorted(route for route in ROUTES if route[1] not in WITH_MODES)


@pytest.fixture
def desk(new_till, order, monkeypatch):
    """A key for everything, which may try as often as it likes, and what the examples are about."""
    monkeypatch.setattr(limits, "rate", 1e9)
    monkeypatch.setattr(limits, "burst", 1e9)
    monkeypatch.setattr(guessing, "GUESSES", replace(GUESSES, ceiling=10**9))
    monkeypatch.setattr(webhooks, "try_endpoint", _unreachable)
    now = timezone.now()
    change_business(by=SYSTEM, at=now, worth_points=100, worth_minor=100)
    with monkeypatch.context() as patch:
        patch.setattr(codes, "new_codes", lambda count: ["7KQMR4WX92TD"])
        shop.issue(shop.offer(replace(shop.TEN_OFF, uses_most=10**6)), at=now)
    rewards.create(code="mug", terms=replace(MUG, stock=None), actor="", at=now)
    terms, _ = draft_parts.beginning("retail", live=None, digits=2)
    made = drafts.begin(terms=terms, names={}, time_zone="Asia/Shanghai", actor="", at=now)
    ProgrammeDraft.objects.filter(pk=made).update(id=7)
    till = new_till(*SCOPES)
    phone = {"context": {"traits": {"phone": "13812345678"}}, "timestamp": now.isoformat()}
    told = till.post("/track", order(total=10**7, **phone)).json()
    till.post("/identify", {"userId": "u-1024", "source": "web", "traits": {"phone": "13812345678"}})
    signs = [Sign("velocity", 75, {"orders": 7, "minutes": 6}, (told["fact_id"],)).told()]
    RiskCase.objects.create(
        pk=77, customer_id=Customer.objects.latest("pk").pk, score=75, evidence=signs, opened_at=now, changed_at=now
    )
    return till


def _unreachable(**_: Any) -> None:
    raise NoEndpoint("Tests do not reach out.")


def send(desk, method: str, path: str, raw: bytes, key: str) -> Any:
    """The response to a body; what is refused is a problem."""
    sent = {"Authorization": f"Bearer {desk.secret}", "Idempotency-Key": key}
    response = getattr(desk.client, method)(
        f"/api/v1{path}", data=raw, content_type="application/json", headers=sent
    )  # fmt: skip
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json", response.content[:500]
    return response


@st.composite
def disturbed(draw):
    """A good request with one to three places replaced."""
    method, path = draw(st.sampled_from(OTHERS))
    body = draw(st.sampled_from(ROUTES[method, path]))
    for _ in range(draw(st.integers(1, 3))):
        body = replaced(body, draw(st.sampled_from(sorted(places(body), key=repr))), draw(ANY_JSON))
    return method, path, json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@settings(quick, max_examples=250)
@given(sent=disturbed(), key=st.sampled_from(["a", "b", "", "é"]))
def test_a_good_request_with_something_wrong_in_it(desk, sent, key):
    method, path, body = sent
    assert send(desk, method, path, body, key.encode().decode("latin-1")).status_code in ANSWERED


def test_every_example_is_answered(desk):
    for (method, path), bodies in ROUTES.items():
        for place, body in enumerate(bodies):
            response = send(desk, method, path, orjson.dumps(body), f"example-{place}")
            assert response.status_code in ANSWERED - {400, 413, 415}, (path, response.content)


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_the_api_answers_as_its_document_says(desk, documented, method, path):
    operation = documented[f"/api/v1{path}"][method]

    @settings(quick, max_examples=4, database=None)
    @given(case=operation.as_strategy())
    def try_it(case):
        response = case.call(headers={"Authorization": f"Bearer {desk.secret}"})
        case.validate_response(response, checks=CHECKS)

    try_it()
