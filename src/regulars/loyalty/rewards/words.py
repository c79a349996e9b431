"""Rewards and refusals in words, in Chinese and in English. Amounts are minor units of the programme's currency."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.loyalty.earning.rules import Counted, Period
from regulars.loyalty.earning.taking import COUNTED
from regulars.loyalty.rewards.rules import ClaimState, RewardKind, Terms
from regulars.loyalty.rules import POINTS

TIMES: Final[Mapping[Period, Text]] = {
    Period.EVER: Text("每人限兑 {n} 份", "{n} for each member"),
    Period.DAY: Text("每人每天限兑 {n} 份", "{n} a day for each member"),
    Period.WEEK: Text("每人每周限兑 {n} 份", "{n} a week for each member"),
    Period.MONTH: Text("每人每月限兑 {n} 份", "{n} a month for each member"),
    Period.YEAR: Text("每人每年限兑 {n} 份", "{n} a year for each member"),
}
STATES: Final[Mapping[ClaimState, Text]] = {
    ClaimState.CLAIMED: Text("待领取", "To be collected"),
    ClaimState.COLLECTED: Text("已领取", "Collected"),
    ClaimState.ISSUED: Text("已发券", "Coupon given"),
    ClaimState.CANCELLED: Text("已取消", "Cancelled"),
    ClaimState.LAPSED: Text("逾期未领", "Not collected in time"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What callers call tiers, stores and currencies (by code) and segments (by id).

    What is not there is called by its code.
    """

    tiers: Mapping[str, Text] = field(default_factory=dict)
    segments: Mapping[int, Text] = field(default_factory=dict)
    stores: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, Counted] = field(default_factory=lambda: COUNTED)

    def of_tiers(self, codes: Sequence[str]) -> Text:
        """These tiers, one after the other."""
        return _listed([self.tiers.get(code, Text(code, code)) for code in codes])

    def of_segments(self, ids: Sequence[int]) -> Text:
        """These segments, one after the other."""
        return _listed([self.segments.get(one, Text(f"人群 {one}", f"segment {one}")) for one in ids])

    def of_stores(self, codes: Sequence[str]) -> Text:
        """These stores, one after the other."""
        return _listed([Text(name, name) for name in (self.stores.get(code, code) for code in codes)])

    def price(self, points: int, currency: str) -> Text:
        """So many points, or of the currency that a reward is priced in."""
        return self.counted(currency).of(points)

    def counted(self, currency: str) -> Counted:
        """How so many of a currency are written."""
        return self.currencies.get(currency) or Counted(Text(currency, currency), currency, "个")


def conditions_said(terms: Terms, names: Names) -> list[Text]:
    """Who may take it, how often, when and where: only what limits it at all."""
    said = []
    if terms.each_most is not None:
        zh, en = TIMES[terms.each_period]
        said.append(Text(zh.format(n=terms.each_most), en.format(n=terms.each_most)))
    if terms.tiers:
        zh, en = names.of_tiers(terms.tiers)
        said.append(Text(f"限{zh}会员", f"For {en} members"))
    if terms.segments:
        zh, en = names.of_segments(terms.segments)
        said.append(Text(f"限人群：{zh}", f"For the segment {en}"))
    if terms.stores:
        zh, en = names.of_stores(terms.stores)
        said.append(Text(f"限门店：{zh}", f"At {en}"))
    if terms.starts_on is not None and terms.ends_on is not None:
        said.append(Text(f"{terms.starts_on} 至 {terms.ends_on}", f"{terms.starts_on} to {terms.ends_on}"))
    elif terms.starts_on is not None:
        said.append(Text(f"{terms.starts_on} 起", f"From {terms.starts_on}"))
    elif terms.ends_on is not None:
        said.append(Text(f"截至 {terms.ends_on}", f"Until {terms.ends_on}"))
    if terms.kind is RewardKind.ITEM and terms.collect_days is not None:
        days = terms.collect_days
        en = "1 day" if days == 1 else f"{days} days"
        said.append(Text(f"兑换后 {days} 天内领取", f"Collected within {en}"))
    return said


def early_said(for_all_from: date | str) -> Text:
    """That somebody can have it already, and everybody else from that day (as text: as its reader writes it)."""
    return Text(
        f"优先购：现在就能兑换，其他会员 {for_all_from} 起", f"Early access: now already, others from {for_all_from}"
    )


Context = Mapping[str, Any]


def _limit(context: Context, names: Names) -> Text:
    zh, en = TIMES[Period(context["period"])]
    return Text(
        f"{zh.format(n=context['most'])}，这位会员已经兑满。",
        f"{en.format(n=context['most'])}, and this one has had that.",
    )


