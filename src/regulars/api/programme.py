"""The programme as it is now: what an order earns, the tiers, the rules and the benefits, as figures and sentences."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse

from regulars.api import programme_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.core.bilingual import Text
from regulars.core.calendar import business_date
from regulars.core.conditions import Field
from regulars.flows.earning_fields import fields_for_members, product_names
from regulars.loyalty import growth_words, programme_view
from regulars.loyalty.benefits.rules import Benefit, Names
from regulars.loyalty.benefits.telling import names_of
from regulars.loyalty.benefits.words import name_of as benefit_name
from regulars.loyalty.benefits.words import said as benefit_said
from regulars.loyalty.coupons.words import money_en, money_zh
from regulars.loyalty.currencies import counted_of
from regulars.loyalty.earning.rules import EarningRule
from regulars.loyalty.earning.words import name_of as rule_name
from regulars.loyalty.earning.words import said as rule_said
from regulars.loyalty.rules import Policy, Tier

router = ScopedRouter(tags=["Programme"])
Fields = Mapping[str, Field]


@router.post("/current", auth=Scope(schemas.SCOPE), operation_id="read_programme", openapi_extra=schemas.CURRENT)
def current(request: HttpRequest) -> HttpResponse:
    """The version that is live now: points and growth, tiers from the lowest, rules and benefits in both languages."""
    asked = read(request)
    policy = asked.situation.policies.on(business_date(asked.at, asked.situation.zone))
    version = next(one for one in programme_view.versions() if one.number == policy.number)
    fields, names = fields_for_members(version.terms), names_of(policy, asked.situation.currency)
    rules = [rule for found in policy.earning.values() for rule in found]
    return answer(
        {
            "version": {"number": version.number, "live_from": version.live_from.astimezone(asked.situation.zone)},
            "currency": asked.situation.currency,
            "points": _points(policy, asked),
            "currencies": [
                {"code": one.code, "name": one.name._asdict(), "expiry": one.expiry}
                for one in policy.currencies.values()
            ],
            "growth": {"from": policy.growth_from, "name": growth_words.growth_name(policy.growth_from)._asdict()},
            "tiers": [_tier(tier, policy, names) for tier in policy.tiers],
            "rules": [_rule(rule, version.terms, names, fields) for rule in rules],
            "benefits": [_benefit(one, names, fields) for one in policy.benefits],
        }
    )


def _points(policy: Policy, asked: Asked) -> dict[str, Any]:
    per_point, worth = policy.minor_per_point, asked.worth
    return {
        "spend_for_one": asked.money(per_point) if per_point else None,
        "rounding": policy.rounding,
        "pending_days": {channel: policy.pending_days.get(channel, 0) for channel in ("store", "online")},
        "expiry": policy.expiry,
        "expiry_months": policy.expiry_months if policy.expiry == "rolling" else None,
        "worth": {"points": worth.points, "money": asked.money(worth.minor)} if worth.points else None,
    }


def _tier(tier: Tier, policy: Policy, names: Names) -> dict[str, Any]:
    name = names.tiers[tier.code]
    said = (
        growth_words.reaches_said(name.said(one), tier.threshold, policy.growth_from, one) for one in ("zh", "en")
    )  # fmt: skip
    return {"code": tier.code, "name": name._asdict(), "threshold": tier.threshold, "said": Text(*said)._asdict()}


def _rule(rule: EarningRule, terms: Mapping[str, Any], names: Names, fields: Fields) -> dict[str, Any]:
    told = []
    for language, money in (("zh", money_zh), ("en", money_en)):
        tiers = {code: name.said(language) for code, name in names.tiers.items()}
        in_full = partial(money, currency=names.currency)
        products = product_names(terms, language)
        told.append(
            rule_said(
                rule, language, money=in_full, tiers=tiers, fields=fields, products=products,
                currencies=counted_of(terms),
            )
        )  # fmt: skip
    name = Text(*(rule_name(rule.names, rule.code, language) for language in ("zh", "en")))
    return {
        "code": rule.code, "on": rule.on, "earns": str(rule.earns), "name": name._asdict(),
        "said": Text(*told)._asdict(),
    }  # fmt: skip


def _benefit(one: Benefit, names: Names, fields: Fields) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "name": benefit_name(one)._asdict(),
        "tiers": list(one.tiers) or list(names.tiers),
        "said": benefit_said(one, names, fields=fields)._asdict(),
    }
