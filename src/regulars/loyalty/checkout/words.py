"""What a quote says of each award, in the reader's language."""

from datetime import date

from regulars.core.calendar import add_months
from regulars.loyalty.checkout.rules import Prospect
from regulars.loyalty.earning.rules import Award, Earning, Earns
from regulars.loyalty.reasons_of_earning import by_rules
from regulars.loyalty.wording import Wording


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
            total=f"{award.given:,}",
            until=wording.day(add_months(day, policy.window_months)),
            version=policy.number,
        )
    return wording.say(
        "earn.points" if alone else "earn.base",
        unit=wording.rate(policy.minor_per_point),
        total=wording.points(award.given),
        version=policy.number,
    )
