"""Kinds of benefits. A new kind is one file here, one line in BENEFIT_KINDS, one test."""

from collections.abc import Callable, Mapping

from regulars.loyalty.benefits.kinds import (
    birthday_gift,
    dedicated_service,
    discount,
    early_access,
    fee_discount,
    free_shipping,
    points,
)
from regulars.loyalty.benefits.rules import Effect, Told

BENEFIT_KINDS: Mapping[str, Callable[[Told], Effect]] = {
    "discount": discount.read,
    "birthday_gift": birthday_gift.read,
    "free_shipping": free_shipping.read,
    "fee_discount": fee_discount.read,
    "early_access": early_access.read,
    "dedicated_service": dedicated_service.read,
    "points": points.read,
}
"""Kind → function from a benefit's JSON to what it gives."""

OWN: Mapping[str, frozenset[str]] = {
    "discount": frozenset({"percent", "most_minor", "min_spend_minor"}),
    "birthday_gift": frozenset({"gift", "offer", "days_before", "days_after", "whole_month"}),
    "free_shipping": frozenset({"most_minor", "min_spend_minor"}),
    "fee_discount": frozenset({"fee", "fee_names", "percent", "least_minor"}),
    "early_access": frozenset({"days"}),
    "dedicated_service": frozenset({"about"}),
    "points": frozenset({"rule"}),
}
"""Kind → what its JSON may say besides what every benefit says."""
