"""Trades 行业: what a shop of each begins with, so that its owner has one question to answer instead of ten.

Every value can be changed later where it is used; the trade itself only says where to begin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError


class UnknownTrade(DomainError):
    """Not one of the trades that are known."""

    code = "unknown_trade"


@dataclass(frozen=True, slots=True)
class Trade:
    """What a trade begins with.

    Attributes:
        quiet_days: Somebody who is silent for longer, and longer than their own rhythm allows, was 'not here for long'.
        pending_days: Days until points can be spent, for orders in a shop and online.
        channel: Where orders were made if a file does not say: 'store' or 'online'.
        few_columns: Whether the file to fill in asks for the five columns that a till knows, or for all.
        percent_off: The usual offer to somebody who stayed away. gift: what is given instead.
        window_days: How long after an offer orders count as its result.
        inviting: The last words of a note, after 'we would love to have you back' (欢迎您…).
        programme: The ready programme that it begins with; '' for the retail one without rules and benefits.
        stamp_card: Whether it begins with a stamp card 集点卡.
    """

    code: str
    name: Text
    quiet_days: int
    pending_days: Mapping[str, int]
    channel: str
    few_columns: bool
    percent_off: int
    gift: Text
    window_days: int
    inviting: Text
    programme: str = ""
    stamp_card: bool = False


def _shop(
    code: str, name: Text, quiet_days: int, percent_off: int, gift: Text, inviting: Text, *, stamp_card: bool = False
) -> Trade:  # fmt: skip
    """A trade whose customers come in person."""
    return Trade(
        code, name, quiet_days, {"store": 0, "online": 7}, "store", True, percent_off, gift, 30, inviting,
        stamp_card=stamp_card,
    )  # fmt: skip


TRADES: Final[Mapping[str, Trade]] = {
    one.code: one
    for one in (
        _shop(
            "cafe", Text("咖啡 / 餐饮", "Café or restaurant"), 30, 20, Text("任意饮品一杯", "a drink of your choice"),
            Text("欢迎您有空再来坐坐。", "Come in for a cup whenever you are near."), stamp_card=True,
        ),
        _shop(
            "retail", Text("零售", "Retail"), 60, 15, Text("小礼物一份", "a small present"),
            Text("店里上了不少新东西，欢迎您再来逛逛。", "There is a lot that is new: drop in and have a look."),
        ),
        _shop(
            "beauty", Text("美业 / 服务", "Beauty or services"), 60, 20, Text("护理体验一次", "a small treatment"),
            Text("什么时候方便，随时约我，给您留好位置。", "Tell us when it suits you, and we keep a place for you."),
        ),
        Trade(
            "online", Text("电商", "Online shop"), 90, {"store": 0, "online": 7}, "online", False, 10,
            Text("小样一份", "a free sample"), 30,
            Text("最近上了新品，欢迎您回来看看。", "There is a lot that is new: come and have a look."),
        ),
        Trade(
            "subscription", Text("订阅", "Subscription"), 45, {"store": 0, "online": 0}, "online", False, 20,
            Text("体验一期", "one free delivery"), 45,
            Text("欢迎您随时回来，原来的偏好我们都留着。", "Come back any time: we kept everything as you liked it."),
        ),
        Trade(
            "bank", Text("银行 / 金融", "Bank or finance"), 90, {"store": 0, "online": 0}, "store", False, 10,
            Text("贵宾厅体验一次", "a visit to our lounge"), 60,
            Text("有什么需要，随时联系您的客户经理。", "Call your account manager whenever we can help."),
            programme="bank",
        ),
        _shop(
            "other", Text("其他", "Something else"), 30, 15, Text("小礼物一份", "a small present"),
            Text("欢迎您有空再来。", "Come and see us whenever you can."),
        ),
    )
}  # fmt: skip


def trade_of(code: str) -> Trade:
    """What a shop of this trade begins with; one that never said its trade is 'other'."""
    return TRADES.get(code) or TRADES["other"]
