"""Tiers over HTTP: where a member stands, what lies ahead, and giving a tier for some time."""

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import tier_schemas
from regulars.api.problems import CODES

ANNA = {"userId": "u1", "source": "web"}


@pytest.fixture
def desk(new_till, order):
    found = new_till("customers.read", "customers.write", "facts.write")
    at = timezone.now().isoformat()
    found.track(**order("A-1", total=1296, user="u1", source="web", timestamp=at))
    return found


def told(desk, path, status=200, **members):
    response = desk.post(f"/tiers/{path}", {**ANNA, **members})
    assert response.status_code == status, response.content
    return response.json()


def give(desk, status=200, **members):
    return told(desk, "give", status, **{"tier": "gold", "key": "1", **members})


def test_it_says_where_a_member_stands_and_what_lies_ahead(desk):
    found = told(desk, "of")["tier"]
    assert (found["code"], found["growth"], found["growth_name"]["zh"]) == ("silver", 1296, "成长值")
    assert (found["next"]["code"], found["next"]["need"]["growth"], found["next"]["need"]["spend"]) == (
        "gold", 3704, "3704.00",
    )  # fmt: skip
    assert found["falls"]["to"]["code"] == "basic"
    assert found["falls"]["keep"]["spend"] == "1000.00"
    assert found["said"][0]["en"].startswith("Spend ¥3,704 by ")
    assert "，即可升为金卡。" in found["said"][0]["zh"]


def test_a_tier_is_given_once_and_ended_once(desk):
    given = give(desk, through="2099-06-30", reason="She waited an hour")
    assert (given["tier"]["code"], given["tier"]["given"][0]["through"]) == ("gold", "2099-06-30")
    assert give(desk, through="2099-06-30", reason="She waited an hour") == given
    assert give(desk, 409, tier="silver")["code"] == "key_reused"
    ended = told(desk, "end", grant_id=given["grant_id"], key="2")
    assert (ended["tier"]["code"], ended["tier"]["given"]) == ("silver", [])
    assert told(desk, "end", grant_id=given["grant_id"], key="2") == ended
    assert told(desk, "end", 422, grant_id=given["grant_id"], key="3")["code"] == "tier_grant_over"
    assert told(desk, "end", 404, grant_id=10**9, key="4")["code"] == "unknown_tier_grant"


@pytest.mark.parametrize(
    ("members", "code"),
    [({"tier": "diamond"}, "unknown_tier"), ({"tier": "basic"}, "unknown_tier"), ({"tier": ["gold"]}, "malformed_fact"),
     ({"through": "2001-01-01"}, "invalid_tier_grant"), ({"through": "soon"}, "malformed_fact"),
     ({"through": "9999-12-31"}, "malformed_fact"), ({"from": "2001-01-01"}, "invalid_tier_grant"),
     ({"kind": "stolen"}, "malformed_fact"), ({"key": ""}, "malformed_fact"), ({"key": "x" * 151}, "malformed_fact"),
     ({"reason": "x" * 301}, "malformed_fact"), ({"reason": "\x00"}, "malformed_fact")],
)  # fmt: skip
def test_what_means_nothing_is_refused_and_changes_nothing(desk, members, code):
    assert give(desk, 422, **members)["code"] == code
    assert told(desk, "of")["tier"]["given"] == []


@pytest.mark.parametrize("grant_id", [None, "1", 0, -1, 1.5, True, 2**63])
def test_a_number_that_is_none_is_refused(desk, grant_id):
    assert told(desk, "end", 422, grant_id=grant_id, key="1")["code"] == "malformed_fact"


def test_a_stranger_and_a_key_without_the_scope(desk, new_till):
    assert told(desk, "of", 404, userId="nobody")["code"] == "unknown_customer"
    other = new_till("customers.read")
    assert other.post("/tiers/of", ANNA).status_code == 200
    assert other.post("/tiers/give", {**ANNA, "tier": "gold", "key": "1"}).json()["code"] == "scope_missing"


def test_the_examples_are_answered_and_keep_to_the_schemas(desk, client, db):
    document = client.get("/api/v1/openapi.json").json()

    def validator(name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return jsonschema_rs.Draft202012Validator(schema)

    for name, shown in tier_schemas.ANSWERS.items():
        for example in shown.values():
            validator(name).validate(example["value"])
    desk.post("/identify", {**ANNA, "traits": {"phone": "13812345678"}})
    desk.post("/identify", {"userId": "u-1024", "traits": {"name": "Bo"}})
    answered = {
        "TierQuestion": ("of", "MemberTier", tier_schemas.OF_BODIES),
        "TierGift": ("give", "GivenTier", tier_schemas.GIVE_BODIES),
    }
    for body, (path, answer, shown) in answered.items():
        for example in shown.values():
            validator(body).validate(example["value"])
            response = desk.post(f"/tiers/{path}", example["value"])
            assert response.status_code == 200, response.content
            validator(answer).validate(response.json())
    grant_id = told(desk, "of")["tier"]["given"][0]["grant_id"]
    (example,) = tier_schemas.END_BODIES.values()
    validator("TierGiftEnd").validate(example["value"])
    ended = desk.post("/tiers/end", {**example["value"], "grant_id": grant_id})
    validator("GivenTier").validate(ended.json())
    for status, shown in tier_schemas.PROBLEMS.items():
        for example in shown.values():
            assert CODES[example["value"]["code"]] == (status, example["value"]["title"])
