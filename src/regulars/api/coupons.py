"""Coupons at the till and in the web shop: check a code, redeem it, undo that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from regulars.api import coupon_schemas
from regulars.api.access import Scope, ScopedRouter, caller_of
from regulars.api.bodies import Json, holds_null_character, read_object
from regulars.api.people import read_person
from regulars.api.situation import Situation, situation
from regulars.core.calendar import business_date
from regulars.core.money import minor_digits, to_major
from regulars.customers import lookup
from regulars.facts.kinds import fields
from regulars.facts.rules import MalformedFact
from regulars.flows import redeem_coupons
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions import Quote, Receipt
from regulars.loyalty.coupons.rules import Guesser, GuesserKind, last_day
from regulars.loyalty.coupons.words import terms_said
from regulars.staff.rules import ApiCaller

router = ScopedRouter(tags=["Coupons"])
LONGEST_SOURCE = 100
LONGEST_STORE = 100


@router.post(
    "/check", auth=Scope(coupon_schemas.SCOPE), operation_id="check_coupon", openapi_extra=coupon_schemas.CHECK
)
def check(request: HttpRequest) -> HttpResponse:
    """What a code would take off this order, or why it cannot be used. Nothing is used."""
    asked = _read(request)
    found = redeem_coupons.check_coupon(
        code=fields.text(asked.members, "code", required=True),
        guesser=asked.guesser,
        zone=asked.situation.zone,
        at=asked.at,
        spend_minor=fields.money(asked.members, "total", asked.situation.currency),
        customer_id=_customer(asked),
    )
    until = last_day(found.expires_at, asked.situation.zone)
    return _json({**_coupon(found, asked.situation), "valid_until": until})


@router.post(
    "/redeem", auth=Scope(coupon_schemas.SCOPE), operation_id="redeem_coupon", openapi_extra=coupon_schemas.REDEEM
)
def redeem(request: HttpRequest) -> HttpResponse:
    """Use a coupon once. Sent again with the same key, it is the same use."""
    asked = _read(request)
    order = fields.text(asked.members, "order_id")
    receipt = redeem_coupons.redeem_coupon(
        code=fields.text(asked.members, "code", required=True),
        guesser=asked.guesser,
        key=_key(asked),
        zone=asked.situation.zone,
        at=asked.at,
        spend_minor=fields.money(asked.members, "total", asked.situation.currency),
        customer_id=_customer(asked),
        order=(asked.source, order) if order else None,
        store=_short(asked.members, "store", LONGEST_STORE),
        actor=f"api:{asked.caller.name}",
    )
    return _receipt(receipt, asked.situation)


@router.post("/undo", auth=Scope(coupon_schemas.SCOPE), operation_id="undo_coupon", openapi_extra=coupon_schemas.UNDO)
def undo(request: HttpRequest) -> HttpResponse:
    """Give back the use that was made with this key; the coupon can be used again."""
    asked = _read(request)
    receipt = redeem_coupons.undo_redemption(key=_key(asked), at=asked.at, actor=f"api:{asked.caller.name}")
    return _receipt(receipt, asked.situation)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was read: what it says, who says it, and when."""

    members: Json
    caller: ApiCaller
    source: str
    situation: Situation
    at: datetime

    @property
    def guesser(self) -> Guesser:
        """Wrong codes count against the key."""
        return Guesser(GuesserKind.API_KEY, self.caller.api_key_id)


def _read(request: HttpRequest) -> _Asked:
    body, caller = read_object(request), caller_of(request)
    if body.may_hold_null and holds_null_character(body.members):
        raise MalformedFact("A text holds a null character, which cannot be kept.")
    source = _short(body.members, "source", LONGEST_SOURCE) or f"api:{caller.name}"[:LONGEST_SOURCE]
    return _Asked(body.members, caller, source, situation(), timezone.now())


def _key(asked: _Asked) -> str:
    """Keys are the source's own, as the numbers of orders are: two tills may both count from 1."""
    return f"{asked.source}:{fields.text(asked.members, 'key', required=True)}"


def _customer(asked: _Asked) -> int | None:
    """Who is at the till, if somebody is named who is known here; a customer nobody knows yet is nobody else."""
    today = business_date(asked.at, asked.situation.zone)
    person = read_person(asked.members, source=asked.source, today=today)
    return lookup.owner(person.identities) if person.identities else None


def _short(members: Json, name: str, most: int) -> str:
    found = fields.text(members, name)
    if len(found) > most:
        raise MalformedFact(f"{name} is longer than {most} characters.", field=name)
    return found


def _coupon(found: Quote | Receipt, told: Situation) -> dict[str, Any]:
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
    return _json({**_coupon(receipt, told), "use_id": receipt.use_id, "used_at": used_at, "undone_at": undone_at})


def _json(value: Any) -> HttpResponse:
    response = HttpResponse(orjson.dumps(value), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
