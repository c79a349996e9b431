"""Offers and refusals in words, in Chinese and in English. Amounts are minor units of the programme's currency."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.core.money import minor_digits, to_major
from regulars.loyalty.coupons.rules import OfferKind, Terms

SIGNS: Final = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def terms_said(terms: Terms, currency: str) -> Text:
    """What the terms promise, as a shop would write it: 满30元减10元, ¥10 off from ¥30; 8.5折, 15% off; 赠饮."""
    least = terms.min_spend_minor
    from_zh = f"满{money_zh(least, currency)}" if least else ""
    from_en = f" from {money_en(least, currency)}" if least else ""
    if terms.kind is OfferKind.GIFT:
        zh, en = terms.gift.zh or terms.gift.en, terms.gift.en or terms.gift.zh
        return Text(f"{from_zh}赠{zh}", f"Free: {en}{from_en}")
    if terms.kind is OfferKind.PERCENT_OFF:
        return Text(
            f"{from_zh}打{fold_zh(terms.value)}" if least else fold_zh(terms.value), f"{terms.value}% off{from_en}"
        )
    off_zh, off_en = money_zh(terms.value, currency), money_en(terms.value, currency)
    return Text(f"{from_zh}减{off_zh}" if least else f"立减{off_zh}", f"{off_en} off{from_en}")


def named(name: Text, terms: Terms, currency: str) -> Text:
    """A name that somebody gave an offer, or, where they gave none, what it promises."""
    return name if any(name) else terms_said(terms, currency)


def money_zh(minor: int, currency: str) -> str:
    """An amount as Chinese coupons write it: 30元, 9.9元; other money with its sign."""
    if currency != "CNY":
        return money_en(minor, currency)
    major = to_major(minor, currency)
    return f"{major.normalize():f}元"


def money_en(minor: int, currency: str) -> str:
    """An amount without cents where there are none: ¥30, ¥9.90."""
    digits = minor_digits(currency) if minor % 10 ** minor_digits(currency) else 0
    return f"{SIGNS.get(currency, currency + ' ')}{to_major(minor, currency):,.{digits}f}"


def fold_zh(percent_off: int) -> str:
    """15 % off is 8.5折: what is left to pay, in tenths."""
    tenths, rest = divmod(100 - percent_off, 10)
    return f"{tenths}.{rest}折" if rest else f"{tenths}折"


def _when(context: Mapping[str, Any], before: str, after: str = "") -> str:
    return f"{before}{context['day']}{after}" if context.get("day") else ""


def _used_up(context: Mapping[str, Any], currency: str) -> Text:
    store = context.get("store") or ""
    zh = f"这张券{_when(context, '已于 ', ' ') or '已'}{f'在{store}' if store else ''}用过了。"
    en = f"This coupon was used{_when(context, ' on ')}{f' at {store}' if store else ''}."
    return Text(zh, en)


def _below(context: Mapping[str, Any], currency: str) -> Text:
    least, short = context["min_spend_minor"], context["min_spend_minor"] - context["spend_minor"]
    return Text(
        f"满{money_zh(least, currency)}才能用，还差{money_zh(short, currency)}。",
        f"This coupon is good from {money_en(least, currency)}; {money_en(short, currency)} more is needed.",
    )


def _wait(context: Mapping[str, Any], currency: str) -> Text:
    minutes = -(-int(context.get("retry_after") or 60) // 60)
    en = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return Text(f"输错的券码太多了，请 {minutes} 分钟后再试。", f"Too many wrong codes. Try again in {en}.")


_SAID: Final[Mapping[str, Callable[[Mapping[str, Any], str], Text]]] = {
    "malformed_code": lambda c, m: Text(
        "券码是 12 位字母和数字，礼品的领取码是 8 位，都不含 0、O、1、I、L。请再核对一遍。",
        "A coupon's code has 12 letters and digits, a reward's has 8, without 0, O, 1, I and L. Please check it.",
    ),
    "unknown_code": lambda c, m: Text("没有这个券码，请核对后再输。", "There is no such code. Please check it."),
    "too_many_guesses": _wait,
    "coupon_voided": lambda c, m: Text(
        f"这张券{_when(c, '已于 ', ' ') or '已'}作废。", f"This coupon was taken back{_when(c, ' on ')}."
    ),
    "coupon_not_yet_valid": lambda c, m: Text(
        f"这张券从 {c['day']} 起才能用。", f"This coupon can be used from {c['day']} on."
    ),
    "coupon_expired": lambda c, m: Text(f"这张券已过期，有效期到 {c['day']}。", f"This coupon ended on {c['day']}."),
    "coupon_used_up": _used_up,
    "coupon_reserved": lambda c, m: Text(
        "这张券正被另一笔结账占用，稍后再试。", "Another checkout holds this coupon. Try again later."
    ),
    "somebody_elses_coupon": lambda c, m: Text(
        "这张券是发给别的会员的。", "This coupon was issued to another customer."
    ),
    "spend_missing": lambda c, m: Text("请先填写订单金额。", "Please say what the order comes to."),
    "below_minimum_spend": _below,
    "key_reused": lambda c, m: Text(
        "这次操作和之前的不一致，请重新核销。", "This does not match what was sent before. Please start again."
    ),
}


_UNMATCHED: Final = {
    "unknown_code": Text("不是这里发出的券码", "not a code of ours"),
    "coupon_used_up": Text("券已经用完了", "the coupon was used up"),
    "coupon_reserved": Text("券正被另一笔结账占用", "another checkout held the coupon"),
    "coupon_expired": Text("券已过期", "the coupon had expired"),
    "coupon_not_yet_valid": Text("券还没到可用的日子", "the coupon began later"),
    "coupon_voided": Text("券已作废", "the coupon had been taken back"),
    "below_minimum_spend": Text("没到最低消费", "the order was too small"),
    "somebody_elses_coupon": Text("是发给别的会员的券", "the coupon was somebody else's"),
}


def refusal_said(error: DomainError, currency: str) -> Text | None:
    """Why a coupon was refused, for people at the till; None for errors that are not about coupons."""
    said = _SAID.get(error.code)
    return said(error.context, currency) if said else None


def unmatched_said(reason: str) -> Text:
    """Why a code that an order told was not counted; the order itself counts all the same."""
    return _UNMATCHED.get(reason, Text(reason, reason))
