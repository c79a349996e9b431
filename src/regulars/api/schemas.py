"""The OpenAPI document: what can be sent, what comes back, and why it is refused."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from regulars.api import examples
from regulars.api.bodies import LARGEST_KILOBYTES, Json
from regulars.api.problems import COMMON_CODES, CONTENT_TYPE, Codes
from regulars.flows.record_facts import LARGEST_BATCH

DESCRIPTION: Final = f"""
Tell Regulars what your customers do. The messages have the shapes of Segment's HTTP API, so its libraries work: point
them at this address and use an API key as the write key.

**Keys.** Send `Authorization: Bearer KEY`, or Basic with the key as user name and no password. Every route names the
scope that a key needs.

**Once.** A fact is known by its source, its event and its own number: `order_id` for Order Completed and Order
Cancelled, `refund_id` for Order Refunded, `contract_id` for Contract Started and Contract Ended, `messageId` for
everything else. What has no number is known by all that it
tells. The same again is answered `repeated` and changes nothing; the same number with other content is a `conflict`.
Send again after any failure, with the same `timestamp`.

**Source.** The system that numbered the order. Name it in `source` (or `context.source`) if several systems share a
key, or if the same orders are also imported from files; otherwise it is `api:` and the key's name. A `userId` and an
`anonymousId` count within their source; phone, e-mail, memberNumber, unionid and openid count everywhere.

**Time.** `timestamp` is ISO 8601 with an offset (`originalTimestamp`, then `sentAt`, stand in for it). It may lie years
back; nothing is guessed and nothing more than a day ahead is taken.

**Customers.** A contact that is masked, lent by a platform or nobody's is left out with a warning, and the fact is
kept. A fact that names nobody is kept and earns nothing.

