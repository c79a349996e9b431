"""What became of a message, and why, in Chinese and in English."""

from collections.abc import Mapping
from typing import Any, Final

from regulars.core.bilingual import Text

STATES: Final[Mapping[str, Text]] = {
    "queued": Text("待发送", "Waiting"),
    "sending": Text("发送中", "Being sent"),
    "shown": Text("待复制", "On the copy list"),
    "sent": Text("已发送", "Sent"),
    "refused": Text("被拒收", "Refused"),
    "unknown": Text("结果不明", "Outcome unknown"),
    "suppressed": Text("未发送", "Not sent"),
    "skipped": Text("已跳过", "Skipped"),
}
REASONS: Final[Mapping[str, Text]] = {
    "no_address": Text("发送前发现没有可用的联系方式。", "There was no address left when it was to leave."),
    "no_consent": Text("没有同意接收这类消息。", "They never agreed to such messages."),
    "unsubscribed": Text("发送前已经退订。", "They unsubscribed before it left."),
    "frequency_cap": Text(
        "最近 {days} 天已收到 {most} 条消息，达到上限，这次不再打扰。",
        "They had {most} messages within {days} days, which is the most: they are left in peace.",
    ),
    "same_person": Text(
        "这位顾客的另一个档案已合并过来，同一个人只发一次。",
        "Another record of the same person gets it; nobody gets it twice.",
    ),
    "gone": Text("顾客资料已不在。", "There is nothing left of this customer."),
    "no_words": Text("活动没有可用的文案。", "The campaign has no words that could be filled in."),
    "offer_archived": Text("优惠已停用，不再发券。", "The offer was put away, so no coupon is issued on it."),
    "stopped": Text("活动已停止。", "The campaign was stopped."),
    "over": Text("活动已结束，还没发出的不再发送。", "The campaign is over; what had not left stays."),
    "by_hand": Text("有人选择跳过。", "Somebody skipped it."),
    "recipient_refused": Text("对方邮箱不存在或拒收。", "The mailbox does not exist, or refuses messages."),
    "message_refused": Text("对方服务器拒收了这封邮件。", "The other server refused this message."),
    "refused_too_often": Text("多次尝试都被暂时拒收，已放弃。", "It was refused for now too often, and given up."),
    "bad_address": Text("邮箱地址无法使用。", "The address cannot be used."),
    "bounced": Text("邮件被退回，这个地址不再使用。", "It bounced; this address is not used any more."),
    "no_answer": Text(
        "邮件已交给服务器，但没有收到答复；可能已经送达，所以不会再发。",
        "It was handed over and no answer came. It may have arrived, so it is not sent again.",
    ),
    "interrupted": Text(
        "发送途中程序中断；可能已经送达，所以不会再发。",
        "The program was interrupted while sending. It may have arrived, so it is not sent again.",
    ),
    "not_now": Text(
        "对方服务器暂时不收，稍后再试。", "The other server does not take it now; it is tried again later."
    ),
    "connection_lost": Text(
        "和邮件服务器的连接中断，稍后再试。",
        "The connection to the mail server broke; it is tried again later.",
    ),
    "unreachable": Text(
        "邮件服务器连接不上，恢复后继续发送。", "The mail server cannot be reached; sending goes on later."
    ),
    "login_refused": Text(
        "邮件服务器拒绝登录，请检查账号和密码。", "The mail server refuses the login: check user and password."
    ),
    "sender_refused": Text(
        "邮件服务器不接受发件地址，请检查设置。", "The mail server refuses the sender's address: check it."
    ),
}


def said(reason: str, numbers: Mapping[str, Any] | None) -> Text:
    """Why, in both languages; a reason without words is named as it is."""
    known = REASONS.get(reason, Text(reason, reason))
    told = dict(numbers or {})
    return Text(known.zh.format(**told), known.en.format(**told)) if told else known
