"""Which benefits a member can use for a bill, and what each takes off. Pure: it looks nothing up."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.core.conditions import EVERYBODY, predicate
from regulars.loyalty.benefits import birthdays
from regulars.loyalty.benefits.kinds.birthday_gift import BirthdayGift
from regulars.loyalty.benefits.rules import (
    AppliedBenefit,
    Benefit,
    BenefitRefused,
    Bill,
    Holder,
    MemberFrozen,
    NotForThisOrder,
    NotForThisTier,
    NothingToUse,
    NotNow,
    QuotaUsedUp,
    TakenOff,
)

NOTHING = TakenOff(None, 0)


def applicable(
    benefits: Sequence[Benefit], holder: Holder, bill: Bill | None, *, at: datetime, zone: ZoneInfo
) -> list[AppliedBenefit]:
    """Each benefit of the version for this member and this bill, in the version's order, with what is left of it.

    Those that the member's tier does not have are left out; those that cannot be used now say why.

    Args:
        benefits: `policies.at(at).benefits`.
        holder: `benefits.queries.holder(…)`, or one that the caller makes of its own fold.
        bill: None to ask what the member has, whatever they buy: amounts and conditions are then not looked at.
        zone: The version's zone, `policies.at(at).zone`.
    """
    return [_applied(one, holder, bill, at, zone) for one in benefits if one.is_for(holder.tier)]


def check(benefit: Benefit, holder: Holder, bill: Bill | None, *, at: datetime, zone: ZoneInfo) -> TakenOff:
    """What the benefit takes off now, or a refusal that says why not.

    Raises:
        BenefitRefused: In one of its kinds.
    """
    day = business_date(at, zone)
    if holder.frozen:
        raise MemberFrozen("The account is frozen; nothing can be used until it is released.")
    if not benefit.is_for(holder.tier):
        raise NotForThisTier("This tier does not have the benefit.", tier=holder.tier, tiers=benefit.tiers)
    _check_day(benefit, day)
    if isinstance(benefit.effect, BirthdayGift):
        birthdays.check(benefit.effect, holder, day)
    elif (found := room(benefit, holder, day))[0] == 0:
        again = found[1]
        when = f" There is room again from {again}." if again else ""
        raise QuotaUsedUp(f"This benefit was used as often as it may be.{when}", day=again)
    if bill is None:
        return NOTHING
    if not benefit.effect.is_used:
        raise NothingToUse("This benefit holds by itself; there is nothing to use.")
    if benefit.condition != EVERYBODY and not predicate(benefit.condition, day=day)(_values(holder, bill, at, zone)):
        raise NotForThisOrder("The benefit's condition is not fulfilled.")
    return benefit.effect.takes_off(bill)


def room(benefit: Benefit, holder: Holder, day: date) -> tuple[int | None, date | None]:
    """How often the holder may still use it (None: without a limit); where that is 0, from when on again, if ever."""
    if isinstance(benefit.effect, BirthdayGift):
        had = holder.birthday_again is not None and day < holder.birthday_again
        return (0, holder.birthday_again) if had else (1, None)
    if benefit.quota is None:
        return None, None
    left = max(0, benefit.quota.ceiling(holder.tier) - holder.used.get(benefit.code, 0))
    return left, None if left else _again(benefit, day)


def _applied(benefit: Benefit, holder: Holder, bill: Bill | None, at: datetime, zone: ZoneInfo) -> AppliedBenefit:
    left, again = room(benefit, holder, business_date(at, zone))
    try:
        taken = check(benefit, holder, bill, at=at, zone=zone)
    except BenefitRefused as refused:
        return AppliedBenefit(benefit, NOTHING, left, again, refused)
    return AppliedBenefit(benefit, taken, left, again)


def _again(benefit: Benefit, day: date) -> date | None:
    """When there is room again; None where the quota is for ever, or the benefit ends before."""
    again = benefit.quota.period.ends(day) if benefit.quota else None
    return again if again and (benefit.ends is None or again <= benefit.ends) else None


def _check_day(benefit: Benefit, day: date) -> None:
    if benefit.starts and day < benefit.starts:
        raise NotNow(f"This benefit begins on {benefit.starts}.", day=benefit.starts)
    if benefit.ends and day > benefit.ends:
        raise NotNow(f"This benefit ended on {benefit.ends}.")


def _values(holder: Holder, bill: Bill, at: datetime, zone: ZoneInfo) -> dict[str, object]:
    """What a benefit's condition can ask about; what is not known is missing."""
    local = at.astimezone(zone)
    return {
        "paid": bill.total_minor, "channel": bill.channel, "store": bill.store, "weekday": local.isoweekday(),
        "day_of_month": local.day, "month": local.month, "hour": local.hour, "tier": holder.tier,
    }  # fmt: skip
