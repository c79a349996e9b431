"""The part of the OpenAPI document about issuing coupons, with its examples; the tests send every one of them."""

from typing import Any, Final

from regulars.api.bodies import Json
from regulars.api.coupon_schemas import TEXT
from regulars.api.examples import example
from regulars.api.offer_schemas import CODES as OFFER_CODES
from regulars.api.offer_schemas import SCOPE as SCOPE
from regulars.api.once import PARAMETERS
from regulars.api.problems import CHECKOUT_CODES, REWARD_CODES
from regulars.api.schemas import COMMON_FIELDS, fields_of, operation, ref
from regulars.loyalty.coupons.rules import MOST_IN_BATCH, OfferKind

MOST_NAMED: Final = 5000
_CODES: Final = {
    **OFFER_CODES,
    "unknown_customer": CHECKOUT_CODES["unknown_customer"],
    "offer_archived": REWARD_CODES["offer_archived"],
}
_NULL: Final[Json] = {"type": "null"}
_ID: Final[Json] = {"type": "integer", "minimum": 1}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_MAYBE_TIME: Final[Json] = {"anyOf": [ref("Time"), _NULL]}
_SOURCE: Final[Json] = {"source": COMMON_FIELDS["source"]}
_WHO: Final[Json] = {
    "traits": ref("Traits"),
    **{name: COMMON_FIELDS[name] for name in ("userId", "anonymousId", "context", "source")},
}
_COUPON: Final[Json] = {
    "coupon_id": _ID,
    "code": {"type": "string", "description": "XXXX-XXXX-XXXX: worth what the offer promises, so keep it safe."},
    "number": {"anyOf": [{"type": "string"}, _NULL], "description": "The member number; null: whoever has the code."},
    "offer": fields_of(
        {"id": _ID, "kind": {"type": "string", "enum": list(OfferKind)}, "name": TEXT, "terms": TEXT},
        "id", "kind", "name", "terms",
    ),
    "issued_at": ref("Time"),
    "valid_from": ref("Time"),
    "valid_until": {"type": "string", "format": "date", "description": "The last day."},
    "taken_back_at": _MAYBE_TIME,
    "uses": _COUNT,
    "uses_most": _ID,
    "last_used_at": _MAYBE_TIME,
}  # fmt: skip
_BATCH: Final[Json] = {
    "batch_id": _ID,
    "offer_id": _ID,
    "offer_version": {**_ID, "description": "On these terms they are issued, also if the offer is changed meanwhile."},
    "segment_id": {"anyOf": [_ID, _NULL]},
    "for_members": {"type": "boolean", "description": "false: codes for whoever has one."},
    "state": {"type": "string", "enum": ["running", "done", "failed"]},
    "wanted": _ID,
    "issued": _COUNT,
    "created_at": ref("Time"),
    "ended_at": _MAYBE_TIME,
    "problem": {"anyOf": [{"type": "string"}, _NULL], "description": "Why it ended early: the code of a problem."},
}
_NAMES: Final[Json] = {
    "type": "array",
    "items": {"type": "string", "maxLength": 200},
    "maxItems": MOST_NAMED,
}
SCHEMAS: Final[Json] = {
    "IssuedCoupon": fields_of(_COUPON, *_COUPON),
    "CouponIssue": fields_of({"offer_id": _ID, **_WHO}, "offer_id"),
    "CouponIssued": fields_of({"coupon": ref("IssuedCoupon")}, "coupon"),
    "CouponIssueMany": fields_of(
        {
            "offer_id": _ID,
            "userIds": {**_NAMES, "description": "Members by your ids for them, in `source`."},
            "numbers": {**_NAMES, "description": "Members by their member numbers here."},
            "segment_id": {**_ID, "description": "Everybody who is in the segment since the last refresh."},
            "count": {
                "type": "integer", "minimum": 1, "maximum": MOST_IN_BATCH,
                "description": "So many codes for whoever has one.",
            },
            **_SOURCE,
        },
        "offer_id",
    ),
    "CouponBatch": fields_of(_BATCH, *_BATCH),
    "CouponBatchAnswer": fields_of({"batch": ref("CouponBatch")}, "batch"),
    "CouponBatchQuestion": fields_of({"batch_id": _ID, **_SOURCE}, "batch_id"),
    "CouponBatchesQuestion": fields_of(
        {"offer_id": _ID, "before": {**_ID, "description": "next_before of the page before."}, **_SOURCE}
    ),
    "CouponBatches": fields_of(
        {
            "batches": {"type": "array", "items": ref("CouponBatch")},
            "next_before": {"anyOf": [_ID, _NULL], "description": "null: there are no more."},
        },
        "batches", "next_before",
    ),
    "IssuedQuestion": fields_of(
        {"batch_id": _ID, "after": {**_ID, "description": "next_after of the page before."}, **_SOURCE}, "batch_id"
    ),
    "IssuedCoupons": fields_of(
        {
            "coupons": {"type": "array", "items": ref("IssuedCoupon")},
            "next_after": {"anyOf": [_ID, _NULL], "description": "null: there are no more by now."},
        },
        "coupons", "next_after",
    ),
    "MemberCouponsQuestion": fields_of(_WHO),
    "MemberCoupons": fields_of({"coupons": {"type": "array", "items": ref("IssuedCoupon")}}, "coupons"),
}  # fmt: skip
_MEMBER: Final[Json] = {"userId": "u-1024", "source": "web"}
ISSUE_BODIES: Final = {"member": example("To a member", {"offer_id": 3, **_MEMBER})}
ISSUE_MANY_BODIES: Final = {
    "members": example("To members by your ids", {"offer_id": 3, "userIds": ["u-1024", "u-2048"], "source": "web"}),
    "segment": example("To everybody in a segment", {"offer_id": 3, "segment_id": 5}),
    "codes": example("Codes to print", {"offer_id": 3, "count": 10000}),
}
BATCH_BODIES: Final = {"one": example("How far is it?", {"batch_id": 9})}
BATCHES_BODIES: Final = {"offer": example("Of one offer", {"offer_id": 3})}
ISSUED_BODIES: Final = {
    "first": example("The first coupons", {"batch_id": 9}),
    "on": example("Those that follow", {"batch_id": 9, "after": 500}),
}
OF_BODIES: Final = {"member": example("Coupons of a member", {**_MEMBER})}
_SHOWN: Final[Json] = {
    "coupon_id": 4711,
    "code": "7KQM-R4WX-92TD",
    "number": "M100042",
    "offer": {
        "id": 3,
        "kind": "amount_off",
        "name": {"zh": "好久不见", "en": "Long time no see"},
        "terms": {"zh": "满30元减10元", "en": "¥10 off from ¥30"},
    },
    "issued_at": "2026-03-01T09:30:00+08:00",
    "valid_from": "2026-03-01T09:30:00+08:00",
    "valid_until": "2026-03-15",
    "taken_back_at": None,
    "uses": 0,
    "uses_most": 1,
    "last_used_at": None,
}
_RUNNING: Final[Json] = {
    "batch_id": 9,
    "offer_id": 3,
    "offer_version": 1,
    "segment_id": None,
    "for_members": False,
    "state": "running",
    "wanted": 10000,
    "issued": 5000,
    "created_at": "2026-03-01T09:30:00+08:00",
    "ended_at": None,
    "problem": None,
}
_DONE: Final[Json] = {**_RUNNING, "state": "done", "issued": 10000, "ended_at": "2026-03-01T09:30:02+08:00"}
ANSWERS: Final = {
    "CouponIssued": {"new": example("Issued", {"coupon": _SHOWN})},
    "CouponBatchAnswer": {
        "running": example("Half of them are issued", {"batch": _RUNNING}),
        "done": example("All of them are", {"batch": _DONE}),
    },
    "CouponBatches": {"one": example("One job", {"batches": [_DONE], "next_before": None})},
    "IssuedCoupons": {"some": example("The first page", {"coupons": [{**_SHOWN, "number": None}], "next_after": 500})},
    "MemberCoupons": {"one": example("One coupon", {"coupons": [_SHOWN]})},
}


