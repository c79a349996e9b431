"""Benefits over HTTP: what a member has, used once, undone; every refusal has a name and a sentence."""

from datetime import UTC, datetime

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import benefit_schemas, situation
from regulars.api.problems import CODES
from regulars.core.calendar import add_months, business_date
from regulars.loyalty import actions as loyalty
from regulars.loyalty.presets import PRESETS
from regulars.loyalty.rules import preset_terms
from tests.flows.world import SHANGHAI, query
from tests.loyalty.benefits.club import FEE, LOUNGE, PERCENT

ANNA = {"userId": "u1"}
MEMBER_PRICE = {**PERCENT, "code": "member_price", "tiers": ["gold"]}
POST = {"code": "post", "kind": "free_shipping", "most_minor": 12_00, "quota": {"period": "month", "times": 1}}


@pytest.fixture
def counter(new_till, order):
    """A till at which Anna, a gold member, uses benefits; Bo is in the lowest tier."""
    till = new_till("checkout.write", "facts.write")
    live({"benefits": [MEMBER_PRICE, POST, FEE, {**LOUNGE, "tiers": ["gold"]}]})
    now = timezone.now().isoformat()
    till.post("/track", {**order("A-1", total=6000), "timestamp": now})
    till.post("/track", {**order("B-1", total=5, user="u2"), "timestamp": now})
    return till


def live(changed):
    at = datetime(2020, 1, 1, tzinfo=UTC)
    loyalty.launch(
        terms={**preset_terms(2), **changed}, live_from=at, time_zone="Asia/Shanghai", actor="", at=timezone.now()
    )
    situation.forget()


def told(till, path, **body):
    response = till.post(f"/benefits/{path}", body)
    assert response.status_code == 200, response.content
    return response.json()


def refused(till, path, **body):
    response = till.post(f"/benefits/{path}", body)
    return response.status_code, response.json()["code"], response.json().get("field")


def test_a_member_has_what_the_tier_has_with_what_is_left_of_it(counter):
    found = told(counter, "of", **ANNA)
    assert found["tier"] == {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}}
    assert [(one["code"], one["left"], one["applies"]) for one in found["benefits"]] == [
        ("member_price", None, True), ("post", 1, True), ("wire", None, True), ("lounge", 2, True),
    ]  # fmt: skip
    assert found["benefits"][0]["said"] == {"zh": "金卡：全单9.5折。", "en": "Gold: 5% off the order."}
    assert [one["code"] for one in told(counter, "of", userId="u2")["benefits"]] == ["post", "wire"]


def test_of_a_bill_each_says_what_it_takes_off_or_why_not(counter):
    told(counter, "use", **ANNA, benefit="post", key="1", shipping=15)
    found = {one["code"]: one for one in told(counter, "of", **ANNA, total=188.5, shipping="12.00")["benefits"]}
    assert (found["member_price"]["takes_off"], found["member_price"]["discount"]) == ("order", "9.43")
    assert (found["post"]["applies"], found["post"]["left"], found["post"]["discount"]) == (False, 0, "0.00")
    assert found["post"]["refused"]["code"] == "quota_used_up"
    today = business_date(timezone.now(), SHANGHAI)
    assert found["post"]["again_from"] == add_months(today.replace(day=1), 1).isoformat()
    assert found["wire"]["refused"] == {
        "code": "amount_missing", "said": {"zh": "请先填写金额。", "en": "Please say the amount first."},
    }  # fmt: skip


def test_a_use_is_recorded_once_and_undone_once(counter):
    first = told(counter, "use", **ANNA, benefit="lounge", key="k1", store="S1")
    assert (first["discount"], first["left"], first["takes_off"], first["coupon"]) == ("0.00", 1, "none", None)
    assert told(counter, "use", **ANNA, benefit="lounge", key="k1", store="S1") == first
    assert refused(counter, "use", **ANNA, benefit="lounge", key="k1", store="S2")[:2] == (409, "key_reused")
    undone = told(counter, "undo", key="k1")
    assert (undone["left"], undone["undone_at"] is None) == (2, False)
    assert told(counter, "undo", key="k1") == undone
    assert query("SELECT actor, undone_by FROM loyalty_benefituse") == [("api:Till", "api:Till")]
    assert refused(counter, "undo", key="other")[:2] == (404, "no_benefit_use")


