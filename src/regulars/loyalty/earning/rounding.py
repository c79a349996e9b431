"""How what an order earns becomes a whole number 取整方式: once for all of it, never rule by rule. Pure."""

from enum import StrEnum
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning.rules import InvalidRule


class Rounding(StrEnum):
    """Which whole number an exact amount becomes; a half goes up, where it is the nearest."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"

    def lift(self, under: int) -> int:
        """What is added to `over` of over ÷ under, so that dividing without a remainder rounds.

        Args:
            under: The denominator, > 0.
        """
        if self is Rounding.DOWN:
            return 0
        # Of an odd denominator no whole number of parts is a half, so nothing is lost by halving it.
        return under // 2 if self is Rounding.NEAREST else under - 1

    def whole(self, over: int, under: int) -> int:
        """over ÷ under as a whole number, less than one away from it; 0 of nothing, also where `under` is 0."""
        return (over + self.lift(under)) // under if under else 0


_ASIDE = {
    Rounding.NEAREST: Text("，零头四舍五入", ", rounded to the nearest"),
    Rounding.UP: Text("，零头进一", ", rounded up"),
}


def read(told: Any) -> Rounding:
    """`"down"`, `"nearest"` or `"up"`.

    Raises:
        InvalidRule: It is none of them.
    """
    if not isinstance(told, str) or told not in list(Rounding):
        raise InvalidRule(f"rounding is one of {', '.join(Rounding)}.", field="rounding")
    return Rounding(told)


def aside(rounding: Rounding, language: str) -> str:
    """How it is rounded, to stand behind the rate; '' for down, which everybody expects."""
    return _ASIDE[rounding].said(language) if rounding in _ASIDE else ""
