"""Multiply: the base so many times, as on a member day 会员日."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning import taking
from regulars.loyalty.earning.rules import Counted, Deal, Exact


@dataclass(frozen=True, slots=True)
class Multiply:
    """`percent` of the base in all: 200 doubles it, so the rule itself gives another 100 %."""

    percent: int

    def worth(self, deal: Deal) -> Exact:
        """The share above the base itself; of nothing, where the base is switched off."""
        if not deal.minor_per_one:
            return 0, 1
        return deal.base * (self.percent - 100), 100 * deal.minor_per_one

    def by_line(self, deal: Deal) -> list[int] | None:
        """It belongs to the order as a whole."""
        return None

    def said(self, what: Counted, products: Mapping[str, str]) -> Text:
        """Double, or how many times."""
        if self.percent == 200:
            return Text(f"{what.name.zh}双倍", f"double {what.name.en}")
        times = _plain(self.percent)
        return Text(f"{what.name.zh} {times} 倍", f"{times} times the {what.name.en}")


def _plain(percent: int) -> str:
    whole, rest = divmod(percent, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


def read(told: Mapping[str, Any]) -> Multiply:
    """`{"kind": "multiply", "percent": 200}`."""
    return Multiply(taking.whole(told, "percent", least=101, most=10_000))
