"""The part of the OpenAPI document about benefits, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.problems import BENEFIT_CODES, CHECKOUT_CODES, COMMON_CODES
from regulars.api.schemas import COMMON_FIELDS, PLAIN, fields_of, operation, ref
from regulars.loyalty.benefits.kinds import BENEFIT_KINDS

SCOPE: Final = "checkout.write"
_CODES: Final = {**COMMON_CODES, **CHECKOUT_CODES, **BENEFIT_CODES}
_WHO: Final[Json] = {name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")}
_KEY: Final[Json] = {**PLAIN, "minLength": 1, "description": "Your own number for this use, in your source."}
_NOBODY_OR: Final[Json] = {"type": "null"}
_BILL: Final[Json] = {
    "total": ref("Amount", "The goods, before benefits and coupons, without freight and fees."),
    "shipping": ref("Amount", "The freight."),
    "fees": {
        "type": "object",
        "maxProperties": 20,
        "additionalProperties": ref("Amount"),
        "description": "Fees by their code, as the programme's fee discounts name them.",
    },
    "channel": {"type": "string", "enum": ["store", "online"], "description": "store if absent."},
    "store": {"type": "string", "maxLength": 100, "description": "The code of the shop."},
}
_BENEFIT: Final[Json] = {
    "code": {"type": "string"},
    "kind": {"type": "string", "enum": list(BENEFIT_KINDS)},
    "name": TEXT,
    "takes_off": {"type": "string", "enum": ["order", "shipping", "fee", "none"], "description": "What it lowers."},
}
_LEFT: Final[Json] = {
    "discount": {"type": "string", "description": "Major units to take off: 5.00."},
    "left": {
        "anyOf": [{"type": "integer", "minimum": 0}, _NOBODY_OR],
        "description": "How often it may still be used in this period; null: without a limit.",
    },
    "again_from": {
        "anyOf": [{"type": "string", "format": "date"}, _NOBODY_OR],
        "description": "The first day with room again, where nothing is left.",
    },
}
_OFFERED: Final = fields_of(
    {
        **_BENEFIT,
        "said": TEXT,
        **_LEFT,
        "applies": {"type": "boolean"},
        "refused": fields_of({"code": {"type": "string"}, "said": TEXT}, "code", "said"),
    },
    *_BENEFIT, "said", *_LEFT, "applies",
)  # fmt: skip
SCHEMAS: Final[Json] = {
    "BenefitQuestion": fields_of({**_BILL, "traits": ref("Traits"), **_WHO}),
    "BenefitUse": fields_of(
        {
            "benefit": {**PLAIN, "maxLength": 60, "description": "The benefit's code."},
            "key": _KEY,
            **_BILL,
            "order_id": {
                **PLAIN,
                "description": "If the order has a number by now: when it is cancelled, the use is given back.",
            },
            "traits": ref("Traits"),
            **_WHO,
        },
        "benefit",
        "key",
    ),
    "BenefitUndo": fields_of({"key": _KEY, "source": COMMON_FIELDS["source"]}, "key"),
    "Benefits": fields_of(
        {
            "tier": fields_of({"code": {"type": "string"}, "name": TEXT}, "code", "name"),
            "currency": {"type": "string"},
            "benefits": {"type": "array", "items": _OFFERED},
        },
        "tier",
        "currency",
        "benefits",
    ),
    "BenefitReceipt": fields_of(
        {
            **_BENEFIT,
            **_LEFT,
            "currency": {"type": "string"},
            "use_id": {"type": "integer"},
            "used_at": ref("Time"),
            "undone_at": {"anyOf": [ref("Time"), _NOBODY_OR], "description": "When it was undone, if it was."},
            "coupon": {"anyOf": [{"type": "string"}, _NOBODY_OR], "description": "The coupon that it gave, if any."},
        },
        *_BENEFIT, *_LEFT, "currency", "use_id", "used_at", "undone_at", "coupon",
    ),
}  # fmt: skip


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_MEMBER: Final[Json] = {"context": {"traits": {"phone": "13812345678"}}}
OF_BODIES: Final = {
    "member": _example("What does this member have?", {**_MEMBER}),
    "bill": _example(
        "And what of it for this order?", {"userId": "u-1024", "total": 188.5, "shipping": "12.00", "channel": "online"}
    ),
}
USE_BODIES: Final = {
    "till": _example(
        "At the till", {**_MEMBER, "benefit": "member_price", "key": "till-3-0815", "total": 128, "store": "S01"}
    ),
    "web_shop": _example(
        "In the web shop, with the order's number",
        {
            "userId": "u-1024",
            "benefit": "free_shipping",
            "key": "SO-20260301-0007",
            "order_id": "SO-20260301-0007",
            "source": "web",
            "total": 188.5,
            "shipping": 12,
            "channel": "online",
        },
    ),
    "bank": _example(
        "A fee", {"userId": "u-1024", "benefit": "transfers", "key": "TX-77", "fees": {"transfer": "5.00"}}
    ),
}
UNDO_BODIES: Final = {"till": _example("The customer changed their mind", {"key": "till-3-0815"})}
_PRICE: Final[Json] = {
    "code": "member_price",
    "kind": "discount",
    "name": {"zh": "会员价", "en": "Member price"},
    "takes_off": "order",
}
_POST: Final[Json] = {
    "code": "free_shipping",
    "kind": "free_shipping",
    "name": {"zh": "包邮", "en": "Free shipping"},
    "takes_off": "shipping",
}
_USED: Final[Json] = {
    **_PRICE,
    "discount": "6.40",
    "left": None,
    "again_from": None,
    "currency": "CNY",
    "use_id": 71,
    "used_at": "2026-03-01T09:30:00+08:00",
    "undone_at": None,
    "coupon": None,
}
ANSWERS: Final = {
    "Benefits": {
        "gold": _example(
            "A gold member's order of 188.50 with a freight of 12.00",
            {
                "tier": {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}},
                "currency": "CNY",
                "benefits": [
                    {
                        **_PRICE,
                        "said": {"zh": "金卡：全单9.5折。", "en": "Gold: 5% off the order."},
                        "discount": "9.43",
                        "left": None,
                        "again_from": None,
                        "applies": True,
                    },
                    {
                        **_POST,
                        "said": {"zh": "金卡：包邮；每月 2 次。", "en": "Gold: Free shipping; twice a month."},
                        "discount": "0.00",
                        "left": 0,
                        "again_from": "2026-04-01",
                        "applies": False,
                        "refused": {
                            "code": "quota_used_up",
                            "said": {
                                "zh": "这一期的次数已经用完，2026-04-01 起可以再用。",
                                "en": "Used up for now. There is room again from 2026-04-01.",
                            },
                        },
                    },
                ],
            },
        )
    },
    "BenefitReceipt": {
        "used": _example("Used", _USED),
        "undone": _example("Undone", {**_USED, "undone_at": "2026-03-01T10:00:00+08:00"}),
    },
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return _example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {
        "nobody": _problem("unknown_customer", "Nobody is known by these ids and contacts."),
        "benefit": _problem("unknown_benefit", "There is no benefit lounge."),
    },
    422: {
        "quota": _problem(
            "quota_used_up",
            "This benefit was used as often as it may be. There is room again from 2026-04-01.",
            day="2026-04-01",
        ),
        "tier": _problem("not_in_this_tier", "This tier does not have the benefit."),
    },
}


def _operation(body: str, answer: str, told: Json, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)


OF: Final = _operation("BenefitQuestion", "Benefits", OF_BODIES, 404, 422)
USE: Final = _operation("BenefitUse", "BenefitReceipt", USE_BODIES, 404, 409, 422)
UNDO: Final = _operation("BenefitUndo", "BenefitReceipt", UNDO_BODIES, 404, 409, 422)
