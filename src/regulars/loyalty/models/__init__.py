"""The programme's versions, what was commanded, where folds stand, coupons, rewards, benefits, risk, simulations."""

from regulars.loyalty.models.badges import MemberBadge
from regulars.loyalty.models.benefits import BenefitUse
from regulars.loyalty.models.budgets import BudgetShare, RuleBudget
from regulars.loyalty.models.checkout import CheckoutStep
from regulars.loyalty.models.coupons import Coupon, CouponBatch, CouponUse, Offer, OfferVersion, UnmatchedCode
from regulars.loyalty.models.grants import TierGrant
from regulars.loyalty.models.inputs import FactInput
from regulars.loyalty.models.programme import (
    Command,
    PolicyVersion,
    ProgrammeDraft,
    Standing,
    TierInterval,
    UsedLimit,
    Verification,
)
from regulars.loyalty.models.rewards import Reward, RewardClaim, RewardVersion
from regulars.loyalty.models.risk import PointsProposal, RiskBound, RiskCase, RiskMark, RiskStep
from regulars.loyalty.models.simulation import Simulation
from regulars.loyalty.models.taking_over import ParallelDifference, ParallelRun
from regulars.loyalty.models.till import TillStep

__all__ = [
    "BenefitUse",
    "BudgetShare",
    "CheckoutStep",
    "Command",
    "Coupon",
    "CouponBatch",
    "CouponUse",
    "FactInput",
    "MemberBadge",
    "Offer",
    "OfferVersion",
    "ParallelDifference",
    "ParallelRun",
    "PointsProposal",
    "PolicyVersion",
    "ProgrammeDraft",
    "Reward",
    "RewardClaim",
    "RewardVersion",
    "RiskBound",
    "RiskCase",
    "RiskMark",
    "RiskStep",
    "RuleBudget",
    "Simulation",
    "Standing",
    "TierGrant",
    "TierInterval",
    "TillStep",
    "UnmatchedCode",
    "UsedLimit",
    "Verification",
]
