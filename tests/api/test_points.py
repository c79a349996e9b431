"""A member's points over HTTP: what can be spent, what waits, what is owed, and until when."""

from datetime import UTC, date, datetime

import jsonschema_rs
import pytest
from django.utils import timezone

from regulars.api import point_schemas
from regulars.core.calendar import zone
from regulars.customers.models import Customer
from regulars.loyalty.actions import commands
from regulars.loyalty.queries import policies
from regulars.loyalty.rules import ItemKind

WHO = {"userId": "u1", "source": "web"}


@pytest.fixture
def desk(new_till, order):
    found = new_till("ledger.read", "facts.write")
    at = timezone.now().isoformat()
    online = {"total": 40, "channel": "online"}
    found.track(**order("A-1", total=300, user="u1", source="web", timestamp=at))
    found.track(**order("A-2", user="u1", source="web", timestamp=at, properties=online))
    return found


def of(desk, status=200, **who):
    response = desk.post("/points/of", who or WHO)
    assert response.status_code == status, response.content
    return response.json()


def test_what_can_be_spent_and_what_waits_with_their_days(desk):
    found = of(desk)
    assert found["points"] == {"spendable": 300, "pending": 40, "held": 0, "owed": 0, "total": 340}
    today = datetime.now(UTC).astimezone(zone("Asia/Shanghai")).date()
    [waits], [ends] = found["maturing"], found["expiring"]
    assert (waits["points"], (date.fromisoformat(waits["on"]) - today).days) == (40, 7)
    assert ends == {"last_day": f"{today.year + 1}-12-31", "points": 340}
    assert found["frozen"] is False


def test_a_frozen_account_says_so(desk):
    who = Customer.objects.get()
    commands.decide(
        kind=ItemKind.FREEZE, customer_id=who.pk, amount=None, key="f", at=timezone.now(),
        policies=policies(zone("Asia/Shanghai")),
    )  # fmt: skip
    assert of(desk)["frozen"] is True


def test_a_stranger_a_wrong_field_and_a_key_without_the_scope(desk, new_till):
    assert of(desk, 404, userId="nobody")["code"] == "unknown_customer"
    assert of(desk, 422, userId=["u1"])["code"] == "malformed_fact"
    assert new_till("facts.write", name="Other").post("/points/of", WHO).json()["code"] == "scope_missing"


def test_the_examples_keep_to_the_schemas(desk, client):
    document = client.get("/api/v1/openapi.json").json()

    def validator(name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return jsonschema_rs.Draft202012Validator(schema)

    for example in point_schemas.ANSWERS["MemberPoints"].values():
        validator("MemberPoints").validate(example["value"])
    for example in point_schemas.OF_BODIES.values():
        validator("PointsQuestion").validate(example["value"])
    for example in point_schemas.PROBLEMS[404].values():
        validator("Problem").validate(example["value"])
    validator("MemberPoints").validate(of(desk))
