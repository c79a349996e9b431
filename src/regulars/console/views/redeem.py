"""The till: a code is typed or scanned, looked at, and used, all without leaving the one field."""

from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_urlsafe

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, reader, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.rewards import at_till
from regulars.console.rewards.words import names_of, refusal
from regulars.console.sayings import explained
from regulars.console.till_store import keep_store, store_of, stores_of
from regulars.core.calendar import business_date, start_of_day
from regulars.core.errors import DomainError
from regulars.core.money import InvalidAmount, to_minor
from regulars.facts import sources
from regulars.flows import claim_rewards, redeem_coupons
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.codes import shown
from regulars.loyalty.coupons.presented import is_old
from regulars.loyalty.coupons.queries import UseView
from regulars.loyalty.coupons.rules import (
    CouponRefused,
    Guesser,
    GuesserKind,
    OfferKind,
    Promise,
    SpendMissing,
    check,
    last_day,
)
from regulars.loyalty.coupons.words import refusal_said, terms_said
from regulars.loyalty.rewards import codes
from regulars.staff import actions as staff

PAGE = "redeem"
LOOKED_AT, LISTED = 500, 5
"""Of so many of the latest uses, those of this person today can be taken back; so many are listed."""
LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A coupon before the till: what it is worth, whose it is (masked), and what the till has to say."""

    code: str
    name: str
    worth: str
    whose: str
    until: date
    min_spend: int
    needs_total: bool
    uses_left: int
    gift: bool


@requires("coupons.redeem")
@never_cache
def till(request: StaffRequest) -> HttpResponse:
    """The field for a code, and what was redeemed last."""
    return render(request, "redeem/page.html", _till(request))


@requires("coupons.redeem")
@never_cache
@require_POST
def look(request: StaffRequest) -> HttpResponse:
    """What a code is worth; nothing is used. A wrong one counts as a guess."""
    keep_store(request, request.POST.get("store"))
    typed = request.POST.get("code", "")
    if codes.is_one(typed) and not is_old(typed):
        return _look_at_reward(request, typed)
    try:
        found = _found(request, request.POST.get("code", ""))
    except DomainError as error:
        return _shown(request, {"refusal": _said(error, request), "typed": request.POST.get("code", "")}, status=422)
    return _shown(request, {"found": found, "key": token_urlsafe(12)})


def _look_at_reward(request: StaffRequest, code: str) -> HttpResponse:
    try:
        waiting = at_till.look(request, code)
    except DomainError as error:
        return _shown(request, {"refusal": refusal(error, names_of(request)), "typed": code}, status=422)
    return _shown(request, {"waiting": waiting, "key": token_urlsafe(12)})


@requires("rewards.claim")
@never_cache
@require_POST
def hand_over(request: StaffRequest) -> HttpResponse:
    """Hand a reward over, or say why not. Sent twice, it is handed over once."""
    code, key = request.POST.get("code", ""), request.POST.get("key", "")[:40]
    try:
        claim = at_till.hand_over(request, code, key)
    except DomainError as error:
        return _shown(request, {"refusal": refusal(error, names_of(request)), "typed": code}, status=422)
    _record(request, "rewards.collect", claim.id)
    return _shown(request, {"handed": claim, "handed_name": _text(claim.name)})


@requires("rewards.claim")
@require_POST
def take_back(request: StaffRequest, claim_id: int) -> HttpResponse:
    """Undo what this person handed over today; the code can be shown again."""
    if all(one.claim.id != claim_id for one in at_till.handed_today(request)):
        return _shown(request, {"refusal": _("Only what you handed over today can be taken back here.")}, status=422)
    claim_rewards.put_back(claim_id=claim_id)
    _record(request, "rewards.put_back", claim_id)
    return _shown(request, {"undone": True})


def _record(request: StaffRequest, action: str, claim_id: int) -> None:
    staff.record(by=request.actor, action=action, at=timezone.now(), subject_kind="claim", subject_id=claim_id)


@requires("coupons.redeem")
@never_cache
@require_POST
def use(request: StaffRequest) -> HttpResponse:
    """Use the coupon, or say why not and let the total be corrected. Sent twice, it is used once."""
    code, key = request.POST.get("code", ""), request.POST.get("key", "")[:40]
    keep_store(request, request.POST.get("store"))
    try:
        spend = _spend(request)
        receipt = _redeem(request, code, key, spend)
    except DomainError as error:
        return _again(request, code, key, error)
    if receipt.undone_at is not None:
        return _shown(request, {"undone": receipt})
    currency = business_of(request).currency
    context: dict[str, object] = {
        "done": receipt,
        "worth": _text(terms_said(receipt.terms, currency)),
        "is_gift": receipt.terms.kind is OfferKind.GIFT,
        "to_pay": None if spend is None else spend - receipt.discount_minor,
        "spend": spend,
    }
    return _shown(request, context)


@requires("coupons.redeem")
@require_POST
def undo(request: StaffRequest, use_id: int) -> HttpResponse:
    """Take back what this person redeemed today; the coupon can be used again."""
    one = next((one for one in _own_today(request) if one.id == use_id), None)
    if one is None:
        return _shown(request, {"refusal": _("Only what you redeemed today can be taken back here.")}, status=422)
    now = timezone.now()
    receipt = redeem_coupons.undo_use(use_id=use_id, actor=actors.key_of(request.actor), at=now)
    staff.record(
        by=request.actor, action="coupons.undo", at=now, subject_kind="coupon", subject_id=receipt.coupon_id,
    )  # fmt: skip
    return _shown(request, {"undone": receipt})


def _redeem(request: StaffRequest, code: str, key: str, spend: int | None) -> coupons.Receipt:
    number = " ".join(request.POST.get("order", "").split())[:LONGEST_NUMBER]
    systems = sources.names() if number else []
    system = request.POST.get("system", "")
    source = system if system in systems else systems[0] if systems else "till"
    return redeem_coupons.redeem_coupon(
        code=code,
        guesser=_guesser(request),
        key=f"console:{request.member.id}:{key}",
        zone=sight.zone_of(request),
        at=timezone.now(),
        spend_minor=spend,
        order=(source, number) if number else None,
        store=store_of(request),
        actor=actors.key_of(request.actor),
    )


def _again(request: StaffRequest, code: str, key: str, error: DomainError) -> HttpResponse:
    """The coupon with what stands in the way; one that cannot be used at all stands alone."""
    context: dict[str, object] = {"refusal": _said(error, request), "typed": code}
    if error.code in ("spend_missing", "below_minimum_spend", "invalid_amount"):
        try:
            context |= {"found": _found(request, code), "key": key, "total": request.POST.get("total", "")}
            context["order"] = request.POST.get("order", "")
        except DomainError as worse:
            context["refusal"] = _said(worse, request)
    return _shown(request, context, status=422)


def _found(request: StaffRequest, typed: str) -> Found:
    """The coupon behind a code.

    Raises:
        DomainError: There is none, it cannot be used now, or there were too many wrong ones.
    """
    now, zone = timezone.now(), sight.zone_of(request)
    coupon_id = coupons.look_up(code=typed, guesser=_guesser(request), at=now)
    promise = queries.promises([coupon_id], at=now)[coupon_id]
    needs_total = False
    try:
        check(promise, at=now, zone=zone, spend_minor=None, customer_id=None)
    except SpendMissing:
        needs_total = True
    terms = promise.terms
    return Found(
        code=shown(promise.code),
        name=_text(promise.name),
        worth=_text(terms_said(terms, business_of(request).currency)),
        whose=_whose(promise),
        until=last_day(promise.expires_at, zone),
        min_spend=terms.min_spend_minor,
        needs_total=needs_total,
        uses_left=promise.uses_left,
        gift=terms.kind is OfferKind.GIFT,
    )


def _whose(promise: Promise) -> str:
    """Whom it was issued to, so that the till can greet them without learning more."""
    return at_till.masked(promise.customer_id) if promise.customer_id is not None else ""


def _spend(request: StaffRequest) -> int | None:
    told = request.POST.get("total", "").strip().replace(",", "").replace("，", "").lstrip("¥￥$€£")
    if not told:
        return None
    spend = to_minor(told, business_of(request).currency)
    if spend < 0:
        raise InvalidAmount("An order comes to nothing less than zero.")
    return spend


def _said(error: DomainError, request: StaffRequest) -> str:
    if error.code == "invalid_amount":
        return _("Write the total as a number, for instance 48.50.")
    context = dict(error.context)
    if isinstance(day := context.get("day"), date):
        context["day"] = date_format(day, "SHORT_DATE_FORMAT")
    told = type(error)(str(error), **context) if isinstance(error, CouponRefused) else error
    words = refusal_said(told, business_of(request).currency)
    return _text(words) if words else explained(error)


def _text(words: tuple[str, str]) -> str:
    return words[0] if reader.is_zh() else words[1]


def _guesser(request: StaffRequest) -> Guesser:
    return Guesser(GuesserKind.STAFF, request.member.id)


def _shown(request: StaffRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    template = "redeem/till.html" if request.headers.get("HX-Request") else "redeem/page.html"
    return render(request, template, _till(request) | context, status=status)


def _till(request: StaffRequest) -> dict[str, object]:
    stores = stores_of(request)
    return {
        "stores": [(code, name, code == store_of(request)) for code, name in stores.items()] if len(stores) > 1 else [],
        "store": stores.get(store_of(request), ""),
        "systems": sources.names(),
        "latest": _own_today(request)[:LISTED],
        "handed_today": at_till.handed_today(request),
    }


def _own_today(request: StaffRequest) -> list[UseView]:
    """What this person redeemed today, the latest first."""
    me, began = actors.key_of(request.actor), _day_began(request)
    return [one for one in queries.latest_uses(most=LOOKED_AT) if one.actor == me and one.at >= began]


def _day_began(request: StaffRequest) -> datetime:
    zone = sight.zone_of(request)
    return start_of_day(business_date(timezone.now(), zone), zone)


urlpatterns = [
    path("redeem/", till, name=PAGE),
    path("redeem/look/", look, name="redeem_look"),
    path("redeem/use/", use, name="redeem_use"),
    path("redeem/hand-over/", hand_over, name="redeem_hand_over"),
    path("redeem/take-back/<int:claim_id>/", take_back, name="redeem_take_back"),
    path("redeem/undo/<int:use_id>/", undo, name="redeem_undo"),
]
