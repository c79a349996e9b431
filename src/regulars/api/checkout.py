"""Checkout at the till and in the web shop: quote a basket; reserve what it uses, capture, release or refund it."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse

from regulars.api import checkout_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import LONGEST_STORE, Asked, answer, read, short
from regulars.api.checkout_answers import NAMES, quoted, step_taken
from regulars.api.messages import TIMES, time_of
from regulars.api.people import child
from regulars.catalogue import queries as catalogue
from regulars.core.errors import DomainError
from regulars.facts.kinds import fields, order_completed, order_refunded
from regulars.facts.rules import MalformedFact
from regulars.flows import check_out
from regulars.loyalty.actions.commands import MOST_POINTS, UnknownCustomer
from regulars.loyalty.checkout.rules import MINUTES, MOST_MINUTES, Ask, Basket
from regulars.loyalty.coupons import presented
from regulars.loyalty.rules import ItemKind

router = ScopedRouter(tags=["Checkout"])
LARGEST_ID: Final = 2**63 - 1
LONGEST_KEY: Final = 90
MOST_CODES: Final = 20


class KeyMissing(DomainError):
    """A step without a key could be taken twice."""

    code = "key_missing"


@router.post("/quote", auth=Scope(schemas.SCOPE), operation_id="quote_basket", openapi_extra=schemas.QUOTE)
def quote(request: HttpRequest) -> HttpResponse:
    """What this basket would earn, which coupons apply, and which points can be spent. Nothing is used or held."""
    asked = read(request)
    basket = _basket(asked)
    told = asked.situation
    found = check_out.quote_basket(
        customer_id=asked.customer(), basket=basket, policies=told.policies, zone=told.zone, at=asked.at,
        worth=asked.worth,
    )  # fmt: skip
    return answer(quoted(found, basket, asked))


@router.post("/reserve", auth=Scope(schemas.SCOPE), operation_id="reserve_points", openapi_extra=schemas.RESERVE)
def reserve(request: HttpRequest) -> HttpResponse:
    """Hold points, coupons and benefits of a basket together for some minutes, so that nobody else can use them."""
    asked = read(request)
    minutes = _whole(asked, "minutes", MOST_MINUTES) or MINUTES
    return _taken(asked, replace(_wanted(request, asked, ItemKind.HOLD), minutes=minutes))


@router.post("/redeem", auth=Scope(schemas.SCOPE), operation_id="redeem_basket", openapi_extra=schemas.REDEEM)
def redeem(request: HttpRequest) -> HttpResponse:
    """Reserve and capture in one: use points, coupons and benefits of a basket at once."""
    asked = read(request)
    return _taken(
        asked, replace(_wanted(request, asked, ItemKind.REDEEM), order=_order(asked), told_at=_told_at(asked))
    )


@router.post("/capture", auth=Scope(schemas.SCOPE), operation_id="capture_points", openapi_extra=schemas.CAPTURE)
def capture(request: HttpRequest) -> HttpResponse:
    """Use what is held: all that is left of the hold, or the parts that are named. The rest stays held."""
    asked = read(request)
    ask = _going_on(request, asked, ItemKind.CAPTURE)
    basket = _basket(asked) if asked.members.get("basket") is not None else None
    return _taken(asked, replace(ask, basket=basket, order=_order(asked), told_at=_told_at(asked)))


@router.post("/release", auth=Scope(schemas.SCOPE), operation_id="release_points", openapi_extra=schemas.RELEASE)
def release(request: HttpRequest) -> HttpResponse:
    """Give back what is held: all that is left of the hold, or the parts that are named."""
    asked = read(request)
    return _taken(asked, _going_on(request, asked, ItemKind.RELEASE))


@router.post("/refund", auth=Scope(schemas.SCOPE), operation_id="refund_points", openapi_extra=schemas.REFUND)
def refund(request: HttpRequest) -> HttpResponse:
    """Give back what was captured: all that is left of it, the parts that are named, or what paid for some lines."""
    asked = read(request)
    ask = _going_on(request, asked, ItemKind.REVERSE)
    lines = order_refunded.normalise({**asked.members, "order_id": "-"}, asked.situation.currency)["lines"]
    if lines and ask.names_parts:
        raise MalformedFact("Name products, or points, coupons and benefits; not both.", field="products")
    return _taken(asked, replace(ask, lines=tuple((line, amount) for line, amount in lines)))


def _wanted(request: HttpRequest, asked: Asked, kind: ItemKind) -> Ask:
    """What a basket shall use: points, or the money that they shall pay; coupons, and benefits."""
    key = _key(request, asked)
    points = _whole(asked, "points", MOST_POINTS)
    pay = fields.money(asked.members, "pay", asked.situation.currency)
    if points and pay:
        raise MalformedFact("Say points, or what they shall pay; not both.", field="pay")
    coupon_codes, benefit_codes = _codes(asked, "coupons"), _codes(asked, "benefits")
    if not (points or pay or coupon_codes or benefit_codes):
        raise MalformedFact("Ask for points, for what they shall pay, for coupons or for benefits.", field="points")
    basket = _basket(asked) if asked.members.get("basket") is not None else None
    store = asked.store()
    customer_id = asked.customer()
    if customer_id is None and (points or pay or benefit_codes or asked.names_somebody):
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return Ask(
        kind, key, asked.worth.needs(pay) if pay else points, customer_id, None, 0, store, asked.actor,
        pay_minor=pay or None, coupons=coupon_codes, benefits=benefit_codes, basket=basket,
    )  # fmt: skip


def _going_on(request: HttpRequest, asked: Asked, kind: ItemKind) -> Ask:
    key = _key(request, asked)
    refers_to = _whole(asked, NAMES[kind][1], LARGEST_ID, required=True)
    points = _whole(asked, "points", MOST_POINTS)
    return Ask(
        kind, key, points, refers_to=refers_to, store=asked.store(), actor=asked.actor,
        coupons=_codes(asked, "coupons"), benefits=_codes(asked, "benefits"),
    )  # fmt: skip


def _taken(asked: Asked, ask: Ask) -> HttpResponse:
    told = asked.situation
    guesser = asked.guesser if ask.kind in (ItemKind.HOLD, ItemKind.REDEEM) else None
    return answer(
        step_taken(
            check_out.take_step(
                ask=ask, policies=told.policies, zone=told.zone, worth=asked.worth, guesser=guesser, at=asked.at
            ),
            asked,
        )
    )


def _key(request: HttpRequest, asked: Asked) -> str:
    """Keys are the source's own, as the numbers of orders are: two tills may both count from 1."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise KeyMissing("Send a key of your own as Idempotency-Key; the same key again is the same step.")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise MalformedFact(f"Idempotency-Key has 1 to {LONGEST_KEY} ASCII characters.", field="Idempotency-Key")
    return f"checkout:{asked.source}:{key}"


