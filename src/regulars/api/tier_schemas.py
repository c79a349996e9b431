"""The part of the OpenAPI document about tiers, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES, TIER_CODES
from regulars.api.schemas import COMMON_FIELDS, PLAIN, fields_of, operation, ref

READ: Final = "customers.read"
WRITE: Final = "customers.write"
KINDS: Final = ("manual", "paid")
_CODES: Final = {**COMMON_CODES, "unknown_customer": CHECKOUT_CODES["unknown_customer"], **TIER_CODES}
_WHO: Final[Json] = {
    "traits": ref("Traits"),
    **{name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")},
}
_KEY: Final[Json] = {**PLAIN, "minLength": 1, "maxLength": 150, "description": "Your own number, in your source."}
_DAY: Final[Json] = {"type": "string", "format": "date"}
_NULL: Final[Json] = {"type": "null"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_REASON: Final[Json] = {"type": "string", "maxLength": 300, "description": "Kept with it, where staff read it."}


def _or_null(told: Json, description: str = "") -> Json:
    found: Json = {"anyOf": [told, _NULL]}
    return {**found, "description": description} if description else found


_NEED: Final = fields_of(
    {
        "growth": {"type": "integer", "minimum": 1, "description": "So much more growth has to come."},
        "spend": _or_null({"type": "string"}, "Money that brings it by the base rate, without rules: 704.00."),
        "from": {**_DAY, "description": "From this day on it counts for that."},
        "by": {**_DAY, "description": "The last day."},
    },
    "growth", "spend", "from", "by",
)  # fmt: skip
_NAMED: Final[Json] = {"code": {"type": "string"}, "name": TEXT}
_NEXT: Final = fields_of(
    {
        **_NAMED,
        "threshold": _or_null(_COUNT),
        "need": _or_null(_NEED, "null: it comes by itself."),
        "on": _or_null(_DAY, "Where the tier comes at once: null. Otherwise the day on which tiers are looked at."),
    },
    *_NAMED, "threshold", "need", "on",
)  # fmt: skip
_FALLS: Final = fields_of(
    {
        "to": fields_of(_NAMED, *_NAMED),
        "on": _DAY,
        "keep": _or_null(_NEED, "What keeps the tier (保级); null: nothing does."),
        "grace": _or_null(_NEED, "What still keeps it in the days of grace (保级缓冲期)."),
    },
    "to", "on", "keep", "grace",
)  # fmt: skip
_GIVEN: Final = fields_of(
    {
        "grant_id": {"type": "integer"},
        "tier": {"type": "string"},
        "from": _DAY,
        "through": _or_null(_DAY, "The last day; null: without an end."),
        "kind": {"type": "string", "enum": [*KINDS, "taken_over"]},
        "reason": {"type": "string"},
    },
    "grant_id", "tier", "from", "through", "kind", "reason",
)  # fmt: skip
_TIER: Final[Json] = {
    **_NAMED,
    "since": _or_null(_DAY),
    "growth": {"type": "integer", "description": "What counts today."},
    "growth_name": TEXT,
    "next": _or_null(_NEXT, "null in the highest tier."),
    "falls": _or_null(_FALLS, "The next fall if nothing more comes."),
    "given": {"type": "array", "items": _GIVEN, "description": "Given tiers that count or will."},
    "said": {"type": "array", "items": TEXT, "description": "What lies ahead, in sentences for the member."},
}
_STANDING: Final[Json] = {"tier": fields_of(_TIER, *_TIER), "currency": {"type": "string"}}
SCHEMAS: Final[Json] = {
    "TierQuestion": fields_of(_WHO),
    "TierGift": fields_of(
        {
            "tier": {**PLAIN, "maxLength": 60, "description": "The code of a tier above the lowest one."},
            "from": {**_DAY, "description": "The first day, today or later; today if absent."},
            "through": {**_DAY, "description": "The last day; without an end if absent."},
            "kind": {"type": "string", "enum": list(KINDS), "description": "manual if absent."},
            "reason": _REASON,
            "key": _KEY,
            **_WHO,
        },
        "tier", "key",
    ),
    "TierGiftEnd": fields_of(
        {"grant_id": {"type": "integer"}, "reason": _REASON, "key": _KEY, **_WHO}, "grant_id", "key"
    ),
    "MemberTier": fields_of(_STANDING, *_STANDING),
    "GivenTier": fields_of({**_STANDING, "grant_id": {"type": "integer"}}, *_STANDING, "grant_id"),
}  # fmt: skip


def _example(summary: str, value: Json) -> dict[str, Any]:
    return {"summary": summary, "value": value}


_MEMBER: Final[Json] = {"context": {"traits": {"phone": "13812345678"}}}
OF_BODIES: Final = {"member": _example("Where does this member stand?", {**_MEMBER})}
GIVE_BODIES: Final = {
    "by_hand": _example(
        "Gold for a year, after a complaint",
        {**_MEMBER, "tier": "gold", "through": "2099-12-31", "reason": "Waited an hour", "key": "case-77"},
    ),
    "paid": _example(
        "A plan that was bought", {"userId": "u-1024", "tier": "silver", "kind": "paid", "key": "PLAN-2026-0007"}
    ),
}
END_BODIES: Final = {"early": _example("It ends today", {**_MEMBER, "grant_id": 4711, "key": "case-77-end"})}
_BASIC: Final[Json] = {"code": "basic", "name": {"zh": "普通", "en": "Basic"}}
_GOLD: Final[Json] = {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}}
_STANDS: Final[Json] = {
    "code": "silver",
    "name": {"zh": "银卡", "en": "Silver"},
    "since": "2026-02-01",
    "growth": 4296,
    "growth_name": {"zh": "成长值", "en": "growth value"},
    "next": {
        **_GOLD, "threshold": 5000, "on": None,
        "need": {"growth": 704, "spend": "704.00", "from": "2026-10-03", "by": "2026-12-31"},
    },
    "falls": {
        "to": _BASIC, "on": "2027-02-01", "grace": None,
        "keep": {"growth": 1000, "spend": "1000.00", "from": "2026-10-03", "by": "2027-01-31"},
    },
    "given": [],
    "said": [
        {"zh": "2026-12-31 前再消费 ¥704，即可升为金卡。", "en": "Spend ¥704 by 31 Dec 2026 to reach Gold."},
        {
            "zh": "2027-02-01 将降为普通；2027-01-31 前再消费 ¥1,000，可保级银卡。",
            "en": "Drops to Basic on 1 Feb 2027; spend ¥1,000 by 31 Jan 2027 to keep Silver.",
        },
    ],
}  # fmt: skip
ANSWERS: Final = {
    "MemberTier": {"silver": _example("704 short of gold", {"tier": _STANDS, "currency": "CNY"})},
    "GivenTier": {
        "given": _example(
            "Given",
            {
                "tier": {
                    **_STANDS, **_GOLD, "since": "2026-10-03", "next": None, "falls": None, "said": [],
                    "given": [
                        {"grant_id": 4711, "tier": "gold", "from": "2026-10-03", "through": "2099-12-31",
                         "kind": "manual", "reason": "Waited an hour"},
                    ],
                },
                "currency": "CNY",
                "grant_id": 4711,
            },
        )
    },
}  # fmt: skip


def _problem(code: str, detail: str) -> dict[str, Any]:
    status, title = _CODES[code]
    return _example(
        title,
        {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code},
    )


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {
        "nobody": _problem("unknown_customer", "Nobody is known by these ids and contacts."),
        "grant": _problem("unknown_tier_grant", "This customer has no such given tier."),
    },
    422: {
        "tier": _problem("unknown_tier", "There is no tier 'diamond' to give; there are: silver, gold, black."),
        "over": _problem("tier_grant_over", "This given tier is over already."),
    },
}


def _operation(body: str, answer: str, told: Json, scope: str, *more: int) -> Json:
    return operation(body, answer, told, ANSWERS[answer], *more, scope=scope, codes=_CODES, problems=PROBLEMS)


OF: Final = _operation("TierQuestion", "MemberTier", OF_BODIES, READ, 404, 422)
GIVE: Final = _operation("TierGift", "GivenTier", GIVE_BODIES, WRITE, 404, 409, 422)
END: Final = _operation("TierGiftEnd", "GivenTier", END_BODIES, WRITE, 404, 409, 422)
