"""The part of the OpenAPI document about coupons, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.problems import CODES, COUPON_CODES
from regulars.api.schemas import COMMON_FIELDS, PLAIN, fields_of, operation, ref

SCOPE: Final = "coupons.redeem"
_WHO: Final[Json] = {name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")}
_CODE: Final[Json] = {
    **PLAIN,
    "maxLength": 64,
    "description": "As the customer shows it: small letters, spaces and dashes do not matter.",
}
_TOTAL: Final = ref("Amount", "What the order comes to before the coupon.")
_KEY: Final[Json] = {**PLAIN, "minLength": 1, "description": "Your own number for this use, in your source."}
TEXT: Final = fields_of({"zh": {"type": "string"}, "en": {"type": "string"}}, "zh", "en")
COUPON: Final[Json] = {
    "code": {"type": "string", "description": "XXXX-XXXX-XXXX."},
    "offer": fields_of(
        {
            "id": {"type": "integer"},
            "kind": {"type": "string", "enum": ["amount_off", "percent_off", "gift"]},
            "name": TEXT,
            "terms": TEXT,
        },
        "id",
        "kind",
        "name",
        "terms",
    ),
    "discount": {"type": "string", "description": "Major units to take off the order: 10.00. A gift takes off 0.00."},
    "currency": {"type": "string"},
    "uses_left": {"type": "integer"},
}
SCHEMAS: Final[Json] = {
    "CouponCheck": fields_of({"code": _CODE, "total": _TOTAL, "traits": ref("Traits"), **_WHO}, "code"),
    "CouponRedeem": fields_of(
        {
            "code": _CODE,
            "key": _KEY,
            "total": _TOTAL,
            "order_id": {**PLAIN, "description": "If the order has a number by now, as its Order Completed tells it."},
            "store": {"type": "string", "maxLength": 100, "description": "The code of the shop."},
            "traits": ref("Traits"),
            **_WHO,
        },
        "code",
        "key",
    ),
    "CouponUndo": fields_of({"key": _KEY, "source": COMMON_FIELDS["source"]}, "key"),
    "CouponQuote": fields_of(
        {**COUPON, "valid_until": {"type": "string", "format": "date", "description": "The last day."}},
        *COUPON,
        "valid_until",
    ),
    "CouponReceipt": fields_of(
        {
            **COUPON,
            "use_id": {"type": "integer"},
            "used_at": ref("Time"),
            "undone_at": {"anyOf": [ref("Time"), {"type": "null"}], "description": "When it was undone, if it was."},
        },
        *COUPON,
        "use_id",
        "used_at",
        "undone_at",
    ),
}


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_ANSWERED: Final[Json] = {
    "code": "7KQM-R4WX-92TD",
    "offer": {
        "id": 3,
        "kind": "amount_off",
        "name": {"zh": "好久不见", "en": "Long time no see"},
        "terms": {"zh": "满30元减10元", "en": "¥10 off from ¥30"},
    },
    "discount": "10.00",
    "currency": "CNY",
    "uses_left": 1,
}
_USED: Final[Json] = {
    **_ANSWERED,
    "uses_left": 0,
    "use_id": 512,
    "used_at": "2026-03-01T09:30:00+08:00",
    "undone_at": None,
}
CHECK_BODIES: Final = {
    "order": _example("For an order of 42.00", {"code": "7kqm-r4wx-92td", "total": 42}),
    "member": _example("For a member", {"code": "7KQMR4WX92TD", "total": "42.00", "userId": "u-1024"}),
}
REDEEM_BODIES: Final = {
    "till": _example("At the till", {"code": "7KQM R4WX 92TD", "key": "till-3-0815", "total": 42, "store": "S01"}),
    "web_shop": _example(
        "In the web shop, with the order's number",
        {
            "code": "7KQM-R4WX-92TD",
            "key": "SO-20260301-0007",
            "order_id": "SO-20260301-0007",
            "source": "web",
            "total": 188.5,
            "userId": "u-1024",
            "context": {"traits": {"phone": "13812345678"}},
        },
    ),
}
UNDO_BODIES: Final = {"till": _example("The customer changed their mind", {"key": "till-3-0815"})}
ANSWERS: Final = {
    "CouponQuote": {"good": _example("Good for 10.00", {**_ANSWERED, "valid_until": "2026-03-15"})},
    "CouponReceipt": {
        "used": _example("Used", _USED),
        "undone": _example("Undone", {**_USED, "uses_left": 1, "undone_at": "2026-03-01T10:00:00+08:00"}),
    },
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = COUPON_CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return _example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"unknown": _problem("unknown_code", "There is no such code.")},
    422: {
        "used": _problem(
            "coupon_used_up",
            "This coupon was used already on 2026-03-01 at Main Street.",
            day="2026-03-01",
            store="Main Street",
        ),
        "ended": _problem("coupon_expired", "This coupon could be used until 2026-03-15.", day="2026-03-15"),
    },
    429: {"guesses": _problem("too_many_guesses", "Too many wrong codes; wait before the next one.")},
}


def _operation(body: str, answer: str, told: Json, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=CODES, problems=PROBLEMS)


CHECK: Final = _operation("CouponCheck", "CouponQuote", CHECK_BODIES, 404, 422)
REDEEM: Final = _operation("CouponRedeem", "CouponReceipt", REDEEM_BODIES, 404, 409, 422)
UNDO: Final = _operation("CouponUndo", "CouponReceipt", UNDO_BODIES, 404, 422)