def _whole(asked: Asked, name: str, most: int, *, required: bool = False) -> int | None:
    """A whole number above zero; a number with decimals, also .0, is none."""
    value = asked.members.get(name)
    if value is None and not required:
        return None
    if type(value) is not int or not 0 < value <= most:
        raise MalformedFact(f"{name} must be a whole number from 1 to {most}.", field=name)
    return value


def _codes(asked: Asked, name: str) -> tuple[str, ...] | None:
    """Codes of coupons, as they are kept, or of benefits, each once; None if nobody said."""
    told = asked.members.get(name)
    if told is None:
        return None
    if not isinstance(told, list) or len(told) > MOST_CODES:
        raise MalformedFact(f"{name} must be a list of at most {MOST_CODES} codes.", field=name)
    found = [fields.text({name: one}, name, required=True) for one in told]
    return tuple(dict.fromkeys(presented.read(one) if name == "coupons" else one for one in found))


def _order(asked: Asked) -> tuple[str, str] | None:
    number = fields.text(asked.members, "order_id")
    return (asked.source, number) if number else None


def _told_at(asked: Asked) -> datetime | None:
    """When it happened, where a till that was offline tells it."""
    if asked.members.get("at") is None:
        return None
    try:
        return time_of({"timestamp": asked.members["at"]}, asked.at)
    except DomainError as error:
        error.context["field"] = "at"
        raise


def _basket(asked: Asked) -> Basket:
    """The basket as an order of its moment, read as Order Completed is."""
    told = child(asked.members, "basket")
    try:
        body = order_completed.normalise(told, asked.situation.currency)
        store = short(told, "store", LONGEST_STORE)
    except MalformedFact as error:
        where = error.context.get("field")
        raise MalformedFact(str(error), field=f"basket.{where}" if where else "basket") from error
    dated = any(asked.members.get(name) is not None for name in TIMES)
    at = time_of(asked.members, asked.at) if dated else asked.at
    known = catalogue.store_ids([store]) if store else ()
    freight = min(fields.money(told, "shipping", asked.situation.currency) or 0, int(body["paid"]))
    return Basket(at, int(body["paid"]), body, known[0] if known else None, freight)
