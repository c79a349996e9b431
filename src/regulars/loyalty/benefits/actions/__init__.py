"""Verbs of benefits: use, confirm, undo, and give back with orders that come to nothing."""

from regulars.loyalty.benefits.actions.returns import follow_facts, undo_import
from regulars.loyalty.benefits.actions.using import (
    BenefitCouponUsed,
    NoBenefitUse,
    Receipt,
    confirm,
    release,
    undo,
    use,
)

__all__ = [
    "BenefitCouponUsed",
    "NoBenefitUse",
    "Receipt",
    "confirm",
    "follow_facts",
    "release",
    "undo",
    "undo_import",
    "use",
]
