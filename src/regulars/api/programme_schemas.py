"""The part of the OpenAPI document about the programme, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.problems import COMMON_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref
from regulars.loyalty.benefits.words import KINDS
from regulars.loyalty.currencies import EXPIRIES
from regulars.loyalty.earning.rounding import Rounding
from regulars.loyalty.growth_words import GROWTH_NAMES

SCOPE: Final = "programme.read"
_NULL: Final[Json] = {"type": "null"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_CODE: Final[Json] = {"type": "string"}
_MONEY: Final[Json] = {"type": "string", "description": "Major units, with the currency's decimals: 1.00."}
_POINTS: Final[Json] = {
    "spend_for_one": {"anyOf": [_MONEY, _NULL], "description": "Spend that earns one point; null: only rules do."},
    "rounding": {"type": "string", "enum": list(Rounding), "description": "Once for all that an order earns."},
    "pending_days": fields_of({"store": _COUNT, "online": _COUNT}, "store", "online"),
    "expiry": {"type": "string", "enum": ["end_of_next_year", "rolling", "never"]},
    "expiry_months": {"anyOf": [_COUNT, _NULL], "description": "Where points expire so many months after they came."},
    "worth": {
        "anyOf": [fields_of({"points": _COUNT, "money": _MONEY}, "points", "money"), _NULL],
        "description": "What points are worth in money; null: nobody has said.",
    },
}
_TIER: Final[Json] = {"code": _CODE, "name": TEXT, "threshold": _COUNT, "said": TEXT}
_RULE: Final[Json] = {
    "code": _CODE,
    "on": {"type": "string", "description": "order, or the event that it rewards."},
    "earns": {"type": "string", "description": "points, growth, coupon, or the code of a currency of your own."},
    "name": TEXT,
    "said": TEXT,
}
_BENEFIT: Final[Json] = {
    "code": _CODE,
    "kind": {"type": "string", "enum": list(KINDS)},
    "name": TEXT,
    "tiers": {"type": "array", "items": _CODE},
    "said": TEXT,
}
_PROGRAMME: Final[Json] = {
    "version": fields_of({"number": _COUNT, "live_from": ref("Time")}, "number", "live_from"),
    "currency": {"type": "string"},
    "points": fields_of(_POINTS, *_POINTS),
    "currencies": {
        "type": "array",
        "items": fields_of(
            {"code": _CODE, "name": TEXT, "expiry": {"type": "string", "enum": list(EXPIRIES)}},
            "code",
            "name",
            "expiry",
        ),
        "description": "What can be spent beside points.",
    },
    "growth": fields_of({"from": {"type": "string", "enum": list(GROWTH_NAMES)}, "name": TEXT}, "from", "name"),
    "tiers": {"type": "array", "items": fields_of(_TIER, *_TIER), "description": "The lowest first."},
    "rules": {"type": "array", "items": fields_of(_RULE, *_RULE), "description": "On top of what spending earns."},
    "benefits": {"type": "array", "items": fields_of(_BENEFIT, *_BENEFIT)},
}
SCHEMAS: Final[Json] = {
    "ProgrammeQuestion": fields_of({"source": COMMON_FIELDS["source"]}),
    "Programme": fields_of(_PROGRAMME, *_PROGRAMME),
}
CURRENT_BODIES: Final = {"now": {"summary": "What holds now?", "value": {}}}
_SHOWN: Final[Json] = {
    "version": {"number": 3, "live_from": "2026-03-01T00:00:00+08:00"},
    "currency": "CNY",
    "points": {
        "spend_for_one": "1.00",
        "rounding": "down",
        "pending_days": {"store": 0, "online": 7},
        "expiry": "end_of_next_year",
        "expiry_months": None,
        "worth": {"points": 100, "money": "1.00"},
    },
    "currencies": [{"code": "stamps", "name": {"zh": "印花", "en": "stamps"}, "expiry": "never"}],
    "growth": {"from": "spend", "name": {"zh": "成长值", "en": "growth value"}},
    "tiers": [
        {
            "code": "gold",
            "name": {"zh": "金卡", "en": "Gold"},
            "threshold": 5000,
            "said": {"zh": "金卡：成长值满 5,000。", "en": "Gold: from 5,000 growth on."},
        }
    ],
    "rules": [
        {
            "code": "sunday",
            "on": "order",
            "earns": "points",
            "name": {"zh": "周日双倍", "en": "Double Sundays"},
            "said": {"zh": "周日，积分双倍。", "en": "On Sundays: double points."},
        }
    ],
    "benefits": [
        {
            "code": "gold_discount",
            "kind": "discount",
            "name": {"zh": "会员折扣", "en": "Discount"},
            "tiers": ["gold"],
            "said": {"zh": "金卡：全单9.5折。", "en": "Gold: 5% off the order."},
        }
    ],
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Programme": {"retail": {"summary": "A shop", "value": _SHOWN}},
}
CURRENT: Final = operation(
    "ProgrammeQuestion", "Programme", CURRENT_BODIES, ANSWERS["Programme"], 422, scope=SCOPE, codes=COMMON_CODES
)
