"""Earning rules as sentences, in Chinese and in English; for the member as for the shop."""

from collections.abc import Callable, Mapping
from datetime import date

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, Field, Formatter, plain, sentence
from regulars.loyalty.earning.fields import FIELDS
from regulars.loyalty.earning.rules import Counted, EarningRule, Limit, Period
from regulars.loyalty.earning.taking import COUNTED

ORDER = "order"
EACH: Mapping[Period, Text] = {
    Period.ORDER: Text("每单", "for one order"),
    Period.DAY: Text("每人每天", "a day each"),
    Period.WEEK: Text("每人每周", "a week each"),
    Period.MONTH: Text("每人每月", "a month each"),
    Period.YEAR: Text("每人每年", "a year each"),
    Period.EVER: Text("每人总共", "each, ever"),
    Period.BUDGET: Text("全员合计", "for all members together"),
}
EVENTS: Mapping[str, Text] = {
    "Member Enrolled": Text("入会", "joining"),
    "Stamp Given": Text("到店盖章", "a stamped visit"),
    "Checked In": Text("签到", "a check-in"),
    "Product Reviewed": Text("评价", "a review"),
    "Product Shared": Text("分享", "sharing"),
    "Survey Answered": Text("答完问卷", "answering a survey"),
    "Event Attended": Text("参加活动", "coming to an event"),
}
"""What members do besides buying, as the events are called; any other is named as it is."""
TIMES = ("once", "twice")


def name_of(names: Mapping[str, str], code: str, language: str) -> str:
    """A rule's name in the reader's language, or in the other, or its code."""
    mine, other = ("zh", "en") if language.startswith("zh") else ("en", "zh")
    return names.get(mine) or names.get(other) or code


def said(
    rule: EarningRule,
    language: str,
    *,
    money: Callable[[int], str],
    tiers: Mapping[str, str],
    fields: Mapping[str, Field] = FIELDS,
    written: Formatter = plain,
    products: Mapping[str, str] | None = None,
    currencies: Mapping[str, Counted] = COUNTED,
) -> str:
    """The rule in one sentence: 周日，积分双倍；每人每月最多 900 积分。

    Args:
        money: Writes an amount of minor units.
        tiers: Names by tier code.
        fields: With the names of stores, tiers and products, for the condition.
        written: Writes numbers and days of the condition.
        products: Names by product id, for what the rule gives.
        currencies: How so many of what rules give are written (`Policy.counted`).
    """
    chinese = language.startswith("zh")
    effect = rule.effect.said(currencies[rule.earns], products or {}).said(language)
    if "{money}" in effect:
        effect = effect.replace("{money}", money(getattr(rule.effect, "minor", 0)))
    parts = []
    if rule.condition != EVERYBODY:
        parts.append(sentence(rule.condition, fields, language, written))
    if rule.on != ORDER:
        event = EVENTS.get(rule.on, Text(f"“{rule.on}”", f"“{rule.on}”")).said(language)
        effect = f"每次{event}{effect}" if chinese else f"{effect} for {event}"
    parts.append(effect)
    whole = ("，" if chinese else ": ").join(parts)
    more = [limit_said(limit, currencies[rule.earns], language, tiers=tiers) for limit in rule.limits]
    if rule.starts or rule.ends:
        more.append(_between(rule.starts, rule.ends).said(language))
    stop, semicolon = ("。", "；") if chinese else (".", "; ")
    whole = semicolon.join([whole, *more]) + stop
    return whole if chinese else whole[:1].upper() + whole[1:]


def limit_said(limit: Limit, what: Counted, language: str, *, tiers: Mapping[str, str]) -> str:
    """A limit in words: at most 900 points a month each (Gold 2,000)."""
    each = EACH[limit.period]
    if limit.times:
        often = TIMES[limit.most - 1] if 0 < limit.most <= len(TIMES) else f"{limit.most:,} times"
        told = Text(f"{each.zh}最多 {limit.most:,} 次", f"at most {often} {each.en}")
    else:
        zh, en = what.of(limit.most)
        told = Text(f"{each.zh}最多 {zh}", f"at most {en} {each.en}")
    text = told.said(language)
    if limit.by_tier:
        chinese = language.startswith("zh")
        others = ("、" if chinese else ", ").join(
            f"{tiers.get(code, code)} {most:,}" for code, most in limit.by_tier.items()
        )
        text += f"（{others}）" if chinese else f" ({others})"
    return text


def _between(starts: date | None, ends: date | None) -> Text:
    first = starts.isoformat() if starts else ""
    last = ends.isoformat() if ends else ""
    if not ends:
        return Text(f"{first} 起", f"from {first}")
    if not starts:
        return Text(f"截至 {last}", f"until {last}")
    return Text(f"{first} 至 {last}", f"from {first} to {last}")
