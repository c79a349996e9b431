"""The part of the OpenAPI document about webhooks: managing endpoints, and what they are sent."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.problems import COMMON_CODES, WEBHOOK_CODES
from regulars.api.schemas import fields_of, operation, ref
from regulars.webhooks.events.catalogue import CHOICES, KINDS
from regulars.webhooks.rules import KEPT, LONGEST_NAME, LONGEST_SOURCE, LONGEST_URL, VERSION, State

SCOPE: Final = "webhooks.manage"
_CODES: Final = {**COMMON_CODES, **WEBHOOK_CODES}
_NULL: Final[Json] = {"type": "null"}
_ID: Final[Json] = {"type": "integer", "minimum": 1}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_MAYBE_TIME: Final[Json] = {"anyOf": [ref("Time"), _NULL]}
_STATUS: Final[Json] = {"anyOf": [{"type": "integer"}, _NULL], "description": "HTTP status, null without an answer."}
_TROUBLE: Final[Json] = {"anyOf": [{"type": "string"}, _NULL], "description": "Why there was no answer."}
_NAME: Final[Json] = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_URL: Final[Json] = {
    "type": "string",
    "maxLength": LONGEST_URL,
    "description": "https, out on the internet. Redirects are not followed.",
}
_EVENTS: Final[Json] = {
    "type": "array",
    "items": {"type": "string", "enum": sorted(CHOICES)},
    "description": "Empty: all, also those to come.",
}
_SOURCE: Final[Json] = {
    "type": "string",
    "maxLength": LONGEST_SOURCE,
    "description": "The system whose ids of customers it hears, as told in `source`; empty: none.",
}
_SECRET: Final[Json] = {"type": "string", "description": "whsec_…, to check signatures. It is not shown again."}
_WANTED: Final[Json] = {"name": _NAME, "url": _URL, "events": _EVENTS, "source": _SOURCE}
_ENDPOINT: Final[Json] = {
    "id": _ID,
    **_WANTED,
    "on": {"type": "boolean"},
    "off_because": {
        "anyOf": [{"type": "string", "enum": ["staff", "failing", "gone"]}, _NULL],
        "description": "failing: nothing arrived for five days; gone: it answered 410.",
    },
    "failing_since": _MAYBE_TIME,
    "old_secret_until": _MAYBE_TIME,
    "waiting": _COUNT,
    "dead": _COUNT,
    "last_delivered_at": _MAYBE_TIME,
}
_ATTEMPT: Final = fields_of(
    {
        "at": ref("Time"),
        "status": _STATUS,
        "trouble": _TROUBLE,
        "took_ms": _COUNT,
        "answer": {"type": "string", "description": "Its first 500 bytes."},
    },
    "at",
    "status",
    "trouble",
    "took_ms",
    "answer",
)
_DELIVERY: Final[Json] = {
    "id": _ID,
    "webhook_id": {"type": "string"},
    "type": {"type": "string"},
    "happened_at": ref("Time"),
    "state": {"type": "string", "enum": list(State)},
    "tries": _COUNT,
    "status": _STATUS,
    "trouble": _TROUBLE,
    "next_try_at": _MAYBE_TIME,
    "ended_at": _MAYBE_TIME,
}
_ONE: Final = fields_of({"endpoint_id": _ID}, "endpoint_id")
SCHEMAS: Final[Json] = {
    "WebhookEndpoint": fields_of(_ENDPOINT, *_ENDPOINT),
    "WebhookDelivery": fields_of({**_DELIVERY, "attempts": {"type": "array", "items": _ATTEMPT}}, *_DELIVERY),
    "WebhookQuestion": fields_of({}),
    "WebhookWish": fields_of(_WANTED, "name", "url"),
    "WebhookChange": fields_of({"endpoint_id": _ID, **_WANTED}, "endpoint_id"),
    "WebhookOne": _ONE,
    "WebhookSwitch": fields_of({"endpoint_id": _ID, "on": {"type": "boolean"}}, "endpoint_id", "on"),
    "WebhookPage": fields_of(
        {
            "endpoint_id": _ID,
            "state": {"type": "string", "enum": ["", *State]},
            "before": {**_ID, "description": "The last answer's `next_before`."},
        },
        "endpoint_id",
    ),
    "WebhookReplay": fields_of(
        {
            "delivery_id": {**_ID, "description": "This one; or name an endpoint."},
            "endpoint_id": _ID,
            "since": ref("Time", f"When it happened; messages are kept for {KEPT.days} days."),
            "delivered_too": {"type": "boolean", "description": "Also what was delivered."},
        }
    ),
    "WebhookEndpoints": fields_of({"endpoints": {"type": "array", "items": ref("WebhookEndpoint")}}, "endpoints"),
    "WebhookAnswer": fields_of({"endpoint": ref("WebhookEndpoint")}, "endpoint"),
    "WebhookSecret": fields_of({"endpoint": ref("WebhookEndpoint"), "secret": _SECRET}, "endpoint", "secret"),
    "WebhookRemoved": fields_of({"removed": {"const": True}}, "removed"),
    "WebhookSent": fields_of({"delivery": ref("WebhookDelivery")}, "delivery"),
    "WebhookDeliveries": fields_of(
        {
            "deliveries": {"type": "array", "items": ref("WebhookDelivery")},
            "next_before": {"anyOf": [_ID, _NULL], "description": "Where the next page begins; null at the end."},
        },
        "deliveries",
        "next_before",
    ),
    "WebhookReplayed": fields_of({"count": _COUNT}, "count"),
    "WebhookMessage": fields_of(
        {
            "type": {"type": "string"},
            "timestamp": ref("Time"),
            "version": {"const": VERSION},
            "data": {"type": "object", "description": "Ids and figures. Members are only ever added."},
        },
        "type",
        "timestamp",
        "version",
        "data",
    ),
}


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_SHOP: Final[Json] = {
    "name": "Web shop",
    "url": "https://shop.example.com/hooks",
    "events": ["points.changed", "tier.changed"],
    "source": "web",
}
_KEPT: Final[Json] = {
    "id": 1,
    **_SHOP,
    "on": True,
    "off_because": None,
    "failing_since": None,
    "old_secret_until": None,
    "waiting": 0,
    "dead": 0,
    "last_delivered_at": "2026-03-01T01:30:01+00:00",
}
_SENT: Final[Json] = {
    "id": 31,
    "webhook_id": "msg_4f6d5e0b2a913c7788aa0d12",
    "type": "points.changed",
    "happened_at": "2026-03-01T01:30:00+00:00",
    "state": "delivered",
    "tries": 1,
    "status": 204,
    "trouble": None,
    "next_try_at": None,
    "ended_at": "2026-03-01T01:30:01+00:00",
}
_TRIED: Final[Json] = {"at": "2026-03-01T01:30:01+00:00", "status": 204, "trouble": None, "took_ms": 41, "answer": ""}
_NEW: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODIES: Final[dict[str, dict[str, Any]]] = {
    "list": {"all": _example("All of them", {})},
    "add": {
        "shop": _example("A web shop that shows points and tiers", _SHOP),
        "everything": _example("Everything", {"name": "Till", "url": "https://till.example.com/regulars"}),
    },
    "change": {"url": _example("It moved", {"endpoint_id": 1, "url": "https://new.example.com/hooks"})},
    "switch": {"off": _example("For a while", {"endpoint_id": 1, "on": False})},
    "rotate": {"one": _example("A new secret", {"endpoint_id": 1})},
    "remove": {"one": _example("The shop is closed", {"endpoint_id": 1})},
    "test": {"one": _example("Does it arrive?", {"endpoint_id": 1})},
    "deliveries": {"dead": _example("Dead letters", {"endpoint_id": 1, "state": "dead"})},
    "replay": {
        "one": _example("One message", {"delivery_id": 31}),
        "all": _example("All that failed since a time", {"endpoint_id": 1, "since": "2026-03-01T00:00:00Z"}),
    },
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "WebhookEndpoints": {"one": _example("One endpoint", {"endpoints": [_KEPT]})},
    "WebhookAnswer": {"kept": _example("As it is now", {"endpoint": _KEPT})},
    "WebhookSecret": {"new": _example("With its secret", {"endpoint": _KEPT, "secret": _NEW})},
    "WebhookRemoved": {"gone": _example("Removed", {"removed": True})},
    "WebhookSent": {"arrived": _example("It arrived", {"delivery": {**_SENT, "attempts": [_TRIED]}})},
    "WebhookDeliveries": {"page": _example("One delivery", {"deliveries": [_SENT], "next_before": None})},
    "WebhookReplayed": {"again": _example("Five are sent again", {"count": 5})},
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return _example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"unknown": _problem("no_endpoint", "There is no such endpoint.")},
    409: {"off": _problem("endpoint_off", "The endpoint is off; switch it on first.")},
    422: {"url": _problem("bad_endpoint", "The address must begin with https://.", field="url")},
}


def _operation(verb: str, body: str, answer: str, *more: int) -> Json:
    return operation(body, answer, BODIES[verb], ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)


LIST: Final = _operation("list", "WebhookQuestion", "WebhookEndpoints", 422)
ADD: Final = _operation("add", "WebhookWish", "WebhookSecret", 422)
CHANGE: Final = _operation("change", "WebhookChange", "WebhookAnswer", 404, 422)
SWITCH: Final = _operation("switch", "WebhookSwitch", "WebhookAnswer", 404, 422)
ROTATE: Final = _operation("rotate", "WebhookOne", "WebhookSecret", 404, 422)
REMOVE: Final = _operation("remove", "WebhookOne", "WebhookRemoved", 404, 422)
TEST: Final = _operation("test", "WebhookOne", "WebhookSent", 404, 409, 422)
DELIVERIES: Final = _operation("deliveries", "WebhookPage", "WebhookDeliveries", 404, 422)
REPLAY: Final = _operation("replay", "WebhookReplay", "WebhookReplayed", 404, 409, 422)


def _sent(kind: str) -> Json:
    words, data = KINDS[kind]
    message = {"type": kind, "timestamp": "2026-03-01T01:30:00.000+00:00", "version": VERSION, "data": data}
    return {
        "post": {
            "operationId": f"told_{kind.replace('.', '_')}",
            "summary": words.en,
            "tags": ["Webhooks"],
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": ref("WebhookMessage"),
                        "examples": {"one": _example(words.en, message)},
                    }
                }
            },
            "responses": {"2XX": {"description": "Taken. Anything else is tried again for three days; 410 ends it."}},
        }
    }


SENT: Final[Json] = {kind: _sent(kind) for kind in KINDS}
"""What endpoints are sent: the document's `webhooks`."""