**Limits.** {LARGEST_KILOBYTES} KB and {LARGEST_BATCH:,} items a request. A key that sends too much gets 429 with
`Retry-After`. Refusals are RFC 9457 problems with a stable `code`; `field` names what to correct.
""".strip()


def fields_of(properties: Json, *required: str) -> Json:
    """An object with these members."""
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def ref(name: str, description: str = "") -> Json:
    """A schema that stands among the components."""
    told = {"description": description} if description else {}
    return {"$ref": f"#/components/schemas/{name}", **told}


PLAIN: Final[Json] = {"type": "string", "maxLength": 200}
AMOUNT: Final[Json] = {
    "description": "Major units with at most the currency's decimals: 88.50. A text keeps every digit.",
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 10_000_000_000},
        {"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$"},
    ],
}
TIME: Final[Json] = {
    "type": "string",
    "format": "date-time",
    "description": "When it happened, with an offset: 2026-03-01T09:30:00+08:00.",
}
TRAITS: Final[Json] = {
    "type": "object",
    "description": "What is known of the person. Empty fields of the profile are filled; what is known stays.",
    "properties": {
        "name": PLAIN,
        "firstName": PLAIN,
        "lastName": PLAIN,
        "phone": {**PLAIN, "description": "Mobile numbers join orders of one person over all channels."},
        "email": PLAIN,
        "memberNumber": {**PLAIN, "description": "Your own member number."},
        "unionid": PLAIN,
        "openid": {**PLAIN, "description": "Only together with appid."},
        "appid": {**PLAIN, "maxLength": 100},
        "birthday": {"type": "string", "format": "date"},
        "language": {"type": "string", "maxLength": 10, "description": "zh-hans, en, …"},
    },
}
DEVICE: Final[Json] = {
    "type": "object",
    "description": "What an order was placed from. Only a hash of the id is kept, for risk control.",
    "properties": {"id": PLAIN},
}
CONTEXT: Final = fields_of(
    {
        "source": {"type": "string", "maxLength": 100},
        "traits": ref("Traits"),
        "locale": PLAIN,
        "device": DEVICE,
    }
)
COMMON_FIELDS: Final[Json] = {
    "messageId": {**PLAIN, "description": "Your own number for this message."},
    "userId": {**PLAIN, "description": "The customer's id in the source."},
    "anonymousId": {**PLAIN, "description": "A visitor before signing in, in the source."},
    "timestamp": ref("Time"),
    "originalTimestamp": ref("Time", "Stands in for timestamp."),
    "sentAt": ref("Time", "Stands in for both."),
    "source": {"type": "string", "maxLength": 100, "description": "The system that numbered the order."},
    "context": ref("Context"),
}
PRODUCT: Final[Json] = {
    "type": "object",
    "properties": {
        "line_id": {**PLAIN, "description": "The line's own number; its place in the list if absent."},
        "product_id": PLAIN,
        "sku": PLAIN,
        "quantity": {"type": "number", "minimum": 0, "maximum": 1_000_000},
        "price": ref("Amount", "Of one."),
        "total": ref("Amount", "Paid or given back for the line."),
    },
}
PROPERTIES: Final[Json] = {
    "type": "object",
    "description": "What the event tells. A custom event takes at most 50 texts, numbers and yes/no values.",
    "properties": {
        "order_id": {**PLAIN, "description": "Of every event about an order."},
        "refund_id": {**PLAIN, "description": "Of Order Refunded: tells two refunds of one order apart."},
        "total": ref("Amount", "Paid (实付), or given back. A refund without total and products is whole."),
        "shipping": ref("Amount", "Part of total that earns nothing: freight."),
        "vouchers": ref("Amount", "Part of total that earns nothing: paid with vouchers."),
        "stored_value": ref("Amount", "Part of total that earns nothing: paid from a stored-value card."),
        "discount": ref("Amount", "What the shop took off the price; no part of total."),
        "coupon": {**PLAIN, "description": "The code of a coupon that was presented."},
        "coupons": {"type": "array", "items": PLAIN, "maxItems": 20, "description": "Several of them."},
        "shipping_address": {
            "description": "Where an order goes: a text, or an object with city, street, …. Only a hash of it is kept.",
            "anyOf": [PLAIN, {"type": "object"}],
        },
        "currency": {"type": "string", "maxLength": 3, "description": "The programme's own; others are refused."},
        "channel": {**PLAIN, "description": "online, app, mini …: points wait until goods cannot come back."},
        "store": {"type": "string", "maxLength": 100, "description": "The code of the shop."},
        "products": {"type": "array", "items": ref("Product"), "maxItems": 2000},
        "product_id": {**PLAIN, "description": "Of Product Viewed and Product Reviewed."},
        "rating": {"type": "integer", "minimum": 1, "maximum": 5, "description": "Of Product Reviewed."},
        "url": PLAIN,
        "contract_id": {**PLAIN, "description": "Of every event about a contract: your own number of it."},
        "ends_on": {"type": "string", "format": "date", "description": "The last day agreed; a later one renews."},
        "attributes": {
            "type": "object",
            "maxProperties": 100,
            "description": "What holds of the contract from now on: plan, fee, balance … No names, no contacts.",
        },
    },
}
EVENT: Final[Json] = {
    **PLAIN,
    "minLength": 1,
    "description": "Order Completed, Order Refunded, Order Cancelled, Product Viewed, Product Reviewed, "
    "Contract Started, Contract Updated, Contract Ended, Member Enrolled, or your own.",
}


TRACK_FIELDS: Final[Json] = {**COMMON_FIELDS, "event": EVENT, "properties": ref("Properties")}
IDENTIFY_FIELDS: Final[Json] = {**COMMON_FIELDS, "traits": ref("Traits")}
ANSWER: Final[Json] = {
    "status": {"type": "string", "enum": ["recorded", "repeated", "conflict", "refused"]},
    "fact_id": {"type": "integer", "description": "The fact that was recorded, now or before."},
    "warnings": {"type": "array", "items": ref("Warning")},
}
SCHEMAS: Final[Json] = {
    "Amount": AMOUNT,
    "Time": TIME,
    "Context": CONTEXT,
    "Traits": TRAITS,
    "Product": PRODUCT,
    "Properties": PROPERTIES,
    "Track": fields_of(TRACK_FIELDS, "event"),
    "Identify": fields_of(IDENTIFY_FIELDS),
    "Batch": fields_of(
        {
            "batch": {
                "type": "array",
                "maxItems": LARGEST_BATCH,
                "items": {
                    "anyOf": [
                        fields_of({"type": {"const": "track"}, **TRACK_FIELDS}, "type", "event"),
                        fields_of({"type": {"const": "identify"}, **IDENTIFY_FIELDS}, "type"),
                    ]
                },
            },
            **{name: {**COMMON_FIELDS[name], "description": "For every item that has none of its own."}
               for name in ("source", "sentAt", "context")},
        },
        "batch",
    ),
    "Answer": fields_of(ANSWER, "status"),
    "BatchAnswer": fields_of(
        {
            "counts": fields_of(
                {name: {"type": "integer"} for name in ANSWER["status"]["enum"]}, *ANSWER["status"]["enum"]
            ),
            "answers": {
                "type": "array",
                "items": fields_of(
                    {"index": {"type": "integer"}, **ANSWER, "problem": ref("Problem")}, "index", "status"
                ),
            },
        },
        "counts",
        "answers",
    ),
    "Warning": fields_of({name: {"type": "string"} for name in ("field", "code", "detail")}, "field", "code", "detail"),
    "Problem": fields_of(
        {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What to do about it."},
            "code": {"type": "string", "description": "Stable; the list of codes only grows."},
            "field": {"type": "string", "description": "The field to correct."},
            "fact_id": {"type": "integer", "description": "The fact that stands in the way."},
            "day": {"type": "string", "format": "date", "description": "When a coupon ended, begins or was used."},
            "store": {"type": "string", "description": "Where a coupon was used."},
            "spendable": {"type": "integer", "description": "Points that can be spent."},
            "left": {"type": "integer", "description": "Points that are left of the hold or the capture."},
        },
        "type",
        "title",
        "status",
        "detail",
        "code",
    ),
}  # fmt: skip
REFUSALS: Final = (400, 401, 403, 411, 413, 415, 429, 503)


def _described(status: int, codes: Codes) -> str:
    return "; ".join(f"`{code}` {title}" for code, (listed, title) in codes.items() if listed == status)


def _problems(statuses: Iterable[int], codes: Codes, shown: Mapping[int, Mapping[str, Json]]) -> dict[int, Json]:
    return {
        status: {
            "description": _described(status, codes),
            "content": {CONTENT_TYPE: {"schema": ref("Problem"), "examples": shown.get(status, {})}},
        }
        for status in statuses
    }


def operation(
    body: str,
    answer: str,
    told: Mapping[str, Json],
    answered: Mapping[str, Json],
    *more: int,
    scope: str = "facts.write",
    codes: Codes = COMMON_CODES,
    problems: Mapping[int, Mapping[str, Json]] = examples.PROBLEMS,
) -> Json:
    """What a route takes and answers; `more` are statuses besides those that every route can answer."""
    json = "application/json"
    return {
        "requestBody": {"required": True, "content": {json: {"schema": ref(body), "examples": told}}},
        "responses": {
            200: {"description": "Done.", "content": {json: {"schema": ref(answer), "examples": answered}}},
            **_problems((*REFUSALS, *more), codes, problems),
        },
        "security": [{"bearer": []}, {"basic": []}],
        "x-scope": scope,
    }


TRACK: Final = operation("Track", "Answer", examples.TRACK, examples.RECORDED, 409, 422)
IDENTIFY: Final = operation("Identify", "Answer", examples.IDENTIFY, examples.IDENTIFIED, 422)
BATCH: Final = operation("Batch", "BatchAnswer", examples.BATCH, examples.BATCH_ANSWER)
COMMON: Final[Json] = {"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}}


def finished(document: Mapping[str, Any], more: Json) -> Json:
    """The document with the parts that routes refer to, these and more."""
    return {
        **document,
        "components": {
            "schemas": {**SCHEMAS, **more},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The API key."},
                "basic": {"type": "http", "scheme": "basic", "description": "The API key as user name, no password."},
            },
        },
    }
