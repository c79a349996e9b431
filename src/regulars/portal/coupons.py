"""Coupons: those that can be used first, each with the code that the till reads; then those that are over."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _

from regulars.core import drawn_codes
from regulars.core.drawn_codes import Drawing
from regulars.customers import consents
from regulars.loyalty.coupons import queries
from regulars.loyalty.coupons.codes import shown as code_shown
from regulars.loyalty.coupons.queries import CouponView
from regulars.loyalty.coupons.rules import Promise
from regulars.loyalty.coupons.words import terms_said
from regulars.portal.access import Visit, member_reads
from regulars.portal.shown import shown
from regulars.portal.standing import SOON, last_day

MOST_PAST = 20


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon that can be used: what it takes off, until when, how often still, and its code."""

    name: str
    terms: str
    since: date | None
    until: date
    soon: bool
    left: int
    code: str
    drawn: Drawing
    reserved: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One that is over: when it was used, or that it was not."""

    name: str
    terms: str
    used: date | None
    until: date
    voided: bool


@member_reads
def coupons(visit: Visit) -> HttpResponse:
    """The first to end first."""
    group = consents.group(visit.customer_id)
    usable = queries.usable(group, at=visit.now)
    over = [one for one in queries.of_customer(group) if one.id not in {coupon.coupon_id for coupon in usable}]
    context = {
        "coupons": [_coupon(visit, one) for one in usable],
        "past": [_past(visit, one) for one in over[:MOST_PAST]],
    }
    return shown(visit, "coupons", context, tab="coupons")


def _coupon(visit: Visit, one: Promise) -> Coupon:
    return Coupon(
        one.name.said(visit.words), terms_said(one.terms, visit.business.currency).said(visit.words),
        visit.today(one.valid_from) if one.valid_from > visit.now else None, last_day(one.expires_at),
        one.expires_at - visit.now <= SOON / 4, one.uses_left if one.terms.uses_most > 1 else 0, code_shown(one.code),
        drawn_codes.qr(one.code, name=_("The code of your coupon")), bool(one.reserved),
    )  # fmt: skip


def _past(visit: Visit, one: CouponView) -> Past:
    return Past(
        one.name.said(visit.words), terms_said(one.terms, visit.business.currency).said(visit.words),
        visit.today(one.last_used_at) if one.last_used_at else None, last_day(one.expires_at),
        one.voided_at is not None,
    )  # fmt: skip
