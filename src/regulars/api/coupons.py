"""Coupons at the till and in the web shop: check a code, redeem it, undo that."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from regulars.api import coupon_schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.situation import Situation
from regulars.core.money import minor_digits, to_major
from regulars.facts.kinds import fields
from regulars.flows import redeem_coupons
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions import Quote, Receipt
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.coupons.words import terms_said

router = ScopedRouter(tags=["Coupons"])


@router.post(
    "/check", auth=Scope(coupon_schemas.SCOPE), operation_id="check_coupon", openapi_extra=coupon_schemas.CHECK
)
def check(request: HttpRequest) -> HttpResponse:
    """What a code would take off this order, or why it cannot be used. Nothing is used."""
    asked = read(request)
    found = redeem_coupons.check_coupon(
        code=fields.text(asked.members, "code", required=True),
        guesser=asked.guesser,
        zone=asked.situation.zone,
        at=asked.at,
        spend_minor=fields.money(asked.members, "total", asked.situation.currency),
        customer_id=asked.customer(),
    )
    until = last_day(found.expires_at, asked.situation.zone)
    return answer({**coupon_members(found, asked.situation), "valid_until": until})


@router.post(
    "/redeem", auth=Scope(coupon_schemas.SCOPE), operation_id="redeem_coupon", openapi_extra=coupon_schemas.REDEEM
)
def redeem(request: HttpRequest) -> HttpResponse:
    """Use a coupon once. Sent again with the same key, it is the same use."""
    asked = read(request)
    order = fields.text(asked.members, "order_id")
    receipt = redeem_coupons.redeem_coupon(
        code=fields.text(asked.members, "code", required=True),
        guesser=asked.guesser,
        key=_key(asked),
        zone=asked.situation.zone,
        at=asked.at,
        spend_minor=fields.money(asked.members, "total", asked.situation.currency),
        customer_id=asked.customer(),
        order=(asked.source, order) if order else None,
        store=asked.store(),
        actor=asked.actor,
    )
    return _receipt(receipt, asked.situation)


@router.post("/undo", auth=Scope(coupon_schemas.SCOPE), operation_id="undo_coupon", openapi_extra=coupon_schemas.UNDO)
def undo(request: HttpRequest) -> HttpResponse:
    """Give back the use that was made with this key; the coupon can be used again."""
    asked = read(request)
    receipt = redeem_coupons.undo_redemption(key=_key(asked), at=asked.at, actor=asked.actor)
    return _receipt(receipt, asked.situation)


def _key(asked: Asked) -> str:
    """Keys are the source's own, as the numbers of orders are: two tills may both count from 1."""
    return f"{asked.source}:{fields.text(asked.members, 'key', required=True)}"


def coupon_members(found: Quote | Receipt, told: Situation) -> dict[str, Any]:
    """A coupon and what it takes off."""
    off = to_major(found.discount_minor, told.currency)
    return {
        "code": codes.shown(found.code),
        "offer": {
            "id": found.offer_id,
            "kind": found.terms.kind,
            "name": found.name._asdict(),
            "terms": terms_said(found.terms, told.currency)._asdict(),
        },
        "discount": f"{off:.{minor_digits(told.currency)}f}",
        "currency": told.currency,
        "uses_left": found.uses_left,
    }


def _receipt(receipt: Receipt, told: Situation) -> HttpResponse:
    undone_at = receipt.undone_at.astimezone(told.zone) if receipt.undone_at else None
    used_at = receipt.at.astimezone(told.zone)
    return answer(
        {**coupon_members(receipt, told), "use_id": receipt.use_id, "used_at": used_at, "undone_at": undone_at}
    )