def test_an_order_that_is_cancelled_gives_its_use_back(counter, order):
    told(counter, "use", **ANNA, benefit="post", key="k1", shipping=9, order_id="A-9")
    now = timezone.now().isoformat()
    counter.post("/track", {**order("A-9", total=60), "timestamp": now})
    cancelled = {**order("A-9"), "event": "Order Cancelled", "timestamp": now}
    assert counter.post("/track", cancelled).status_code == 200
    assert told(counter, "use", **ANNA, benefit="post", key="k2", shipping=9)["left"] == 0
    assert refused(counter, "use", **ANNA, benefit="wire", key="k3", fees={"transfer": 9}, order_id="A-9")[:2] == (
        422, "order_gone",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"benefit": "nothing"}, (404, "unknown_benefit", None)),
        ({"benefit": "lounge", "userId": "u2"}, (422, "not_in_this_tier", None)),
        ({"benefit": "lounge", "userId": "u99"}, (404, "unknown_customer", None)),
        ({"benefit": "wire"}, (422, "amount_missing", "fees.transfer")),
        ({"benefit": "wire", "fees": {"transfer": "1.00"}}, (422, "nothing_to_take_off", None)),
        ({"benefit": "wire", "fees": {"transfer": -1}}, (422, "malformed_fact", "fees.transfer")),
        ({"benefit": "wire", "fees": {"transfer": 0.001}}, (422, "malformed_fact", "fees.transfer")),
        ({"benefit": "wire", "fees": [5]}, (422, "malformed_fact", "fees")),
        ({"benefit": "wire", "fees": {f"f{n}": 1 for n in range(21)}}, (422, "malformed_fact", "fees")),
        ({"benefit": "member_price", "total": "1e18"}, (422, "malformed_fact", "total")),
        ({"benefit": "member_price", "total": 5, "channel": "fax"}, (422, "malformed_fact", "channel")),
        ({"benefit": "member_price"}, (422, "amount_missing", "total")),
        ({}, (422, "malformed_fact", "benefit")),
        ({"benefit": "lounge", "key": "k" * 201}, (422, "malformed_fact", "key")),
        ({"benefit": "lounge", "key": ""}, (422, "malformed_fact", "key")),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(counter, body, expected):
    assert refused(counter, "use", **{**ANNA, "key": "k", **body}) == expected
    assert query("SELECT count(*) FROM loyalty_benefituse") == [(0,)]


def test_it_takes_a_key_that_may_check_out(new_till, counter):
    assert new_till("facts.write").post("/benefits/of", ANNA).status_code == 403


class TestDocument:
    @pytest.fixture
    def shop(self, new_till, order):
        """The bank of the examples' fee and the shop of its orders in one, with somebody for each example."""
        till = new_till("checkout.write", "facts.write")
        retail = PRESETS["retail"].terms(2)["benefits"]
        bank = [one for one in PRESETS["bank"].terms(2)["benefits"] if one["code"] == "transfers"]
        live({"benefits": [{k: v for k, v in one.items() if k not in ("tiers", "rule")} for one in [*retail, *bank]
                           if one["kind"] != "points"]})  # fmt: skip
        now = timezone.now().isoformat()
        till.post("/track", {**order("A-1", user="u-1024"), "timestamp": now})
        till.post("/track", {**order("A-1", user="u-1024"), "timestamp": now, "source": "web"})
        till.post("/track", {
            **order("A-2", user=None), "timestamp": now, "context": {"traits": {"phone": "13812345678"}}
        })  # fmt: skip
        return till

    @pytest.mark.parametrize(
        ("path", "bodies", "answer"),
        [
            ("of", benefit_schemas.OF_BODIES, "Benefits"),
            ("use", benefit_schemas.USE_BODIES, "BenefitReceipt"),
            ("undo", benefit_schemas.UNDO_BODIES, "BenefitReceipt"),
        ],
    )
    def test_every_example_works_and_answers_keep_to_the_schema(self, shop, client, path, bodies, answer):
        document = client.get("/api/v1/openapi.json").json()
        schema = {"$ref": f"#/components/schemas/{answer}", "components": document["components"]}
        check = jsonschema_rs.Draft202012Validator(schema)
        if path == "undo":
            shop.post("/benefits/use", benefit_schemas.USE_BODIES["till"]["value"])
        for example in bodies.values():
            response = shop.post(f"/benefits/{path}", example["value"])
            assert response.status_code == 200, response.content
            check.validate(response.json())
        for example in benefit_schemas.ANSWERS[answer].values():
            check.validate(example["value"])

    def test_the_shown_problems_are_the_ones_that_are_answered(self):
        for status, shown in benefit_schemas.PROBLEMS.items():
            for example in shown.values():
                assert CODES[example["value"]["code"]] == (status, example["value"]["title"])
