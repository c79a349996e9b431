"""A campaign before anybody has written on it: everything filled in that can be guessed."""

from collections.abc import Sequence

from django.utils import timezone

from regulars.console.access import StaffRequest
from regulars.console.campaigns.form import LIST, NEW, Typed
from regulars.console.campaigns.people import NOBODY, audience_of
from regulars.console.campaigns.words import terms
from regulars.console.condition_words import speaker
from regulars.console.context import business_of
from regulars.console.coupons import offer_form
from regulars.console.reader import said
from regulars.insight.segments.queries import SegmentView
from regulars.loyalty.coupons import offers
from regulars.outreach.campaigns import ready
from regulars.outreach.campaigns.rules import LANGUAGES


def begun(request: StaffRequest, segment: SegmentView | None, customers: Sequence[int] | None = None) -> Typed:
    """A campaign for a segment or a list."""
    audience = audience_of(segment, customers, speaker(request), at=timezone.now()) or NOBODY
    typed = Typed(for_whom=LIST if customers is not None else str(segment.id) if segment else "")
    if audience.customers:
        typed.channel = audience.best_channel
    known = offers.offers()
    for code in LANGUAGES:
        typed.say(code, ready.letter(code, has_offer=False))
    if known:
        typed.offer = str(known[-1].id)
        typed.settle_texts()
    elif customers is None:
        suggest_coupon(request, typed)
    if segment is not None:
        typed.name = typed.guess = said(ready.name_for(segment.name))
    return typed


def suggest_coupon(request: StaffRequest, typed: Typed) -> None:
    """Put a new coupon in that a shop may well give, for those who may make one."""
    if "coupons.edit" not in request.capabilities:
        return
    typed.offer = NEW
    first = offer_form.suggested(business_of(request).currency)
    typed.offer_value, typed.offer_min_spend = first.value, first.min_spend
    typed.settle_texts()


def offers_context(request: StaffRequest, typed: Typed) -> dict[str, object]:
    """The coupons that can be chosen, one that was put away only where it is chosen already."""
    currency = business_of(request).currency
    known = offers.offers(archived=True)
    return {
        "offers": [
            (str(one.id), said(one.name), terms(one.terms, currency), one.archived_at is not None)
            for one in reversed(known)
            if one.archived_at is None or one.id == typed.offer_id
        ],
        "may_make_offer": "coupons.edit" in request.capabilities or typed.offer == NEW,
    }
