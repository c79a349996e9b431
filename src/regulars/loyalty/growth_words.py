"""What growth is called, by what it counts, and the sentences of a version that name it, in both languages. Pure."""

from collections.abc import Mapping
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.keeping import Keeping
from regulars.loyalty.rules import FROM_SPEND

SPEND: Final = "spend"
GROWTH_NAMES: Final[Mapping[str, Text]] = {
    SPEND: Text("成长值", "growth"),
    "amount": Text("消费额", "spend"),
    "visits": Text("到店次数", "visits"),
    "points": Text("累计积分", "points earned"),
}
"""What people call growth, by what it counts (`Policy.growth_from`)."""

_COUNTED: Final[Mapping[str, tuple[str, str, str]]] = {
    SPEND: ("{n} 成长值", "{n} growth", "{n} growth"),
    "amount": ("消费额 {n}", "{n} of spend", "{n} of spend"),
    "visits": ("{n} 次到店", "{n} visit", "{n} visits"),
    "points": ("{n} 累计积分", "{n} point earned", "{n} points earned"),
}
_BASE: Final[Mapping[str, tuple[str, str]]] = {
    SPEND: ("每实付 {money} 得 1 成长值。", "Every {money} paid adds 1 to the growth value."),
    "amount": ("每实付 {money} 计 1 消费额。", "Every {money} paid adds 1 to the spend that tiers look at."),
    "visits": (
        "有消费的每一天计一次到店，一天多单也只计一次；当天全部退款的不计。",
        "Each day with a paid order is a visit, one a day however many orders; not if all of it is given back.",
    ),
    "points": (
        "获得多少积分，就计多少累计积分；花掉积分不影响等级。",
        "As many points as are earned count for tiers; spending them changes no tier.",
    ),
}
_NONE: Final = (
    "消费本身不加{what}，只有规则加。",
    "Spending adds nothing to the {what} by itself, only by rules.",
)
_WINDOWS: Final[Mapping[str, tuple[str, str]]] = {
    "rolling": ("等级看最近 {months} 个月的{what}。", "Tiers look at the {what} of the last {months} months."),
    "month": ("等级看最近 1 个月的{what}。", "Tiers look at the {what} of the last month."),
    "calendar_year": ("等级看当年的{what}。", "Tiers look at the {what} of the calendar year."),
    "member_year": (
        "等级看会员年度内的{what}，从第一次计入算起。",
        "Tiers look at the {what} of the member's own year, from the first that counted on.",
    ),
}
_REACHES: Final[Mapping[str, tuple[str, str]]] = {
    SPEND: ("成长值满 {n} 为{tier}。", "{tier} from a growth value of {n}."),
    "amount": ("消费额满 {n} 为{tier}。", "{tier} from a spend of {n}."),
    "visits": ("到店满 {n} 次为{tier}。", "{tier} from {n} visits."),
    "points": ("累计积分满 {n} 为{tier}。", "{tier} from {n} points earned."),
}
_ONE_VISIT: Final = ("到店 1 次即为{tier}。", "{tier} from 1 visit.")
_WHO: Final[Mapping[str, tuple[str, str, str]]] = {
    "visits": (
        "{months} 个月内到店 {n} 次为{tier}。",
        "Who comes on {n} day within {months} months is {tier}.",
        "Who comes on {n} days within {months} months is {tier}.",
    ),
    "points": (
        "{months} 个月内得 {n} 积分为{tier}。",
        "Who earns {n} point within {months} months is {tier}.",
        "Who earns {n} points within {months} months is {tier}.",
    ),
}


def growth_name(growth_from: str) -> Text:
    """What growth is called: growth 成长值, visits 到店次数, …"""
    return GROWTH_NAMES.get(growth_from, GROWTH_NAMES[SPEND])


def counted(number: int, growth_from: str, language: str) -> str:
    """So much growth: '704 growth', '3 visits', '704 成长值'."""
    return _plural(_COUNTED, number, growth_from, language)


def base_said(growth_from: str, money: str, language: str) -> str:
    """What adds to it without any rule; `money` is what brings one, '' where spending brings none."""
    if growth_from in FROM_SPEND and not money:
        what = {SPEND: Text("成长值", "growth value")}.get(growth_from, growth_name(growth_from))
        return _in(_NONE, language).format(what=what.said(language))
    return _in(_BASE.get(growth_from, _BASE[SPEND]), language).format(money=money)


def window_said(keeping: Keeping, months: int, growth_from: str, language: str) -> str:
    """Which of it tiers look at."""
    key = "month" if keeping.window == "rolling" and months == 1 else keeping.window
    return _in(_WINDOWS[key], language).format(what=growth_name(growth_from).said(language), months=months)


def reaches_said(tier: str, threshold: int, growth_from: str, language: str) -> str:
    """What a tier takes."""
    once = growth_from == "visits" and threshold == 1
    return _in(_ONE_VISIT if once else _REACHES[growth_from], language).format(tier=tier, n=f"{threshold:,}")


def who_said(tier: str, threshold: int, months: int, growth_from: str, language: str) -> str:
    """Who is in a tier, as an example; '' where money says it better."""
    if growth_from not in _WHO:
        return ""
    return _plural(_WHO, threshold, growth_from, language, tier=tier, months=months)


def renamed(sentence: str, growth_from: str, language: str) -> str:
    """A sentence that speaks of growth, with the name that growth has in this version."""
    if growth_from == SPEND:
        return sentence
    return sentence.replace(growth_name(SPEND).said(language), growth_name(growth_from).said(language))


def _plural(
    words: Mapping[str, tuple[str, str, str]], number: int, growth_from: str, language: str, **more: object
) -> str:
    zh, one, many = words.get(growth_from) or words[SPEND]
    return (zh if language == "zh" else one if number == 1 else many).format(n=f"{number:,}", **more)


def _in(words: tuple[str, str], language: str) -> str:
    return words[language != "zh"]
