"""A claim ends without the reward: cancelled, or not collected in time. Points, stock and coupon go back."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.customers import actions as customers
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.actions.commands import decide
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries as coupon_queries
from regulars.loyalty.models import RewardClaim
from regulars.loyalty.rewards import catalogue, queries
from regulars.loyalty.rewards.refusals import ClaimCouponUsed
from regulars.loyalty.rewards.rules import Claim, ClaimState, check_cancel, one_of
from regulars.loyalty.rules import ItemKind, Policies


def cancel(*, claim_id: int, policies: Policies, zone: ZoneInfo, actor: str, at: datetime) -> Claim:
    """Give the points back and put the piece back; cancelled once, however often it is asked.

    To be called inside a transaction.

    Raises:
        NoClaim: There is none.
        ClaimCollected, ClaimCouponUsed: The member has had it.
    """
    return _end(claim_id, ClaimState.CANCELLED, lambda claim: check_cancel(claim, zone=zone), policies, actor, at)


def lapse(*, claim_id: int, policies: Policies, at: datetime) -> Claim:
    """End a claim that was not collected in time; one that was, or that has time left, stays as it is.

    To be called inside a transaction.

    Raises:
        NoClaim: There is none.
    """
    return _end(claim_id, ClaimState.LAPSED, None, policies, "", at)


def _end(
    claim_id: int, why: ClaimState, check: Callable[[Claim], None] | None, policies: Policies, actor: str, at: datetime
) -> Claim:
    """Under the customer's lock, then the coupon's and the reward's: what is read here cannot change any more."""
    customers.lock_groups([queries.of_id(claim_id).claim.customer_id])
    claim = queries.of_id(claim_id).claim
    if not claim.stands or (check is None and not claim.is_over(at)):
        return claim
    if check is not None:
        check(claim)
    coupon = [(Kind.COUPON_USES, claim.coupon_id)] if claim.coupon_id is not None else []
    limits.hold([*coupon, (Kind.REWARD_STOCK, claim.reward_id)])
    _withdraw(claim, actor, at)
    receipt = decide(
        kind=ItemKind.REVERSE, customer_id=claim.customer_id, amount=None, key=f"reward:{claim_id}:ended", at=at,
        policies=policies, refers_to=claim.command_id, actor=actor,
    )  # fmt: skip
    limits.give_back([one_of(catalogue.reward(claim.reward_id, at=at))], taken_at=claim.at)
    RewardClaim.objects.filter(pk=claim_id).update(
        reversal_id=receipt.command_id, ended_at=receipt.at, ended_by=actor, ended_why=why
    )
    return queries.of_id(claim_id).claim


def _withdraw(claim: Claim, actor: str, at: datetime) -> None:
    """Take the coupon back that the claim gave, unless it was used; the caller holds its lock."""
    if claim.coupon_id is None:
        return
    if coupon_queries.promises([claim.coupon_id], at=at)[claim.coupon_id].used:
        raise ClaimCouponUsed("The coupon that it gave was used, so the points do not go back.")
    coupons.void(coupon_ids=[claim.coupon_id], actor=actor, at=at)
