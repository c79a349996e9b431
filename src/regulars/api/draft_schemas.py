"""The part of the OpenAPI document about drafts of the programme; the tests send every one of its examples."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.examples import example
from regulars.api.once import PARAMETERS
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES, PROGRAMME_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref
from regulars.api.term_schemas import TERMS
from regulars.loyalty.draft_parts import STARTS
from regulars.loyalty.drafts_view import DraftState

WRITE: Final = "programme.write"
LAUNCH: Final = "programme.launch"
CODES: Final = {**COMMON_CODES, "key_missing": CHECKOUT_CODES["key_missing"], **PROGRAMME_CODES}
NULL: Final[Json] = {"type": "null"}
ID: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
NUMBER: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
SOURCE: Final[Json] = {"source": COMMON_FIELDS["source"]}
NAME: Final[Json] = {
    "type": "object",
    "properties": {"zh": {"type": "string", "maxLength": 60}, "en": {"type": "string", "maxLength": 60}},
    "additionalProperties": False,
}
_REVISION: Final[Json] = {**NUMBER, "description": "What was looked at; another one is refused with 409."}
_BY: Final[Json] = {"anyOf": [{"type": "string"}, NULL], "description": "user:ID for a person, api:NAME for a key."}
_STEP: Final[Json] = {"anyOf": [fields_of({"at": ref("Time"), "by": _BY}, "at", "by"), NULL]}
SENTENCES: Final[Json] = fields_of(
    {language: {"type": "array", "items": {"type": "string"}} for language in ("zh", "en")}, "zh", "en"
)
DIFFERENCES: Final[Json] = {
    "anyOf": [fields_of({"new": SENTENCES, "gone": SENTENCES}, "new", "gone"), NULL],
    "description": "Sentences that only one of the two says; null: there is nothing to compare with.",
}
_DRAFT: Final[Json] = {
    "draft_id": ID,
    "name": TEXT,
    "state": {"type": "string", "enum": list(DraftState)},
    "revision": NUMBER,
    "based_on": {"anyOf": [NUMBER, NULL], "description": "The version that it is written upon."},
    "needs_approval": {"type": "boolean", "description": "The settings ask for a second person."},
    "waits_for": {
        "anyOf": [{"type": "string", "enum": ["rebase", "approval"]}, NULL],
        "description": "What keeps it from going live: another version is live by now, or a person has to approve.",
    },
    "authors": {"type": "array", "items": {"type": "string"}, "description": "A key's maker counts as well."},
    **dict.fromkeys(("begun", "changed", "simulated", "approved", "ended"), _STEP),
    "launched": {"anyOf": [NUMBER, NULL], "description": "The version that it became."},
    "launches_at": {"anyOf": [ref("Time"), NULL], "description": "For when it is planned."},
}
_WHOLE: Final[Json] = {
    **_DRAFT,
    "terms": ref("ProgrammeTerms"),
    "live": {"anyOf": [NUMBER, NULL], "description": "The version that is live."},
    "differences": DIFFERENCES,
}
_ONE: Final[Json] = {"draft_id": ID, **SOURCE}
_LOOKED_AT: Final[Json] = {**_ONE, "revision": _REVISION}
_AT: Final[Json] = {
    "anyOf": [ref("Time"), NULL],
    "description": "When, with an offset, a year ahead at most; absent: now. A job does it then, within seconds.",
}
SCHEMAS: Final[Json] = {
    "ProgrammeTerms": fields_of(TERMS),
    "DraftsQuestion": fields_of(SOURCE),
    "Drafts": fields_of({"drafts": {"type": "array", "items": fields_of(_DRAFT, *_DRAFT)}}, "drafts"),
    "DraftWish": fields_of({"from": {"type": "string", "enum": list(STARTS)}, "name": NAME, **SOURCE}),
    "DraftQuestion": fields_of(_ONE, "draft_id"),
    "DraftParts": {
        **fields_of({**_ONE, "revision": _REVISION, "name": NAME, **TERMS}, "draft_id", "revision"),
        "additionalProperties": False,
    },
    "DraftLookedAt": fields_of(_LOOKED_AT, "draft_id", "revision"),
    "DraftLaunch": fields_of({**_LOOKED_AT, "at": _AT}, "draft_id", "revision"),
    "Draft": fields_of({"draft": fields_of(_WHOLE, *_WHOLE)}, "draft"),
}
_MEMBER_DAY: Final[Json] = {
    "code": "member_day",
    "names": {"zh": "会员日", "en": "Member day"},
    "if": {"field": "day_of_month", "op": "eq", "value": 18},
    "then": {"kind": "multiply", "percent": 200},
    "limits": [{"period": "month", "most": 500, "counts": "amount"}],
}
_TIERS: Final = [
    {"code": "basic", "threshold": 0, "names": {"zh": "普通", "en": "Basic"}},
    {"code": "gold", "threshold": 5000, "names": {"zh": "金卡", "en": "Gold"}},
]
_ANSWERED: Final[Json] = {
    "draft_id": 7,
    "name": {"zh": "春季", "en": "Spring"},
    "state": "draft",
    "revision": 2,
    "based_on": 3,
    "needs_approval": True,
    "waits_for": "approval",
    "authors": ["api:Planner", "user:1"],
    "begun": {"at": "2026-03-01T09:30:00+08:00", "by": "api:Planner"},
    "changed": {"at": "2026-03-01T09:31:00+08:00", "by": "api:Planner"},
    "simulated": None,
    "approved": None,
    "ended": None,
    "launched": None,
    "launches_at": None,
}
_READ: Final[Json] = {
    **_ANSWERED,
    "terms": {
        "minor_per_point": 100,
        "minor_per_growth": 100,
        "pending_days": {"store": 0, "online": 7},
        "tiers": _TIERS,
        "window_months": 12,
        "expiry": "end_of_next_year",
        "restore_days": 14,
        "rules": [_MEMBER_DAY],
    },
    "live": 3,
    "differences": {
        "new": {
            "zh": ["会员日：每月 18 日，积分双倍；每人每月最多多得 500 积分。"],
            "en": ["Member day: On the 18th of a month: double points; up to 500 points a month for each member."],
        },
        "gone": {"zh": [], "en": []},
    },
}
_NEXT: Final[Json] = {"draft_id": 7, "revision": 2}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "list": {"all": example("What is being written?", {})},
    "begin": {
        "live": example("From the version that is live", {"name": {"zh": "春季", "en": "Spring"}}),
        "preset": example("From a programme to begin with", {"from": "retail"}),
        "empty": example("Nothing yet", {"from": "empty"}),
    },
    "read": {"one": example("One draft", {"draft_id": 7})},
    "parts": {
        "rules": example("Other rules", {"draft_id": 7, "revision": 1, "rules": [_MEMBER_DAY]}),
        "tiers": example("Other tiers, and points that last two years", {
            "draft_id": 7, "revision": 1, "tiers": _TIERS, "expiry": "rolling", "expiry_months": 24, "benefits": [],
            "name": {"zh": "两级", "en": "Two tiers"},
        }),
        "stamps": example("A currency of its own, and no caps any more", {
            "draft_id": 7, "revision": 1, "caps": None,
            "currencies": [{"code": "stamps", "names": {"zh": "印花", "en": "stamps"}, "expiry": "never"}],
        }),
    },
    "rebase": {"one": example("Go on from the version that is live by now", {"draft_id": 7, "revision": 2})},
    "discard": {"one": example("Give it up", {"draft_id": 7})},
    "approve": {"one": example("It may go live", _NEXT)},
    "launch": {
        "now": example("Put it live", _NEXT),
        "later": example("At the new year", {**_NEXT, "at": "2027-01-01T00:00:00+08:00"}),
    },
    "cancel_launch": {"one": example("Not by itself", {"draft_id": 7})},
}  # fmt: skip
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Drafts": {"one": example("One draft", {"drafts": [_ANSWERED]})},
    "Draft": {"one": example("As it is now", {"draft": _READ})},
}


def problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem as it is answered."""
    status, title = CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return example(title, {**told, **more})


