"""Programmes to begin with, with real numbers: retail, café, salon, bank. Each is the terms of a draft."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.loyalty.bank_preset import bank
from regulars.loyalty.preset_parts import asks, benefit, quota, rule, tiers
from regulars.loyalty.rules import preset_terms
from regulars.loyalty.till.ready import with_stamp_card

WORKDAYS = [1, 2, 3, 4, 5]
QUIET_DAYS = [2, 3, 4]


@dataclass(frozen=True, slots=True)
class Preset:
    """A programme to begin with; `terms` makes it for a currency with so many digits of minor units."""

    code: str
    name: Text
    about: Text
    terms: Callable[[int], dict[str, Any]]


def retail(digits: int) -> dict[str, Any]:
    """1 point for each unit of money, four tiers, 次年年底清零, double points on the 18th, and benefits by tier."""
    member_day = rule(
        "member_day", Text("会员日", "Member day"), [asks("day_of_month", "eq", 18)],
        {"kind": "multiply", "percent": 200}, limits=[{"period": "month", "most": 500, "counts": "amount"}],
    )  # fmt: skip
    return {**preset_terms(digits), "rules": [member_day], "benefits": _retail_benefits(10**digits)}


def _retail_benefits(unit: int) -> list[dict[str, Any]]:
    """With the 1 % that points give back, gold members get 3 % and black members 6 %; freight and gifts are capped."""
    above = ("silver", "gold", "black")
    gift = {"zh": "生日礼一份", "en": "a birthday present"}
    return [
        benefit("member_price", Text("会员价", "Member price"), "discount", "gold", percent=2, most_minor=50 * unit),
        benefit("black_price", Text("黑金价", "Black price"), "discount", "black", percent=5, most_minor=200 * unit),
        benefit(
            "free_shipping",
            Text("包邮", "Free shipping"),
            "free_shipping",
            *above,
            most_minor=12 * unit,
            quota=quota("month", 1, gold=2, black=5),
        ),
        benefit(
            "birthday", Text("生日礼", "Birthday gift"), "birthday_gift", *above, gift=gift, days_before=7, days_after=7
        ),
        benefit("early", Text("优先购", "Early access"), "early_access", "gold", "black", days=2),
        benefit(
            "adviser",
            Text("专属顾问", "Personal adviser"),
            "dedicated_service",
            "black",
            about={"zh": "专属导购，到店预约优先接待", "en": "An adviser of your own, and first place by appointment"},
        ),
        benefit("member_day", Text("18 日会员日", "Member day on the 18th"), "points", rule="member_day"),
    ]


def cafe(digits: int) -> dict[str, Any]:
    """Double points in quiet hours once a day, a gift for the first order, three tiers, a stamp card."""
    quiet = rule(
        "quiet_hours", Text("闲时双倍", "Quiet hours"),
        [asks("weekday", "in", WORKDAYS), asks("hour", "between", [14, 16])], {"kind": "multiply", "percent": 200},
        limits=[{"period": "day", "most": 1, "counts": "times"}],
    )  # fmt: skip
    first = rule(
        "first_order", Text("首单礼", "First order gift"), [asks("first_order", "is", True)],
        {"kind": "fixed", "amount": 50}, limits=[{"period": "ever", "most": 1, "counts": "times"}],
    )  # fmt: skip
    return with_stamp_card({
        **preset_terms(digits, pending_days={"store": 0, "online": 1}),
        "tiers": tiers(("guest", 0, "新朋友", "Guest"), ("regular", 500, "熟客", "Regular"),
                        ("friend", 2000, "老朋友", "Friend")),
        "expiry": "rolling",
        "expiry_months": 12,
        "rules": [quiet, first],
        "caps": [{"period": "day", "most": 300, "counts": "amount"}],
    })  # fmt: skip


def salon(digits: int) -> dict[str, Any]:
    """Half as many points more on quiet days, thanks for coming back in time, tiers that are held for a year."""
    quiet = rule(
        "quiet_days", Text("闲日 1.5 倍", "Quiet days"), [asks("weekday", "in", QUIET_DAYS)],
        {"kind": "multiply", "percent": 150}, limits=[{"period": "month", "most": 600, "counts": "amount"}],
    )  # fmt: skip
    back = rule(
        "back_in_time", Text("按时回来", "Back in time"), [asks("days_since_last", "le", 45)],
        {"kind": "fixed", "amount": 30}, limits=[{"period": "month", "most": 1, "counts": "times"}],
    )  # fmt: skip
    return {
        **preset_terms(digits, pending_days={"store": 0, "online": 7}),
        "tiers": tiers(("guest", 0, "贵宾", "Guest"), ("silver", 2000, "银卡", "Silver"),
                        ("gold", 8000, "金卡", "Gold")),
        "expiry": "rolling",
        "expiry_months": 24,
        "keeping": {"held": "months", "months": 12, "grace_days": 30, "one_step": True},
        "rules": [quiet, back],
    }  # fmt: skip


PRESETS: Final[Mapping[str, Preset]] = {
    one.code: one
    for one in (
        Preset(
            "retail", Text("零售", "Retail"),
            Text("消费 1 元得 1 积分，四个等级，积分次年年底清零，18 日会员日双倍；会员价、包邮、生日礼按等级。",
                 "1 point for each unit of money, four tiers, points to the end of next year, double on the 18th; "
                 "member prices, free shipping and birthday gifts by tier."),
            retail,
        ),
        Preset(
            "cafe", Text("咖啡 / 餐饮", "Café or restaurant"),
            Text("工作日午后双倍积分，首单送 50 积分，三个等级，积分 12 个月有效；集点卡一杯一个印花，每天最多 5 个。",
                 "Double points on quiet afternoons, 50 for the first order, three tiers, points last 12 months; "
                 "a stamp a cup, five a day at most."),
            cafe,
        ),
        Preset(
            "salon", Text("美业", "Salon"),
            Text("周二至周四 1.5 倍积分，45 天内回来多得 30 积分，等级保留 12 个月，到期有 30 天缓冲。",
                 "1.5 times on quiet days, 30 points for coming back within 45 days, tiers held for a year."),
            salon,
        ),
        Preset(
            "bank", Text("银行", "Bank"),
            Text("刷卡满 20 元得 1 积分，转账充值缴费不积分；转账、年费、基金申购费按等级优惠，贵宾厅有次数。",
                 "1 point for each 20 by card, none for transfers, top-ups and bills; lower fees and lounges by tier."),
            bank,
        ),
    )
}  # fmt: skip
"""By code, in the order in which they are offered."""


def first_terms(
    code: str, digits: int, *, pending_days: Mapping[str, int], stamp_card: bool = False
) -> dict[str, Any]:  # fmt: skip
    """What a new shop begins with: a ready programme where its trade names one, else retail without rules.

    Args:
        stamp_card: With nine stamps for a cup beside the points.
    """
    terms = PRESETS[code].terms(digits) if code else preset_terms(digits, pending_days=pending_days)
    return with_stamp_card(terms) if stamp_card else terms
