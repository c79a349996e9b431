"""How terms are spoken of: the language that is active, the money, and what other rooms call things."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from regulars.core.bilingual import Text
from regulars.core.conditions import Field, Formatter, plain
from regulars.core.money import minor_digits
from regulars.loyalty.earning.fields import FIELDS


def _no_names(terms: Mapping[str, Any], language: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Speech:
    """The words that callers bring.

    `money` writes minor units in full. `fields`: what rules ask about, with what stores, tiers and segments are called.
    `products`: of terms and a language the names of the products and the coupons that their rules name. `written`:
    writes the values of conditions.
    """

    currency: str
    money: Callable[[int], str]
    fields: Mapping[str, Field] = field(default_factory=lambda: FIELDS)
    products: Callable[[Mapping[str, Any], str], Mapping[str, str]] = _no_names
    written: Formatter = plain

    def short_money(self, minor: int) -> str:
        """An amount without cents where there are none: ¥1, ¥0.50."""
        text = self.money(minor)
        return text if minor % 10 ** minor_digits(self.currency) else text.split(".")[0]


def language() -> str:
    """The language that is active as rooms call it: 'zh' or 'en'."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def said(text: Text) -> str:
    """Words of a room in the language that is active."""
    return text.said(language())


def name_of(names: Mapping[str, str]) -> str:
    """A name that staff typed, in the language that is active or the other one."""
    first, second = ("zh", "en") if language() == "zh" else ("en", "zh")
    return names.get(first) or names.get(second) or ""


def colon() -> str:
    """What stands between a name and its sentence."""
    return "：" if language() == "zh" else ": "
