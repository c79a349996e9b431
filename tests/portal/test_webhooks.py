"""Providers tell what came back: only who knows our address is heard, and twice is once."""

import json
from typing import Any

import pytest
from django.test import Client

from regulars.customers import consents
from regulars.outreach.models import Delivery
from regulars.staff.sealing import token_for
from tests.outreach.deliveries.guests import business, campaign, guests, one, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """A message that was sent; then Postmark became the provider."""
    business()
    (anna,) = guests("anna@a.example")
    made = campaign([anna])
    work()
    monkeypatch.setenv("REGULARS_EMAIL_URL", "postmark://token@?from=hello%40cafe.example")
    return one(made, anna)


def tell(client: Client, sent: Delivery, secret: str | None = None, **event: Any) -> int:
    assert sent.token is not None
    body = {"MessageID": "x", "Metadata": {"delivery": sent.token.hex}, "Email": "anna@a.example", **event}
    path = f"/hooks/email/{secret or token_for('email webhook')}/"
    return client.post(path, json.dumps(body), content_type="application/json").status_code


BOUNCE: dict[str, Any] = {
    "RecordType": "Bounce",
    "Type": "HardBounce",
    "TypeCode": 1,
    "Details": "unknown user",
    "BouncedAt": "2026-06-01T05:00:00Z",
}


def test_a_bounce_stops_the_address(client: Client, sent: Delivery) -> None:
    assert [tell(client, sent, **BOUNCE) for _ in range(2)] == [200, 200]
    assert consents.addresses([sent.customer_id], "email") == {}
    sent.refresh_from_db()
    assert (sent.state, sent.reason) == ("refused", "bounced")


def test_a_complaint_and_a_way_out_at_the_provider_take_the_consent_back(client: Client, sent: Delivery) -> None:
    tell(client, sent, RecordType="SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression")
    assert consents.states([sent.customer_id], "promotion", "email") == {sent.customer_id: "withdrawn"}
    tell(client, sent, RecordType="SpamComplaint", Type="SpamComplaint", TypeCode=512)
    assert [one.why for one in consents.troubles(sent.customer_id)] == ["complained"]


def test_what_only_waits_is_no_bounce(client: Client, sent: Delivery) -> None:
    assert tell(client, sent, **{**BOUNCE, "Type": "SoftBounce", "TypeCode": 4096, "Details": "mailbox full"}) == 200
    assert tell(client, sent, RecordType="Open") == 200
    assert consents.addresses([sent.customer_id], "email")


def test_nobody_else_is_heard(client: Client, sent: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell(client, sent, secret="guess", **BOUNCE) == 404
    path = f"/hooks/email/{token_for('email webhook')}/"
    assert client.get(path).status_code == 405
    assert client.post(path, "no json", content_type="application/json").status_code == 400
    monkeypatch.setenv("REGULARS_EMAIL_URL", "mailbox:")
    assert tell(client, sent, **BOUNCE) == 404, "the mailbox calls nobody"
    assert consents.addresses([sent.customer_id], "email")
