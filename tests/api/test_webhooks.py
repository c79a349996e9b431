"""Webhooks over HTTP: endpoints managed, deliveries looked at and sent again by whoever holds a key with that scope."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from regulars.api import webhook_schemas as schemas
from regulars.webhooks.events.catalogue import KINDS
from regulars.webhooks.models import Delivery, Message
from regulars.webhooks.rules import new_token
from tests.webhooks.receiver import Receiver, receiver, says


@pytest.fixture(autouse=True)
def _inside(settings: Any) -> None:
    settings.WEBHOOKS_INTERNAL = True


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def manager(new_till):
    return new_till("webhooks.manage")


@pytest.fixture
def valid(client, business):
    document = client.get("/api/v1/openapi.json").json()

    def check(name: str, value: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema_rs.Draft202012Validator(schema).validate(value)

    return check


def call(manager, verb: str, **body: Any) -> dict[str, Any]:
    response = manager.post(f"/webhooks/{verb}", body)
    assert response.status_code == 200, response.content
    return dict(response.json())


def dead(endpoint_id: int) -> int:
    at = timezone.now()
    message = Message.objects.create(token=new_token(), kind="tier.changed", at=at, data={"customer": None}, made_at=at)
    return Delivery.objects.create(
        message=message,
        endpoint_id=endpoint_id,
        begun_at=at,
        due_at=at,
        ended_at=at,
        state="dead",
        tries=10,
        status=500,
    ).pk


def test_an_endpoint_from_its_first_to_its_last_day(manager, shop, valid) -> None:
    made = call(manager, "add", name="Web shop", url=shop.url, events=["tier.changed"], source="web")
    valid("WebhookSecret", made)
    one = made["endpoint"]["id"]
    sent = call(manager, "test", endpoint_id=one)
    valid("WebhookSent", sent)
    assert (sent["delivery"]["state"], sent["delivery"]["attempts"][0]["status"]) == ("delivered", 204)
    headers, body = shop.got[0]
    assert Webhook(made["secret"]).verify(body, headers)["type"] == "webhook.ping"
    assert headers["webhook-id"] == sent["delivery"]["webhook_id"]
    changed = call(manager, "change", endpoint_id=one, events=[])["endpoint"]
    assert (changed["events"], changed["name"], changed["source"]) == ([], "Web shop", "web")
    assert call(manager, "switch", endpoint_id=one, on=False)["endpoint"]["off_because"] == "staff"
    off = manager.post("/webhooks/test", {"endpoint_id": one})
    assert (off.status_code, off.json()["code"]) == (409, "endpoint_off")
    assert call(manager, "switch", endpoint_id=one, on=True)["endpoint"]["on"]
    again = call(manager, "rotate", endpoint_id=one)
    assert again["secret"] != made["secret"]
    assert again["endpoint"]["old_secret_until"]
    listed = call(manager, "list")
    valid("WebhookEndpoints", listed)
    assert made["secret"] not in str(listed)
    assert call(manager, "remove", endpoint_id=one) == {"removed": True}
    assert call(manager, "list") == {"endpoints": []}


def test_dead_letters_and_replays(manager, shop, valid) -> None:
    one = call(manager, "add", name="Web shop", url=shop.url)["endpoint"]["id"]
    ids = [dead(one) for _ in range(51)]
    page = call(manager, "deliveries", endpoint_id=one, state="dead")
    valid("WebhookDeliveries", page)
    assert [line["id"] for line in page["deliveries"]] == ids[:0:-1]
    last = call(manager, "deliveries", endpoint_id=one, before=page["next_before"])
    assert ([line["id"] for line in last["deliveries"]], last["next_before"]) == (ids[:1], None)
    assert call(manager, "replay", delivery_id=ids[0]) == {"count": 1}
    assert call(manager, "replay", endpoint_id=one, since="2026-01-01T00:00:00Z") == {"count": 50}
    assert call(manager, "list")["endpoints"][0]["waiting"] == 51


def test_a_test_that_does_not_arrive(manager) -> None:
    with receiver(says(500, b"oops")) as shop:
        one = call(manager, "add", name="Web shop", url=shop.url)["endpoint"]["id"]
        tried = call(manager, "test", endpoint_id=one)["delivery"]
    assert (tried["state"], tried["status"], tried["attempts"][0]["answer"]) == ("waiting", 500, "oops")
    assert tried["next_try_at"]


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("add", {"name": "A", "url": "ftp://x"}, 422, "bad_endpoint"),
        ("add", {"name": "A"}, 422, "bad_endpoint"),
        ("add", {"name": 5, "url": "https://a.example"}, 422, "malformed_fact"),
        ("add", {"name": "A", "url": "https://a.example", "events": "all"}, 422, "malformed_fact"),
        ("add", {"name": "A", "url": "https://a.example", "events": ["points.lost"]}, 422, "bad_endpoint"),
        ("add", {"name": "A\u0000", "url": "https://a.example"}, 422, "malformed_fact"),
        ("change", {"endpoint_id": 99}, 404, "no_endpoint"),
        ("change", {"endpoint_id": "1"}, 422, "malformed_fact"),
        ("change", {"endpoint_id": True}, 422, "malformed_fact"),
        ("switch", {"endpoint_id": 99, "on": True}, 404, "no_endpoint"),
        ("switch", {"endpoint_id": 99}, 422, "malformed_fact"),
        ("rotate", {"endpoint_id": 2**63}, 422, "malformed_fact"),
        ("test", {"endpoint_id": 99}, 404, "no_endpoint"),
        ("deliveries", {"endpoint_id": 99}, 404, "no_endpoint"),
        ("replay", {"delivery_id": 99}, 404, "no_delivery"),
        ("replay", {"endpoint_id": 99, "since": "2026-01-01T00:00:00Z"}, 404, "no_endpoint"),
        ("replay", {"endpoint_id": 99}, 422, "bad_timestamp"),
        ("replay", {"endpoint_id": 99, "since": "yesterday"}, 422, "bad_timestamp"),
    ],
)
def test_what_cannot_be_done_says_why(manager, verb, body, status, code) -> None:
    response = manager.post(f"/webhooks/{verb}", body)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_inside_is_refused_where_the_operator_has_not_allowed_it(manager, settings) -> None:
    settings.WEBHOOKS_INTERNAL = False
    for url in ("http://a.example/", "https://127.0.0.1/", "https://[fd00:ec2::254]/"):
        response = manager.post("/webhooks/add", {"name": "A", "url": url})
        assert (response.json()["code"], response.json()["field"]) == ("bad_endpoint", "url")


def test_another_scope_will_not_do(till) -> None:
    assert till.post("/webhooks/list", {}).status_code == 403


def test_the_examples_keep_to_the_schemas(valid) -> None:
    takes = {
        "list": "WebhookQuestion", "add": "WebhookWish", "change": "WebhookChange", "switch": "WebhookSwitch",
        "rotate": "WebhookOne", "remove": "WebhookOne", "test": "WebhookOne", "deliveries": "WebhookPage",
        "replay": "WebhookReplay",
    }  # fmt: skip
    for verb, shown in schemas.BODIES.items():
        for example in shown.values():
            valid(takes[verb], example["value"])
    for name, shown in schemas.ANSWERS.items():
        for example in shown.values():
            valid(name, example["value"])
    for shown in schemas.PROBLEMS.values():
        for example in shown.values():
            valid("Problem", example["value"])


def test_the_document_says_what_endpoints_are_sent(client, db, valid) -> None:
    told = client.get("/api/v1/openapi.json").json()["webhooks"]
    assert set(told) == set(KINDS)
    for kind, item in told.items():
        message = item["post"]["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]
        assert message["type"] == kind
        valid("WebhookMessage", message)
