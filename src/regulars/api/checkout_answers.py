"""What is answered at the checkout: quotes and steps as JSON."""

from collections.abc import Mapping
from typing import Any, Final

from regulars.api.asked import Asked
from regulars.api.coupons import coupon_members
from regulars.core.calendar import business_date
from regulars.loyalty.benefits import words as benefit_words
from regulars.loyalty.benefits.rules import AppliedBenefit, Names
from regulars.loyalty.checkout.rules import Basket, Offered, Prospect, Quote, Step, best_of
from regulars.loyalty.checkout.words import LEFT_OUT, award_said, names_for
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons.actions import Quote as CouponQuote
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.coupons.words import refusal_said
from regulars.loyalty.earning.rules import Earns
from regulars.loyalty.rules import ItemKind
from regulars.loyalty.wording import Wording

NAMES: Final[Mapping[ItemKind, tuple[str, str]]] = {
    ItemKind.HOLD: ("hold_id", ""),
    ItemKind.REDEEM: ("capture_id", ""),
    ItemKind.CAPTURE: ("capture_id", "hold_id"),
    ItemKind.RELEASE: ("release_id", "hold_id"),
    ItemKind.REVERSE: ("refund_id", "capture_id"),
}
"""What a step is called by its number, and the step that it goes on from."""


def quoted(found: Quote, basket: Basket, asked: Asked) -> dict[str, Any]:
    """The answer to a quote."""
    told = asked.situation
    tier, best = found.tier, best_of(found.coupons)
    names = names_for(found.prospect.policy, told.currency) if found.benefits else Names(told.currency)
    return {
        "customer": {
            "known": found.customer_id is not None,
            "tier": {"code": tier.code, "name": _names(tier.names, tier.code)},
        },
        "currency": told.currency,
        "earns": _earns(found.prospect, basket, asked),
        "points": _points(found, asked),
        "coupons": [_offered(one, asked) for one in found.coupons],
        "best_coupon": codes.shown(best.promise.code) if best else None,
        "benefits": [_benefit(one, names, asked) for one in found.benefits],
        "best": _best(found, asked),
    }


def step_taken(step: Step, asked: Asked) -> dict[str, Any]:
    """The answer to a step."""
    own, earlier = NAMES[step.kind]
    zone = asked.situation.zone
    ends = {"ends_at": step.ends_at.astimezone(zone)} if step.ends_at else {}
    lost = {"not_counted": [{"item": code, "code": why} for code, why in step.not_counted]} if step.not_counted else {}
    return {
        own: step.id,
        **({earlier: step.goes_on} if earlier else {}),
        "points": step.points,
        "left": step.left,
        "spendable": step.spendable,
        "at": step.at.astimezone(zone),
        **ends,
        "store": step.store,
        "coupons": [{"code": codes.shown(one.code), "discount": asked.money(one.off_minor)} for one in step.coupons],
        "benefits": [{"code": one.code, "discount": asked.money(one.off_minor)} for one in step.benefits],
        "discount": asked.money(sum(one.off_minor for one in (*step.coupons, *step.benefits))),
        **lost,
    }


def _earns(prospect: Prospect, basket: Basket, asked: Asked) -> dict[str, Any]:
    told, earning = asked.situation, prospect.earning
    rules = {rule.code: rule for rules in prospect.policy.earning.values() for rule in rules}
    day = business_date(basket.at, told.zone)
    said = {language: Wording(language, told.currency, told.zone) for language in ("zh", "en")}
    usable_at = prospect.usable_at.astimezone(told.zone) if prospect.usable_at else None
    return {
        "points": earning.points,
        "growth": earning.growth,
        "currencies": {code: own.amount for code, own in earning.own.items()},
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
            if award.earns is not Earns.BADGE  # whoever has it already gets no other
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


def _benefit(one: AppliedBenefit, names: Names, asked: Asked) -> dict[str, Any]:
    members: dict[str, Any] = {
        "code": one.benefit.code,
        "name": benefit_words.name_of(one.benefit)._asdict(),
        "said": benefit_words.said(one.benefit, names)._asdict(),
        "takes_off": one.benefit.effect.part,
        "discount": asked.money(one.off_minor),
        "uses_left": one.left,
        "applies": one.refused is None,
    }
    if one.refused is None:
        return members
    said = benefit_words.refusal_said(one.refused, names)
    words = said._asdict() if said else {"zh": str(one.refused), "en": str(one.refused)}
    return {**members, "refused": {"code": one.refused.code, "said": words}}


def _best(found: Quote, asked: Asked) -> dict[str, Any]:
    best = found.best
    known = {one.promise.code for one in found.coupons}
    return {
        "coupons": [codes.shown(code) for code, _ in best.coupons],
        "benefits": [code for code, _ in best.benefits],
        "discount": asked.money(best.off_minor),
        "due": asked.money(best.due_minor),
        "earns": {"points": found.earns.points, "growth": found.earns.growth},
        "left_out": [
            {"code": codes.shown(code) if code in known else code, "why": why, "said": LEFT_OUT[why]._asdict()}
            for code, why in best.why.items()
        ],
    }


def _points(found: Quote, asked: Asked) -> dict[str, Any]:
    """What can be spent, what it is worth, and how much of the rest it could pay; as far as points have a value."""
    worth = asked.worth.pays(found.spendable)
    if worth is None:
        return {"spendable": found.spendable}
    then = found.earns_after_pay
    return {
        "spendable": found.spendable,
        "worth": asked.money(worth),
        "could_pay": {
            "points": found.pay.points,
            "amount": asked.money(found.pay.minor),
            "earns": {"points": then.points, "growth": then.growth},
        },
    }


def _names(names: Mapping[str, str], code: str) -> dict[str, str]:
    some = names.get("zh") or names.get("en") or code
    return {"zh": names.get("zh") or some, "en": names.get("en") or some}
