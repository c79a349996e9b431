"""Taking a rule's terms out of JSON, checked; and the few words that kinds of rules share."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from regulars.core.bilingual import Text
from regulars.loyalty.earning.rules import Counted, Earns, InvalidRule

LARGEST = 10**9
MOST_PRODUCTS = 500
SHOWN = 3
COUNTED: Mapping[str, Counted] = {
    Earns.POINTS: Counted(Text("积分", "points"), "point"),
    Earns.GROWTH: Counted(Text("成长值", "growth"), "growth"),
    Earns.COUPON: Counted(Text("券", "coupons"), "coupon", "张"),
    Earns.BADGE: Counted(Text("勋章", "badges"), "badge", "枚"),
}
"""How so many of what a rule gives are written, in every programme."""


def whole(told: Mapping[str, Any], name: str, *, least: int, most: int) -> int:
    """A whole number within bounds.

    Raises:
        InvalidRule: It is missing, no whole number, or outside.
    """
    value = told.get(name)
    if type(value) is not int or not least <= value <= most:
        raise InvalidRule(f"{name} must be a whole number from {least:,} to {most:,}.", field=name)
    return value


def text(told: Mapping[str, Any], name: str, *, longest: int = 60) -> str:
    """A short text, '' if there is none."""
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise InvalidRule(f"{name} must be a text of up to {longest} letters.", field=name)
    return value


def day(told: Mapping[str, Any], name: str) -> date | None:
    """A day written as 2026-03-05, None if there is none."""
    value = told.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InvalidRule(f"{name} must be a day such as 2026-03-05.", field=name) from error


def products(told: Mapping[str, Any]) -> frozenset[str]:
    """Product ids; none where the rule means all of them."""
    value = told.get("products", ())
    if not isinstance(value, list | tuple) or len(value) > MOST_PRODUCTS:
        raise InvalidRule(f"products must be a list of at most {MOST_PRODUCTS} product ids.", field="products")
    if not all(isinstance(one, str) and one for one in value):
        raise InvalidRule("Each of the products is named by its id.", field="products")
    return frozenset(value)


def on_top(amount: int, what: Counted) -> Text:
    """So many more."""
    zh, en = what.of(amount)
    return Text(f"多得 {zh}", f"{en} more")


def listed(names: Sequence[str]) -> Text:
    """The first few of a list, and how many there are."""
    if len(names) <= SHOWN:
        return Text("、".join(names), ", ".join(names))
    first = names[:SHOWN]
    return Text(f"{'、'.join(first)} 等 {len(names)} 种商品", f"{', '.join(first)} and {len(names) - SHOWN} more")
