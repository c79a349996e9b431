"""A reason as a sentence in Chinese and English, ending in ↑ where it raises the risk and ↓ where it lowers it."""

from collections.abc import Callable, Mapping
from typing import Any

from regulars.insight.compute.cards import Text
from regulars.insight.compute.churn.columns import BASIS
from regulars.insight.compute.churn.reasons import RAISES

ARROWS = {RAISES: "↑"}
LOWERS_ARROW = "↓"

SENTENCES: dict[str, Text] = {
    "silence_ratio": Text(
        "{value}没来，平时每 {companion}来一次", "Silent for {value}, usually comes every {companion}"
    ),
    "usual_gap_days": Text(
        "平时每 {value}来一次，店里一般是 {usual}", "Usually comes every {value}; typical of the shop: {usual}"
    ),
    "purchase_days_365": Text(
        "近一年来过 {value} 次，一般是 {usual} 次", "Visits in a year: {value} (typical: {usual})"
    ),
    "buying_days": Text("第一次购买是 {value}前，一般是 {usual}前", "First bought {value} ago (typical: {usual})"),
    "average_order_minor": Text("每单平均 {value}，一般是 {usual}", "Spends {value} an order (typical: {usual})"),
    "categories": Text("买过 {value} 个品类，一般是 {usual} 个", "Categories bought: {value} (typical: {usual})"),
    "returned_share": Text("买的东西退了 {value}，一般是 {usual}", "Gave back {value} of purchases (typical: {usual})"),
    "discounted_orders_share": Text(
        "{value} 的订单用了优惠，一般是 {usual}", "{value} of orders were discounted (typical: {usual})"
    ),
    "redeemed_share": Text(
        "积分兑换了 {value}，一般是 {usual}", "Redeemed {value} of points earned (typical: {usual})"
    ),
}
BY_THE_SHOP: dict[str, Text] = {
    "silence_ratio": Text(
        "{value}没来，店里的客人一般每 {companion}来一次",
        "Silent for {value}; customers here usually come every {companion}",
    ),
    "usual_gap_days": Text("来的次数还少，看不出自己的节奏", "Too few visits yet to see a rhythm"),
}
"""The same while a customer came too seldom to have a gap of their own."""
MISSING: dict[str, Text] = {
    "spend_trend": Text("近半年没有消费", "Spent nothing in the last half year"),
    "redeemed_share": Text("还没有积分", "Has no points yet"),
    "returned_share": Text("还没有付过钱", "Has paid nothing yet"),
}
TREND = {
    "more": Text("近 90 天花得比之前 90 天多", "Spent more in the last 90 days than in the 90 before"),
    "less": Text("近 90 天花得比之前 90 天少", "Spent less in the last 90 days than in the 90 before"),
    "none": Text("近 90 天没有消费，之前 90 天有", "Spent nothing in the last 90 days, but did in the 90 before"),
    "level": Text("近 90 天和之前 90 天花得差不多", "Spent about as much in the last 90 days as in the 90 before"),
}
CHANNELS = {
    "online": Text("主要在线上买", "Buys mostly online"),
    "store": Text("主要在门店买", "Buys mostly in the store"),
    "both": Text("线上和门店各一半", "Buys online and in the store alike"),
}
KINDS = {
    "1": Text("是", "yes"), "yes": Text("是", "yes"), "true": Text("是", "yes"),
    "0": Text("否", "no"), "no": Text("否", "no"), "false": Text("否", "no"),
}  # fmt: skip
LEVEL = 0.1
"""Spending counts as level while the trend stays this near to 0."""

UNITS = {
    "silence_ratio": "days",
    "usual_gap_days": "days",
    "buying_days": "days",
    "average_order_minor": "minor",
    "returned_share": "share",
    "discounted_orders_share": "share",
    "redeemed_share": "share",
}


def sentence(
    reason: Mapping[str, Any],
    *,
    money: Callable[[int], str] = str,
    labels: Mapping[str, Text] | None = None,
    units: Mapping[str, str] | None = None,
) -> Text:
    """A reason, as a row of `reasons.REASON`, in both languages, with its numbers put in.

    Args:
        money: How whole minor units are written.
        labels: Of columns that have no sentence of their own, such as those of a contract table.
        units: Of the same columns: 'days', 'minor', 'share', or '' for a plain number.
    """
    name = reason["feature"]
    arrow = ARROWS.get(reason["direction"], LOWERS_ARROW)
    said = _said(reason, money, labels or {}, {**UNITS, **(units or {})}.get(name, ""))
    return Text(f"{said.zh} {arrow}", f"{said.en} {arrow}")


def _said(reason: Mapping[str, Any], money: Callable[[int], str], labels: Mapping[str, Text], unit: str) -> Text:
    name, value, choice = reason["feature"], reason["value"], reason["choice"]
    sentences = SENTENCES if choice == "own" else {**SENTENCES, **BY_THE_SHOP}
    label = labels.get(name, Text(name, name))
    if name == "main_channel" and choice in CHANNELS:
        return CHANNELS[choice]
    if choice is not None and name not in BASIS:
        kind = KINDS.get(choice.lower(), Text(choice, choice))
        return Text(f"{label.zh}：{kind.zh}", f"{label.en}: {kind.en}")
    if value is None:
        return MISSING.get(name, Text(f"{label.zh}：不知道", f"{label.en}: not known"))
    if name == "spend_trend":
        return _trend(value)
    fallback = Text(f"{label.zh} {{value}}，一般是 {{usual}}", f"{label.en} {{value}} (typical: {{usual}})")
    text = sentences.get(name, fallback)
    zh, en = ({key: _number(reason[key], unit, money, zh) for key in ("value", "usual", "companion")} for zh in (1, 0))
    return Text(text.zh.format(**zh), text.en.format(**en))


def _trend(value: float) -> Text:
    if value <= -1:
        return TREND["none"]
    return TREND["more" if value > LEVEL else "less" if value < -LEVEL else "level"]


def _number(value: float | None, unit: str, money: Callable[[int], str], zh: int) -> str:
    if value is None:
        return "？" if zh else "?"
    if unit == "minor":
        return money(round(value))
    if unit == "share":
        return f"{value:.0%}"
    plain = f"{value:.0f}" if unit == "days" or float(value).is_integer() or abs(value) >= 100 else f"{value:.1f}"
    if unit != "days":
        return plain
    return f"{plain} 天" if zh else f"{plain} day" + ("" if plain == "1" else "s")
