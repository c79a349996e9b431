"""Deliveries whose turn has come: claimed for a while, tried, and noted.

A claim is a lease: until it ends nobody else takes the delivery, and if its worker dies, somebody does then. So a
message arrives at least once, and perhaps twice, with the same id.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from regulars.core import bulk
from regulars.staff.sealing import SecretUnreadable, unseal
from regulars.webhooks.models import Attempt, Delivery, Endpoint
from regulars.webhooks.rules import GONE, Answered, Off, State, fails_too_long, next_try, told

LEASE: Final = timedelta(minutes=2)
"""Longer than a worker needs for all that it claims at once."""
CLAIM = """
UPDATE webhooks_delivery d SET due_at = %s, tries = d.tries + 1 FROM (
  SELECT q.id FROM webhooks_delivery q
  WHERE q.endpoint_id = %s AND q.state = 'waiting' AND q.due_at <= %s AND (%s::bigint IS NULL OR q.id = %s)
  ORDER BY q.due_at, q.id LIMIT %s FOR UPDATE SKIP LOCKED
) w, webhooks_message m
WHERE d.id = w.id AND m.id = d.message_id
RETURNING d.id, d.tries, d.begun_at, m.token, m.kind, m.at, m.data::text, m.who::text
"""


@dataclass(frozen=True, slots=True)
class DueEndpoint:
    """An endpoint for which something is due. No `secrets`: this instance's key cannot read them."""

    id: int
    url: str
    source: str
    secrets: tuple[str, ...]
    is_failing: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is this worker's for the time of a lease, with the body as this endpoint gets it."""

    id: int
    endpoint_id: int
    tries: int
    begun_at: datetime
    token: str
    body: str


def due_endpoints(*, at: datetime, but: Collection[int] = ()) -> list[DueEndpoint]:
    """Endpoints that are on and for which something is due, other than these."""
    waiting = Delivery.objects.filter(endpoint=OuterRef("pk"), state=State.WAITING, due_at__lte=at)
    found = Endpoint.objects.filter(Exists(waiting), off_at=None, removed_at=None).exclude(pk__in=but).order_by("pk")
    return [DueEndpoint(one.pk, one.url, one.source, _secrets(one, at), one.failing_since is not None) for one in found]


def claim(endpoint: DueEndpoint, *, at: datetime, most: int, only: int | None = None) -> list[Claimed]:
    """What is due for an endpoint, the longest due first, passing over what others hold.

    Args:
        only: This delivery and no other.
    """
    rows = bulk.run(connection, CLAIM, [at + LEASE, endpoint.id, at, only, only, most])
    return [
        Claimed(row[0], endpoint.id, row[1], row[2], row[3], _body(row, endpoint.source))
        for row in sorted(rows, key=lambda row: int(row[0]))
    ]


@transaction.atomic
def note(claimed: Claimed, answered: Answered, *, at: datetime, chance: float) -> None:
    """Keep what came of a try: done, to be tried again, or dead; and what that says about the endpoint."""
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(pk=claimed.endpoint_id).first()
    delivery = Delivery.objects.select_for_update(no_key=True).filter(pk=claimed.id).first()
    if endpoint is None or delivery is None:
        return  # removed meanwhile
    Attempt.objects.create(
        delivery_id=claimed.id, at=answered.at, status=answered.status, trouble=answered.trouble,
        took_ms=answered.took_ms, answer=answered.answer,
    )  # fmt: skip
    _judge(endpoint, answered, at)
    # If it is somebody else's by now, or was replayed, only a success changes what stands there.
    if delivery.state == State.WAITING and (answered.is_taken or delivery.tries == claimed.tries):
        _move_on(delivery, answered, at, chance)


def _move_on(delivery: Delivery, answered: Answered, at: datetime, chance: float) -> None:
    delivery.status, delivery.trouble = answered.status, answered.trouble
    again = None
    if not answered.is_taken and answered.status != GONE:
        again = next_try(
            tries=delivery.tries, begun_at=delivery.begun_at, at=at, chance=chance, retry_after_s=answered.retry_after_s
        )
    if again is not None:
        delivery.due_at = again
    else:
        delivery.state, delivery.ended_at = State.DELIVERED if answered.is_taken else State.DEAD, at
    delivery.save(update_fields=["status", "trouble", "due_at", "state", "ended_at"])


def _judge(endpoint: Endpoint, answered: Answered, at: datetime) -> None:
    """Whether the endpoint works; one that is gone, or has failed for days, is switched off."""
    if answered.is_taken:
        if endpoint.failing_since is not None:
            endpoint.failing_since = None
            endpoint.save(update_fields=["failing_since"])
        return
    if endpoint.failing_since is None:
        endpoint.failing_since = at
    if endpoint.off_at is None and (answered.status == GONE or fails_too_long(endpoint.failing_since, at)):
        endpoint.off_at, endpoint.off_why = at, Off.GONE if answered.status == GONE else Off.FAILING
    endpoint.save(update_fields=["failing_since", "off_at", "off_why"])


def _secrets(one: Endpoint, at: datetime) -> tuple[str, ...]:
    sealed = [one.secret]
    if one.old_until is not None and at < one.old_until:
        sealed.append(one.old_secret)
    try:
        return tuple(unseal(secret) for secret in sealed)
    except SecretUnreadable:
        return ()


def _body(row: Sequence[Any], source: str) -> str:
    _, _, _, _, kind, at, data, who = row
    return orjson.dumps(told(kind, at, orjson.loads(data), orjson.loads(who), source)).decode()
