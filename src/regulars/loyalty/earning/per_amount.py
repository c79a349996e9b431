"""Per amount: one more for each so much money, on all that earns or on some products alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Deal, Earns


@dataclass(frozen=True, slots=True)
class PerAmount:
    """One for each `minor` spent; on lines of these products, or on the whole base where none are named."""

    minor: int
    products: frozenset[str] = frozenset()

    def worth(self, deal: Deal) -> Fraction:
        """Nothing is earned on more than the base: what freight, vouchers or points paid is no spend."""
        parts = self.by_line(deal)
        return Fraction(deal.base, self.minor) if parts is None else sum(parts, Fraction())

    def by_line(self, deal: Deal) -> list[Fraction] | None:
        """By the lines of the products that are meant, scaled down where the base is less than all lines."""
        if not self.products:
            return None
        whole = sum(line.amount for line in deal.lines)
        share = Fraction(min(deal.base, whole), whole) if whole else Fraction()
        return [
            Fraction(line.amount, self.minor) * share if line.sku in self.products else Fraction()
            for line in deal.lines
        ]

    def said(self, earns: Earns) -> Text:
        """One more for each so much money; {money} is put in by whoever knows the currency."""
        more = taking.on_top(1, earns)
        if not self.products:
            return Text(f"每 {{money}} {more.zh}", f"{more.en} for each {{money}}")
        names = taking.listed(sorted(self.products))
        return Text(f"{names.zh} 每 {{money}} {more.zh}", f"{more.en} for each {{money}} of {names.en}")


def read(told: Mapping[str, Any]) -> PerAmount:
    """`{"kind": "per_amount", "minor": 100, "products": ["SKU1"]}`."""
    return PerAmount(taking.whole(told, "minor", least=1, most=taking.LARGEST), taking.products(told))
