"""Earning rules: when (order, check-in, review …), if (a condition), then (one of these kinds), at most so much.

A new kind of rule is one file here, one line in EARNING_RULES, one test.
"""

from collections.abc import Callable, Mapping
from typing import Any

from regulars.loyalty.earning import badge, coupon, fixed, multiply, per_amount, per_item
from regulars.loyalty.earning.rules import Effect

EARNING_RULES: Mapping[str, Callable[[Mapping[str, Any]], Effect]] = {
    "multiply": multiply.read,
    "per_amount": per_amount.read,
    "per_item": per_item.read,
    "fixed": fixed.read,
    "coupon": coupon.read,
    "badge": badge.read,
}
"""Kind → function from the JSON under `then` to what the rule gives."""
