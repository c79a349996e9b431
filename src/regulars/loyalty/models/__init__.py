"""The programme's versions, what was commanded, where each customer's fold stands, and coupons."""

from regulars.loyalty.models.coupons import Coupon, CouponUse, Offer, OfferVersion, UnmatchedCode
from regulars.loyalty.models.programme import Command, PolicyVersion, Standing, TierInterval, Verification

__all__ = [
    "Command",
    "Coupon",
    "CouponUse",
    "Offer",
    "OfferVersion",
    "PolicyVersion",
    "Standing",
    "TierInterval",
    "UnmatchedCode",
    "Verification",
]
