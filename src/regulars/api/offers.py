"""Offers: what coupons promise. Written, changed, ended and taken up again."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import offer_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.api.bodies import Json
from regulars.api.once import once_of
from regulars.api.people import child
from regulars.core.bilingual import Text
from regulars.facts.kinds import fields
from regulars.facts.rules import MalformedFact
from regulars.flows import write_offers
from regulars.loyalty.coupons import offers, queries
from regulars.loyalty.coupons.offers import OfferView
from regulars.loyalty.coupons.rules import (
    LONGEST_NAME,
    MOST_DAYS,
    MOST_USES,
    NO_GIFT,
    InvalidOffer,
    OfferKind,
    Terms,
    checked,
)
from regulars.loyalty.coupons.words import named, terms_said

router = ScopedRouter(tags=["Offers"])
LARGEST_ID: Final = 2**63 - 1
FIELDS: Final = {"min_spend_minor": "min_spend", "unit_cost_minor": "unit_cost"}
"""What fields of terms are called where amounts are major units."""


@router.post("/list", auth=Scope(schemas.SCOPE), operation_id="list_offers", openapi_extra=schemas.LIST)
def list_offers(request: HttpRequest) -> HttpResponse:
    """Every offer in use, in the order in which they were made; with those that ended, if you ask for them."""
    asked = read(request)
    ended = asked.members.get("ended", False)
    if not isinstance(ended, bool):
        raise MalformedFact("ended must be true or false.", field="ended")
    return answer({"offers": [_offer(one, asked) for one in offers.offers(archived=ended)]})


@router.post("/read", auth=Scope(schemas.SCOPE), operation_id="read_offer", openapi_extra=schemas.READ)
def read_offer(request: HttpRequest) -> HttpResponse:
    """One offer on its latest terms, with what came of its coupons."""
    asked = read(request)
    one = offers.offer(whole(asked, "offer_id", LARGEST_ID))
    tally = queries.tally_of_offer(one.id)
    counted = {
        "issued": tally.issued,
        "taken_back": tally.voided,
        "used": tally.redeemed,
        "uses": tally.uses,
        "uses_undone": tally.undone,
        "discount": asked.money(tally.discount_minor),
        "gift_cost": asked.money(tally.gift_cost_minor),
    }
    return answer({"offer": _offer(one, asked), "coupons": counted})


@router.post("/create", auth=Scope(schemas.SCOPE), operation_id="create_offer", openapi_extra=schemas.CREATE)
def create(request: HttpRequest) -> HttpResponse:
    """A new offer. Sent again with the same key, it is the same offer."""
    asked = read(request)
    once, terms = once_of(request, asked), _terms(asked)
    made = write_offers.create_offer(
        name=_name(asked, terms), terms=terms, by=asked.caller.actor, actor=asked.actor, at=asked.at, once=once
    )
    return _one(made, asked)


@router.post("/change", auth=Scope(schemas.SCOPE), operation_id="change_offer", openapi_extra=schemas.CHANGE)
def change(request: HttpRequest) -> HttpResponse:
    """Other terms, or another name. Coupons that are out keep the terms that they were issued on."""
    asked = read(request)
    offer_id, terms = whole(asked, "offer_id", LARGEST_ID), _terms(asked)
    write_offers.change_offer(
        offer_id=offer_id, name=_name(asked, terms), terms=terms, after=whole(asked, "version", 2**31 - 2),
        by=asked.caller.actor, actor=asked.actor, at=asked.at,
    )  # fmt: skip
    return _one(offer_id, asked)


@router.post("/end", auth=Scope(schemas.SCOPE), operation_id="end_offer", openapi_extra=schemas.END)
def end(request: HttpRequest) -> HttpResponse:
    """Nothing more is issued on it; coupons that are out stay good. Ended once, however often it is asked."""
    asked = read(request)
    one = offers.offer(whole(asked, "offer_id", LARGEST_ID))
    if one.archived_at is None:
        write_offers.end_offer(offer_id=one.id, by=asked.caller.actor, at=asked.at)
    return _one(one.id, asked)


@router.post("/resume", auth=Scope(schemas.SCOPE), operation_id="resume_offer", openapi_extra=schemas.RESUME)
def resume(request: HttpRequest) -> HttpResponse:
    """Coupons are issued on it again."""
    asked = read(request)
    one = offers.offer(whole(asked, "offer_id", LARGEST_ID))
    if one.archived_at is not None:
        write_offers.resume_offer(offer_id=one.id, by=asked.caller.actor, at=asked.at)
    return _one(one.id, asked)


def whole(asked: Asked, name: str, most: int, *, otherwise: int | None = None) -> int:
    """A whole number above zero."""
    found = asked.members.get(name, otherwise)
    if type(found) is not int or not 0 < found <= most:
        raise MalformedFact(f"{name} must be a whole number from 1 to {most}.", field=name)
    return found


def _one(offer_id: int, asked: Asked) -> HttpResponse:
    return answer({"offer": _offer(offers.offer(offer_id), asked)})


def _offer(one: OfferView, asked: Asked) -> dict[str, Any]:
    terms, zone = one.terms, asked.situation.zone
    is_amount, is_gift = terms.kind is OfferKind.AMOUNT_OFF, terms.kind is OfferKind.GIFT
    gift = Text(terms.gift.zh or terms.gift.en, terms.gift.en or terms.gift.zh)
    return {
        "offer_id": one.id,
        "version": one.version,
        "name": one.name._asdict(),
        "kind": terms.kind.value,
        "amount": asked.money(terms.value) if is_amount else None,
        "percent": terms.value if terms.kind is OfferKind.PERCENT_OFF else None,
        "gift": gift._asdict() if is_gift else None,
        "min_spend": asked.money(terms.min_spend_minor),
        "unit_cost": asked.money(terms.unit_cost_minor),
        "days_valid": terms.days_valid,
        "uses_most": terms.uses_most,
        "terms": terms_said(terms, asked.situation.currency)._asdict(),
        "currency": asked.situation.currency,
        "created_at": one.created_at.astimezone(zone),
        "changed_at": one.changed_at.astimezone(zone),
        "ended_at": one.archived_at.astimezone(zone) if one.archived_at else None,
    }


def _terms(asked: Asked) -> Terms:
    """The terms that are told; what is not told is as a new offer has it.

    Raises:
        MalformedFact: A field is of another type. InvalidOffer: They contradict themselves.
    """
    members, currency = asked.members, asked.situation.currency
    told = short(members, "kind", 20)
    if told not in list(OfferKind):
        raise MalformedFact(f"kind is one of {', '.join(OfferKind)}.", field="kind")
    kind, worth = OfferKind(told), "percent"
    if kind is OfferKind.AMOUNT_OFF:
        worth, value = "amount", fields.money(members, "amount", currency) or 0
    else:
        value = whole(asked, "percent", 99) if kind is OfferKind.PERCENT_OFF else 0
    gift = _words(members, "gift") if kind is OfferKind.GIFT else NO_GIFT
    try:
        return checked(
            Terms(
                kind=kind, value=value, gift=gift,
                min_spend_minor=fields.money(members, "min_spend", currency) or 0,
                unit_cost_minor=fields.money(members, "unit_cost", currency) or 0,
                days_valid=whole(asked, "days_valid", MOST_DAYS, otherwise=14),
                uses_most=whole(asked, "uses_most", MOST_USES, otherwise=1),
            )
        )  # fmt: skip
    except InvalidOffer as error:
        where = str(error.context.get("field", "value"))
        error.context["field"] = {**FIELDS, "value": worth}.get(where, where)
        raise


def _name(asked: Asked, terms: Terms) -> Text:
    return named(_words(asked.members, "name"), terms, asked.situation.currency)


def _words(members: Json, name: str) -> Text:
    told = child(members, name)
    try:
        return Text(*(short(told, language, LONGEST_NAME) for language in ("zh", "en")))
    except MalformedFact as error:
        raise MalformedFact(f"{name}: {error}", field=f"{name}.{error.context.get('field', '')}") from error
