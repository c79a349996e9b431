"""Per item: so many for each piece of some products, as for a new coffee or what should leave the shelf."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Counted, Deal, Exact, InvalidRule


@dataclass(frozen=True, slots=True)
class PerItem:
    """`amount` for each whole piece of these products that was paid for: a reward line given for nothing earns none."""

    amount: int
    products: frozenset[str]

    def worth(self, deal: Deal) -> Exact:
        """What all lines give together."""
        return sum(self.by_line(deal)), 1

    def by_line(self, deal: Deal) -> list[int]:
        """By line."""
        return [
            self.amount * line.pieces if line.sku in self.products and line.amount > 0 and line.pieces > 0 else 0
            for line in deal.lines()
        ]

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """So many a piece."""
        names, more = (
            taking.listed(sorted(products.get(one) or one for one in self.products)),
            taking.on_top(self.amount, what),
        )
        return Text(f"每件 {names.zh} {more.zh}", f"{more.en} for each {names.en}")


def read(told: Mapping[str, Any]) -> PerItem:
    """`{"kind": "per_item", "amount": 5, "products": ["SKU1"]}`."""
    meant = taking.products(told)
    if not meant:
        raise InvalidRule("Name the products that earn something for each piece.")
    return PerItem(taking.whole(told, "amount", least=1, most=taking.LARGEST), meant)
