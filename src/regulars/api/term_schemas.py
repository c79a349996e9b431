"""The terms of the programme in the OpenAPI document: what each part says, as versions keep it."""

from typing import Final

from regulars.api.bodies import Json
from regulars.api.schemas import fields_of
from regulars.loyalty.badges import rules as badges
from regulars.loyalty.benefits.words import KINDS
from regulars.loyalty.currencies import EXPIRIES, MOST
from regulars.loyalty.earning import EARNING_RULES
from regulars.loyalty.earning.reading import MOST_LIMITS, MOST_RULES
from regulars.loyalty.earning.rounding import Rounding
from regulars.loyalty.rules import GROWTH_FROM
from regulars.loyalty.shape import LONGEST_CODE, LONGEST_NAME, MOST_TIERS, WHOLE

_NAMES: Final[Json] = fields_of(
    {language: {"type": "string", "maxLength": LONGEST_NAME} for language in ("zh", "en")}
)  # fmt: skip
_DAYS: Final[Json] = {
    "type": "object",
    "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 365},
    "description": "Days until it can be spent, by channel: store, online.",
}
_DAY: Final[Json] = {"type": "string", "format": "date"}
_CONDITION: Final[Json] = {
    "type": "object",
    "description": "A comparison {field, op, value}, or a group {all: […]}, {any: […]}, {not: …}; absent: always.",
}
_LIMIT: Final[Json] = fields_of(
    {
        "period": {"type": "string", "enum": ["day", "week", "month", "year", "ever", "budget"]},
        "most": {"type": "integer", "minimum": 0, "maximum": 10**9},
        "counts": {"type": "string", "enum": ["amount", "times"]},
        "by_tier": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
    },
    "period", "most",
)  # fmt: skip
_LIMITS: Final[Json] = {"type": "array", "items": _LIMIT, "maxItems": MOST_LIMITS}
_TIER: Final[Json] = {
    **fields_of(
        {
            "code": {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE},
            "threshold": {"type": "integer", "minimum": 0, "maximum": 10**12},
            "names": _NAMES,
        },
        "code", "threshold", "names",
    ),
    "additionalProperties": False,
}  # fmt: skip
_RULE: Final[Json] = fields_of(
    {
        "code": {"type": "string", "minLength": 1, "maxLength": 60},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
        "on": {"type": "string", "maxLength": 100, "description": "order, or the event that it rewards."},
        "if": _CONDITION,
        "then": {
            **fields_of({"kind": {"type": "string", "enum": list(EARNING_RULES)}}, "kind"),
            "description": "What it gives; each kind has members of its own (how-to: earning rules).",
        },
        "earns": {"type": "string", "description": "points, growth, coupon, or the code of a currency."},
        "limits": _LIMITS,
        "starts": _DAY,
        "ends": _DAY,
        "priority": {"type": "integer", "minimum": -1000, "maximum": 1000},
        "group": {"type": "string", "maxLength": 60},
        "alone": {"type": "boolean"},
    },
    "code", "then",
)  # fmt: skip
_BENEFIT: Final[Json] = fields_of(
    {
        "code": {"type": "string", "minLength": 1, "maxLength": 60},
        "kind": {"type": "string", "enum": list(KINDS)},
        "tiers": {"type": "array", "items": {"type": "string"}},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
        "quota": {"type": "object", "description": "period, times, and other times by_tier."},
        "if": _CONDITION,
        "starts": _DAY,
        "ends": _DAY,
        "alone": {"type": "boolean"},
    },
    "code", "kind",
)  # fmt: skip
_CURRENCY: Final[Json] = fields_of(
    {
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,29}$"},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
        "pending_days": _DAYS,
        "expiry": {"type": "string", "enum": list(EXPIRIES)},
        "expiry_months": {"type": "integer", "minimum": 1, "maximum": 120},
        "restore_days": {"type": "integer", "minimum": 1, "maximum": 3650},
        "caps": _LIMITS,
    },
    "code", "names",
)  # fmt: skip


_BADGE: Final[Json] = fields_of(
    {
        "code": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,19}$"},
        "names": {"type": "object", "additionalProperties": {"type": "string", "maxLength": badges.LONGEST_NAME}},
        "says": {"type": "object", "additionalProperties": {"type": "string", "maxLength": badges.LONGEST_SAYING}},
        "icon": {"type": "string", "enum": list(badges.ICONS)},
    },
    "code", "names",
)  # fmt: skip


def _or_null(told: Json, description: str = "") -> Json:
    """A part that may be left out again with null."""
    return {"anyOf": [told, {"type": "null"}], **({"description": description} if description else {})}


TERMS: Final[Json] = {
    **{
        name: {"type": "integer", "minimum": least, "maximum": most}
        for name, (least, most) in WHOLE.items()
    },
    "minor_per_point": {
        "type": "integer", "minimum": 0, "maximum": WHOLE["minor_per_point"][1],
        "description": "Spend for one point, in minor units of money (100: ¥1); 0: only rules give points.",
    },
    "minor_per_growth": {
        "type": "integer", "minimum": 0, "maximum": WHOLE["minor_per_growth"][1],
        "description": "The same of growth.",
    },
    "expiry": {"type": "string", "enum": list(EXPIRIES)},
    "growth_from": {"type": "string", "enum": list(GROWTH_FROM)},
    "rounding": {"type": "string", "enum": list(Rounding)},
    "pending_days": _DAYS,
    "tiers": {"type": "array", "items": _TIER, "minItems": 1, "maxItems": MOST_TIERS, "description": "Lowest first."},
    "rules": _or_null({"type": "array", "items": _RULE, "maxItems": MOST_RULES}, "Earning rules."),
    "benefits": _or_null({"type": "array", "items": _BENEFIT, "maxItems": 50}, "What tiers have besides points."),
    "currencies": _or_null({"type": "array", "items": _CURRENCY, "maxItems": MOST}, "What is earned beside points."),
    "badges": _or_null({"type": "array", "items": _BADGE, "maxItems": badges.MOST}, "What rules give once."),
    "caps": _or_null(_LIMITS, "The most points that one member earns in a period."),
    "keeping": _or_null(
        {"type": "object"}, "How tiers are kept: window, held, months, grace_days, one_step, at_term."
    ),
    "checkout": _or_null(
        {"type": "object"}, "coupons, with_benefits, points_percent, offline_days, offline_debt."
    ),
}  # fmt: skip
"""Every part of the terms, by name."""
