"""What a member has, with the names that sentences about it need: of tiers and rules, and of the shop's offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.applying import applicable
from regulars.loyalty.benefits.kinds.birthday_gift import BirthdayGift
from regulars.loyalty.benefits.queries import holder
from regulars.loyalty.benefits.rules import AppliedBenefit, Bill, Holder, Names
from regulars.loyalty.coupons.offers import NoOffer, offer
from regulars.loyalty.coupons.words import money_en, money_zh
from regulars.loyalty.earning.words import said as rule_said
from regulars.loyalty.rules import Policies, Policy


@dataclass(frozen=True, slots=True)
class Held:
    """What a member has: who they are at that moment, their benefits, and the names that sentences need."""

    holder: Holder
    benefits: list[AppliedBenefit]
    names: Names


def held(
    *, customer_id: int, policies: Policies, currency: str, at: datetime, bill: Bill | None = None
) -> Held | None:  # fmt: skip
    """A member's benefits with what is left of them, and what they take off a bill; None if there is no such member."""
    found = holder(customer_id, policies=policies, at=at)
    if found is None:
        return None
    policy = policies.at(at)
    return Held(
        found, applicable(policy.benefits, found, bill, at=at, zone=policy.zone), names_of(policy, currency)
    )  # fmt: skip


def names_of(policy: Policy, currency: str) -> Names:
    """What the benefits of a version name, in both languages."""
    tiers = {tier.code: _both(tier.names, tier.code) for tier in policy.tiers}
    return Names(currency, _offers(policy), _rules(policy, tiers, currency), tiers)


def _rules(policy: Policy, tiers: Mapping[str, Text], currency: str) -> dict[str, Text]:
    """Each earning rule that a benefit shows, in its own sentence."""
    wanted, own = {getattr(one.effect, "rule", "") for one in policy.benefits}, policy.counted
    zh = {code: name.zh for code, name in tiers.items()}
    en = {code: name.en for code, name in tiers.items()}
    return {
        rule.code: Text(
            rule_said(rule, "zh", money=lambda minor: money_zh(minor, currency), tiers=zh, currencies=own),
            rule_said(rule, "en", money=lambda minor: money_en(minor, currency), tiers=en, currencies=own),
        )
        for rules in policy.earning.values()
        for rule in rules
        if rule.code in wanted
    }


def _offers(policy: Policy) -> dict[int, Text]:
    found: dict[int, Text] = {}
    for benefit in policy.benefits:
        if isinstance(benefit.effect, BirthdayGift) and benefit.effect.offer is not None:
            try:
                found[benefit.effect.offer] = offer(benefit.effect.offer).name
            except NoOffer:
                continue
    return found


def _both(names: Mapping[str, str], code: str) -> Text:
    some = names.get("zh") or names.get("en") or code
    return Text(names.get("zh") or some, names.get("en") or some)
