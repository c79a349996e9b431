"""Whatever is sent about risk control, the programme and points, the API says what is wrong and never fails."""

import json

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.api import point_schemas, programme_schemas, risk_schemas
from regulars.api.limits import limits
from regulars.customers.models import Customer
from regulars.loyalty.models import RiskCase
from regulars.loyalty.risk.rules import Sign
from tests.api.test_malformed import ANY_JSON, CHECKS, documented, places, quick, replaced

__all__ = ["documented"]

ANSWERED = {200, 400, 403, 404, 409, 413, 415, 422}
PATHS = {
    "/risk/list": risk_schemas.LIST_BODIES,
    "/risk/case": risk_schemas.CASE_BODIES,
    "/risk/freeze": risk_schemas.FREEZE_BODIES,
    "/risk/dismiss": risk_schemas.DISMISS_BODIES,
    "/risk/release": risk_schemas.RELEASE_BODIES,
    "/risk/reverse": risk_schemas.REVERSE_BODIES,
    "/programme/current": programme_schemas.CURRENT_BODIES,
    "/points/of": point_schemas.OF_BODIES,
}


@pytest.fixture
def desk(new_till, order, monkeypatch):
    """A key for all of it, and the case that the examples are about."""
    monkeypatch.setattr(limits, "rate", 1e9)
    monkeypatch.setattr(limits, "burst", 1e9)
    told = new_till("facts.write", name="Shop").post("/track", order(timestamp=timezone.now().isoformat())).json()
    signs = [Sign("velocity", 75, {"orders": 7, "minutes": 6}, (told["fact_id"],)).told()]
    RiskCase.objects.create(
        pk=77, customer_id=Customer.objects.get().pk, score=75, evidence=signs, opened_at=timezone.now(),
        changed_at=timezone.now(),
    )  # fmt: skip
    return new_till("risk.read", "risk.manage", "programme.read", "ledger.read")


@st.composite
def disturbed(draw):
    path = draw(st.sampled_from(sorted(PATHS)))
    body = draw(st.sampled_from([one["value"] for one in PATHS[path].values()]))
    for _ in range(draw(st.integers(1, 3))):
        body = replaced(body, draw(st.sampled_from(sorted(places(body), key=repr))), draw(ANY_JSON))
    return path, json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@settings(quick, max_examples=100)
@given(sent=disturbed())
def test_a_good_request_with_something_wrong_in_it(desk, sent):
    path, body = sent
    assert desk.post(path, raw=body, **{"Idempotency-Key": "k"}).status_code in ANSWERED


@pytest.mark.parametrize("path", sorted(PATHS))
def test_the_api_answers_as_its_document_says(desk, documented, path):
    operation = documented[f"/api/v1{path}"]["post"]

    @settings(quick, max_examples=15, database=None)
    @given(case=operation.as_strategy())
    def send(case):
        response = case.call(headers={"Authorization": f"Bearer {desk.secret}"})
        case.validate_response(response, checks=CHECKS)

    send()
