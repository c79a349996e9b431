"""The part of the OpenAPI document about rewards, with its examples; the tests send every one of them."""

from datetime import date
from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES, COUPON_CODES, REWARD_CODES
from regulars.api.schemas import COMMON_FIELDS, PLAIN, fields_of, operation, ref
from regulars.loyalty.rewards.rules import LONGEST_CODE, ClaimState, RewardKind
from regulars.loyalty.rewards.words import early_said

SCOPE: Final = "rewards.claim"
_CODES: Final = {**COMMON_CODES, **COUPON_CODES, **CHECKOUT_CODES, **REWARD_CODES}
_WHO: Final[Json] = {
    "traits": ref("Traits"),
    **{name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")},
}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_CURRENCY: Final[Json] = {"type": "string", "description": "points, or the code of a currency of the programme's own."}
_BALANCES: Final[Json] = {
    "type": "object",
    "additionalProperties": _COUNT,
    "description": "What can be spent, by the currency's code.",
}
_NULL: Final[Json] = {"type": "null"}
_STORE: Final[Json] = {"type": "string", "minLength": 1, "maxLength": 100, "description": "Code of the shop charged."}
_REWARD_CODE: Final[Json] = {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE}
_KIND: Final[Json] = {"type": "string", "enum": list(RewardKind)}
_MAYBE_TIME: Final[Json] = {"anyOf": [ref("Time"), _NULL]}
_REWARD: Final = fields_of(
    {
        "code": _REWARD_CODE,
        "kind": _KIND,
        "name": TEXT,
        "description": TEXT,
        "points": {**_COUNT, "description": "The price, in its currency."},
        "currency": _CURRENCY,
        "left": {"anyOf": [_COUNT, _NULL], "description": "How many are left; null without limit."},
        "conditions": {"type": "array", "items": TEXT, "description": "Who may take it, how often, when and where."},
        "can_claim": {"type": "boolean", "description": "Only for a known customer."},
        "refused": fields_of({"code": {"type": "string"}, "said": TEXT}, "code", "said"),
        "early": {
            **fields_of({"for_all_from": {"type": "string", "format": "date"}, "said": TEXT}, "for_all_from", "said"),
            "description": "Only where the customer can have it before everybody else, by early access of their tier.",
        },
    },
    "code", "kind", "name", "description", "points", "currency", "left", "conditions",
)  # fmt: skip
_CLAIM: Final[Json] = {
    "claim_id": {"type": "integer"},
    "reward": fields_of({"code": _REWARD_CODE, "kind": _KIND, "name": TEXT}, "code", "kind", "name"),
    "state": {"type": "string", "enum": list(ClaimState)},
    "state_said": TEXT,
    "points": {**_COUNT, "description": "The price at which it was taken, in its currency."},
    "currency": _CURRENCY,
    "spendable": {**_COUNT, "description": "What the customer could spend of that currency right afterwards."},
    "code": {"anyOf": [{"type": "string"}, _NULL], "description": "XXXX-XXXX: the customer shows it to collect."},
    "coupon": {"anyOf": [{"type": "string"}, _NULL], "description": "The coupon that was issued."},
    "store": {"type": "string"},
    "claimed_at": ref("Time"),
    "collect_until": {"anyOf": [{"type": "string", "format": "date"}, _NULL], "description": "The last day."},
    "collected_at": _MAYBE_TIME,
    "ended_at": {**_MAYBE_TIME, "description": "When it was cancelled or lapsed, and the points went back."},
}
SCHEMAS: Final[Json] = {
    "RewardQuestion": fields_of({"store": {**_STORE, "description": "If it is decided already."}, **_WHO}),
    "Rewards": fields_of(
        {
            "customer": fields_of({"known": {"type": "boolean"}, "spendable": _COUNT, "balances": _BALANCES}, "known"),
            "rewards": {"type": "array", "items": _REWARD},
        },
        "customer", "rewards",
    ),
    "ClaimsQuestion": fields_of(_WHO),
    "Claims": fields_of({"claims": {"type": "array", "items": ref("RewardClaim")}}, "claims"),
    "ClaimReward": fields_of({"reward": _REWARD_CODE, "store": _STORE, **_WHO}, "reward", "store"),
    "CollectReward": fields_of(
        {
            "code": {**PLAIN, "maxLength": 64, "description": "As the customer shows it."},
            "store": {**_STORE, "description": "Code of the shop that hands it over."},
            "source": COMMON_FIELDS["source"],
        },
        "code", "store",
    ),
    "CancelClaim": fields_of(
        {"claim_id": {"type": "integer", "minimum": 1}, "source": COMMON_FIELDS["source"]}, "claim_id"
    ),
    "RewardClaim": fields_of(_CLAIM, *_CLAIM),
}  # fmt: skip


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_PHONE: Final[Json] = {"context": {"traits": {"phone": "13812345678"}}}
_MUG: Final[Json] = {
    "code": "mug",
    "kind": "item",
    "name": {"zh": "马克杯", "en": "A mug"},
    "description": {"zh": "", "en": ""},
    "points": 300,
    "currency": "points",
    "left": 12,
    "conditions": [{"zh": "每人每月限兑 1 份", "en": "1 a month for each member"}],
}
_CLAIMED: Final[Json] = {
    "claim_id": 41,
    "reward": {"code": "mug", "kind": "item", "name": {"zh": "马克杯", "en": "A mug"}},
    "state": "claimed",
    "state_said": {"zh": "待领取", "en": "To be collected"},
    "points": 300,
    "currency": "points",
    "spendable": 550,
    "code": "7KQM-R4WX",
    "coupon": None,
    "store": "S01",
    "claimed_at": "2026-03-01T09:30:00+08:00",
    "collect_until": "2026-03-31",
    "collected_at": None,
    "ended_at": None,
}
_COLLECTED: Final[Json] = {
    **_CLAIMED,
    "state": "collected",
    "state_said": {"zh": "已领取", "en": "Collected"},
    "collected_at": "2026-03-02T18:05:00+08:00",
}
_CANCELLED: Final[Json] = {
    **_CLAIMED,
    "state": "cancelled",
    "state_said": {"zh": "已取消", "en": "Cancelled"},
    "ended_at": "2026-03-01T10:00:00+08:00",
}
LIST_BODIES: Final = {
    "member": _example("For a member in a shop", {**_PHONE, "store": "S01"}),
    "anybody": _example("The catalogue alone", {}),
}
CLAIMS_BODIES: Final = {"member": _example("What a member claimed", {"userId": "u-1024", "source": "web"})}
CLAIM_BODIES: Final = {
    "till": _example("At the till", {**_PHONE, "reward": "mug", "store": "S01"}),
    "web_shop": _example(
        "In the web shop", {"userId": "u-1024", "source": "web", "reward": "mug", "store": "tmall-flagship"}
    ),
}
COLLECT_BODIES: Final = {"till": _example("At the till", {"code": "7kqm-r4wx", "store": "S01"})}
CANCEL_BODIES: Final = {"whole": _example("The customer changed their mind", {"claim_id": 41})}
_EARLY: Final[Json] = {"for_all_from": "2026-03-10", "said": early_said(date(2026, 3, 10))._asdict()}
_REFUSED: Final[Json] = {
    "code": "insufficient_points",
    "said": {"zh": "还差 150 积分。", "en": "150 more points needed."},
}
_STAMPS: Final[Json] = {
    "code": "insufficient_points",
    "said": {"zh": "还差 2 个印花。", "en": "2 more stamps needed."},
}
ANSWERS: Final = {
    "Rewards": {
        "member": _example(
            "One can be had, one before everybody else, others not yet",
            {
                "customer": {"known": True, "spendable": 850, "balances": {"points": 850, "stamps": 7}},
                "rewards": [
                    {**_MUG, "can_claim": True},
                    {**_MUG, "code": "cup", "name": {"zh": "新款杯", "en": "The new cup"}, "can_claim": True,
                     "conditions": [{"zh": "2026-03-10 起", "en": "From 2026-03-10"}], "early": _EARLY},
                    {**_MUG, "code": "cup", "name": {"zh": "一杯咖啡", "en": "A coffee"}, "points": 9,
                     "currency": "stamps", "left": None, "conditions": [], "can_claim": False, "refused": _STAMPS},
                    {**_MUG, "code": "teapot", "name": {"zh": "茶壶", "en": "A teapot"}, "points": 1000, "left": None,
                     "conditions": [], "can_claim": False, "refused": _REFUSED},
                ],
            },
        )
    },
    "Claims": {"one": _example("One waits to be collected", {"claims": [_CLAIMED]})},
    "RewardClaim": {
        "claimed": _example("Claimed", _CLAIMED),
        "collected": _example("Collected", _COLLECTED),
        "cancelled": _example("Cancelled", _CANCELLED),
    },
}  # fmt: skip


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return _example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"reward": _problem("no_reward", "There is no such reward.")},
    409: {"reused": _problem("key_reused", "This key was used for another request; nothing was changed.")},
    422: {
        "sold_out": _problem("sold_out", "None of this reward is left."),
        "too_few": _problem("insufficient_points", "Only 40 points can be spent; this takes 300.", spendable=40),
        "again": _problem(
            "already_collected", "This was handed over on 2026-03-02 at S01.", day="2026-03-02", store="S01"
        ),
    },
    429: {"guesses": _problem("too_many_guesses", "Too many wrong codes; wait before the next one.")},
}
_KEY: Final[list[Json]] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Your own key for this step. The same key and request: the same answer; another request: 409.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 90, "pattern": r"^[!-~]+$"},
    }
]


def _operation(body: str, answer: str, told: Json, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)


LIST: Final = _operation("RewardQuestion", "Rewards", LIST_BODIES, 422)
CLAIMS: Final = _operation("ClaimsQuestion", "Claims", CLAIMS_BODIES, 404, 422)
CLAIM: Final = {**_operation("ClaimReward", "RewardClaim", CLAIM_BODIES, 404, 409, 422), "parameters": _KEY}
COLLECT: Final = {**_operation("CollectReward", "RewardClaim", COLLECT_BODIES, 404, 409, 422), "parameters": _KEY}
CANCEL: Final = _operation("CancelClaim", "RewardClaim", CANCEL_BODIES, 404, 422)
