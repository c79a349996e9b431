"""The part of the OpenAPI document about offers, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.examples import example
from regulars.api.once import PARAMETERS
from regulars.api.problems import CHECKOUT_CODES, COMMON_CODES, OFFER_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref
from regulars.loyalty.coupons.rules import LONGEST_NAME, MOST_DAYS, MOST_USES, OfferKind

SCOPE: Final = "coupons.manage"
CODES: Final = {**COMMON_CODES, "key_missing": CHECKOUT_CODES["key_missing"], **OFFER_CODES}
_NULL: Final[Json] = {"type": "null"}
_ID: Final[Json] = {"type": "integer", "minimum": 1}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_MONEY: Final[Json] = {"type": "string", "description": "Major units: 10.00."}
_NAME: Final[Json] = {"type": "string", "maxLength": LONGEST_NAME}
_WORDS: Final[Json] = {**fields_of({"zh": _NAME, "en": _NAME}), "description": "In Chinese, in English, or both."}
_KIND: Final[Json] = {"type": "string", "enum": list(OfferKind)}
_DAYS: Final[Json] = {"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
_USES: Final[Json] = {"type": "integer", "minimum": 1, "maximum": MOST_USES}
_PERCENT: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 99}
_SOURCE: Final[Json] = {"source": COMMON_FIELDS["source"]}
_TERMS: Final[Json] = {
    "name": {**_WORDS, "description": "If absent, what the coupon promises in words."},
    "kind": _KIND,
    "amount": ref("Amount", "Of amount_off: what it takes off."),
    "percent": {**_PERCENT, "description": "Of percent_off: 15 is 15 % off, 8.5折."},
    "gift": {**_WORDS, "description": "Of gift: what is given."},
    "min_spend": ref("Amount", "The order comes to so much at least; nothing if absent."),
    "unit_cost": ref("Amount", "What one gift costs the shop."),
    "days_valid": {**_DAYS, "description": "So many whole days after the day of issuing; 14 if absent."},
    "uses_most": {**_USES, "description": "How often one coupon may be used; once if absent."},
    **_SOURCE,
}
_OFFER: Final[Json] = {
    "offer_id": _ID,
    "version": {**_ID, "description": "Say it when you change the offer."},
    "name": TEXT,
    "kind": _KIND,
    "amount": {"anyOf": [_MONEY, _NULL]},
    "percent": {"anyOf": [_PERCENT, _NULL]},
    "gift": {"anyOf": [TEXT, _NULL]},
    "min_spend": _MONEY,
    "unit_cost": _MONEY,
    "days_valid": _DAYS,
    "uses_most": _USES,
    "terms": TEXT,
    "currency": {"type": "string"},
    "created_at": ref("Time"),
    "changed_at": ref("Time"),
    "ended_at": {"anyOf": [ref("Time"), _NULL], "description": "Nothing is issued on it any more."},
}
_TALLY: Final[Json] = {
    "issued": _COUNT,
    "taken_back": _COUNT,
    "used": {**_COUNT, "description": "Coupons that were used at least once."},
    "uses": _COUNT,
    "uses_undone": _COUNT,
    "discount": {**_MONEY, "description": "What they took off orders."},
    "gift_cost": {**_MONEY, "description": "What the gifts cost the shop."},
}
_ONE: Final[Json] = {"offer_id": _ID, **_SOURCE}
SCHEMAS: Final[Json] = {
    "OffersQuestion": fields_of({"ended": {"type": "boolean", "description": "Those that ended, too."}, **_SOURCE}),
    "Offer": fields_of(_OFFER, *_OFFER),
    "Offers": fields_of({"offers": {"type": "array", "items": ref("Offer")}}, "offers"),
    "OfferQuestion": fields_of(_ONE, "offer_id"),
    "OfferAnswer": fields_of({"offer": ref("Offer")}, "offer"),
    "OfferWhole": fields_of({"offer": ref("Offer"), "coupons": fields_of(_TALLY, *_TALLY)}, "offer", "coupons"),
    "OfferTerms": fields_of(_TERMS, "kind"),
    "OfferChange": fields_of(
        {**_ONE, "version": {**_ID, "description": "The version that you read."}, **_TERMS},
        "offer_id", "version", "kind",
    ),
}  # fmt: skip
LIST_BODIES: Final = {
    "used": example("Offers in use", {}),
    "all": example("Those that ended, too", {"ended": True}),
}
READ_BODIES: Final = {"one": example("One offer, and what came of it", {"offer_id": 3})}
_AMOUNT_OFF: Final[Json] = {
    "name": {"zh": "好久不见", "en": "Long time no see"},
    "kind": "amount_off",
    "amount": 10,
    "min_spend": 30,
    "days_valid": 14,
}
CREATE_BODIES: Final = {
    "amount": example("¥10 off from ¥30", _AMOUNT_OFF),
    "percent": example("8.5折", {"kind": "percent_off", "percent": 15, "days_valid": 30}),
    "gift": example(
        "A free biscuit",
        {"kind": "gift", "gift": {"zh": "曲奇一块", "en": "Biscuit"}, "unit_cost": "1.50", "days_valid": 7},
    ),
}
CHANGE_BODIES: Final = {"more": example("¥12 off", {"offer_id": 3, "version": 1, **_AMOUNT_OFF, "amount": 12})}
END_BODIES: Final = {"one": example("Nothing more is issued", {"offer_id": 3})}
RESUME_BODIES: Final = {"one": example("In use again", {"offer_id": 3})}
SHOWN: Final[Json] = {
    "offer_id": 3,
    "version": 1,
    "name": {"zh": "好久不见", "en": "Long time no see"},
    "kind": "amount_off",
    "amount": "10.00",
    "percent": None,
    "gift": None,
    "min_spend": "30.00",
    "unit_cost": "0.00",
    "days_valid": 14,
    "uses_most": 1,
    "terms": {"zh": "满30元减10元", "en": "¥10 off from ¥30"},
    "currency": "CNY",
    "created_at": "2026-03-01T09:00:00+08:00",
    "changed_at": "2026-03-01T09:00:00+08:00",
    "ended_at": None,
}
ANSWERS: Final = {
    "Offers": {"one": example("One offer", {"offers": [SHOWN]})},
    "OfferAnswer": {
        "offer": example("In use", {"offer": SHOWN}),
        "ended": example("Ended", {"offer": {**SHOWN, "ended_at": "2026-03-20T18:00:00+08:00"}}),
    },
    "OfferWhole": {
        "one": example(
            "A third was used",
            {
                "offer": SHOWN,
                "coupons": {
                    "issued": 300, "taken_back": 0, "used": 100, "uses": 100, "uses_undone": 2,
                    "discount": "1000.00", "gift_cost": "0.00",
                },
            },
        )
    },
}  # fmt: skip


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"none": _problem("no_offer", "There is no such offer.")},
    409: {"changed": _problem("offer_changed", "Somebody changed this offer meanwhile.")},
    422: {"nothing": _problem("invalid_offer", "Say what it takes off: an amount above zero.", field="amount")},
}


def _operation(body: str, answer: str, told: Json, *more: int, once: bool = False) -> Json:
    found = operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=CODES, problems=PROBLEMS)
    return {**found, "parameters": PARAMETERS} if once else found


LIST: Final = _operation("OffersQuestion", "Offers", LIST_BODIES, 422)
READ: Final = _operation("OfferQuestion", "OfferWhole", READ_BODIES, 404, 422)
CREATE: Final = _operation("OfferTerms", "OfferAnswer", CREATE_BODIES, 409, 422, once=True)
CHANGE: Final = _operation("OfferChange", "OfferAnswer", CHANGE_BODIES, 404, 409, 422)
END: Final = _operation("OfferQuestion", "OfferAnswer", END_BODIES, 404, 422)
RESUME: Final = _operation("OfferQuestion", "OfferAnswer", RESUME_BODIES, 404, 422)