def _short(context: Context, names: Names) -> Text:
    has, what = int(context.get("spendable") or 0), names.counted(str(context.get("currency", POINTS)))
    if (points := context.get("points")) is None:
        return Text(f"{what.name.zh}不够，现在可用 {has:,}。", f"Not enough {what.name.en}: {has:,} can be spent.")
    short = int(points) - has
    name = what.one if short == 1 else what.name.en
    return Text(f"还差 {what.of(short).zh}。", f"{short:,} more {name} needed.")


def _collected(context: Context, names: Names) -> Text:
    zh, en = names.of_stores([context["store"]]) if context.get("store") else ("", "")
    return Text(
        f"这份已于 {context['day']} {f'在{zh}' if zh else ''}领走，不能再领。",
        f"This was handed over on {context['day']}{f' at {en}' if en else ''}.",
    )


def _stores(context: Context, names: Names) -> Text:
    zh, en = names.of_stores(context.get("stores") or ())
    return Text(f"这家店没有这份礼品，请到：{zh}。", f"This store does not have it. Go to: {en}.")


def _tiers(context: Context, names: Names) -> Text:
    zh, en = names.of_tiers(context["tiers"])
    return Text(f"只限{zh}会员兑换。", f"Only for {en} members.")


def _segments(context: Context, names: Names) -> Text:
    zh, en = names.of_segments(context["segments"])
    return Text(f"只限“{zh}”人群兑换。", f"Only for the segment {en}.")


def _not_yet(context: Context, names: Names) -> Text:
    day, days = context["day"], context.get("days_early", 0)
    if not days:
        return Text(f"从 {day} 起可以兑换。", f"It can be claimed from {day} on.")
    en = "1 day" if days == 1 else f"{days} days"
    return Text(
        f"从 {day} 起可以兑换，比其他会员早 {days} 天。",
        f"It can be claimed from {day} on, {en} before everybody else.",
    )


def _wait(context: Context, names: Names) -> Text:
    minutes = -(-int(context.get("retry_after") or 60) // 60)
    en = "1 minute" if minutes == 1 else f"{minutes} minutes"
    return Text(f"输错的领取码太多了，请 {minutes} 分钟后再试。", f"Too many wrong codes. Try again in {en}.")


_SAID: Final[Mapping[str, Callable[[Context, Names], Text]]] = {
    "reward_paused": lambda c, n: Text("这份礼品暂停兑换。", "This reward is paused for now."),
    "reward_not_yet": _not_yet,
    "reward_ended": lambda c, n: Text(f"兑换已于 {c['day']} 结束。", f"It could be claimed until {c['day']}."),
    "wrong_store": _stores,
    "not_for_this_tier": _tiers,
    "not_for_this_segment": _segments,
    "reward_limit_reached": _limit,
    "sold_out": lambda c, n: Text("已经兑完了。", "None is left."),
    "insufficient_points": _short,
    "account_frozen": lambda c, n: Text(
        "账户已冻结，解冻前不能使用积分。", "The account is frozen: no points are spent until it is released."
    ),
    "claim_ended": lambda c, n: Text(
        f"这次兑换已于 {c['day']} 取消或逾期，积分已退回。",
        f"This claim ended on {c['day']}, and the points went back.",
    ),
    "claim_lapsed": lambda c, n: Text(
        f"领取期限到 {c['day']} 为止，已经过期，积分会退回。",
        f"It could be collected until {c['day']}; the points go back.",
    ),
    "already_collected": _collected,
    "nothing_to_collect": lambda c, n: Text(
        "这份礼品是优惠券，会员已经收到，不用领取。", "This reward is a coupon, which the member has already."
    ),
    "claim_collected": lambda c, n: Text(
        f"这份已于 {c['day']} 领走，请先撤销领取。", f"This was handed over on {c['day']}. Take that back first."
    ),
    "claim_coupon_used": lambda c, n: Text(
        "送出的券已经用掉，积分不能退回。", "The coupon that it gave was used, so the points stay spent."
    ),
    "offer_archived": lambda c, n: Text(
        "这份礼品的优惠券已停发，请先恢复那张券。",
        "The coupon of this reward was put away; take it into use again first.",
    ),
    "malformed_code": lambda c, n: Text(
        "领取码是 8 位字母和数字（不含 0、O、1、I、L），请再核对一遍。",
        "A code has 8 letters and digits, without 0, O, 1, I and L. Please check it.",
    ),
    "unknown_code": lambda c, n: Text("没有这个领取码，请核对后再输。", "There is no such code. Please check it."),
    "too_many_guesses": _wait,
}


def refusal_said(error: DomainError, names: Names) -> Text | None:
    """Why a reward cannot be had, collected or given back; None for errors that are not about rewards."""
    said = _SAID.get(error.code)
    return said(error.context, names) if said else None


def _listed(names: Sequence[Text]) -> Text:
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
