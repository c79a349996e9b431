"""Free shipping 包邮: the freight, up to an amount, for orders from a minimum on."""

from dataclasses import dataclass
from typing import ClassVar

from regulars.core.bilingual import Text
from regulars.loyalty.benefits.kinds.discount import order_of
from regulars.loyalty.benefits.kinds.reading import amount
from regulars.loyalty.benefits.rules import AmountMissing, Bill, Names, NothingToTakeOff, Part, TakenOff, Told
from regulars.loyalty.coupons.words import money_en, money_zh


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """The freight up to `most_minor`; 0: all of it."""

    kind: ClassVar[str] = "free_shipping"
    part: ClassVar[Part] = Part.SHIPPING
    is_used: ClassVar[bool] = True

    most_minor: int = 0
    min_spend_minor: int = 0

    def takes_off(self, bill: Bill) -> TakenOff:
        """The freight; where there is none to pay, no use is spent on it."""
        if self.min_spend_minor:
            order_of(bill, self.min_spend_minor)
        if bill.shipping_minor is None:
            raise AmountMissing("Say what the freight comes to.", field="shipping")
        if not bill.shipping_minor:
            raise NothingToTakeOff("There is no freight to pay.")
        most = self.most_minor or bill.shipping_minor
        return TakenOff(bill.shipping_minor, min(bill.shipping_minor, most))

    def said(self, names: Names) -> Text:
        """包邮, 运费最多减12元."""
        zh, en = "包邮", "Free shipping"
        if self.min_spend_minor:
            zh = f"满{money_zh(self.min_spend_minor, names.currency)}{zh}"
            en += f" from {money_en(self.min_spend_minor, names.currency)}"
        if self.most_minor:
            zh += f"，运费最多免{money_zh(self.most_minor, names.currency)}"
            en += f", up to {money_en(self.most_minor, names.currency)} of freight"
        return Text(zh, en)


def read(told: Told) -> FreeShipping:
    """`{"kind": "free_shipping", "most_minor": 1200, "min_spend_minor": 0}`."""
    return FreeShipping(amount(told, "most_minor"), amount(told, "min_spend_minor"))