_PERSON: Final = "The settings ask for a second person: somebody approves this draft in the console."
PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    403: {
        "person": problem("person_needed", _PERSON),
        "waits": problem("not_approved", "Somebody else has to approve this draft first."),
    },
    404: {"draft": problem("no_draft", "There is no such draft.")},
    409: {
        "changed": problem("draft_changed", "Somebody saved this draft meanwhile."),
        "live": problem("programme_changed", "Somebody changed the programme meanwhile."),
    },
    422: {
        "terms": problem(
            "invalid_terms", "Earning rule sunday: percent must be a whole number from 101 to 1,000.",
            field="rules.sunday.percent",
        ),
        "tiers": problem("invalid_terms", "Tiers must start at 0 and rise.", field="tiers"),
    },
}  # fmt: skip


def _operation(verb: str, body: str, answer: str, *more: int, scope: str = WRITE) -> Json:
    return operation(body, answer, BODIES[verb], ANSWERS[answer], *more, scope=scope, codes=CODES, problems=PROBLEMS)


LIST: Final = _operation("list", "DraftsQuestion", "Drafts", 422)
BEGIN: Final = {**_operation("begin", "DraftWish", "Draft", 409, 422), "parameters": PARAMETERS}
READ: Final = _operation("read", "DraftQuestion", "Draft", 404, 422)
PARTS: Final = _operation("parts", "DraftParts", "Draft", 404, 409, 422)
REBASE: Final = _operation("rebase", "DraftLookedAt", "Draft", 404, 409, 422)
DISCARD: Final = _operation("discard", "DraftQuestion", "Draft", 404, 409, 422)
APPROVE: Final = _operation("approve", "DraftLookedAt", "Draft", 404, 409, 422, scope=LAUNCH)
CANCEL: Final = _operation("cancel_launch", "DraftQuestion", "Draft", 404, 422, scope=LAUNCH)
PUT_LIVE: Final = _operation("launch", "DraftLaunch", "Draft", 404, 409, 422, scope=LAUNCH)
