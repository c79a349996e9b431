"""The part of the OpenAPI document about keeping the catalogue of rewards; the tests send every one of its examples."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.examples import example
from regulars.api.once import PARAMETERS
from regulars.api.problems import CATALOGUE_CODES, CHECKOUT_CODES, COMMON_CODES, OFFER_CODES, REWARD_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref
from regulars.loyalty.rewards.rules import (
    LONGEST_CODE,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    MOST_EACH,
    MOST_LISTED,
    MOST_POINTS,
    MOST_STOCK,
    PERIODS,
    RewardKind,
)

SCOPE: Final = "rewards.manage"
_CODES: Final = {
    **COMMON_CODES, "key_missing": CHECKOUT_CODES["key_missing"],
    **{code: REWARD_CODES[code] for code in ("no_reward", "offer_archived")}, **CATALOGUE_CODES,
    "no_offer": OFFER_CODES["no_offer"],
}  # fmt: skip
_NULL: Final[Json] = {"type": "null"}
_TEXT: Final[Json] = {"type": "string"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_VERSION: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_CODE: Final[Json] = {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE}
_KIND: Final[Json] = {"type": "string", "enum": list(RewardKind)}
_PERIOD: Final[Json] = {"type": "string", "enum": list(PERIODS)}


def _or_null(told: Json, description: str = "") -> Json:
    return {"anyOf": [told, _NULL], **({"description": description} if description else {})}


def _words(longest: int) -> Json:
    return {
        "type": "object",
        "properties": {language: {"type": "string", "maxLength": longest} for language in ("zh", "en")},
        "additionalProperties": False,
    }


def _list(items: Json) -> Json:
    return {"type": "array", "items": items, "maxItems": MOST_LISTED}


_DAY: Final[Json] = _or_null({"type": "string", "format": "date"})
_SHORT: Final[Json] = {"type": "string", "minLength": 1, "maxLength": 100}
_ID: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 2**62 - 1}
_WISH: Final[Json] = {
    "name": {**_words(LONGEST_NAME), "description": "In one language at least."},
    "description": _words(LONGEST_DESCRIPTION),
    "kind": {**_KIND, "description": "item if absent."},
    "points": {"type": "integer", "minimum": 1, "maximum": MOST_POINTS, "description": "The price, in its currency."},
    "currency": {"type": "string", "maxLength": 30, "description": "points, or a currency of the programme's own."},
    "cost": {**ref("Amount"), "description": "What one costs the shop, in major units."},
    "offer_id": _or_null({"type": "integer", "minimum": 0, "maximum": 2**63 - 1}, "The coupon that it gives."),
    "stock": _or_null(
        {**_COUNT, "maximum": MOST_STOCK}, "All there ever were, those claimed included; null: no limit."
    ),
    "each_most": _or_null({**_COUNT, "maximum": MOST_EACH}, "How often one member may; null: no limit."),
    "each_period": _or_null(_PERIOD),
    "tiers": {**_list(_SHORT), "description": "Codes; empty: all."},
    "segments": {**_list(_ID), "description": "Their numbers; empty: everybody."},
    "stores": {**_list(_SHORT), "description": "Codes; empty: all."},
    "starts_on": _DAY,
    "ends_on": _DAY,
    "collect_days": _or_null({**_COUNT, "maximum": 366}, "Days to collect an item; 30 if absent, null: no end."),
    "source": COMMON_FIELDS["source"],
}
_KEPT: Final[Json] = {
    "code": _CODE,
    "version": _VERSION,
    "retired": {"type": "boolean"},
    "kind": _KIND,
    "name": TEXT,
    "description": TEXT,
    "offer_id": _or_null(_COUNT),
    "points": _COUNT,
    "currency": _TEXT,
    "cost": {"type": "string", "description": "Major units."},
    "stock": _or_null(_COUNT),
    "claimed": {**_COUNT, "description": "Claims that stand, collected ones included."},
    "left": _or_null(_COUNT),
    "each_most": _or_null(_COUNT),
    "each_period": _PERIOD,
    "tiers": {"type": "array", "items": _TEXT},
    "segments": {"type": "array", "items": _COUNT},
    "stores": {"type": "array", "items": _TEXT},
    "starts_on": _DAY,
    "ends_on": _DAY,
    "collect_days": _or_null(_COUNT),
}
SCHEMAS: Final[Json] = {
    "CatalogueQuestion": fields_of({"source": COMMON_FIELDS["source"]}),
    "Catalogue": fields_of({"rewards": {"type": "array", "items": fields_of(_KEPT, *_KEPT)}}, "rewards"),
    "RewardWish": fields_of({"code": _CODE, **_WISH}, "code", "name", "points"),
    "RewardChange": fields_of({"code": _CODE, "version": _VERSION, **_WISH}, "code", "version"),
    "RewardNamed": fields_of({"code": _CODE, "source": COMMON_FIELDS["source"]}, "code"),
    "RewardTerms": fields_of({"reward": fields_of(_KEPT, *_KEPT)}, "reward"),
}
_MUG: Final[Json] = {
    "code": "mug",
    "version": 1,
    "retired": False,
    "kind": "item",
    "name": {"zh": "马克杯", "en": "A mug"},
    "description": {"zh": "", "en": ""},
    "offer_id": None,
    "points": 300,
    "currency": "points",
    "cost": "25.00",
    "stock": 50,
    "claimed": 0,
    "left": 50,
    "each_most": 1,
    "each_period": "month",
    "tiers": [],
    "segments": [],
    "stores": [],
    "starts_on": None,
    "ends_on": None,
    "collect_days": 30,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "catalogue": {"all": example("Every reward", {})},
    "create": {
        "mug": example("Fifty mugs, one a month for each member", {
            "code": "mug", "name": {"zh": "马克杯", "en": "A mug"}, "points": 300, "cost": 25, "stock": 50,
            "each_most": 1, "each_period": "month",
        }),
        "teapot": example("Only for gold members, in summer", {
            "code": "teapot", "name": {"zh": "茶壶"}, "points": 5000, "tiers": ["gold"], "starts_on": "2026-06-01",
            "ends_on": "2026-08-31", "collect_days": 14,
        }),
    },
    "change": {
        "dearer": example("Dearer from now on", {"code": "mug", "version": 1, "points": 350}),
        "more": example("Without a limit", {"code": "mug", "version": 1, "stock": None, "each_most": None}),
    },
    "retire": {"mug": example("No more mugs", {"code": "mug"})},
    "bring_back": {"mug": example("Mugs again", {"code": "mug"})},
}  # fmt: skip
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Catalogue": {"one": example("One reward", {"rewards": [_MUG]})},
    "RewardTerms": {"mug": example("As it is now", {"reward": _MUG})},
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"reward": _problem("no_reward", "There is no such reward.")},
    409: {
        "taken": _problem("reward_code_taken", "There is a reward mug already.", field="code"),
        "changed": _problem("reward_changed", "Somebody changed this reward meanwhile."),
    },
    422: {"stock": _problem("invalid_reward", "12 were claimed, so there are at least as many.", field="stock")},
}


def _operation(verb: str, body: str, answer: str, *more: int) -> Json:
    return operation(body, answer, BODIES[verb], ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)


CATALOGUE: Final = _operation("catalogue", "CatalogueQuestion", "Catalogue", 422)
CREATE: Final = {**_operation("create", "RewardWish", "RewardTerms", 404, 409, 422), "parameters": PARAMETERS}
CHANGE: Final = _operation("change", "RewardChange", "RewardTerms", 404, 409, 422)
RETIRE: Final = _operation("retire", "RewardNamed", "RewardTerms", 404, 422)
BACK: Final = _operation("bring_back", "RewardNamed", "RewardTerms", 404, 422)
