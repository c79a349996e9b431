"""What a quote says of each award, of what is left out, and of the checkout's terms, in both languages."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from regulars.core.bilingual import Text
from regulars.core.calendar import add_months
from regulars.loyalty.benefits.rules import Names
from regulars.loyalty.checkout.rules import Prospect
from regulars.loyalty.earning.rounding import aside
from regulars.loyalty.earning.rules import Award, Earning, Earns
from regulars.loyalty.reasons_of_earning import by_rules
from regulars.loyalty.rules import Policy
from regulars.loyalty.wording import Wording

LEFT_OUT: Final[Mapping[str, Text]] = {
    "enough_coupons": Text(
        "每单能用的券已经用满，其他券优惠更多。", "As many coupons as one order may use take more off together."
    ),
    "no_coupons": Text("现在不能在结账时用券。", "Coupons cannot be used at the checkout now."),
    "not_with_benefit": Text("不能和已选的会员权益同享。", "It does not go with the benefit that was chosen."),
    "not_with_coupon": Text("不能和已选的优惠券同享。", "It does not go with the coupon that was chosen."),
    "below_after_others": Text(
        "用了其他优惠后，就没到这张券的最低消费了。", "After the others, the order is too small for this coupon."
    ),
    "takes_less": Text("其他组合优惠更多。", "Another combination takes more off."),
}
"""Why something that applies is not part of the best combination."""


def names_for(policy: Policy, currency: str) -> Names:
    """What sentences about a version's benefits need to know."""
    rules = {one.code: _text(one.names, one.code) for some in policy.earning.values() for one in some}
    return Names(currency, rules=rules, tiers={one.code: _text(one.names, one.code) for one in policy.tiers})


def _text(names: Mapping[str, str], code: str) -> Text:
    zh, en = names.get("zh", ""), names.get("en", "")
    return Text(zh or en or code, en or zh or code)


def award_said(award: Award, prospect: Prospect, day: date, wording: Wording) -> str:
    """Why this award is what it is, in one sentence; the base says how much money makes one point.

    Args:
        day: The business day of the basket.
    """
    policy = prospect.policy
    if award.code or award.cut_by is not None:
        return by_rules(Earning(awards=[award]), award.earns, policy, wording)[0]
    alone = sum(one.earns is award.earns for one in prospect.earning.awards) == 1
    if award.earns is Earns.GROWTH:
        return wording.say(
            "earn.growth" if alone else "earn.base.growth",
            unit=wording.rate(policy.minor_per_growth),
            rounded=aside(policy.rounding, wording.language),
            total=f"{award.given:,}",
            until=wording.day(add_months(day, policy.window_months)),
            version=policy.number,
        )
    return wording.say(
        "earn.points" if alone else "earn.base",
        unit=wording.rate(policy.minor_per_point),
        rounded=aside(policy.rounding, wording.language),
        total=wording.points(award.given),
        version=policy.number,
    )
