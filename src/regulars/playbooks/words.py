"""What people read about alerts and tasks, in Chinese and in English."""

from collections.abc import Callable, Mapping
from typing import Any

from regulars.core.bilingual import Text

KINDS: Mapping[str, Text] = {
    "call": Text("打个电话", "Call"),
    "coupon": Text("送张券", "Give a coupon"),
    "care": Text("当面关心", "Look after them"),
}
OUTCOMES: Mapping[str, Text] = {
    "reached": Text("联系上了", "Reached"),
    "not_reached": Text("没联系上", "Not reached"),
    "will_come": Text("说会来", "Will come"),
    "not_interested": Text("不想来了", "Not interested"),
    "other": Text("其他", "Something else"),
    "came_back": Text("自己回来了", "Came back by themselves"),
    "dropped": Text("不跟进了", "Dropped"),
}
CHANGES: Mapping[str, Text] = {
    "moved": Text("改期：{was} → {became}", "Moved from {was} to {became}"),
    "assigned": Text("转交：{was} → {became}", "Handed from {was} to {became}"),
    "done": Text("已记录：{became}", "Recorded: {became}"),
    "undone": Text("撤销了“{was}”", "Took back “{was}”"),
    "dropped": Text("不跟进了", "Dropped"),
}
"""`was` and `became` as the reader knows them: days, names, outcomes."""

DECISIONS: Mapping[str, Text] = {
    "chosen": Text("一年可能损失 {at_stake}，已安排人跟进", "{at_stake} a year at stake: somebody was asked to act"),
    "low_value": Text(
        "近一年消费 {worth}，低于人工跟进的标准 {floor}",
        "Spent {worth} in a year; people act from {floor} on",
    ),
    "open_run": Text("已经有人在跟进", "Somebody is at it already"),
    "came_meanwhile": Text("刚刚又来过", "Has just been here again"),
    "quiet_period": Text(
        "{days} 天内跟进过，{until} 之前不再打扰", "Cared for within {days} days: left alone until {until}"
    ),
    "nobody_free": Text(
        "每人最多 {open_most} 个待办、每天最多新增 {new_most} 个，都排满了",
        "Nobody had room: at most {open_most} open tasks each, and {new_most} new ones a day",
    ),
    "nobody_there": Text("没有能看到这家店的同事可以跟进", "Nobody who sees this store may be given tasks"),
}
"""Why a customer did, or did not, become somebody's task: by the reason of the decision."""

NAMES: Mapping[str, str] = {"【姓名】": "", "[name]": "there"}
"""Where the customer's name stands in a script, and what stands for a name that nobody knows."""

SHOPS = ("【店名】", "[shop]")
"""Where the shop's name stands."""

MOST_REASONS = 3

Money = Callable[[int], str]


def decision(reason: str, numbers: Mapping[str, Any], money: Money) -> Text:
    """Why a customer did, or did not, become a task.

    Args:
        money: How whole minor units are written.
    """
    amounts = {name.removesuffix("_minor"): money(value) for name, value in numbers.items() if name.endswith("_minor")}
    plain = {name: value for name, value in numbers.items() if not name.endswith("_minor")}
    words = DECISIONS.get(reason, Text(reason, reason))
    told = {**plain, **amounts}
    return Text(words.zh.format(**told), words.en.format(**told))


def cause(numbers: Mapping[str, Any], money: Money) -> Text:
    """Why a run began, in one sentence: 近一年消费 ¥2,380，已经 32 天没来，平时每 5 天来一次，流失风险 78%。

    What is not known is left out.
    """
    zh, en = [], []
    if (spent := numbers.get("spent_365_minor")) is not None:
        zh.append(f"近一年消费 {money(spent)}")
        en.append(f"spent {money(spent)} in a year")
    if (silent := numbers.get("recency_days")) is not None:
        zh.append(f"已经 {silent:.0f} 天没来")
        en.append(f"not here for {_days(silent)}")
        if (gap := numbers.get("usual_gap_days")) is not None:
            zh.append(f"平时每 {gap:.0f} 天来一次")
            en.append(f"usually comes every {_days(gap)}")
    if (risk := numbers.get("churn_risk")) is not None:
        zh.append(f"流失风险 {risk:.0%}")
        en.append(f"churn risk {risk:.0%}")
    said = ", ".join(en)
    return Text("，".join(zh) + "。" if zh else "", f"{said[:1].upper()}{said[1:]}." if said else "")


def script(told: Text, *, language: str, name: str, shop: str) -> str:
    """What to say to somebody, in their language if it was written in that.

    Args:
        language: 'zh' or 'en'.
        name: '' for a customer of whom none is known.
    """
    text = told.said(language) or told.zh or told.en
    for place, unknown in NAMES.items():
        text = text.replace(place, name or unknown)
    for place in SHOPS:
        text = text.replace(place, shop)
    return text.strip()


def reasons(numbers: Mapping[str, Any], money: Money) -> list[Text]:
    """What raises the risk most, the strongest first, at most three."""
    from regulars.insight.compute.churn.words import sentence

    raising = [one for one in numbers.get("reasons", ()) if one["direction"] == "raises"]
    return [sentence(one, money=money) for one in raising[:MOST_REASONS]]


def _days(count: float) -> str:
    return f"{count:.0f} day" + ("" if round(count) == 1 else "s")
