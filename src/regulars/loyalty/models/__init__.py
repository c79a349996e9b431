"""The programme's versions, what was commanded, where each customer's fold stands, coupons, and simulations."""

from regulars.loyalty.models.checkout import CheckoutStep
from regulars.loyalty.models.coupons import Coupon, CouponUse, Offer, OfferVersion, UnmatchedCode
from regulars.loyalty.models.programme import (
    Command,
    PolicyVersion,
    ProgrammeDraft,
    Standing,
    TierInterval,
    UsedLimit,
    Verification,
)
from regulars.loyalty.models.simulation import Simulation

__all__ = [
    "CheckoutStep",
    "Command",
    "Coupon",
    "CouponUse",
    "Offer",
    "OfferVersion",
    "PolicyVersion",
    "ProgrammeDraft",
    "Simulation",
    "Standing",
    "TierInterval",
    "UnmatchedCode",
    "UsedLimit",
    "Verification",
]
