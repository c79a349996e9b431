"""Why a customer did, or did not, get a campaign: each reason as a sentence in Chinese and in English."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.outreach.campaigns.rules import Reason, State

GOALS: Final[Mapping[str, Text]] = {
    "win_back": Text("召回", "Win back"),
    "promotion": Text("促销", "Promotion"),
    "welcome": Text("迎新", "Welcome"),
    "care": Text("关怀", "Care"),
    "other": Text("其他", "Other"),
}
STATES: Final[Mapping[str, Text]] = {
    State.DRAFT: Text("草稿", "Draft"),
    State.APPROVED: Text("已批准", "Approved"),
    State.RUNNING: Text("进行中", "Running"),
    State.PAUSED: Text("已暂停", "Paused"),
    State.STOPPED: Text("已停止", "Stopped"),
    State.DONE: Text("已结束", "Done"),
}
SHORT: Final[Mapping[str, Text]] = {
    Reason.CHOSEN: Text("会收到", "Gets it"),
    Reason.HOLD_OUT: Text("留出不发", "Held out"),
    Reason.STANDING_CONTROL: Text("长期对照组", "Standing control group"),
    Reason.FREQUENCY_CAP: Text("近期已收到够多", "Had enough lately"),
    Reason.BUDGET: Text("预算用完", "Budget spent"),
    "no_address": Text("联系不上", "No way to reach them"),
    "no_consent": Text("未同意接收", "Never agreed"),
    "unsubscribed": Text("已退订", "Unsubscribed"),
}
"""Two or three words for a table."""
SENTENCES: Final[Mapping[str, Text]] = {
    Reason.CHOSEN: Text("符合活动的条件，选中接收。", "They met the campaign's conditions and were chosen to get it."),
    Reason.HOLD_OUT: Text(
        "符合条件，但抽签留出不发（留出 {percent}%）：有人不发，才知道活动有没有用。",
        "They met the conditions, but the draw left them out ({percent}% are held out): "
        "only with some left alone can anyone tell whether it works.",
    ),
    Reason.STANDING_CONTROL: Text(
        "在长期对照组里：这部分顾客不参加任何营销活动，用来衡量全部活动加起来的效果。",
        "They are in the standing control group, which gets no campaign at all: "
        "it shows what all campaigns earn together.",
    ),
    Reason.FREQUENCY_CAP: Text(
        "最近 {days} 天已收到 {had} 条消息，上限是 {most} 条，不再打扰。",
        "They had {had} messages within {days} days, and {most} is the most: they are left in peace.",
    ),
    Reason.BUDGET: Text(
        "轮到之前，活动的预算（{most} 份）已经用完。", "The budget of {most} was spent before it was their turn."
    ),
    "no_address": Text("没有可用的联系方式。", "There is no address at which they can be reached."),
    "no_consent": Text(
        "没有同意通过这个渠道接收营销消息。", "They never agreed to marketing messages on this channel."
    ),
    "unsubscribed": Text(
        "已经退订，不再通过这个渠道收到营销消息。", "They unsubscribed from marketing messages on this channel."
    ),
}
NOT_STARTED: Final = Text(
    "活动还没有开始，尚未决定发给谁。", "The campaign has not started, so nothing is decided yet."
)
BEING_DECIDED: Final = Text(
    "正在逐个决定，还没轮到。", "Customers are being decided about; their turn has not come yet."
)
NOT_ON_LIST: Final = Text("不在这次活动的名单上。", "They were not on the campaign's list.")
NOT_IN_SEGMENT: Final = Text(
    "活动开始时（{day} 的会员画像）不在目标人群里。",
    "They were not in the segment when it started (by the picture of {day}).",
)
FAILED: Final = Text("没有满足：{conditions}。", "What did not hold: {conditions}.")
NOT_IN_PICTURE: Final = Text("那天的会员画像里还没有这位顾客。", "That day's picture did not know them yet.")
FITS_NOW: Final = Text(
    "按那天的画像条件是符合的，但这位顾客当时被合并到别的会员名下，或资料已被撤销。",
    "By that day's picture the conditions held, but they were part of another customer then, or had been taken back.",
)
PICTURE_GONE: Final = Text(
    "那天的会员画像已不再保存，无法说明是哪一条不符。",
    "That day's picture is not kept any more, so it cannot be said which condition did not hold.",
)


def sentence_of(reason: str, numbers: Mapping[str, Any]) -> Text:
    """Why, in both languages; a reason without words is named as it is."""
    known = SENTENCES.get(reason)
    return Text(reason, reason) if known is None else filled(known, numbers)


def short_of(reason: str) -> Text:
    """The reason in two or three words."""
    return SHORT.get(reason, Text(reason, reason))


def filled(text: Text, numbers: Mapping[str, Any]) -> Text:
    """The words with their numbers in both languages."""
    return Text(text.zh.format_map(_Known(numbers)), text.en.format_map(_Known(numbers)))


def together(parts: Sequence[Text]) -> Text:
    """Sentences one after the other."""
    return Text("".join(part.zh for part in parts), " ".join(part.en for part in parts))


class _Known(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"
