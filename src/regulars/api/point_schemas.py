"""The part of the OpenAPI document about a member's points, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref

SCOPE: Final = "ledger.read"
_CODES: Final = {**COMMON_CODES, "unknown_customer": CHECKOUT_CODES["unknown_customer"]}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_DAY: Final[Json] = {"type": "string", "format": "date"}
_BALANCE: Final[Json] = {
    "spendable": {**_COUNT, "description": "Can be spent now; of a frozen account what could be."},
    "pending": {**_COUNT, "description": "Waits until goods cannot come back."},
    "held": {**_COUNT, "description": "Held by a checkout."},
    "owed": {**_COUNT, "description": "Is taken from what comes next."},
    "total": {"type": "integer", "description": "Everything, less what is owed."},
}
_POINTS: Final[Json] = {
    "number": {"type": "string", "description": "The member number."},
    "frozen": {"type": "boolean", "description": "The account is frozen: it earns into pending, and spends nothing."},
    "points": fields_of(_BALANCE, *_BALANCE),
    "balances": {
        "type": "object",
        "additionalProperties": _COUNT,
        "description": "What can be spent of each currency, by its code; points among them.",
    },
    "maturing": {
        "type": "array",
        "items": fields_of({"on": _DAY, "points": _COUNT}, "on", "points"),
        "description": "What becomes spendable when, the soonest first.",
    },
    "expiring": {
        "type": "array",
        "items": fields_of({"last_day": _DAY, "points": _COUNT}, "last_day", "points"),
        "description": "The last day on which points can be used, the soonest first; what never expires is left out.",
    },
}
SCHEMAS: Final[Json] = {
    "PointsQuestion": fields_of(
        {
            "traits": ref("Traits"),
            **{name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")},
        }
    ),
    "MemberPoints": fields_of(_POINTS, *_POINTS),
}
OF_BODIES: Final = {
    "phone": {"summary": "By phone", "value": {"context": {"traits": {"phone": "13812345678"}}}},
    "own_id": {"summary": "By your own id", "value": {"userId": "u-1024", "source": "web"}},
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "MemberPoints": {
        "some": {
            "summary": "850 to spend, 120 on their way",
            "value": {
                "number": "M100042",
                "frozen": False,
                "points": {"spendable": 850, "pending": 120, "held": 0, "owed": 0, "total": 970},
                "balances": {"points": 850, "stamps": 7},
                "maturing": [{"on": "2026-03-08", "points": 120}],
                "expiring": [{"last_day": "2027-12-31", "points": 970}],
            },
        }
    }
}
_STATUS, _TITLE = _CODES["unknown_customer"]
PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {
        "nobody": {
            "summary": _TITLE,
            "value": {
                "type": "urn:regulars:problem:unknown_customer", "title": _TITLE, "status": _STATUS,
                "detail": "Nobody is known by these ids and contacts.", "code": "unknown_customer",
            },
        }
    }
}  # fmt: skip
OF: Final = operation(
    "PointsQuestion", "MemberPoints", OF_BODIES, ANSWERS["MemberPoints"], 404, 422, scope=SCOPE, codes=_CODES,
    problems=PROBLEMS,
)  # fmt: skip
