"""The part of the OpenAPI document about versions of the programme; the tests send every one of its examples."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.draft_schemas import CODES, DIFFERENCES, NULL, NUMBER, SENTENCES, SOURCE, problem
from regulars.api.examples import example
from regulars.api.schemas import fields_of, operation, ref

SCOPE: Final = "reports.read"
_BY: Final[Json] = {"anyOf": [{"type": "string"}, NULL], "description": "user:ID for a person, api:NAME for a key."}
_VERSION: Final[Json] = {
    "number": NUMBER,
    "live_from": ref("Time"),
    "live_until": {"anyOf": [ref("Time"), NULL], "description": "null: no other version came."},
    "created_at": ref("Time"),
    "created_by": _BY,
    "differences": DIFFERENCES,
}
_WHOLE: Final[Json] = {**_VERSION, "terms": {"type": "object"}, "said": SENTENCES}
SCHEMAS: Final[Json] = {
    "VersionsQuestion": fields_of({"before": {"anyOf": [NUMBER, NULL]}, **SOURCE}),
    "Versions": fields_of(
        {
            "versions": {"type": "array", "items": fields_of(_VERSION, *_VERSION)},
            "next_before": {"anyOf": [NUMBER, NULL]},
        },
        "versions", "next_before",
    ),
    "VersionQuestion": fields_of({"number": NUMBER, **SOURCE}, "number"),
    "Version": fields_of({"version": fields_of(_WHOLE, *_WHOLE)}, "version"),
}  # fmt: skip
_LIVE: Final[Json] = {
    "number": 3,
    "live_from": "2026-01-01T00:00:00+08:00",
    "live_until": None,
    "created_at": "2026-01-01T00:00:00+08:00",
    "created_by": "user:1",
    "differences": {
        "new": {"zh": ["每消费 ¥2 得 1 积分。"], "en": ["Every ¥2 paid earns 1 point."]},
        "gone": {"zh": ["每消费 ¥1 得 1 积分。"], "en": ["Every ¥1 paid earns 1 point."]},
    },
}
_SAID: Final[Json] = {"zh": ["每消费 ¥2 得 1 积分。"], "en": ["Every ¥2 paid earns 1 point."]}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "list": {"all": example("The history", {}), "older": example("What came before", {"before": 3})},
    "read": {"one": example("One version", {"number": 1})},
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Versions": {"one": example("One version", {"versions": [_LIVE], "next_before": None})},
    "Version": {"one": example("Whole", {"version": {**_LIVE, "terms": {"minor_per_point": 200}, "said": _SAID}})},
}
PROBLEMS: Final[dict[int, dict[str, Any]]] = {404: {"none": problem("no_version", "The programme has no version 9.")}}
LIST: Final = operation(
    "VersionsQuestion", "Versions", BODIES["list"], ANSWERS["Versions"], 422, scope=SCOPE, codes=CODES,
    problems=PROBLEMS,
)  # fmt: skip
READ: Final = operation(
    "VersionQuestion", "Version", BODIES["read"], ANSWERS["Version"], 404, 422, scope=SCOPE, codes=CODES,
    problems=PROBLEMS,
)  # fmt: skip
