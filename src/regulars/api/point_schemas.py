"""The part of the OpenAPI document about a member's points, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.once import PARAMETERS
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES, POINT_CODES, RISK_CODES
from regulars.api.schemas import COMMON_FIELDS, PLAIN, fields_of, operation, ref
from regulars.ledger.rules import Account, Purpose
from regulars.loyalty.risk.rules import MOST_BY_HAND

SCOPE: Final = "ledger.read"
ADJUST: Final = "points.adjust"
LONGEST_REASON: Final = 200
_CODES: Final = {**COMMON_CODES, "unknown_customer": CHECKOUT_CODES["unknown_customer"]}
_ADJUST_CODES: Final = {
    **_CODES,
    **{name: CHECKOUT_CODES[name] for name in ("key_missing", "insufficient_points")},
    **POINT_CODES,
    "second_person_needed": RISK_CODES["second_person_needed"],
}
_NULL: Final[Json] = {"type": "null"}
_ID: Final[Json] = {"type": "integer", "minimum": 1}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_DAY: Final[Json] = {"type": "string", "format": "date"}
_BALANCE: Final[Json] = {
    "spendable": {**_COUNT, "description": "Can be spent now; of a frozen account what could be."},
    "pending": {**_COUNT, "description": "Waits until goods cannot come back."},
    "held": {**_COUNT, "description": "Held by a checkout."},
    "owed": {**_COUNT, "description": "Is taken from what comes next."},
    "total": {"type": "integer", "description": "Everything, less what is owed."},
}
_BADGE: Final[Json] = {
    "code": {"type": "string"},
    "name": TEXT,
    "says": TEXT,
    "icon": {"type": "string", "description": "A name of the lucide set."},
    "since": ref("Time"),
    "fact_id": _ID,
    "why": TEXT,
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
    "badges": {
        "type": "array",
        "items": fields_of(_BADGE, *_BADGE),
        "description": "What the member is proud of, the latest first.",
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
_WHO: Final[Json] = {
    "traits": ref("Traits"),
    **{name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")},
}
_ORIGIN: Final[Json] = {
    "kind": {"type": "string", "enum": ["fact", "command"]},
    "fact_id": {"anyOf": [_ID, _NULL], "description": "As it was answered when the order or event was sent."},
    "source": {"anyOf": [{"type": "string"}, _NULL]},
    "key": {"anyOf": [{"type": "string"}, _NULL], "description": "Its number in that source: of an order, order_id."},
    "command_id": {"anyOf": [_ID, _NULL], "description": "What was done with points: redeemed, granted, …."},
}
_ACCOUNT: Final[Json] = {"type": "string", "enum": [one.name.lower() for one in Account]}
_ENTRY: Final[Json] = {
    "entry_id": _ID,
    "at": ref("Time", "When it applies; the newest come first."),
    "recorded_at": ref("Time", "When it was written: later than `at` for an order that was told late."),
    "kind": {"type": "string", "enum": [one.name.lower() for one in Purpose]},
    "currency": {"type": "string", "description": "points, growth, or the code of a currency of the programme's own."},
    "currency_name": TEXT,
    "amount": {"type": "integer", "minimum": 1},
    "change": {"type": "integer", "description": "What it does to all that the member has; 0: only its state changes."},
    "from": _ACCOUNT,
    "to": _ACCOUNT,
    "spendable_from": {"anyOf": [_DAY, _NULL], "description": "Of what it moved: the day on which that matures."},
    "last_day": {"anyOf": [_DAY, _NULL], "description": "Of what it moved: the last day to use it; null: for ever."},
    "corrects": {"anyOf": [_ID, _NULL], "description": "The entry that it puts right."},
    "title": TEXT,
    "said": {"type": "array", "items": TEXT, "description": "Why it is there, in sentences for the member."},
    "origin": {"anyOf": [fields_of(_ORIGIN, *_ORIGIN), _NULL]},
    "note": {"anyOf": [{"type": "string"}, _NULL], "description": "The reason that staff wrote; not for the member."},
}
_STATEMENT: Final[Json] = {
    "number": {"type": "string", "description": "The member number."},
    "entries": {"type": "array", "items": fields_of(_ENTRY, *_ENTRY)},
    "next_before": {"anyOf": [{"type": "string"}, _NULL], "description": "null: there are no more."},
}
_ADJUSTMENT: Final[Json] = {
    "amount": {"type": "integer", "minimum": 1, "maximum": MOST_BY_HAND},
    "currency": {**PLAIN, "maxLength": 60, "description": "The code of a currency of the programme's own; points."},
    "reason": {**PLAIN, "minLength": 1, "maxLength": LONGEST_REASON, "description": "Stays with the entry, for staff."},
    "propose": {
        "type": "boolean",
        "description": "Above the second person's limit: write it down for them, instead of 403.",
    },
    **_WHO,
}
_ADJUSTED: Final[Json] = {
    "number": {"type": "string", "description": "The member number."},
    "currency": {"type": "string"},
    "status": {"type": "string", "enum": ["done", "proposed"]},
    "command_id": {"anyOf": [_ID, _NULL], "description": "Stands as `origin` under its entries in the statement."},
    "change": {"type": "integer"},
    "at": ref("Time"),
    "spendable": {"anyOf": [_COUNT, _NULL], "description": "What can be spent of this currency now."},
    "proposal": {
        "anyOf": [
            fields_of(
                {
                    "proposal_id": _ID,
                    "state": {"type": "string", "enum": ["waiting", "approved", "refused", "withdrawn"]},
                },
                "proposal_id",
                "state",
            ),
            _NULL,
        ],
        "description": "What a second person decides in the console, under Risk control.",
    },
}
SCHEMAS: Final[Json] = {
    "PointsQuestion": fields_of(_WHO),
    "MemberPoints": fields_of(_POINTS, *_POINTS),
    "StatementQuestion": fields_of(
        {"before": {**PLAIN, "maxLength": 60, "description": "next_before of the page before."}, **_WHO}
    ),
    "Statement": fields_of(_STATEMENT, *_STATEMENT),
    "PointsAdjustment": fields_of(_ADJUSTMENT, "amount", "reason"),
    "PointsAdjusted": fields_of(_ADJUSTED, *_ADJUSTED),
}
OF_BODIES: Final = {
    "phone": {"summary": "By phone", "value": {"context": {"traits": {"phone": "13812345678"}}}},
    "own_id": {"summary": "By your own id", "value": {"userId": "u-1024", "source": "web"}},
}
STATEMENT_BODIES: Final = {
    "newest": {"summary": "The newest entries", "value": {"userId": "u-1024", "source": "web"}},
    "on": {
        "summary": "Where the page before ended",
        "value": {"userId": "u-1024", "source": "web", "before": "2026-03-01T09:30:00+08:00~88"},
    },
}
GRANT_BODIES: Final = {
    "sorry": {
        "summary": "For a wait at the counter",
        "value": {"userId": "u-1024", "source": "web", "amount": 50, "reason": "Waited 40 minutes, case 77"},
    },
    "stamps": {
        "summary": "Two stamps, or proposed to a second person",
        "value": {
            "context": {"traits": {"phone": "13812345678"}}, "amount": 2, "currency": "stamps",
            "reason": "The till was down", "propose": True,
        },
    },
}  # fmt: skip
DEDUCT_BODIES: Final = {
    "twice": {
        "summary": "Granted by mistake",
        "value": {"userId": "u-1024", "source": "web", "amount": 50, "reason": "Granted twice, case 77"},
    },
}
_ENTRY_SHOWN: Final[Json] = {
    "entry_id": 88,
    "at": "2026-03-01T09:30:00+08:00",
    "recorded_at": "2026-03-01T09:30:02+08:00",
    "kind": "earn",
    "currency": "points",
    "currency_name": {"zh": "积分", "en": "points"},
    "amount": 120,
    "change": 120,
    "from": "issued",
    "to": "pending",
    "spendable_from": "2026-03-08",
    "last_day": "2027-12-31",
    "corrects": None,
    "title": {"zh": "消费获得 · 订单 SO-20260301-0007", "en": "Earned · order SO-20260301-0007"},
    "said": [{"zh": "每满 ¥1 积 1 分，实付 ¥120.00。", "en": "¥1 earns 1 point; ¥120.00 was paid."}],
    "origin": {"kind": "fact", "fact_id": 4711, "source": "web", "key": "SO-20260301-0007", "command_id": None},
    "note": None,
}
_DONE: Final[Json] = {
    "number": "M100042",
    "currency": "points",
    "status": "done",
    "command_id": 512,
    "change": 50,
    "at": "2026-03-02T10:00:00+08:00",
    "spendable": 900,
    "proposal": None,
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
                "badges": [
                    {
                        "code": "regular",
                        "name": {"zh": "常客", "en": "Regular"},
                        "says": {"zh": "来了十次", "en": "Ten visits"},
                        "icon": "award",
                        "since": "2026-02-01T09:30:00+08:00",
                        "fact_id": 4711,
                        "why": {
                            "zh": "2026-02-01 获得，依据规则“第十次”。",
                            "en": "Since 1 Feb 2026, by the rule “Tenth visit”.",
                        },
                    }
                ],
                "maturing": [{"on": "2026-03-08", "points": 120}],
                "expiring": [{"last_day": "2027-12-31", "points": 970}],
            },
        }
    },
    "Statement": {
        "page": {
            "summary": "The newest page",
            "value": {
                "number": "M100042", "entries": [_ENTRY_SHOWN], "next_before": "2026-03-01T09:30:00+08:00~88",
            },
        }
    },
    "PointsAdjusted": {
        "done": {"summary": "Done", "value": _DONE},
        "proposed": {
            "summary": "A second person decides",
            "value": {
                **_DONE, "status": "proposed", "command_id": None, "change": 5000, "spendable": None,
                "proposal": {"proposal_id": 9, "state": "waiting"},
            },
        },
    },
}  # fmt: skip


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _ADJUST_CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return {"summary": title, "value": {**told, **more}}


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    403: {
        "second": _problem(
            "second_person_needed",
            "More than 500 is moved by two people: somebody else approves it under Risk control.",
            most=500,
            roles=["owner", "service"],
        )
    },
    404: {"nobody": _problem("unknown_customer", "Nobody is known by these ids and contacts.")},
    422: {"few": _problem("insufficient_points", "Only 40 points can be spent; this takes 50.", spendable=40)},
}


def _read(body: str, answer: str, told: Json) -> Json:
    shown = {404: PROBLEMS[404]}
    return operation(body, answer, told, ANSWERS[answer], 404, 422, scope=SCOPE, codes=_CODES, problems=shown)


def _adjust(told: Json) -> Json:
    answered = ANSWERS["PointsAdjusted"]
    found = operation(
        "PointsAdjustment", "PointsAdjusted", told, answered, 404, 409, 422, scope=ADJUST, codes=_ADJUST_CODES,
        problems=PROBLEMS,
    )  # fmt: skip
    return {**found, "parameters": PARAMETERS}


OF: Final = _read("PointsQuestion", "MemberPoints", OF_BODIES)
STATEMENT: Final = _read("StatementQuestion", "Statement", STATEMENT_BODIES)
GRANT: Final = _adjust(GRANT_BODIES)
DEDUCT: Final = _adjust(DEDUCT_BODIES)
