"""What the status column of an order file says, in the words of shops and platforms."""

from enum import IntEnum

from regulars.facts.reading.table import Cell
from regulars.facts.reading.values import is_blank, plain


class Status(IntEnum):
    """What a status means for the order."""

    DONE = 0
    UNPAID = 1
    CANCELLED = 2
    REFUNDED = 3
    PARTLY_REFUNDED = 4
    REFUND_PENDING = 5
    UNKNOWN = 6


# The first entry that occurs in a status decides, so what is more precise stands first: 未付款 before 付款.
_SIGNS: tuple[tuple[Status, str], ...] = (
    (Status.DONE, "退款关闭 退款失败 拒绝退款 退款取消 取消退款 无退款 未退款 no_refund not_refunded"),
    (Status.PARTLY_REFUNDED, "部分退 partially_refunded partial_refund partly_refunded partially_returned"),
    (
        Status.REFUND_PENDING,
        "退款中 待退款 申请退款 退款申请 退货中 退款处理 refund_pending refund_requested refunding",
    ),
    (
        Status.REFUNDED,
        "已退款 退款成功 全额退款 全部退款 退款完成 已退货 退货完成 已退 refunded returned chargeback 退款",
    ),
    (
        Status.UNPAID,
        "待付款 未付款 未支付 待支付 等待付款 等待买家付款 unpaid pending_payment awaiting_payment authorized",
    ),
    (Status.CANCELLED, "取消 关闭 作废 撤销 撤单 失效 cancel void failed expired declined"),
    (
        Status.DONE,
        "完成 成功 已付 已支付 付款 支付 发货 收货 签收 配送 评价 出库 结账 结清 正常 有效 已收 自提 核销 交易 "
        "paid complet fulfil shipped deliver success done settled processing captured invoiced approved",
    ),
    (Status.UNPAID, "pending draft"),
)
_WORDS = tuple((status, word) for status, words in _SIGNS for word in words.split())


def read_status(cell: Cell) -> Status:
    """What a status means; a blank one is taken as done."""
    text = "_".join(plain(cell).lower().replace("-", " ").split())
    if is_blank(text):
        return Status.DONE
    return next((status for status, word in _WORDS if word in text), Status.UNKNOWN)
