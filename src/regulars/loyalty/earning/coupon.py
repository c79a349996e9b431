"""Coupon: a coupon of an offer, as for a first order or a fifth visit; what the coupon is worth, its offer says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Counted, Deal, Exact

MOST = 10
"""Coupons that one item earns by one rule; more are a mistake."""


@dataclass(frozen=True, slots=True)
class CouponGiven:
    """So many coupons of the offer each time."""

    offer: int
    amount: int = 1

    def worth(self, deal: Deal) -> Exact:
        """So many, whatever the order."""
        return self.amount, 1

    def by_line(self, deal: Deal) -> list[int] | None:
        """It belongs to the order as a whole."""
        return None

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """A coupon, by its offer's name."""
        name = products.get(offer_name(self.offer), str(self.offer))
        if self.amount == 1:
            return Text(f"送一张“{name}”券", f"a coupon “{name}”")
        return Text(f"送 {self.amount} 张“{name}”券", f"{self.amount} coupons “{name}”")


def offer_name(offer: int) -> str:
    """What an offer is called among the names of what rules give for; product ids have no line break."""
    return f"offer\n{offer}"


def read(told: Mapping[str, Any]) -> CouponGiven:
    """`{"kind": "coupon", "offer": 7, "amount": 1}`; the offer by its id."""
    amount = taking.whole(told, "amount", least=1, most=MOST) if "amount" in told else 1
    return CouponGiven(taking.whole(told, "offer", least=1, most=2**62), amount)
