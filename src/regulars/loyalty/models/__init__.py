"""The programme's versions, what was commanded, where each customer's fold stands, coupons, and simulations."""

from regulars.loyalty.models.coupons import Coupon, CouponUse, Offer, OfferVersion, UnmatchedCode
from regulars.loyalty.models.programme import Command, PolicyVersion, Standing, TierInterval, UsedLimit, Verification
from regulars.loyalty.models.simulation import Simulation

__all__ = [
    "Command",
    "Coupon",
    "CouponUse",
    "Offer",
    "OfferVersion",
    "PolicyVersion",
    "Simulation",
    "Standing",
    "TierInterval",
    "UnmatchedCode",
    "UsedLimit",
    "Verification",
]
