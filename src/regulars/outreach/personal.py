"""What is personal in a message: the words that stand for its variables, for thousands of customers at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from regulars.core.bilingual import Text
from regulars.core.calendar import business_date, zone
from regulars.loyalty import membership, programme_view
from regulars.staff.rules import BusinessProfile

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def values(languages: Mapping[int, str], *, business: BusinessProfile, at: datetime) -> dict[int, dict[str, str]]:
    """By customer what is known of name, shop, points, tier and last_visit; offer, code and expires come with a coupon.

    Args:
        languages: customer id → 'zh' or 'en', for those who stand for their group; others are left out.
    """
    in_zone = zone(business.time_zone)
    today = business_date(at, in_zone)
    wanted = membership.Filter(among=tuple(languages))
    tiers = _tier_names()
    found = {}
    for member in membership.find(wanted, today=today, at=at, sort="joined", offset=0, most=len(languages)):
        language = languages[member.customer_id]
        told = {"name": member.name, "shop": business.name, "points": f"{member.points:,}"}
        told["tier"] = tiers[member.tier].get(language, "") if member.tier < len(tiers) else ""
        if member.last_order_at is not None:
            told["last_visit"] = said_day(business_date(member.last_order_at, in_zone), language)
        found[member.customer_id] = told
    return found


def coupon_values(language: str, *, offer: Text, code: str, last_day: date) -> dict[str, str]:
    """What a coupon puts into a message: offer, code, expires.

    Args:
        code: As people see it: XXXX-XXXX-XXXX.
    """
    return {"offer": offer.said(language), "code": code, "expires": said_day(last_day, language)}


def said_day(day: date, language: str) -> str:
    """A day as people write it: 2026年6月1日, 1 Jun 2026."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _tier_names() -> list[dict[str, str]]:
    version = programme_view.current()
    found = []
    for tier in version.terms["tiers"] if version else ():
        names = tier.get("names") or {}
        either = next(iter(names.values()), tier.get("code", ""))
        found.append({"zh": names.get("zh") or either, "en": names.get("en") or either})
    return found
