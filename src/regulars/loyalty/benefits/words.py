"""Benefits and refusals in words, in Chinese and in English. Amounts are minor units of the programme's currency."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.core.conditions import EVERYBODY, Field, Formatter, plain, sentence
from regulars.core.errors import DomainError
from regulars.loyalty.benefits.rules import Benefit, Names, Quota, QuotaPeriod
from regulars.loyalty.coupons.words import money_en, money_zh
from regulars.loyalty.earning.fields import FIELDS

KINDS: Final[Mapping[str, Text]] = {
    "discount": Text("会员折扣", "Discount"),
    "birthday_gift": Text("生日礼", "Birthday gift"),
    "free_shipping": Text("包邮", "Free shipping"),
    "fee_discount": Text("费率优惠", "Fee discount"),
    "early_access": Text("优先购", "Early access"),
    "dedicated_service": Text("专属服务", "Dedicated service"),
    "points": Text("积分权益", "Points"),
}
"""What the kinds are called."""

_EACH: Final[Mapping[QuotaPeriod, Text]] = {
    QuotaPeriod.DAY: Text("每天", "a day"),
    QuotaPeriod.WEEK: Text("每周", "a week"),
    QuotaPeriod.MONTH: Text("每月", "a month"),
    QuotaPeriod.QUARTER: Text("每季度", "a quarter"),
    QuotaPeriod.YEAR: Text("每年", "a year"),
    QuotaPeriod.EVER: Text("总共", "in all"),
}
_TIMES: Final = ("once", "twice")


def name_of(benefit: Benefit) -> Text:
    """What the benefit is called; of one without a name, what its kind is called."""
    kind = KINDS[benefit.kind]
    zh, en = benefit.names.get("zh", ""), benefit.names.get("en", "")
    return Text(zh or en or kind.zh, en or zh or kind.en)


def said(
    benefit: Benefit,
    names: Names,
    *,
    fields: Mapping[str, Field] = FIELDS,
    written: Formatter = plain,
    with_tiers: bool = True,
) -> Text:
    """All of a benefit in one sentence: 金卡：全单9.5折；每月 2 次。 Gold: 5% off the order; twice a month.

    Args:
        fields: With the names of stores and tiers, for the condition.
        written: Writes numbers of the condition.
        with_tiers: Whether it says which tiers have it; a member who has it need not be told.
    """
    who = benefit.tiers if with_tiers else ()
    return Text(*(_said(benefit, names, language, fields, written, who) for language in ("zh", "en")))


def _said(
    benefit: Benefit, names: Names, language: str, fields: Mapping[str, Field], written: Formatter,
    tiers: Sequence[str],
) -> str:  # fmt: skip
    chinese = language == "zh"
    comma, colon, semicolon, stop = ("、", "：", "；", "。") if chinese else (", ", ": ", "; ", ".")
    effect = benefit.effect.said(names).said(language).rstrip(stop)
    parts = [effect]
    if benefit.condition != EVERYBODY:
        parts.append(("仅限" if chinese else "only when ") + sentence(benefit.condition, fields, language, written))
    if benefit.quota:
        parts.append(quota_said(benefit.quota, names.tiers).said(language))
    if benefit.starts or benefit.ends:
        parts.append(_between(benefit).said(language))
    if benefit.alone:
        parts.append(Text("不与优惠券等同享", "not together with coupons or other benefits").said(language))
    whole = semicolon.join(parts) + stop
    if tiers:
        who = comma.join(names.tiers.get(one, Text(one, one)).said(language) for one in tiers)
        return f"{who}{colon}{whole}"
    return whole if chinese else whole[:1].upper() + whole[1:]


def quota_said(quota: Quota, tiers: Mapping[str, Text]) -> Text:
    """How often one member may use it: 每月 2 次（黑金 5 次）, twice a month (Black 5)."""
    each = _EACH[quota.period]
    often = _TIMES[quota.times - 1] if 0 < quota.times <= len(_TIMES) else f"{quota.times:,} times"
    zh, en = f"{each.zh} {quota.times:,} 次", f"{often} {each.en}"
    if quota.by_tier:
        named = [(tiers.get(code, Text(code, code)), times) for code, times in quota.by_tier.items()]
        zh += f"（{'、'.join(f'{name.zh} {times:,} 次' for name, times in named)}）"
        en += f" ({', '.join(f'{name.en} {times:,}' for name, times in named)})"
    return Text(zh, en)


def left_said(left: int | None, again: object) -> Text:
    """What is left of a benefit, in a few words."""
    if left is None:
        return Text("不限次数", "as often as you like")
    if left:
        return Text(f"还可用 {left:,} 次", f"{left:,} left")
    if again is None:
        return Text("已用完", "used up")
    return Text(f"已用完，{again} 起可再用", f"used up, again from {again}")


def _between(benefit: Benefit) -> Text:
    first, last = benefit.starts, benefit.ends
    if last is None:
        return Text(f"{first} 起", f"from {first}")
    if first is None:
        return Text(f"截至 {last}", f"until {last}")
    return Text(f"{first} 至 {last}", f"from {first} to {last}")


def _used_up(context: Mapping[str, Any], names: Names) -> Text:
    day = context.get("day")
    if day is None:
        return Text("这项权益的次数已经用完。", "This benefit is used up.")
    return Text(f"这一期的次数已经用完，{day} 起可以再用。", f"Used up for now. There is room again from {day}.")


def _not_now(context: Mapping[str, Any], names: Names) -> Text:
    day = context.get("day")
    if day is None:
        return Text("这项权益已经结束。", "This benefit has ended.")
    return Text(f"还没到时候，{day} 起可以用。", f"Not yet: it can be used from {day} on.")


def _below(context: Mapping[str, Any], names: Names) -> Text:
    least, short = context["min_spend_minor"], context["min_spend_minor"] - context["spend_minor"]
    return Text(
        f"满{money_zh(least, names.currency)}才能用，还差{money_zh(short, names.currency)}。",
        f"Good from {money_en(least, names.currency)}; {money_en(short, names.currency)} more is needed.",
    )


def _other_tier(context: Mapping[str, Any], names: Names) -> Text:
    codes = context.get("tiers") or ()
    zh = "、".join(names.tiers.get(one, Text(one, one)).zh for one in codes)
    en = ", ".join(names.tiers.get(one, Text(one, one)).en for one in codes)
    return Text(f"这是{zh}会员的权益。", f"This benefit is for {en}.")


_SAID: Final[Mapping[str, Callable[[Mapping[str, Any], Names], Text]]] = {
    "unknown_benefit": lambda c, n: Text("现行会员方案里没有这项权益。", "The programme has no such benefit."),
    "not_in_this_tier": _other_tier,
    "quota_used_up": _used_up,
    "not_now": _not_now,
    "birthday_unknown": lambda c, n: Text("还不知道生日，先补上再用。", "The birthday is not known yet; add it first."),
    "not_for_this_order": lambda c, n: Text("这一单不符合使用条件。", "This order does not meet the condition."),
    "minimum_spend": _below,
    "amount_missing": lambda c, n: Text("请先填写金额。", "Please say the amount first."),
    "nothing_to_take_off": lambda c, n: Text(
        "这一单没有可减免的费用，次数没有动。", "There is nothing to take off here; no use was spent."
    ),
    "nothing_to_use": lambda c, n: Text("这项权益自动生效，不用核销。", "It holds by itself; there is nothing to use."),
    "account_frozen": lambda c, n: Text(
        "账户冻结中，解除后才能用。", "The account is frozen; it can be used once that is lifted."
    ),
    "order_gone": lambda c, n: Text("这笔订单已取消或已全额退款。", "This order was cancelled or refunded already."),
    "benefit_coupon_used": lambda c, n: Text(
        "这份权益送的券已经用掉了，先撤销那次核销。", "The coupon that it gave was used. Undo that first."
    ),
    "key_reused": lambda c, n: Text(
        "这次操作和之前的不一致，请重新核销。", "This does not match what was sent before. Please start again."
    ),
}


def refusal_said(error: DomainError, names: Names) -> Text | None:
    """Why a benefit cannot be used, for people at the till; None for errors that are not about benefits."""
    told = _SAID.get(error.code)
    return told(error.context, names) if told else None
