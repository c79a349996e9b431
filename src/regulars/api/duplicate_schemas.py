"""The part of the OpenAPI document about duplicates, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.problems import COMMON_CODES, DUPLICATE_CODES
from regulars.api.schemas import COMMON_FIELDS, PLAIN, fields_of, operation, ref

SCOPE: Final = "customers.merge"
_CODES: Final = {**COMMON_CODES, **DUPLICATE_CODES}
_NULL: Final[Json] = {"type": "null"}
_ID: Final[Json] = {"type": "integer", "minimum": 1}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_SOURCE: Final[Json] = {**COMMON_FIELDS["source"], "description": "The system whose ids of customers are answered."}
_BY: Final[Json] = {
    "anyOf": [{"type": "string"}, _NULL],
    "description": "user:ID for a person, api:NAME for a key; null: the system.",
}
_NAMED: Final[Json] = {
    "number": {"type": "string", "description": "The member number."},
    "ids": {"type": "array", "items": {"type": "string"}, "description": "Their userIds in `source`."},
}
_SIDE: Final[Json] = {
    **_NAMED,
    "orders": _COUNT,
    "spent": {"type": "string", "description": "Major units: 704.00."},
    "last_order_at": {"anyOf": [ref("Time"), _NULL]},
    "points": {"type": "integer"},
}
_PAIR: Final[Json] = {
    "pair_id": _ID,
    "proposed_at": ref("Time"),
    "evidence": {
        "type": "array",
        "items": fields_of({"code": {"type": "string"}, "said": TEXT}, "code", "said"),
        "description": "What speaks for one person.",
    },
    "sides": {"type": "array", "items": fields_of(_SIDE, *_SIDE), "minItems": 2, "maxItems": 2},
}
_MERGE: Final[Json] = {
    "merge_id": _ID,
    "lead": fields_of(_NAMED, *_NAMED),
    "other": fields_of(_NAMED, *_NAMED),
    "merged_at": ref("Time"),
    "merged_by": _BY,
    "undone_at": {"anyOf": [ref("Time"), _NULL], "description": "When they were parted again, if they were."},
    "undone_by": _BY,
}
SCHEMAS: Final[Json] = {
    "DuplicatesQuestion": fields_of(
        {"after": {**_ID, "description": "next_after of the page before."}, "source": _SOURCE}
    ),
    "Duplicates": fields_of(
        {
            "pairs": {"type": "array", "items": fields_of(_PAIR, *_PAIR)},
            "next_after": {"anyOf": [_ID, _NULL], "description": "null: there are no more."},
        },
        "pairs", "next_after",
    ),
    "DuplicatesMerge": fields_of(
        {
            "pair_id": _ID,
            "lead": {**PLAIN, "maxLength": 20, "description": "The member number of the one who stands for both."},
            "source": _SOURCE,
        },
        "pair_id", "lead",
    ),
    "DuplicatesApart": fields_of({"pair_id": _ID, "source": _SOURCE}, "pair_id"),
    "KeptApart": fields_of({"pair_id": _ID, "state": {"const": "apart"}}, "pair_id", "state"),
    "MergesQuestion": fields_of(
        {"before": {**_ID, "description": "next_before of the page before."}, "source": _SOURCE}
    ),
    "Merge": fields_of(_MERGE, *_MERGE),
    "Merges": fields_of(
        {
            "merges": {"type": "array", "items": ref("Merge")},
            "next_before": {"anyOf": [_ID, _NULL], "description": "null: there are no more."},
        },
        "merges", "next_before",
    ),
    "MergeUndo": fields_of({"merge_id": _ID, "source": _SOURCE}, "merge_id"),
    "Merged": fields_of({"merge": ref("Merge")}, "merge"),
}  # fmt: skip


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


LIST_BODIES: Final = {"all": _example("What waits for a decision", {"source": "web"})}
MERGE_BODIES: Final = {"one": _example("The two are one person", {"pair_id": 7, "lead": "M100042"})}
APART_BODIES: Final = {"two": _example("Mother and daughter", {"pair_id": 7})}
MERGES_BODIES: Final = {"newest": _example("The newest merges", {"source": "web"})}
UNDO_BODIES: Final = {"wrong": _example("They are two after all", {"merge_id": 3})}
_SHOWN: Final[Json] = {
    "pair_id": 7,
    "proposed_at": "2026-03-01T04:10:00+08:00",
    "evidence": [
        {
            "code": "name_birthday",
            "said": {"zh": "姓名和生日都相同", "en": "Same name and same birthday"},
        }
    ],
    "sides": [
        {
            "number": "M100042", "ids": ["u-1024"], "orders": 12, "spent": "704.00",
            "last_order_at": "2026-02-27T09:30:00+08:00", "points": 704,
        },
        {"number": "M100077", "ids": [], "orders": 1, "spent": "28.00", "last_order_at": None, "points": 28},
    ],
}  # fmt: skip
_MERGED: Final[Json] = {
    "merge_id": 3,
    "lead": {"number": "M100042", "ids": ["u-1024"]},
    "other": {"number": "M100077", "ids": []},
    "merged_at": "2026-03-01T10:00:00+08:00",
    "merged_by": "api:CRM",
    "undone_at": None,
    "undone_by": None,
}
ANSWERS: Final = {
    "Duplicates": {"one": _example("One pair", {"pairs": [_SHOWN], "next_after": None})},
    "Merged": {
        "merged": _example("Merged", {"merge": _MERGED}),
        "undone": _example(
            "Parted again",
            {"merge": {**_MERGED, "undone_at": "2026-03-02T10:00:00+08:00", "undone_by": "api:CRM"}},
        ),
    },
    "KeptApart": {"apart": _example("Kept apart", {"pair_id": 7, "state": "apart"})},
    "Merges": {"one": _example("One merge", {"merges": [_MERGED], "next_before": None})},
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return _example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {
        "pair": _problem("no_pair", "There is no such pair."),
        "merge": _problem("not_merged", "There is no such merge."),
    },
    409: {"decided": _problem("pair_decided", "This pair was decided meanwhile.", state="apart")},
    422: {"lead": _problem("not_in_pair", "The one who stands for both must be one of the two.")},
}


def _operation(body: str, answer: str, told: Json, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)


LIST: Final = _operation("DuplicatesQuestion", "Duplicates", LIST_BODIES, 422)
MERGE: Final = _operation("DuplicatesMerge", "Merged", MERGE_BODIES, 404, 409, 422)
APART: Final = _operation("DuplicatesApart", "KeptApart", APART_BODIES, 404, 409, 422)
MERGES: Final = _operation("MergesQuestion", "Merges", MERGES_BODIES, 422)
UNDO: Final = _operation("MergeUndo", "Merged", UNDO_BODIES, 404, 422)
