"""The part of the OpenAPI document about reports, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.examples import example
from regulars.api.problems import COMMON_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation
from regulars.loyalty.health.rules import Finding

SCOPE: Final = "reports.read"
_NULL: Final[Json] = {"type": "null"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_WHOLE: Final[Json] = {"type": "integer"}
_MAYBE: Final[Json] = {"anyOf": [_WHOLE, _NULL]}
_MONEY: Final[Json] = {"type": "string", "description": "Major units, with the currency's decimals: 1.00."}
_DAY: Final[Json] = {"type": "string", "format": "date"}
_MONTH: Final[Json] = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
_SHARE: Final[Json] = {"anyOf": [{"type": "number"}, _NULL]}
_ASKED: Final[Json] = {"anyOf": [_DAY, _NULL], "description": "At the end of this day; absent or today: now."}


def _every(told: Json) -> Json:
    """An object that has all of these members."""
    return fields_of(told, *told)


def _each(told: Json, description: str = "") -> Json:
    return {"type": "array", "items": _every(told), **({"description": description} if description else {})}


_MOVED: Final = ("opening", "earned", "taken_over", "used", "expired", "revoked", "closing")
_LEFT: Final = ("issued", "used", "expired", "revoked", "held", "left")
_SALES: Final = ("sales", "alone", "deferred", "brought", "recognised", "liability")
_LIABILITY: Final[Json] = {
    "day": _DAY,
    "by": {"type": "string", "enum": ["happened", "booked"]},
    "currency": {"type": "string"},
    "points": {
        **_every(
            {"outstanding": _WHOLE, "due": _WHOLE, "owed": _WHOLE, "closing": _WHOLE, "agrees": {"type": "boolean"}}
        ),
        "description": "outstanding is by date: what has expired is gone, of which due is not posted yet. owed: debts "
        "of members. agrees: the movement ends where the members' accounts stand.",
    },
    "breakage": {
        **_every({"points": _MAYBE, "low": _MAYBE, "high": _MAYBE, "vintages": _COUNT}),
        "description": "Outstanding points that will never be used, nine times in ten between low and high; null: the "
        "history is too short.",
    },
    "worth": _every({"points": _COUNT, "money": _MONEY, "is_chosen": {"type": "boolean"}}),
    "liability": {
        **_every({"money": _MONEY, "low": _MONEY, "high": _MONEY, "used_in_the_end": {"type": "number"}}),
        "description": "Revenue put aside (IFRS 15 B39–B43), with the least and the most breakage.",
    },
    "movement": _each({"month": _MONTH, **dict.fromkeys(_MOVED, _WHOLE)}, "Every month since the first point."),
    "vintages": _each(
        {"month": _MONTH, "last_month": {"anyOf": [_MONTH, _NULL]}, **dict.fromkeys(_LEFT, _WHOLE), "unused": _MAYBE},
        "By the month in which points became spendable; last_month null: they never lapse.",
    ),
    "revenue": _each({"month": _MONTH, "earned": _WHOLE, "used": _WHOLE, **dict.fromkeys(_SALES, _MONEY)}),
}
_BOTH: Final = _every({"members": _MONEY, "all": _MONEY})
_HEALTH: Final[Json] = {
    "since": _DAY,
    "last_day": _DAY,
    "currency": {"type": "string"},
    "members": {**_COUNT, "description": "Now, as tiers and unspent points are."},
    "joined": _COUNT,
    "buyers": _COUNT,
    "users": {**_COUNT, "description": "Members who used points."},
    "shares": {
        **_every(dict.fromkeys(("participation", "activity", "use", "burn", "cost"), _SHARE)),
        "description": "0.05 is 5 %. participation: of sales by members; activity: of members who bought; use: of "
        "these who used points; burn: points used for each earned; cost: of what members spent.",
    },
    "points": _every(dict.fromkeys(("earned", "used", "expired", "unspent"), _WHOLE)),
    "sales": _BOTH,
    "costs": _every(dict.fromkeys(("points", "coupons", "benefits", "total"), _MONEY)),
    "liability": {**_MONEY, "description": "Revenue put aside now."},
    "tiers": _each({"code": {"type": "string"}, "members": _COUNT}),
    "months": _each(
        {
            "month": _MONTH,
            **dict.fromkeys(("earned", "used", "expired", "buyers", "users"), _WHOLE),
            "sales": _BOTH,
        }
    ),
    "suggestions": _each({"about": {"type": "string", "enum": list(Finding)}, "said": TEXT}),
}
SCHEMAS: Final[Json] = {
    "LiabilityQuestion": fields_of(
        {
            "day": _ASKED,
            "by": {
                "type": "string",
                "enum": ["happened", "booked"],
                "description": "Months by when things happened, or by when they were booked.",
            },
            "source": COMMON_FIELDS["source"],
        }
    ),
    "Liability": _every(_LIABILITY),
    "HealthQuestion": fields_of({"day": _ASKED, "source": COMMON_FIELDS["source"]}),
    "ProgrammeHealth": _every(_HEALTH),
}
_OWED: Final[Json] = {
    "day": "2026-02-28",
    "by": "happened",
    "currency": "CNY",
    "points": {"outstanding": 84000, "due": 0, "owed": 120, "closing": 84000, "agrees": True},
    "breakage": {"points": 9100, "low": 7800, "high": 10600, "vintages": 14},
    "worth": {"points": 100, "money": "1.00", "is_chosen": True},
    "liability": {"money": "741.20", "low": "726.50", "high": "754.00", "used_in_the_end": 0.893},
    "movement": [
        {"month": "2026-02", "opening": 80000, "earned": 9000, "taken_over": 0, "used": 4200, "expired": 500,
         "revoked": 300, "closing": 84000}
    ],
    "vintages": [
        {"month": "2026-02", "last_month": "2027-12", "issued": 9000, "used": 600, "expired": 0, "revoked": 300,
         "held": 0, "left": 8100, "unused": 900}
    ],
    "revenue": [
        {"month": "2026-02", "earned": 8700, "used": 4200, "sales": "9000.00", "alone": "77.69", "deferred": "77.02",
         "brought": "0.00", "recognised": "37.10", "liability": "741.20"}
    ],
}  # fmt: skip
_DOES: Final[Json] = {
    "since": "2025-03-01",
    "last_day": "2026-02-28",
    "currency": "CNY",
    "members": 4800,
    "joined": 1200,
    "buyers": 3100,
    "users": 900,
    "shares": {"participation": 0.71, "activity": 0.6458, "use": 0.2903, "burn": 0.41, "cost": 0.012},
    "points": {"earned": 108000, "used": 44000, "expired": 5100, "unspent": 84000},
    "sales": {"members": "108000.00", "all": "152000.00"},
    "costs": {"points": "440.00", "coupons": "610.00", "benefits": "246.00", "total": "1296.00"},
    "liability": "741.20",
    "tiers": [{"code": "basic", "members": 4500}, {"code": "gold", "members": 300}],
    "months": [
        {"month": "2026-02", "earned": 8700, "used": 4200, "expired": 500, "buyers": 700, "users": 120,
         "sales": {"members": "9000.00", "all": "12500.00"}}
    ],
    "suggestions": [
        {"about": "lapse", "said": {"zh": "过期的积分太多。", "en": "Many points lapse."}}
    ],
}  # fmt: skip
BODIES: Final[dict[str, dict[str, Any]]] = {
    "liability": {
        "now": example("What is owed now?", {}),
        "year_end": example("At the end of the year, as it was booked", {"day": "2025-12-31", "by": "booked"}),
    },
    "health": {
        "now": example("The last twelve months", {}),
        "year": example("The year 2025", {"day": "2025-12-31"}),
    },
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Liability": {"shop": example("A shop", _OWED)},
    "ProgrammeHealth": {"shop": example("A shop", _DOES)},
}
LIABILITY: Final = operation(
    "LiabilityQuestion", "Liability", BODIES["liability"], ANSWERS["Liability"], 422, scope=SCOPE, codes=COMMON_CODES
)
HEALTH: Final = operation(
    "HealthQuestion", "ProgrammeHealth", BODIES["health"], ANSWERS["ProgrammeHealth"], 422, scope=SCOPE,
    codes=COMMON_CODES,
)  # fmt: skip
