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
    offers = {f"/api/v1/offers/{verb}" for verb in ("list", "read", "create", "change", "end", "resume")}
    issuing = {f"/api/v1/coupons/{verb}" for verb in ("issue", "issue_many", "batch", "batches", "issued", "of")}
    duplicates = {f"/api/v1/duplicates/{verb}" for verb in ("list", "merge", "apart", "merges", "undo")}
    checkout = {f"/api/v1/checkout/{verb}" for verb in ("quote", "reserve", "capture", "release", "refund", "redeem")}
    benefits = {f"/api/v1/benefits/{verb}" for verb in ("of", "use", "undo")}
    rewards = {f"/api/v1/rewards/{verb}" for verb in ("list", "claims", "claim", "collect", "cancel")}
    scopes = {"facts.write": facts, "coupons.redeem": coupons, "checkout.write": checkout | benefits}
    scopes["rewards.claim"] = rewards
    scopes |= {"customers.read": {"/api/v1/tiers/of"}, "customers.write": {"/api/v1/tiers/give", "/api/v1/tiers/end"}}
    verbs = ("list", "add", "change", "switch", "rotate", "remove", "test", "deliveries", "replay")
    scopes["webhooks.manage"] = {f"/api/v1/webhooks/{verb}" for verb in verbs}
    scopes["programme.read"] = {"/api/v1/programme/current"}
    scopes["ledger.read"] = {"/api/v1/points/of", "/api/v1/points/statement"}
    scopes["points.adjust"] = {"/api/v1/points/grant", "/api/v1/points/deduct"}
    scopes |= {"coupons.manage": offers | issuing, "customers.merge": duplicates}
    risk = {"risk.read": ("list", "case"), "risk.manage": ("freeze", "dismiss", "release", "reverse")}
    scopes |= {scope: {f"/api/v1/risk/{verb}" for verb in verbs} for scope, verbs in risk.items()}
    drafts = {f"/api/v1/programme/drafts/{verb}" for verb in ("list", "begin", "read", "parts", "rebase", "discard")}
    simulations = {f"/api/v1/programme/simulations/{verb}" for verb in ("start", "list", "read")}
    scopes["programme.write"] = drafts | simulations
    scopes["programme.launch"] = {f"/api/v1/programme/drafts/{verb}" for verb in ("approve", "launch", "cancel_launch")}
    scopes["reports.read"] = {f"/api/v1/reports/{verb}" for verb in ("liability", "health")}
    scopes["reports.read"] |= {f"/api/v1/programme/versions/{verb}" for verb in ("list", "read")}
    scopes["reports.read"] |= {f"/api/v1/comparisons/{verb}" for verb in ("list", "read")}
    of_members = {"programme/simulations/members", "programme/simulations/export", "comparisons/differences"}
    scopes["customers.read"] |= {f"/api/v1/{path}" for path in of_members}
    catalogue = ("catalogue", "create", "change", "retire", "bring_back")
    scopes["rewards.manage"] = {f"/api/v1/rewards/{verb}" for verb in catalogue}
    assert set(document["paths"]) == set().union(*scopes.values())
    for name, path in document["paths"].items():
        for operation in path.values():
            assert name in scopes[operation["x-scope"]]
            assert operation["security"] == [{"bearer": []}, {"basic": []}]
            assert operation["requestBody"]["content"]["application/json"]["examples"]
            answered = operation["responses"]["200"]["content"]
            assert answered.get("application/json", answered.get("text/csv"))["examples"]
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


def test_every_example_keeps_to_its_schema(document):
    """Of every route what is sent and answered; and every problem is one that the code has."""
    kinds = ("application/json", "application/problem+json")
    for name, path in document["paths"].items():
        for operation in path.values():
            for part in (operation["requestBody"], *operation["responses"].values()):
                for told in (part["content"][kind] for kind in kinds if kind in part["content"]):
                    schema = {**told["schema"], "components": document["components"]}
                    for example in told["examples"].values():
                        found = [
                            str(one) for one in jsonschema_rs.Draft202012Validator(schema).iter_errors(example["value"])
                        ]
                        assert not found, (name, found, example)
            for status, part in operation["responses"].items():
                for example in part["content"].get(kinds[1], {}).get("examples", {}).values():
                    assert CODES[example["value"]["code"]] == (int(status), example["value"]["title"]), name


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
    assert len(body) < 600_000
    assert orjson.loads(body)["openapi"].startswith("3.1")
    assert b"cdn" not in body
