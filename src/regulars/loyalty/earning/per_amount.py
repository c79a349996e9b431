"""Per amount: one more for each so much money, on all that earns or on some products alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Counted, Deal, Exact


@dataclass(frozen=True, slots=True)
class PerAmount:
    """One for each `minor` spent; on lines of these products, or on the whole base where none are named."""

    minor: int
    products: frozenset[str] = frozenset()

    def worth(self, deal: Deal) -> Exact:
        """Nothing is earned on more than the base: what freight, vouchers or points paid is no spend."""
        if not self.products:
            return deal.base, self.minor
        meant = sum(self.by_line(deal) or ())
        whole = sum(line.amount for line in deal.lines())
        return (meant * min(deal.base, whole), self.minor * whole) if meant else (0, 1)

    def by_line(self, deal: Deal) -> list[int] | None:
        """By what the products that are meant cost."""
        if not self.products:
            return None
        return [line.amount if line.sku in self.products else 0 for line in deal.lines()]

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """One more for each so much money; {money} is put in by whoever knows the currency."""
        more = taking.on_top(1, what)
        if not self.products:
            return Text(f"每 {{money}} {more.zh}", f"{more.en} for each {{money}}")
        names = taking.listed(sorted(products.get(one) or one for one in self.products))
        return Text(f"{names.zh} 每 {{money}} {more.zh}", f"{more.en} for each {{money}} of {names.en}")


def read(told: Mapping[str, Any]) -> PerAmount:
    """`{"kind": "per_amount", "minor": 100, "products": ["SKU1"]}`."""
    return PerAmount(taking.whole(told, "minor", least=1, most=taking.LARGEST), taking.products(told))
