"""Programmes to begin with, with real numbers: retail, café, salon. Each is the terms of a draft."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.loyalty.rules import preset_terms

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
    """1 point for each unit of money, four tiers, 次年年底清零, and double points on the 18th, within a monthly cap."""
    member_day = _rule(
        "member_day", Text("会员日", "Member day"), [_is("day_of_month", "eq", 18)],
        {"kind": "multiply", "percent": 200}, limits=[{"period": "month", "most": 500, "counts": "amount"}],
    )  # fmt: skip
    return {**preset_terms(digits), "rules": [member_day]}


def cafe(digits: int) -> dict[str, Any]:
    """Double points in quiet hours once a day, a gift for the first order, three tiers, points that last a year."""
    quiet = _rule(
        "quiet_hours", Text("闲时双倍", "Quiet hours"),
        [_is("weekday", "in", WORKDAYS), _is("hour", "between", [14, 16])], {"kind": "multiply", "percent": 200},
        limits=[{"period": "day", "most": 1, "counts": "times"}],
    )  # fmt: skip
    first = _rule(
        "first_order", Text("首单礼", "First order gift"), [_is("first_order", "is", True)],
        {"kind": "fixed", "amount": 50}, limits=[{"period": "ever", "most": 1, "counts": "times"}],
    )  # fmt: skip
    return {
        **preset_terms(digits, pending_days={"store": 0, "online": 1}),
        "tiers": _tiers(("guest", 0, "新朋友", "Guest"), ("regular", 500, "熟客", "Regular"),
                        ("friend", 2000, "老朋友", "Friend")),
        "expiry": "rolling",
        "expiry_months": 12,
        "rules": [quiet, first],
        "caps": [{"period": "day", "most": 300, "counts": "amount"}],
    }  # fmt: skip


def salon(digits: int) -> dict[str, Any]:
    """Half as many points more on quiet days, thanks for coming back in time, tiers that are held for a year."""
    quiet = _rule(
        "quiet_days", Text("闲日 1.5 倍", "Quiet days"), [_is("weekday", "in", QUIET_DAYS)],
        {"kind": "multiply", "percent": 150}, limits=[{"period": "month", "most": 600, "counts": "amount"}],
    )  # fmt: skip
    back = _rule(
        "back_in_time", Text("按时回来", "Back in time"), [_is("days_since_last", "le", 45)],
        {"kind": "fixed", "amount": 30}, limits=[{"period": "month", "most": 1, "counts": "times"}],
    )  # fmt: skip
    return {
        **preset_terms(digits, pending_days={"store": 0, "online": 7}),
        "tiers": _tiers(("guest", 0, "贵宾", "Guest"), ("silver", 2000, "银卡", "Silver"),
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
            Text("消费 1 元得 1 积分，四个等级，积分次年年底清零，每月 18 日会员日双倍。",
                 "1 point for each unit of money, four tiers, points to the end of next year, double on the 18th."),
            retail,
        ),
        Preset(
            "cafe", Text("咖啡 / 餐饮", "Café or restaurant"),
            Text("工作日午后双倍积分，首单送 50 积分，三个等级，积分 12 个月有效。",
                 "Double points on quiet afternoons, 50 for the first order, three tiers, points last 12 months."),
            cafe,
        ),
        Preset(
            "salon", Text("美业", "Salon"),
            Text("周二至周四 1.5 倍积分，45 天内回来多得 30 积分，等级保留 12 个月，到期有 30 天缓冲。",
                 "1.5 times on quiet days, 30 points for coming back within 45 days, tiers held for a year."),
            salon,
        ),
    )
}  # fmt: skip
"""By code, in the order in which they are offered."""


def _rule(
    code: str, name: Text, conditions: list[dict[str, Any]], then: dict[str, Any], *, limits: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "code": code, "names": {"zh": name.zh, "en": name.en}, "on": "order", "if": {"all": conditions}, "then": then,
        "earns": "points", "limits": limits,
    }  # fmt: skip


def _is(field: str, op: str, value: object) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _tiers(*told: tuple[str, int, str, str]) -> list[dict[str, Any]]:
    return [{"code": c, "threshold": t, "names": {"zh": zh, "en": en}} for c, t, zh, en in told]