def _problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    status, title = _CODES[code]
    told = {"type": f"urn:regulars:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return example(title, {**told, **more})


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    404: {"offer": _problem("no_offer", "There is no such offer."), "batch": _problem("no_batch", "No such batch.")},
    409: {"key": _problem("key_reused", "This key was used for another request; nothing was changed.")},
    422: {
        "unknown": _problem("unknown_members", "1 of 2 members are not known; nothing was issued.", unknown=["u-2048"]),
        "ended": _problem("offer_archived", "This offer was put away; bring it back to issue coupons on it."),
    },
}


def _operation(body: str, answer: str, told: Json, *more: int, once: bool = False) -> Json:
    found = operation(body, answer, told, ANSWERS[answer], *more, scope=SCOPE, codes=_CODES, problems=PROBLEMS)
    return {**found, "parameters": PARAMETERS} if once else found


ISSUE: Final = _operation("CouponIssue", "CouponIssued", ISSUE_BODIES, 404, 409, 422, once=True)
ISSUE_MANY: Final = _operation("CouponIssueMany", "CouponBatchAnswer", ISSUE_MANY_BODIES, 404, 409, 422, once=True)
BATCH: Final = _operation("CouponBatchQuestion", "CouponBatchAnswer", BATCH_BODIES, 404, 422)
BATCHES: Final = _operation("CouponBatchesQuestion", "CouponBatches", BATCHES_BODIES, 422)
ISSUED: Final = _operation("IssuedQuestion", "IssuedCoupons", ISSUED_BODIES, 404, 422)
OF: Final = _operation("MemberCouponsQuestion", "MemberCoupons", OF_BODIES, 404, 422)
