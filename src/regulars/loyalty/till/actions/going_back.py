"""What a step handed over or used, and how that goes back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.customers import queries as customers
from regulars.loyalty.checkout import actions as checkout
from regulars.loyalty.checkout.actions import Desk
from regulars.loyalty.checkout.rules import Ask
from regulars.loyalty.rewards import actions as rewards
from regulars.loyalty.rewards.rules import Claim, RewardKind
from regulars.loyalty.rules import ItemKind, Policies
from regulars.loyalty.till.rules import Step


def hand_over(
    claim: Claim, *, key: str, store_id: int | None, zone: ZoneInfo, actor: str, at: datetime
) -> Claim:  # fmt: skip
    """Hand an item over that was claimed here and now; a coupon was issued with the claim."""
    if claim.kind is RewardKind.COUPON:
        return claim
    return rewards.collect(
        claim_id=claim.id, key=key, store=claim.store, store_id=store_id, zone=zone, actor=actor, at=at
    )


def give_back(step: Step, *, policies: Policies, zone: ZoneInfo, actor: str, at: datetime) -> None:
    """Give back what a step took: the reward's price, coupons and benefits. To be called inside a transaction.

    Raises:
        ClaimCouponUsed: The coupon that it gave was used meanwhile.
    """
    if step.claim_id is not None:
        rewards.put_back(claim_id=step.claim_id)
        rewards.cancel(claim_id=step.claim_id, policies=policies, zone=zone, actor=actor, at=at)
    if step.checkout_id is not None:
        ask = Ask(ItemKind.REVERSE, f"till:{step.key}:undo", None, refers_to=step.checkout_id, actor=actor)
        checkout.take_step(ask=ask, desk=Desk(policies, zone, at))


def group_of(step: Step) -> list[int]:
    """Who stands for the customer's group now."""
    return list(customers.canonicals([step.customer_id]).values())
