"""Sending again: one delivery, or everything since a time; and a test message on demand."""

from datetime import datetime

from django.db import connection, transaction

from regulars.core import bulk
from regulars.staff.actions.audit import record
from regulars.staff.rules import Actor
from regulars.webhooks.events.catalogue import PING
from regulars.webhooks.models import Delivery, Endpoint, Message
from regulars.webhooks.rules import OWN_TURN, EndpointOff, NoDelivery, NoEndpoint, State, new_token

AGAIN = """
UPDATE webhooks_delivery d SET state = 'waiting', tries = 0, begun_at = %s, due_at = %s, status = NULL, trouble = '',
  ended_at = NULL
FROM webhooks_message m
WHERE m.id = d.message_id AND d.endpoint_id = %s AND m.made_at >= %s AND d.state = ANY(%b::text[]) RETURNING d.id
"""
MISSED = """
INSERT INTO webhooks_delivery (message_id, endpoint_id, state, tries, begun_at, due_at, trouble)
SELECT m.id, e.id, 'waiting', 0, %s, %s, '' FROM webhooks_endpoint e
JOIN webhooks_message m ON m.made_at >= %s AND m.kind <> %s AND (e.events = '{}' OR m.kind = ANY(e.events))
WHERE e.id = %s ORDER BY m.id
ON CONFLICT (message_id, endpoint_id) DO NOTHING RETURNING id
"""


@transaction.atomic
def replay_one(*, delivery_id: int, by: Actor, at: datetime) -> None:
    """Send one message again, from the first try on; its webhook-id is the same.

    Raises:
        NoDelivery, EndpointOff: As they say.
    """
    endpoint_id = Delivery.objects.filter(pk=delivery_id).values_list("endpoint_id", flat=True).first()
    if endpoint_id is None:
        raise NoDelivery("There is no such delivery.")
    _check_on(endpoint_id)
    Delivery.objects.filter(pk=delivery_id).update(
        state=State.WAITING, tries=0, begun_at=at, due_at=at, status=None, trouble="", ended_at=None
    )
    record(by=by, action="webhooks.replay", at=at, subject_kind="endpoint", subject_id=endpoint_id, detail={"rows": 1})


@transaction.atomic
def replay_since(*, endpoint_id: int, since: datetime, delivered_too: bool, by: Actor, at: datetime) -> int:
    """Send again what failed since a time, and what the endpoint missed while it was off; returns how many.

    Args:
        since: When the messages were made; they are kept for a month.
        delivered_too: Also what the endpoint has taken.
    Raises:
        NoEndpoint, EndpointOff: As they say.
    """
    _check_on(endpoint_id)
    states = [State.DEAD.value, State.DELIVERED.value] if delivered_too else [State.DEAD.value]
    again = bulk.run(connection, AGAIN, [at, at, endpoint_id, since, bulk.Column("text", states)])
    missed = bulk.run(connection, MISSED, [at, at, since, PING, endpoint_id])
    count = len(again) + len(missed)
    detail = {"rows": count, "from": since.isoformat()}
    record(by=by, action="webhooks.replay", at=at, subject_kind="endpoint", subject_id=endpoint_id, detail=detail)
    return count


@transaction.atomic
def ping(*, endpoint_id: int, at: datetime) -> int:
    """Make a test message for one endpoint; returns the delivery. Whoever asked sends it, and if not, a worker does.

    Raises:
        NoEndpoint, EndpointOff: As they say.
    """
    name = _check_on(endpoint_id)
    message = Message.objects.create(token=new_token(), kind=PING, at=at, data={"endpoint": name}, made_at=at)
    return Delivery.objects.create(message=message, endpoint_id=endpoint_id, begun_at=at, due_at=at + OWN_TURN).pk


def _check_on(endpoint_id: int) -> str:
    """The endpoint's name, if it is there and on."""
    found = Endpoint.objects.filter(pk=endpoint_id, removed_at=None).values_list("name", "off_at").first()
    if found is None:
        raise NoEndpoint("There is no such endpoint.")
    if found[1] is not None:
        raise EndpointOff("The endpoint is off; switch it on first.")
    return found[0]
