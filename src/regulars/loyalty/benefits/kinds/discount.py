"""Discount 会员折扣: per cent of the order, up to an amount, from a minimum spend on."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.kinds.reading import amount, whole
from regulars.loyalty.benefits.rules import AmountMissing, Bill, MinimumSpend, Names, Part, TakenOff, Told
from regulars.loyalty.coupons.words import fold_zh, money_en, money_zh


@dataclass(frozen=True, slots=True)
class Discount:
    """So many per cent off (5 is 9.5折); `most_minor` 0: without a cap."""

    kind: ClassVar[str] = "discount"
    part: ClassVar[Part] = Part.ORDER
    is_used: ClassVar[bool] = True

    percent: int
    most_minor: int = 0
    min_spend_minor: int = 0

    def takes_off(self, bill: Bill) -> TakenOff:
        """Per cent of the order, rounded half up to a whole minor unit, as coupons are."""
        total = order_of(bill, self.min_spend_minor)
        off = (total * self.percent + 50) // 100
        return TakenOff(total, min(off, self.most_minor) if self.most_minor else off)

    def said(self, names: Names) -> Text:
        """9.5折, 满100元可用, 最多减20元."""
        zh, en = f"全单{fold_zh(self.percent)}", f"{self.percent}% off the order"
        if self.min_spend_minor:
            zh = f"满{money_zh(self.min_spend_minor, names.currency)}{zh}"
            en += f" from {money_en(self.min_spend_minor, names.currency)}"
        if self.most_minor:
            zh += f"，每单最多减{money_zh(self.most_minor, names.currency)}"
            en += f", at most {money_en(self.most_minor, names.currency)} each time"
        return Text(zh, en)


def order_of(bill: Bill, min_spend_minor: int) -> int:
    """What the order comes to.

    Raises:
        AmountMissing: Nobody said.
        MinimumSpend: It is too small.
    """
    if bill.total_minor is None:
        raise AmountMissing("Say what the order comes to.", field="total")
    if bill.total_minor < min_spend_minor:
        raise MinimumSpend(
            "The order is too small for this benefit.", min_spend_minor=min_spend_minor, spend_minor=bill.total_minor
        )
    return bill.total_minor


def read(told: Told) -> Discount:
    """`{"kind": "discount", "percent": 5, "most_minor": 5000, "min_spend_minor": 10000}`."""
    percent = whole(told, "percent", least=1, most=99)
    return Discount(percent, amount(told, "most_minor"), amount(told, "min_spend_minor"))
