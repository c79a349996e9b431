"""The document: complete, true to what is answered, and without anything from elsewhere."""

import jsonschema_rs
import orjson
import pytest

from regulars.api import examples
from regulars.api.problems import CODES


@pytest.fixture
def document(client, db):
    response = client.get("/api/v1/openapi.json")
    assert response["Content-Type"] == "application/json"
    return response.json()


def validator(document, name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


def test_every_route_is_there_with_its_scope_and_examples(document):
    facts = {"/api/v1/track", "/api/v1/identify", "/api/v1/batch"}
    coupons = {f"/api/v1/coupons/{verb}" for verb in ("check", "redeem", "undo")}
    checkout = {f"/api/v1/checkout/{verb}" for verb in ("quote", "reserve", "capture", "release", "refund", "redeem")}
    benefits = {f"/api/v1/benefits/{verb}" for verb in ("of", "use", "undo")}
    rewards = {f"/api/v1/rewards/{verb}" for verb in ("list", "claims", "claim", "collect", "cancel")}
    scopes = {"facts.write": facts, "coupons.redeem": coupons, "checkout.write": checkout | benefits}
    scopes["rewards.claim"] = rewards
    scopes |= {"customers.read": {"/api/v1/tiers/of"}, "customers.write": {"/api/v1/tiers/give", "/api/v1/tiers/end"}}
    verbs = ("list", "add", "change", "switch", "rotate", "remove", "test", "deliveries", "replay")
    scopes["webhooks.manage"] = {f"/api/v1/webhooks/{verb}" for verb in verbs}
    scopes["programme.read"] = {"/api/v1/programme/current"}
    scopes["ledger.read"] = {"/api/v1/points/of"}
    risk = {"risk.read": ("list", "case"), "risk.manage": ("freeze", "dismiss", "release", "reverse")}
    scopes |= {scope: {f"/api/v1/risk/{verb}" for verb in verbs} for scope, verbs in risk.items()}
    assert set(document["paths"]) == set().union(*scopes.values())
    for name, path in document["paths"].items():
        for operation in path.values():
            assert name in scopes[operation["x-scope"]]
            assert operation["security"] == [{"bearer": []}, {"basic": []}]
            assert operation["requestBody"]["content"]["application/json"]["examples"]
            assert operation["responses"]["200"]["content"]["application/json"]["examples"]
            assert {"400", "401", "403", "413", "415", "429", "503"} <= set(operation["responses"])


def test_every_reference_leads_somewhere(document):
    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else ())
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(document))
    assert found
    assert found <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Track", examples.TRACK),
        ("Identify", examples.IDENTIFY),
        ("Batch", examples.BATCH),
        ("Answer", {**examples.RECORDED, **examples.IDENTIFIED}),
        ("BatchAnswer", examples.BATCH_ANSWER),
        ("Problem", {key: value for shown in examples.PROBLEMS.values() for key, value in shown.items()}),
    ],
)
def test_the_examples_keep_to_the_schemas(document, name, shown):
    for example in shown.values():
        validator(document, name).validate(example["value"])


@pytest.mark.parametrize("status", examples.PROBLEMS)
def test_the_shown_problems_are_the_ones_that_are_answered(status):
    for example in examples.PROBLEMS[status].values():
        told = example["value"]
        assert CODES[told["code"]] == (status, told["title"])


def test_what_is_answered_keeps_to_the_schemas(till, order, document):
    dirty = order("A-1", context={"traits": {"phone": "138****5678"}})
    mixed = {"batch": [dirty, order("A-1", total=7), order("A-2", timestamp="today"), 5]}
    validator(document, "BatchAnswer").validate(till.post("/batch", mixed).json())
    validator(document, "Answer").validate(till.post("/track", dirty).json())
    for refused in (till.post("/track", order("A-1", total=7)), till.post("/nowhere", {})):
        validator(document, "Problem").validate(refused.json())


def test_it_is_small_and_says_nothing_of_elsewhere(client, db):
    body = client.get("/api/v1/openapi.json").content
    assert len(body) < 300_000
    assert orjson.loads(body)["openapi"].startswith("3.1")
    assert b"cdn" not in body
