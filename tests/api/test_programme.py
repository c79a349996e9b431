"""The programme over HTTP: what it promises now, as figures and as sentences."""

from datetime import UTC, datetime

import jsonschema_rs
import pytest

from regulars.api import programme_schemas
from regulars.loyalty import actions as loyalty
from regulars.loyalty.rules import preset_terms
from regulars.staff.actions import change_business
from regulars.staff.rules import SYSTEM
from tests.flows.in_segments import segment

AT = datetime(2026, 3, 1, tzinfo=UTC)
SUNDAY = {
    "code": "sunday", "names": {"zh": "周日双倍", "en": "Double Sundays"},
    "if": {"field": "weekday", "op": "in", "value": [7]}, "then": {"kind": "multiply", "percent": 200},
}  # fmt: skip
OFF = {"code": "off", "tiers": ["gold"], "kind": "discount", "percent": 5}


@pytest.fixture
def desk(new_till):
    return new_till("programme.read")


def current(desk):
    response = desk.post("/programme/current", {})
    assert response.status_code == 200, response.content
    return response.json()


def test_it_tells_what_is_live_now_and_not_what_comes_later(desk):
    later = {**preset_terms(2), "minor_per_point": 5_00}
    loyalty.launch(
        terms=later, live_from=datetime(2099, 1, 1, tzinfo=UTC), time_zone="Asia/Shanghai", actor="", at=AT
    )  # fmt: skip
    change_business(by=SYSTEM, at=AT, worth_points=100, worth_minor=100)
    found = current(desk)
    assert (found["version"]["number"], found["points"]["spend_for_one"]) == (1, "1.00")
    assert found["points"]["worth"] == {"points": 100, "money": "1.00"}
    assert [(tier["code"], tier["threshold"]) for tier in found["tiers"]] == [
        ("basic", 0), ("silver", 1000), ("gold", 5000), ("black", 20000),
    ]  # fmt: skip
    assert "5,000" in found["tiers"][2]["said"]["en"]


def test_rules_and_benefits_are_sentences_in_both_languages(desk):
    terms = {**preset_terms(2), "rules": [SUNDAY], "benefits": [OFF]}
    loyalty.launch(
        terms=terms, live_from=datetime(2026, 1, 1, tzinfo=UTC), time_zone="Asia/Shanghai", actor="", at=AT
    )  # fmt: skip
    found = current(desk)
    [rule], [benefit] = found["rules"], found["benefits"]
    assert (rule["code"], rule["on"], rule["name"]["zh"]) == ("sunday", "order", "周日双倍")
    assert "双倍" in rule["said"]["zh"]
    assert "double" in rule["said"]["en"].lower()
    assert benefit == {
        "code": "off", "kind": "discount", "name": {"zh": "会员折扣", "en": "Discount"}, "tiers": ["gold"],
        "said": {"zh": "金卡：全单9.5折。", "en": "Gold: 5% off the order."},
    }  # fmt: skip


def test_it_takes_a_scope_and_keeps_to_its_schemas(desk, new_till, client):
    assert new_till("facts.write").post("/programme/current", {}).json()["code"] == "scope_missing"
    document = client.get("/api/v1/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Programme", "components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    for example in programme_schemas.ANSWERS["Programme"].values():
        validator.validate(example["value"])
    for example in programme_schemas.CURRENT_BODIES.values():
        validator.validate(desk.post("/programme/current", example["value"]).json())


def test_members_who_read_it_do_not_learn_what_the_shop_calls_its_segments(desk):
    key = segment("Falling away")
    rule = {"code": "back", "if": {"field": "segments", "op": "has_any", "value": [str(key)]},
            "then": {"kind": "multiply", "percent": 200}}  # fmt: skip
    loyalty.launch(terms={**preset_terms(2), "rules": [rule]}, live_from=AT, time_zone="Asia/Shanghai", actor="", at=AT)
    assert current(desk)["rules"][0]["said"] == {
        "zh": "部分会员专享，积分双倍。", "en": "For selected members: double points.",
    }  # fmt: skip
