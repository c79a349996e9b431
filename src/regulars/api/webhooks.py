"""Webhooks: who is told what happens here; whether it arrived; what is sent again."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from regulars.api import webhook_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.messages import time_of
from regulars.core.errors import DomainError
from regulars.facts.rules import MalformedFact
from regulars.flows.tell_webhooks import try_endpoint
from regulars.webhooks import actions, queries
from regulars.webhooks.rules import AttemptView, DeliveryView, EndpointView, State, Wanted

router = ScopedRouter(tags=["Webhooks"])
LARGEST_ID: Final = 2**63 - 1
PAGE: Final = 50


@router.post("/list", auth=Scope(schemas.SCOPE), operation_id="list_webhooks", openapi_extra=schemas.LIST)
def list_endpoints(request: HttpRequest) -> HttpResponse:
    """Every endpoint, and how it is doing."""
    read(request)
    return answer({"endpoints": [_endpoint(one) for one in queries.endpoints()]})


@router.post("/add", auth=Scope(schemas.SCOPE), operation_id="add_webhook", openapi_extra=schemas.ADD)
def add(request: HttpRequest) -> HttpResponse:
    """A new endpoint, with its secret, which is never shown again."""
    asked = read(request)
    wanted = Wanted(_text(asked, "name"), _text(asked, "url"), _events(asked, ()), _text(asked, "source"))
    made = actions.create(wanted=wanted, by=asked.caller.actor, at=asked.at, actor=asked.actor)
    return answer({"endpoint": _endpoint(queries.endpoint(made.id)), "secret": made.secret})


@router.post("/change", auth=Scope(schemas.SCOPE), operation_id="change_webhook", openapi_extra=schemas.CHANGE)
def change(request: HttpRequest) -> HttpResponse:
    """Change an endpoint; what is not named stays as it is."""
    asked = read(request)
    one = queries.endpoint(_id(asked, "endpoint_id"))
    kept = {name: getattr(one, name) for name in ("name", "url", "source")}
    texts = {name: _text(asked, name) if name in asked.members else before for name, before in kept.items()}
    wanted = Wanted(texts["name"], texts["url"], _events(asked, one.events), texts["source"])
    actions.change(endpoint_id=one.id, wanted=wanted, by=asked.caller.actor, at=asked.at)
    return answer({"endpoint": _endpoint(queries.endpoint(one.id))})


@router.post("/switch", auth=Scope(schemas.SCOPE), operation_id="switch_webhook", openapi_extra=schemas.SWITCH)
def switch(request: HttpRequest) -> HttpResponse:
    """Switch an endpoint off, or on again. What it missed meanwhile is sent by a replay."""
    asked = read(request)
    endpoint_id, on = _id(asked, "endpoint_id"), _yes(asked, "on")
    if on is None:
        raise MalformedFact("on is missing: send true or false.", field="on")
    turn = actions.switch_on if on else actions.switch_off
    turn(endpoint_id=endpoint_id, by=asked.caller.actor, at=asked.at)
    return answer({"endpoint": _endpoint(queries.endpoint(endpoint_id))})


@router.post("/rotate", auth=Scope(schemas.SCOPE), operation_id="rotate_webhook_secret", openapi_extra=schemas.ROTATE)
def rotate(request: HttpRequest) -> HttpResponse:
    """A new secret, which is never shown again; for 24 hours messages are signed with the old one as well."""
    asked = read(request)
    endpoint_id = _id(asked, "endpoint_id")
    secret = actions.rotate(endpoint_id=endpoint_id, by=asked.caller.actor, at=asked.at)
    return answer({"endpoint": _endpoint(queries.endpoint(endpoint_id)), "secret": secret})


@router.post("/remove", auth=Scope(schemas.SCOPE), operation_id="remove_webhook", openapi_extra=schemas.REMOVE)
def remove(request: HttpRequest) -> HttpResponse:
    """Take an endpoint away with everything that waits for it."""
    asked = read(request)
    actions.remove(endpoint_id=_id(asked, "endpoint_id"), by=asked.caller.actor, at=asked.at)
    return answer({"removed": True})


@router.post("/test", auth=Scope(schemas.SCOPE), operation_id="test_webhook", openapi_extra=schemas.TEST)
def test(request: HttpRequest) -> HttpResponse:
    """Send a test message now; the answer says what came of the first try."""
    asked = read(request)
    return answer({"delivery": _delivery(try_endpoint(endpoint_id=_id(asked, "endpoint_id"), clock=timezone.now))})


@router.post(
    "/deliveries", auth=Scope(schemas.SCOPE), operation_id="list_webhook_deliveries", openapi_extra=schemas.DELIVERIES
)
def deliveries(request: HttpRequest) -> HttpResponse:
    """What was sent to an endpoint, the latest first, fifty at a time; dead letters by their state."""
    asked = read(request)
    one, state = queries.endpoint(_id(asked, "endpoint_id")), _text(asked, "state")
    if state and state not in list(State):
        raise MalformedFact(f"state is one of {', '.join(State)}.", field="state")
    before = _id(asked, "before") if "before" in asked.members else None
    found = queries.deliveries(one.id, state=state, before=before, most=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return answer({"deliveries": [_delivery(line) for line in found[:PAGE]], "next_before": more})


@router.post("/replay", auth=Scope(schemas.SCOPE), operation_id="replay_webhooks", openapi_extra=schemas.REPLAY)
def replay(request: HttpRequest) -> HttpResponse:
    """Send again: one delivery, or what an endpoint did not get since a time. Each message keeps its id."""
    asked = read(request)
    if "delivery_id" in asked.members:
        actions.replay_one(delivery_id=_id(asked, "delivery_id"), by=asked.caller.actor, at=asked.at)
        return answer({"count": 1})
    since = _since(asked)
    count = actions.replay_since(
        endpoint_id=_id(asked, "endpoint_id"), since=since, delivered_too=bool(_yes(asked, "delivered_too")),
        by=asked.caller.actor, at=asked.at,
    )  # fmt: skip
    return answer({"count": count})


def _endpoint(one: EndpointView) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "url": one.url,
        "events": list(one.events),
        "source": one.source,
        "on": one.is_on,
        "off_because": one.off_why or None,
        "failing_since": one.failing_since,
        "old_secret_until": one.old_until,
        "waiting": one.waiting,
        "dead": one.dead,
        "last_delivered_at": one.last_delivered_at,
    }


def _delivery(one: DeliveryView) -> dict[str, Any]:
    waits = one.state is State.WAITING
    return {
        "id": one.id,
        "webhook_id": one.token,
        "type": one.kind,
        "happened_at": one.at,
        "state": one.state.value,
        "tries": one.tries,
        "status": one.status,
        "trouble": one.trouble or None,
        "next_try_at": one.due_at if waits else None,
        "ended_at": one.ended_at,
        **({"attempts": [_attempt(tried) for tried in one.attempts]} if one.attempts else {}),
    }


def _attempt(one: AttemptView) -> dict[str, Any]:
    return {
        "at": one.at,
        "status": one.status,
        "trouble": one.trouble or None,
        "took_ms": one.took_ms,
        "answer": one.answer,
    }


def _text(asked: Asked, name: str) -> str:
    found = asked.members.get(name, "")
    if not isinstance(found, str):
        raise MalformedFact(f"{name} must be a text.", field=name)
    return found


def _yes(asked: Asked, name: str) -> bool | None:
    found = asked.members.get(name)
    if found is not None and not isinstance(found, bool):
        raise MalformedFact(f"{name} must be true or false.", field=name)
    return found


def _id(asked: Asked, name: str) -> int:
    found = asked.members.get(name)
    if type(found) is not int or not 0 < found <= LARGEST_ID:
        raise MalformedFact(f"{name} must be the number of one.", field=name)
    return found


def _events(asked: Asked, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    found = asked.members.get("events", otherwise)
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) for one in found):
        raise MalformedFact("events must be a list of names; empty for all.", field="events")
    return tuple(found)


def _since(asked: Asked) -> datetime:
    try:
        return time_of({"timestamp": asked.members.get("since")}, asked.at)
    except DomainError as error:
        error.context["field"] = "since"
        raise
