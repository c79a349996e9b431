"""Checkout at the till and in the web shop: quote a basket; hold points, capture, release or refund them."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import checkout_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import LONGEST_STORE, Asked, answer, read, short
from regulars.api.coupons import coupon_members
from regulars.api.messages import TIMES, time_of
from regulars.api.people import child
from regulars.catalogue import queries as catalogue
from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.core.money import minor_digits, to_major
from regulars.facts.kinds import order_completed
from regulars.facts.rules import MalformedFact
from regulars.flows import check_out
from regulars.loyalty.actions.commands import MOST_POINTS, UnknownCustomer
from regulars.loyalty.checkout.rules import MINUTES, MOST_MINUTES, Ask, Basket, Offered, Prospect, Step, worth_minor
from regulars.loyalty.checkout.words import award_said
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions import Quote as CouponQuote
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.coupons.words import refusal_said
from regulars.loyalty.rules import ItemKind
from regulars.loyalty.wording import Wording

router = ScopedRouter(tags=["Checkout"])
LARGEST_ID: Final = 2**63 - 1
LONGEST_KEY: Final = 90
NAMES: Final[Mapping[ItemKind, tuple[str, str]]] = {
    ItemKind.HOLD: ("hold_id", ""),
    ItemKind.CAPTURE: ("capture_id", "hold_id"),
    ItemKind.RELEASE: ("release_id", "hold_id"),
    ItemKind.REVERSE: ("refund_id", "capture_id"),
}
"""What a step is called by its number, and the step that it goes on from."""


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
        customer_id=asked.customer(), basket=basket, policies=told.policies, zone=told.zone, at=asked.at
    )
    tier, best = found.tier, found.best
    return answer(
        {
            "customer": {
                "known": found.customer_id is not None,
                "tier": {"code": tier.code, "name": _names(tier.names, tier.code)},
            },
            "currency": told.currency,
            "earns": _earns(found.prospect, basket, asked),
            "points": {"spendable": found.spendable, **_worth(found.spendable, asked)},
            "coupons": [_offered(one, asked) for one in found.coupons],
            "best_coupon": codes.shown(best.promise.code) if best else None,
        }
    )


@router.post("/reserve", auth=Scope(schemas.SCOPE), operation_id="reserve_points", openapi_extra=schemas.RESERVE)
def reserve(request: HttpRequest) -> HttpResponse:
    """Hold points for some minutes, so that nobody else can spend them."""
    asked = read(request)
    key = _key(request, asked)
    points = _whole(asked, "points", MOST_POINTS, required=True)
    minutes = _whole(asked, "minutes", MOST_MINUTES) or MINUTES
    customer_id = asked.customer()
    if customer_id is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return _taken(asked, Ask(ItemKind.HOLD, key, points, customer_id, None, minutes, asked.store(), asked.actor))


@router.post("/capture", auth=Scope(schemas.SCOPE), operation_id="capture_points", openapi_extra=schemas.CAPTURE)
def capture(request: HttpRequest) -> HttpResponse:
    """Spend held points: all that is left of the hold, or a part. The rest stays held until it is released."""
    return _go_on(request, ItemKind.CAPTURE)


@router.post("/release", auth=Scope(schemas.SCOPE), operation_id="release_points", openapi_extra=schemas.RELEASE)
def release(request: HttpRequest) -> HttpResponse:
    """Give held points back: all that is left of the hold, or a part."""
    return _go_on(request, ItemKind.RELEASE)


@router.post("/refund", auth=Scope(schemas.SCOPE), operation_id="refund_points", openapi_extra=schemas.REFUND)
def refund(request: HttpRequest) -> HttpResponse:
    """Give captured points back, with the dates that they had: all that is left of the capture, or a part."""
    return _go_on(request, ItemKind.REVERSE)


def _go_on(request: HttpRequest, kind: ItemKind) -> HttpResponse:
    asked = read(request)
    key = _key(request, asked)
    refers_to = _whole(asked, NAMES[kind][1], LARGEST_ID, required=True)
    points = _whole(asked, "points", MOST_POINTS)
    return _taken(asked, Ask(kind, key, points, refers_to=refers_to, store=asked.store(), actor=asked.actor))


def _taken(asked: Asked, ask: Ask) -> HttpResponse:
    return answer(_step(check_out.take_step(ask=ask, policies=asked.situation.policies, at=asked.at), asked))


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
    return Basket(at, int(body["paid"]), body, known[0] if known else None)


def _earns(prospect: Prospect, basket: Basket, asked: Asked) -> dict[str, Any]:
    told, earning = asked.situation, prospect.earning
    rules = {rule.code: rule for rules in prospect.policy.earning.values() for rule in rules}
    day = business_date(basket.at, told.zone)
    said = {language: Wording(language, told.currency, told.zone) for language in ("zh", "en")}
    usable_at = prospect.usable_at.astimezone(told.zone) if prospect.usable_at else None
    return {
        "points": earning.points,
        "growth": earning.growth,
        "usable_at": usable_at,
        "valid_until": last_day(prospect.expires_at, told.zone) if prospect.expires_at else None,
        "awards": [
            {
                "rule": award.code,
                "name": _names(rules[award.code].names, award.code) if award.code else None,
                "earns": award.earns,
                "amount": award.given,
                "before_limits": award.wished,
                "said": {language: award_said(award, prospect, day, wording) for language, wording in said.items()},
            }
            for award in earning.awards
        ],
    }


def _offered(one: Offered, asked: Asked) -> dict[str, Any]:
    promise, told = one.promise, asked.situation
    found = CouponQuote(
        promise.coupon_id, promise.code, promise.offer_id, promise.name, promise.terms, one.discount_minor,
        promise.uses_left, promise.expires_at,
    )  # fmt: skip
    members = {**coupon_members(found, told), "valid_until": last_day(promise.expires_at, told.zone)}
    if one.refused is None:
        return {**members, "applies": True}
    said = refusal_said(one.refused, told.currency)
    words = said._asdict() if said else {"zh": str(one.refused), "en": str(one.refused)}
    return {**members, "applies": False, "refused": {"code": one.refused.code, "said": words}}


def _worth(points: int, asked: Asked) -> dict[str, str]:
    """What points are worth in money; nothing where the business has not said it."""
    told = asked.situation
    minor = worth_minor(points, told.worth_points, told.worth_minor)
    if minor is None:
        return {}
    return {"worth": f"{to_major(minor, told.currency):.{minor_digits(told.currency)}f}"}


def _step(step: Step, asked: Asked) -> dict[str, Any]:
    own, earlier = NAMES[step.kind]
    zone = asked.situation.zone
    ends = {"ends_at": step.ends_at.astimezone(zone)} if step.ends_at else {}
    return {
        own: step.id,
        **({earlier: step.refers_to} if earlier else {}),
        "points": step.points,
        "left": step.left,
        "spendable": step.spendable,
        "at": step.at.astimezone(zone),
        **ends,
        "store": step.store,
    }


def _names(names: Mapping[str, str], code: str) -> dict[str, str]:
    some = names.get("zh") or names.get("en") or code
    return {"zh": names.get("zh") or some, "en": names.get("en") or some}
