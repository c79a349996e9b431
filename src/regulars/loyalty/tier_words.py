"""What lies ahead of a member, and the tiers that were given, in sentences of both languages. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from regulars.core.bilingual import Text
from regulars.loyalty.earning.words import name_of
from regulars.loyalty.projection import Fall, Need, Projection, Rise
from regulars.loyalty.rules import Policies
from regulars.loyalty.wording import Wording

FAR: Final = timedelta(days=800)
"""Longer than the longest usual term with its days of grace."""
_DO: Final[Mapping[str, tuple[str, str, str]]] = {
    "spend": ("再得 {n} 成长值", "earn {n} growth", "earn {n} growth"),
    "amount": ("再得 {n} 消费额", "add {n} of spend", "add {n} of spend"),
    "visits": ("再到店 {n} 次", "come {n} more time", "come {n} more times"),
    "points": ("再得 {n} 积分", "earn {n} point", "earn {n} points"),
}
_SOURCES: Final[Mapping[str, Text]] = {
    "manual": Text("手工定级", "given by hand"),
    "paid": Text("付费会员", "paid for"),
    "taken_over": Text("从原系统带来", "taken over"),
}
_SAY: Final[Mapping[str, tuple[str, str]]] = {
    "given": ("{tier}，{days}（{how}）：{reason}", "{tier} {days}, {how}: {reason}"),
    "given.plain": ("{tier}，{days}（{how}）", "{tier} {days}, {how}"),
    "given.from": ("{day} 起", "from {day}"),
    "given.last": ("至 {day}", "through {day}"),
    "given.ever": ("长期有效", "without an end"),
    "money": ("再消费 {money}", "spend {money}"),
    "by": ("{by} 前", "by {by}"),
    "between": ("{since} 至 {by} 期间", "between {since} and {by}"),
    "rise": ("{when}{do}，即可升为{tier}。", "{do} {when} to reach {tier}."),
    "rise.on": ("{when}{do}，{on} 升为{tier}。", "{do} {when} to become {tier} on {on}."),
    "rise.itself": ("{on} 升为{tier}。", "Becomes {tier} on {on}."),
    "fall": ("{on} 将降为{to}。", "Drops to {to} on {on}."),
    "fall.keep": ("{on} 将降为{to}；{when}{do}，可保级{tier}。", "Drops to {to} on {on}; {do} {when} to keep {tier}."),
    "fall.given": (
        "给定的{tier}到 {last} 为止，之后为{to}。",
        "The {tier} that was given lasts through {last}, then {to}.",
    ),
    "fall.given.keep": (
        "给定的{tier}到 {last} 为止，之后为{to}；{when}{do}，可继续为{tier}。",
        "The {tier} that was given lasts through {last}, then {to}; {do} {when} to stay {tier}.",
    ),
    "grace.now": (
        "正在保级缓冲期：{when}{do}，可保级{tier}；否则 {on} 降为{to}。",
        "In the days of grace: {do} {when} to keep {tier}, or drop to {to} on {on}.",
    ),
    "grace": (
        "到期后还有保级缓冲期，{when}{do}，也可保级。",
        "After the term there are days of grace: {do} {when} still keeps it.",
    ),
}


def rise_said(rise: Rise, policies: Policies, today: date, wording: Wording) -> str:
    """The way up: 'Spend ¥704 by 31 Dec 2026 to reach Black.'"""
    policy = policies.on(rise.on) if rise.need is None and rise.on else policies.on(today)
    values = {"tier": _tier(rise.tier, policies, rise.on if rise.need is None and rise.on else today, wording)}
    if rise.on is not None:
        values["on"] = wording.day(rise.on)
    if rise.need is None:
        return _said("rise.itself", wording, **values)
    values |= _needed(rise.need, policy.growth_from, today, wording)
    return _first(_said("rise" if rise.on is None else "rise.on", wording, **values))


def fall_said(fall: Fall, tier: int, policies: Policies, today: date, wording: Wording) -> list[str]:
    """The next fall, what keeps the tier, and what the days of grace still allow; nothing while that is years away."""
    if fall.on - today > FAR:
        return []
    growth_from = policies.on(today).growth_from
    values = {
        "on": wording.day(fall.on), "last": wording.day(fall.on - timedelta(days=1)),
        "to": _tier(fall.tier, policies, fall.on, wording), "tier": _tier(tier, policies, today, wording),
    }  # fmt: skip
    if fall.keep is None:
        key = "fall.given" if fall.given else "fall"
    else:
        values |= _needed(fall.keep, growth_from, today, wording)
        key = "fall.given.keep" if fall.given else "grace.now" if fall.keep == fall.grace else "fall.keep"
    found = [_said(key, wording, **values)]
    if fall.grace is not None and fall.grace != fall.keep:
        found.append(_said("grace", wording, **_needed(fall.grace, growth_from, today, wording)))
    return found


def given_said(tier: str, *, last: date | None, starts: date | None, source: str, reason: str, wording: Wording) -> str:
    """'Gold through 30 Jun 2027, given by hand: she waited an hour'.

    Args:
        last: The last day of it; None: it has no end.
        starts: Its first day, where that lies ahead.
    """
    days = [_said("given.from", wording, day=wording.day(starts))] if starts is not None else []
    days.append(_said("given.last", wording, day=wording.day(last)) if last else _said("given.ever", wording))
    between = "" if wording.language == "zh" else " "
    key = "given" if reason else "given.plain"
    how = _SOURCES.get(source, _SOURCES["manual"])
    return _said(
        key, wording, tier=tier, days=between.join(days), how=how.said(wording.language), reason=reason
    )  # fmt: skip


def sentences(found: Projection, policies: Policies, today: date, wording: Wording) -> list[str]:
    """All that lies ahead: the way up first."""
    said = [rise_said(found.rise, policies, today, wording)] if found.rise is not None else []
    return said + (fall_said(found.fall, found.tier, policies, today, wording) if found.fall is not None else [])


def _needed(need: Need, growth_from: str, today: date, wording: Wording) -> dict[str, str]:
    """What to do, and until when."""
    if need.spend_minor is not None:
        do = _said("money", wording, money=wording.rate(need.spend_minor))
    else:
        do = _in(_DO, need.growth, growth_from, wording.language)
    days = {"since": wording.day(need.since), "by": wording.day(need.by)}
    return {"do": do, "when": _said("between" if need.since > today else "by", wording, **days)}


def _in(words: Mapping[str, tuple[str, str, str]], number: int, growth_from: str, language: str) -> str:
    zh, one, more = words.get(growth_from, words["spend"])
    return (zh if language == "zh" else one if number == 1 else more).format(n=f"{number:,}")


def _tier(place: int, policies: Policies, day: date, wording: Wording) -> str:
    tiers = policies.on(day).tiers
    tier = tiers[min(place, len(tiers) - 1)]
    return name_of(tier.names, tier.code, wording.language)


def _said(key: str, wording: Wording, **values: object) -> str:
    return _SAY[key][wording.language != "zh"].format(**values)


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
