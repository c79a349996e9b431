"""Fee discount 费率优惠: per cent off a fee that has a name; what is charged at least stays."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.kinds.reading import amount, whole, words
from regulars.loyalty.benefits.rules import (
    AmountMissing,
    Bill,
    InvalidBenefit,
    Names,
    NothingToTakeOff,
    Part,
    TakenOff,
    Told,
)
from regulars.loyalty.coupons.words import fold_zh, money_en, money_zh

LONGEST_FEE = 60


@dataclass(frozen=True, slots=True)
class FeeDiscount:
    """So many per cent off the fee with this code; 100 waives it, as far as `least_minor` allows."""

    kind: ClassVar[str] = "fee_discount"
    part: ClassVar[Part] = Part.FEE
    is_used: ClassVar[bool] = True

    fee: str
    fee_names: Text
    percent: int
    least_minor: int = 0

    def takes_off(self, bill: Bill) -> TakenOff:
        """Per cent of the fee, rounded half up to a whole minor unit; never below what is charged at least."""
        charged = bill.fees.get(self.fee)
        if charged is None:
            raise AmountMissing(f"Say what the fee {self.fee} comes to.", field=f"fees.{self.fee}")
        off = min((charged * self.percent + 50) // 100, max(0, charged - self.least_minor))
        if not off:
            raise NothingToTakeOff("There is nothing to take off this fee.")
        return TakenOff(charged, off)

    def said(self, names: Names) -> Text:
        """转账手续费 5折, 最低收1元."""
        free = self.percent == 100
        zh = f"{self.fee_names.zh}{'全免' if free else fold_zh(self.percent)}"
        en = f"{self.fee_names.en} waived" if free else f"{self.percent}% off the {self.fee_names.en}"
        if self.least_minor:
            zh += f"，最低收{money_zh(self.least_minor, names.currency)}"
            en += f", {money_en(self.least_minor, names.currency)} at least"
        return Text(zh, en)


def read(told: Told) -> FeeDiscount:
    """`{"kind": "fee_discount", "fee": "transfer", "fee_names": {…}, "percent": 50, "least_minor": 100}`."""
    fee = told.get("fee")
    if not isinstance(fee, str) or not 0 < len(fee) <= LONGEST_FEE or not fee.isprintable():
        raise InvalidBenefit("fee is the code of a fee, such as transfer.", field="fee")
    called = words(told, "fee_names")
    named = called if any(called) else Text(fee, fee)
    return FeeDiscount(fee, named, whole(told, "percent", least=1, most=100), amount(told, "least_minor"))
