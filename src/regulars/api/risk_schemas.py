"""The part of the OpenAPI document about risk control, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES, RISK_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref
from regulars.loyalty.actions.commands import MOST_POINTS
from regulars.loyalty.risk.detection import RISK_RULES
from regulars.loyalty.risk.rules import CaseState

READ: Final = "risk.read"
MANAGE: Final = "risk.manage"
LONGEST_NOTE: Final = 200
LONGEST_KEY: Final = 70
_CODES: Final = {**COMMON_CODES, "key_missing": CHECKOUT_CODES["key_missing"], **RISK_CODES}
_NULL: Final[Json] = {"type": "null"}
_ID: Final[Json] = {"type": "integer", "minimum": 1}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_SCORE: Final[Json] = {"type": "integer", "minimum": 0, "maximum": 100}
_STATE: Final[Json] = {"type": "string", "enum": list(CaseState)}
_KIND: Final[Json] = {"type": "string", "enum": list(RISK_RULES)}
_FACTS: Final[Json] = {"type": "array", "items": _ID, "description": "fact_id as it was answered when it was sent."}
_BY: Final[Json] = {
    "anyOf": [{"type": "string"}, _NULL],
    "description": "user:ID for a person, api:NAME for a key; null: the rules.",
}
_NOTE: Final[Json] = {"type": "string", "maxLength": LONGEST_NOTE, "description": "Kept where staff read it."}
_SOURCE: Final[Json] = {**COMMON_FIELDS["source"], "description": "The system whose ids of customers are answered."}
_PROPOSE: Final[Json] = {
    "type": "boolean",
    "description": "Where a second person has to decide: write it down for them, instead of 403.",
}
_SIGN: Final = fields_of(
    {"kind": {"type": "string"}, "name": TEXT, "score": _SCORE, "said": TEXT, "facts": _FACTS},
    "kind", "name", "score", "said", "facts",
)  # fmt: skip
_PROPOSAL: Final[Json] = {
    "proposal_id": _ID,
    "kind": {"type": "string", "enum": ["release", "reverse", "grant", "deduct"]},
    "points": _COUNT,
    "state": {"type": "string", "enum": ["waiting", "approved", "refused", "withdrawn"]},
    "proposed_by": {"type": "string"},
    "proposed_at": ref("Time"),
}
_LINE: Final[Json] = {
    "case_id": _ID,
    "customer": fields_of(
        {
            "number": {"type": "string", "description": "The member number."},
            "ids": {"type": "array", "items": {"type": "string"}, "description": "Their userIds in `source`."},
        },
        "number", "ids",
    ),
    "state": _STATE,
    "score": _SCORE,
    "signs": {"type": "array", "items": _SIGN, "description": "The oddest first."},
    "opened_at": ref("Time"),
    "changed_at": ref("Time"),
    "looked_at_by": _BY,
    "decided_at": {"anyOf": [ref("Time"), _NULL]},
    "decided_by": _BY,
}  # fmt: skip
_CASE: Final[Json] = {
    **_LINE,
    "facts": _FACTS,
    "points": fields_of(
        {
            "earned": {**_COUNT, "description": "What the evidence earned and was not taken back yet."},
            "can_be_reversed": {**_COUNT, "description": "So much of it is there to be taken back now."},
            "reversed": _COUNT,
        },
        "earned", "can_be_reversed", "reversed",
    ),
    "steps": {
        "type": "array",
        "items": fields_of(
            {"at": ref("Time"), "action": {"type": "string"}, "by": _BY, "points": _COUNT},
            "at", "action", "by", "points",
        ),
        "description": "What was done, the oldest first.",
    },
    "proposals": {"type": "array", "items": ref("RiskProposal"), "description": "What waits for a second person."},
}  # fmt: skip
_ONE: Final[Json] = {"case_id": _ID, "source": _SOURCE}
SCHEMAS: Final[Json] = {
    "RiskQuestion": fields_of(
        {
            "state": _STATE,
            "kind": {**_KIND, "description": "Cases with a sign of this kind."},
            "before": {**_ID, "description": "next_before of the page before."},
            "source": _SOURCE,
        }
    ),
    "RiskCases": fields_of(
        {
            "cases": {"type": "array", "items": fields_of(_LINE, *_LINE)},
            "next_before": {"anyOf": [_ID, _NULL], "description": "null: there are no more."},
        },
        "cases", "next_before",
    ),
    "RiskCaseQuestion": fields_of(_ONE, "case_id"),
    "RiskWhole": fields_of(_CASE, *_CASE),
    "RiskCase": fields_of({"case": ref("RiskWhole")}, "case"),
    "RiskDecision": fields_of({**_ONE, "note": _NOTE}, "case_id"),
    "RiskRelease": fields_of({**_ONE, "note": _NOTE, "propose": _PROPOSE}, "case_id"),
    "RiskReversal": fields_of(
        {**_ONE, "points": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS}, "note": _NOTE,
         "propose": _PROPOSE},
        "case_id", "points",
    ),
    "RiskProposal": fields_of(_PROPOSAL, *_PROPOSAL),
    "RiskDecided": fields_of(
        {"case": ref("RiskWhole"), "proposal": {"anyOf": [ref("RiskProposal"), _NULL]}}, "case", "proposal"
    ),
}  # fmt: skip


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


LIST_BODIES: Final = {
    "waiting": _example("What waits for somebody", {"state": "open"}),
    "kind": _example("Every burst of orders, with your own ids", {"kind": "velocity", "source": "web"}),
}
CASE_BODIES: Final = {"one": _example("One case", {"case_id": 77})}
FREEZE_BODIES: Final = {"fraud_tool": _example("Your own fraud tool is sure", {"case_id": 77, "note": "card testing"})}
DISMISS_BODIES: Final = {"party": _example("It was a party", {"case_id": 77, "note": "Birthday party, 12 guests"})}
RELEASE_BODIES: Final = {
    "alone": _example("Released", {"case_id": 77, "note": "Showed the receipts"}),
    "propose": _example("Released, or proposed to a second person", {"case_id": 77, "propose": True}),
}
REVERSE_BODIES: Final = {"all": _example("What the orders earned", {"case_id": 77, "points": 140, "propose": True})}
_SHOWN: Final[Json] = {
    "case_id": 77,
    "customer": {"number": "M100042", "ids": ["u-1024"]},
    "state": "open",
    "score": 75,
    "signs": [
        {
            "kind": "velocity",
            "name": {"zh": "短时间多单", "en": "Many orders in minutes"},
            "score": 75,
            "said": {"zh": "6 分钟内下了 7 单。", "en": "7 orders within 6 minutes."},
            "facts": [1001, 1002, 1003, 1004, 1005, 1006, 1007],
        }
    ],
    "opened_at": "2026-06-01T18:00:00+08:00",
    "changed_at": "2026-06-01T18:00:00+08:00",
    "looked_at_by": None,
    "decided_at": None,
    "decided_by": None,
}
_OPENED: Final[Json] = {"at": "2026-06-01T18:00:00+08:00", "action": "opened", "by": None, "points": 0}
_WHOLE: Final[Json] = {
    **_SHOWN,
    "facts": [1001, 1002, 1003, 1004, 1005, 1006, 1007],
    "points": {"earned": 140, "can_be_reversed": 140, "reversed": 0},
    "steps": [_OPENED],
    "proposals": [],
}
_FROZEN: Final[Json] = {
    **_WHOLE,
    "state": "frozen",
    "changed_at": "2026-06-01T18:05:00+08:00",
    "decided_at": "2026-06-01T18:05:00+08:00",
    "decided_by": "api:Fraud desk",
    "steps": [_OPENED, {"at": "2026-06-01T18:05:00+08:00", "action": "frozen", "by": "api:Fraud desk", "points": 0}],
}
_WAITS: Final[Json] = {
    "proposal_id": 9, "kind": "release", "points": 1400, "state": "waiting", "proposed_by": "api:Fraud desk",
    "proposed_at": "2026-06-02T09:00:00+08:00",
}  # fmt: skip
ANSWERS: Final = {
    "RiskCases": {"one": _example("One case", {"cases": [_SHOWN], "next_before": None})},
    "RiskCase": {"open": _example("A burst of orders", {"case": _WHOLE})},
    "RiskDecided": {
        "frozen": _example("Frozen", {"case": _FROZEN, "proposal": None}),
        "proposed": _example(
            "A second person decides", {"case": {**_FROZEN, "proposals": [_WAITS]}, "proposal": _WAITS}
        ),
    },
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return _example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    403: {"second": _problem("second_person_needed", "More than 500 points are moved by two people.", most=500)},
    404: {"case": _problem("no_risk_case", "There is no such case.")},
    409: {"ended": _problem("risk_case_ended", "This case was decided meanwhile.", state="dismissed")},
    422: {"less": _problem("nothing_to_reverse", "So many points are not there any more.", points=40)},
}
_KEY: Final[list[Json]] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Your own number for this decision, in your source. The same again is answered again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"^[!-~]+$"},
    }
]
_MAYBE_KEY: Final[list[Json]] = [
    {**_KEY[0], "required": False, "description": "Needed where `propose` is true, so that it is proposed once."}
]


def _operation(body: str, answer: str, told: Json, scope: str, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=scope, codes=_CODES, problems=PROBLEMS)


LIST: Final = _operation("RiskQuestion", "RiskCases", LIST_BODIES, READ, 422)
CASE: Final = _operation("RiskCaseQuestion", "RiskCase", CASE_BODIES, READ, 404, 422)
FREEZE: Final = _operation("RiskDecision", "RiskDecided", FREEZE_BODIES, MANAGE, 404, 409, 422)
DISMISS: Final = _operation("RiskDecision", "RiskDecided", DISMISS_BODIES, MANAGE, 404, 409, 422)
RELEASE: Final = {
    **_operation("RiskRelease", "RiskDecided", RELEASE_BODIES, MANAGE, 404, 409, 422), "parameters": _MAYBE_KEY,
}  # fmt: skip
REVERSE: Final = {
    **_operation("RiskReversal", "RiskDecided", REVERSE_BODIES, MANAGE, 404, 409, 422), "parameters": _KEY,
}  # fmt: skip
