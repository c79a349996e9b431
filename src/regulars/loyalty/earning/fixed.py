"""Fixed: the same amount each time, as for a first order, a check-in 签到 or a review 评价."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Counted, Deal, Exact


@dataclass(frozen=True, slots=True)
class Fixed:
    """So many each time."""

    amount: int

    def worth(self, deal: Deal) -> Exact:
        """The amount, whatever the order."""
        return self.amount, 1

    def by_line(self, deal: Deal) -> list[int] | None:
        """It belongs to the order as a whole."""
        return None

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """So many on top."""
        return taking.on_top(self.amount, what)


def read(told: Mapping[str, Any]) -> Fixed:
    """`{"kind": "fixed", "amount": 50}`."""
    return Fixed(taking.whole(told, "amount", least=1, most=taking.LARGEST))
