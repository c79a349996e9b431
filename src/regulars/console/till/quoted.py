"""What a sale would earn, and what could be taken off it: asked while the amount is typed, and nothing is written."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from regulars.catalogue import queries as catalogue
from regulars.console import sight
from regulars.console.access import StaffRequest
from regulars.console.reader import language, said
from regulars.core.calendar import business_date
from regulars.facts.kinds import order_completed
from regulars.flows import check_out, serve_till
from regulars.loyalty.benefits.rules import AppliedBenefit, Names
from regulars.loyalty.benefits.words import left_said, name_of
from regulars.loyalty.benefits.words import refusal_said as benefit_refused
from regulars.loyalty.checkout.rules import Basket, Offered, Quote
from regulars.loyalty.checkout.words import award_said, names_for
from regulars.loyalty.coupons.rules import Guesser
from regulars.loyalty.coupons.words import refusal_said, terms_said
from regulars.loyalty.earning.rules import Earns
from regulars.loyalty.rules import POINTS
from regulars.loyalty.till import stamps
from regulars.loyalty.till.rules import Serve, Shop
from regulars.loyalty.wording import Wording


@dataclass(frozen=True, slots=True)
class Extra:
    """A coupon or a benefit that the guest has: what it does, why it does not apply now, whether it is chosen."""

    code: str
    name: str
    words: str
    refused: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a step comes to: `earns` in one line, `why` sentence by sentence; what is taken off and left to pay.

    `off` and `due` are None where no amount was typed.
    """

    earns: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    cut: bool = False
    off: int | None = None
    due: int | None = None
    coupons: list[Extra] = field(default_factory=list)
    benefits: list[Extra] = field(default_factory=list)


def quoted(request: StaffRequest, serve: Serve, shop: Shop, guesser: Guesser, at: datetime) -> Quoted:
    """What a step would come to.

    Raises:
        DomainError: What is chosen cannot be used.
    """
    amount = serve.amount or 0
    asked = replace(serve, key="quote")
    off = serve_till.takes_off(serve=asked, shop=shop, guesser=guesser, at=at) if amount else 0
    plain = _quote(serve, amount, shop, at)
    paid = _quote(serve, amount - off, shop, at) if off else plain
    given: dict[str, int] = {}
    why, cut = [], False
    if serve.amount is not None:
        given[POINTS] = paid.prospect.earning.points
        for code, own in paid.prospect.earning.own.items():
            given[code] = given.get(code, 0) + own.amount
        words = Wording(language(), shop.currency, shop.zone)
        day = business_date(at, sight.zone_of(request))
        why = [award_said(one, paid.prospect, day, words) for one in paid.prospect.earning.awards
               if one.earns not in (Earns.GROWTH, Earns.BADGE)]  # fmt: skip
    if serve.stamps:
        worth = stamps.worth(serve.customer_id, serve.stamps, policies=shop.policies, zone=shop.zone, at=at)
        cut = worth.cut
        for code, more in worth.given.items():
            given[code] = given.get(code, 0) + more
    counted = shop.policies.counted
    names = names_for(plain.prospect.policy, shop.currency)
    return Quoted(
        earns=[said(counted[code].of(amount)) for code, amount in given.items() if amount and code in counted],
        why=why,
        cut=cut,
        off=off if serve.amount is not None else None,
        due=amount - off if serve.amount is not None else None,
        coupons=[_coupon(one, serve, shop) for one in plain.coupons],
        benefits=[_benefit(one, serve, names) for one in plain.benefits if one.benefit.effect.is_used],
    )


def _quote(serve: Serve, amount: int, shop: Shop, at: datetime) -> Quote:
    known = catalogue.store_ids([serve.store]) if serve.store else ()
    body = order_completed.make_body(currency=shop.currency, paid=amount, lines=())
    basket = Basket(at, amount, body, known[0] if known else None)
    return check_out.quote_basket(
        customer_id=serve.customer_id, basket=basket, policies=shop.policies, zone=shop.zone, at=at
    )  # fmt: skip


def _coupon(one: Offered, serve: Serve, shop: Shop) -> Extra:
    promise, refused = one.promise, ""
    if one.refused is not None:
        words = refusal_said(one.refused, shop.currency)
        refused = said(words) if words else str(one.refused)
    name, worth = said(promise.name), said(terms_said(promise.terms, shop.currency))
    return Extra(promise.code, name, worth, refused, promise.code in serve.coupons)


def _benefit(one: AppliedBenefit, serve: Serve, names: Names) -> Extra:
    refused = ""
    if one.refused is not None:
        words = benefit_refused(one.refused, names)
        refused = said(words) if words else str(one.refused)
    code = one.benefit.code
    return Extra(
        code, said(name_of(one.benefit)), said(left_said(one.left, one.again)), refused, code in serve.benefits
    )
