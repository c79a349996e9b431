"""Every kind of event, in words and with an example of its data. The list only grows."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from regulars.changes.rules import ChangeKind
from regulars.core.bilingual import Text
from regulars.facts.kinds import order_cancelled, order_completed, order_refunded

PING: Final = "webhook.ping"


class Kind(NamedTuple):
    """A kind of event: what it says, and its data for instance."""

    words: Text
    example: Mapping[str, Any]


_WHO: Final = {"number": "M100042", "user_ids": ["u-1024"]}
_ORDER: Final = {"source": "web", "id": "SO-20260301-0007"}
_BALANCE: Final = {"pending": 120, "available": 860, "held": 0, "owed": 0, "spendable": 860}
_COUPON: Final = {
    "id": 512,
    "code_ends": "92TD",
    "offer": {"id": 3, "name": {"zh": "好久不见", "en": "Long time no see"}},
    "expires_at": "2026-03-15T16:00:00+00:00",
}
_USE: Final = {
    "customer": _WHO,
    "coupon": _COUPON,
    "use_id": 77,
    "order": _ORDER,
    "discount": "10.00",
    "currency": "CNY",
}
_ORDER_TOLD: Final = {"customer": _WHO, "order": _ORDER, "fact_id": 90210, "occurred_at": "2026-03-01T01:30:00+00:00"}

KINDS: Final[Mapping[str, Kind]] = {
    "order.recorded": Kind(Text("记录了订单", "An order was recorded"), _ORDER_TOLD),
    "order.refunded": Kind(
        Text("记录了退款", "A refund was recorded"), {**_ORDER_TOLD, "refund_id": "R-1", "fact_id": 90311}
    ),
    "order.cancelled": Kind(Text("记录了取消的订单", "An order was cancelled"), {**_ORDER_TOLD, "fact_id": 90312}),
    "points.changed": Kind(
        Text("积分有变动", "Points changed"),
        {
            "customer": _WHO,
            "purpose": "earn",
            "currency": "points",
            "amount": 120,
            "moves": [{"purpose": "earn", "from": "issued", "to": "pending", "points": 120}],
            "balance": _BALANCE,
            "cause": {"order": _ORDER},
            "occurred_at": "2026-03-01T01:30:00+00:00",
        },
    ),
    "tier.changed": Kind(
        Text("等级有变动", "A tier changed"),
        {
            "customer": _WHO,
            "from": {"code": "silver", "name": {"zh": "银卡", "en": "Silver"}},
            "to": {"code": "gold", "name": {"zh": "金卡", "en": "Gold"}},
            "day": "2026-03-01",
        },
    ),
    "coupon.issued": Kind(Text("发了优惠券", "A coupon was issued"), {"customer": _WHO, "coupon": _COUPON}),
    "coupon.redeemed": Kind(Text("优惠券已核销", "A coupon was redeemed"), _USE),
    "coupon.returned": Kind(Text("优惠券已退回", "A use of a coupon was given back"), _USE),
    "coupon.voided": Kind(Text("优惠券已作废", "A coupon was taken back"), {"customer": _WHO, "coupon": _COUPON}),
    "customer.created": Kind(Text("有了新客户", "A customer is new"), {"customer": _WHO}),
    "customer.merged": Kind(
        Text("客户已合并", "Two customers became one"),
        {"customer": _WHO, "merged": {"number": "M100107", "user_ids": ["u-2077"]}},
    ),
    "customer.parted": Kind(
        Text("撤销了客户合并", "Two customers are two again"),
        {"customer": _WHO, "merged": {"number": "M100107", "user_ids": ["u-2077"]}},
    ),
    "member.frozen": Kind(Text("会员账户已冻结", "An account was frozen"), {"customer": _WHO}),
    "member.released": Kind(Text("会员账户已解冻", "An account was released"), {"customer": _WHO}),
    "checkout.hold_ended": Kind(
        Text("占用的积分到时释放", "The time of held points is over"),
        {"customer": _WHO, "hold_id": 7001, "points": 500},
    ),
    PING: Kind(Text("测试", "A test"), {"endpoint": "Web shop"}),
}
CHOICES: Final = frozenset(KINDS) - {PING}
"""What an endpoint can ask for; a test goes to whoever it is sent to."""

OF_FACTS: Final[Mapping[int, str]] = {
    order_completed.CODE: "order.recorded",
    order_refunded.CODE: "order.refunded",
    order_cancelled.CODE: "order.cancelled",
}
OF_CHANGES: Final[Mapping[ChangeKind, tuple[str, ...]]] = {
    ChangeKind.POINTS: ("points.changed",),
    ChangeKind.TIERS: ("tier.changed",),
    ChangeKind.COMMANDS: ("member.frozen", "member.released", "checkout.hold_ended"),
    ChangeKind.COUPONS_ISSUED: ("coupon.issued",),
    ChangeKind.COUPONS_VOIDED: ("coupon.voided",),
    ChangeKind.COUPON_USES: ("coupon.redeemed",),
    ChangeKind.COUPON_USES_UNDONE: ("coupon.returned",),
    ChangeKind.CUSTOMERS: ("customer.created",),
    ChangeKind.MERGES: ("customer.merged",),
    ChangeKind.MERGES_UNDONE: ("customer.parted",),
}
"""What each kind of change can become."""
