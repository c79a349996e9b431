"""The part of the OpenAPI document about comparing programmes, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.draft_schemas import CODES, ID, NULL, SOURCE, problem
from regulars.api.examples import example
from regulars.api.schemas import fields_of, operation, ref
from regulars.loyalty.taking_over.rules import CODES as COUPON_WHYS
from regulars.loyalty.taking_over.rules import SAID, Kind, Reason, What

READ: Final = "reports.read"
MEMBERS: Final = "customers.read"
WHATS: Final = [one.name.lower() for one in What if one.name]
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_MAYBE: Final[Json] = {"anyOf": [{"type": "integer"}, NULL]}
_TEXT: Final[Json] = {"type": "string"}
_MAYBE_TEXT: Final[Json] = {"anyOf": [_TEXT, NULL]}
_RUN: Final[Json] = {
    "comparison_id": ID,
    "old_system": _TEXT,
    "day": {"type": "string", "format": "date", "description": "At the end of this day."},
    "file": _TEXT,
    "made_at": ref("Time"),
    "made_by": _MAYBE_TEXT,
    "compared": {"type": "array", "items": {"type": "string", "enum": WHATS}},
    "rows": _COUNT,
    "refused": {**_COUNT, "description": "Rows that could not be read."},
    "members": fields_of(
        dict.fromkeys(("agree", "differ", "only_old", "only_new"), _COUNT), "agree", "differ", "only_old", "only_new"
    ),
    "points": {
        **fields_of({"old": {"type": "integer"}, "new": {"type": "integer"}}, "old", "new"),
        "description": "Of members in both.",
    },
}  # fmt: skip
_WHY: Final[Json] = {
    "reason": {"type": "string", "enum": list(Reason)},
    "said": TEXT,
    "count": _COUNT,
}
_PROBLEM: Final[Json] = {"code": _TEXT, "count": _COUNT, "rows": {"type": "array", "items": _COUNT}}
_ONE: Final[Json] = {
    **_RUN,
    "what": fields_of(dict.fromkeys(WHATS, _COUNT), *WHATS),
    "reasons": {"type": "array", "items": fields_of(_WHY, *_WHY)},
    "problems": {"type": "array", "items": fields_of(_PROBLEM, *_PROBLEM)},
}
_SIDES: Final = ("old", "new")
_DIFFERENCE: Final[Json] = {
    "kind": {"type": "string", "enum": list(Kind)},
    "number": {**_MAYBE_TEXT, "description": "Of the member here."},
    "old_number": {**_MAYBE_TEXT, "description": "As the old table has it."},
    "row": {**_MAYBE, "description": "In the old table."},
    "what": {"type": "array", "items": {"type": "string", "enum": WHATS}},
    "points": fields_of(dict.fromkeys((*_SIDES, "difference"), _MAYBE), *_SIDES, "difference"),
    "growth": fields_of(dict.fromkeys(_SIDES, _MAYBE), *_SIDES),
    "tier": fields_of(dict.fromkeys(_SIDES, _MAYBE_TEXT), *_SIDES),
    "last_days": {
        "type": "array",
        "items": fields_of(
            {
                "day": {"anyOf": [{"type": "string", "format": "date"}, NULL], "description": "null: never."},
                "old": {"type": "integer"},
                "new": {"type": "integer"},
            },
            "day", "old", "new",
        ),
    },
    "coupons": {"type": "array", "items": fields_of({"code": _TEXT, "said": TEXT}, "code", "said")},
    "reason": fields_of({"code": {"type": "string", "enum": list(Reason)}, "said": TEXT}, "code", "said"),
}  # fmt: skip
SCHEMAS: Final[Json] = {
    "ComparisonsQuestion": fields_of(SOURCE),
    "Comparisons": fields_of({"comparisons": {"type": "array", "items": fields_of(_RUN, *_RUN)}}, "comparisons"),
    "ComparisonQuestion": fields_of({"comparison_id": ID, **SOURCE}, "comparison_id"),
    "Comparison": fields_of({"comparison": fields_of(_ONE, *_ONE)}, "comparison"),
    "DifferencesQuestion": fields_of(
        {
            "comparison_id": ID,
            "kind": {"type": "string", "enum": list(Kind)},
            "what": {"type": "string", "enum": WHATS},
            "reason": {"type": "string", "enum": list(Reason)},
            "offset": {"anyOf": [{**_COUNT, "maximum": 10**9}, NULL]},
            **SOURCE,
        },
        "comparison_id",
    ),
    "Differences": fields_of(
        {
            "count": {**_COUNT, "description": "All that the filter finds."},
            "differences": {"type": "array", "items": fields_of(_DIFFERENCE, *_DIFFERENCE)},
            "next_offset": _MAYBE,
        },
        "count", "differences", "next_offset",
    ),
}  # fmt: skip
_MADE: Final[Json] = {
    "comparison_id": 4,
    "old_system": "youzan",
    "day": "2026-02-28",
    "file": "balances-0228.xlsx",
    "made_at": "2026-03-01T08:10:00+08:00",
    "made_by": "user:1",
    "compared": ["points", "expiry", "tier"],
    "rows": 4810,
    "refused": 2,
    "members": {"agree": 4790, "differ": 11, "only_old": 4, "only_new": 3},
    "points": {"old": 84120, "new": 84000},
}
_REFUND: Final = SAID[Reason.REFUND]._asdict()
_APART: Final[Json] = {
    "kind": "differ",
    "number": "M0000042",
    "old_number": "88001",
    "row": 17,
    "what": ["points", "coupon"],
    "points": {"old": 320, "new": 200, "difference": -120},
    "growth": {"old": None, "new": 2100},
    "tier": {"old": "gold", "new": "gold"},
    "last_days": [{"day": "2027-12-31", "old": 320, "new": 200}],
    "coupons": [{"code": "OLD-7788", "said": COUPON_WHYS["missing"]._asdict()}],
    "reason": {"code": "refund", "said": _REFUND},
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "list": {"all": example("Every comparison", {})},
    "read": {"one": example("One of them", {"comparison_id": 4})},
    "differences": {
        "all": example("Everybody", {"comparison_id": 4}),
        "some": example("Other points", {"comparison_id": 4, "kind": "differ", "what": "points", "offset": 200}),
    },
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Comparisons": {"one": example("One", {"comparisons": [_MADE]})},
    "Comparison": {
        "one": example(
            "Eleven differ",
            {
                "comparison": {
                    **_MADE,
                    "what": {"points": 9, "expiry": 3, "growth": 0, "tier": 1, "coupon": 1},
                    "reasons": [{"reason": "refund", "said": _REFUND, "count": 8}],
                    "problems": [{"code": "number_missing", "count": 2, "rows": [12, 90]}],
                }
            },
        )
    },
    "Differences": {"page": example("One", {"count": 1, "differences": [_APART], "next_offset": None})},
}
PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"unknown": problem("no_comparison", "There is no such comparison.")},
    422: {"what": problem("malformed_fact", "kind is one of differ, only_old, only_new.", field="kind")},
}


def _operation(verb: str, body: str, answer: str, *more: int, scope: str = READ) -> Json:
    return operation(body, answer, BODIES[verb], ANSWERS[answer], *more, scope=scope, codes=CODES, problems=PROBLEMS)


LIST: Final = _operation("list", "ComparisonsQuestion", "Comparisons", 422)
ONE: Final = _operation("read", "ComparisonQuestion", "Comparison", 404, 422)
DIFFERENCES: Final = _operation("differences", "DifferencesQuestion", "Differences", 404, 422, scope=MEMBERS)
