"""The part of the OpenAPI document about the checkout, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.checkout_examples import (
    ANSWERS,
    CAPTURE_BODIES,
    QUOTE_BODIES,
    REDEEM_BODIES,
    REFUND_BODIES,
    RELEASE_BODIES,
    RESERVE_BODIES,
)
from regulars.api.coupon_schemas import COUPON, TEXT
from regulars.api.examples import example
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES
from regulars.api.schemas import COMMON_FIELDS, PROPERTIES, fields_of, operation, ref
from regulars.loyalty.checkout.rules import MINUTES, MOST_MINUTES
from regulars.loyalty.checkout.words import LEFT_OUT

SCOPE: Final = "checkout.write"
_CODES: Final = {**COMMON_CODES, **CHECKOUT_CODES}
_POINTS: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 10**15}
_ID: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_STORE: Final[Json] = {"type": "string", "maxLength": 100, "description": "The code of the shop that is charged."}
_WHO: Final[Json] = {name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")}
_IN_BASKET: Final = (
    "total", "shipping", "vouchers", "stored_value", "discount", "currency", "channel", "store", "products",
)  # fmt: skip
_SOME_CODES: Final[Json] = {
    "type": "array",
    "items": {"type": "string"},
    "maxItems": 20,
    "description": "Some of them; none if only others are named.",
}
_SOME_OF_IT: Final[Json] = {
    **_POINTS,
    "description": "A part. Where points, coupons and benefits are all absent, the step is about all that is left.",
}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_MONEY: Final[Json] = {"type": "string", "description": "Major units: 10.00."}
_CODES_OF: Final[Json] = {"type": "array", "items": {"type": "string"}, "maxItems": 20}
_USED: Final = fields_of({"code": {"type": "string"}, "discount": _MONEY}, "code", "discount")
_LOST: Final = fields_of({"item": {"type": "string"}, "code": {"type": "string"}}, "item", "code")
_TAKEN: Final[Json] = {
    "points": {**_COUNT, "description": "What this step moved."},
    "left": {**_COUNT, "description": "What was left of the hold (of the capture, for a refund) afterwards."},
    "spendable": {**_COUNT, "description": "What the customer could spend afterwards."},
    "at": ref("Time"),
    "store": {"type": "string"},
    "coupons": {"type": "array", "items": _USED, "description": "The coupons that this step was about."},
    "benefits": {"type": "array", "items": _USED, "description": "The benefits that this step was about."},
    "discount": {**_MONEY, "description": "What these coupons and benefits take off together."},
}
_NOT_COUNTED: Final[Json] = {
    "type": "array",
    "items": _LOST,
    "description": "Coupons and benefits that an offline till used and that were not there any more.",
}
_NOBODY_OR: Final[Json] = {"type": "null"}


def _step(*ids: str, **more: Json) -> Json:
    members = {**{name: {"type": "integer"} for name in ids}, **_TAKEN, **more}
    return fields_of({**members, "not_counted": _NOT_COUNTED}, *members)


def _going_on(name: str, **more: Json) -> Json:
    parts = {"points": _SOME_OF_IT, "coupons": _SOME_CODES, "benefits": _SOME_CODES}
    return fields_of({name: _ID, **parts, "store": _STORE, "source": COMMON_FIELDS["source"], **more}, name)


_AWARD: Final = fields_of(
    {
        "rule": {"type": "string", "description": "The code of the earning rule; empty for the base."},
        "name": {"anyOf": [TEXT, _NOBODY_OR]},
        "earns": {"type": "string", "description": "points, growth, coupon, or a currency of the programme's own."},
        "amount": _COUNT,
        "before_limits": _COUNT,
        "said": TEXT,
    },
    "rule", "name", "earns", "amount", "before_limits", "said",
)  # fmt: skip
_EARNS: Final = fields_of(
    {
        "points": _COUNT,
        "growth": _COUNT,
        "currencies": {
            "type": "object",
            "additionalProperties": _COUNT,
            "description": "What it earns of the programme's own currencies, by code.",
        },
        "usable_at": {"anyOf": [ref("Time"), _NOBODY_OR]},
        "valid_until": {"anyOf": [{"type": "string", "format": "date"}, _NOBODY_OR], "description": "The last day."},
        "awards": {"type": "array", "items": _AWARD},
    },
    "points", "growth", "usable_at", "valid_until", "awards",
)  # fmt: skip
_OFFERED: Final = fields_of(
    {
        **COUPON,
        "valid_until": {"type": "string", "format": "date"},
        "applies": {"type": "boolean"},
        "refused": fields_of({"code": {"type": "string"}, "said": TEXT}, "code", "said"),
    },
    *COUPON, "valid_until", "applies",
)  # fmt: skip
_BENEFIT: Final = fields_of(
    {
        "code": {"type": "string"},
        "name": TEXT,
        "said": TEXT,
        "takes_off": {"type": "string", "enum": ["order", "shipping", "fee", "none"]},
        "discount": _MONEY,
        "uses_left": {"anyOf": [_COUNT, _NOBODY_OR], "description": "In this period; null: without a limit."},
        "applies": {"type": "boolean"},
        "refused": fields_of({"code": {"type": "string"}, "said": TEXT}, "code", "said"),
    },
    "code", "name", "said", "takes_off", "discount", "uses_left", "applies",
)  # fmt: skip
_THEN: Final = fields_of({"points": _COUNT, "growth": _COUNT}, "points", "growth")
_LEFT_OUT: Final = fields_of(
    {"code": {"type": "string"}, "why": {"type": "string", "enum": list(LEFT_OUT)}, "said": TEXT},
    "code", "why", "said",
)  # fmt: skip
_BEST: Final = fields_of(
    {
        "coupons": {"type": "array", "items": {"type": "string"}},
        "benefits": {"type": "array", "items": {"type": "string"}},
        "discount": {**_MONEY, "description": "What these take off together."},
        "due": {**_MONEY, "description": "What is then left to pay."},
        "earns": {**_THEN, "description": "What the basket then earns."},
        "left_out": {
            "type": "array",
            "items": _LEFT_OUT,
            "description": "What applies when it is used alone, and why it is not among the best.",
        },
    },
    "coupons", "benefits", "discount", "due", "earns", "left_out",
)  # fmt: skip
_BASKET: Final[Json] = {
    "type": "object",
    "description": "As the properties of Order Completed, before coupons, benefits and points.",
    "properties": {name: PROPERTIES["properties"][name] for name in _IN_BASKET},
}
_ORDER_ID: Final[Json] = {
    "type": "string",
    "maxLength": 200,
    "description": "The order, as its Order Completed tells it: what is used belongs to it, and comes back with it.",
}
_BACK: Final[Json] = {
    "type": "array",
    "items": fields_of({"line_id": {"type": "string"}, "total": ref("Amount")}, "line_id", "total"),
    "description": "As in Order Refunded: the lines that go back, with the money for each. Instead of the parts.",
}
_AT: Final = ref("Time", "When it happened, if the till was offline; absent: now.")
_USES: Final[Json] = {
    "points": _POINTS,
    "pay": ref("Amount", "Instead of points: the money that they shall pay."),
    "coupons": {**_CODES_OF, "description": "Codes as the customer shows them."},
    "benefits": {**_CODES_OF, "description": "Codes of benefits, as the quote tells them."},
    "basket": _BASKET,
    "store": _STORE,
    "traits": ref("Traits"),
    **_WHO,
}
_COULD_PAY: Final = fields_of(
    {
        "points": _COUNT,
        "amount": _MONEY,
        "earns": {**_THEN, "description": "What the basket earns if they pay this much of it."},
    },
    "points", "amount", "earns",
)  # fmt: skip
SCHEMAS: Final[Json] = {
    "BasketQuestion": fields_of(
        {
            "basket": _BASKET,
            "timestamp": ref("Time", "Now if absent."),
            "traits": ref("Traits"),
            **_WHO,
        },
        "basket",
    ),
    "BasketQuote": fields_of(
        {
            "customer": fields_of(
                {"known": {"type": "boolean"}, "tier": fields_of({"code": {"type": "string"}, "name": TEXT})},
                "known", "tier",
            ),
            "currency": {"type": "string"},
            "earns": _EARNS,
            "points": fields_of(
                {
                    "spendable": _COUNT,
                    "worth": {**_MONEY, "description": "Of all of them, if the business has set a value."},
                    "could_pay": _COULD_PAY,
                },
                "spendable",
            ),
            "coupons": {"type": "array", "items": _OFFERED},
            "best_coupon": {
                "anyOf": [{"type": "string"}, _NOBODY_OR],
                "description": "The code of the one that takes most off.",
            },
            "benefits": {"type": "array", "items": _BENEFIT},
            "best": {**_BEST, "description": "The allowed combination that takes most off; points may pay the rest."},
        },
        "customer", "currency", "earns", "points", "coupons", "best_coupon", "benefits", "best",
    ),
    "Reserve": fields_of(
        {
            **_USES,
            "minutes": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_MINUTES,
                "description": f"How long they are held; {MINUTES} if absent.",
            },
        }
    ),
    "Redeem": fields_of({**_USES, "order_id": _ORDER_ID, "at": _AT}),
    "Capture": _going_on("hold_id", order_id=_ORDER_ID, basket=_BASKET, at=_AT),
    "Release": _going_on("hold_id"),
    "Refund": _going_on("capture_id", products=_BACK),
    "Held": _step("hold_id", ends_at=ref("Time", "When what is left is released by itself.")),
    "Redeemed": _step("capture_id"),
    "Captured": _step("capture_id", "hold_id"),
    "Released": _step("release_id", "hold_id"),
    "Refunded": _step("refund_id", "capture_id"),
}  # fmt: skip


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"customer": _problem("unknown_customer", "Nobody is known by these ids and contacts.")},
    409: {"reused": _problem("key_reused", "This key was used for another request; nothing was changed.")},
    422: {
        "too_few": _problem("insufficient_points", "Only 40 points can be spent; this takes 100.", spendable=40),
        "less_left": _problem("nothing_left", "Only 60 points of it are left.", left=60),
        "ended": _problem(
            "hold_ended", "The time of this hold is over, and what was left of it can be spent again.", left=0
        ),
    },
}
_KEY: Final[list[Json]] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Your own key for this step. The same key and request: the same answer; another request: 409.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 90, "pattern": r"^[!-~]+$"},
    }
]


def _operation(body: str, answer: str, told: Json, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)


def _with_key(body: str, answer: str, told: Json) -> Json:
    return {**_operation(body, answer, told, 404, 409, 422), "parameters": _KEY}


QUOTE: Final = _operation("BasketQuestion", "BasketQuote", QUOTE_BODIES, 422)
RESERVE: Final = _with_key("Reserve", "Held", RESERVE_BODIES)
REDEEM: Final = _with_key("Redeem", "Redeemed", REDEEM_BODIES)
CAPTURE: Final = _with_key("Capture", "Captured", CAPTURE_BODIES)
RELEASE: Final = _with_key("Release", "Released", RELEASE_BODIES)
REFUND: Final = _with_key("Refund", "Refunded", REFUND_BODIES)
