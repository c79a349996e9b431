"""Claiming a reward: points are taken and one piece is set aside, both or neither."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError

from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.customers import queries as customer_queries
from regulars.facts.rules import KeyReused
from regulars.limits import actions as limits
from regulars.limits.rules import Kind
from regulars.loyalty.actions.commands import UnknownCustomer, decide
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.models import RewardClaim
from regulars.loyalty.rewards import catalogue, codes, queries
from regulars.loyalty.rewards.actions.ending import lapse
from regulars.loyalty.rewards.choosing import claimant
from regulars.loyalty.rewards.rules import Ask, Claim, Reward, RewardKind, check, collect_by, one_of, sold_out
from regulars.loyalty.rules import ItemKind, Policies

MOST_OVER = 100


def claim(
    *, ask: Ask, segments: frozenset[int], store_id: int | None, policies: Policies, zone: ZoneInfo, at: datetime
) -> Claim:
    """Claim a reward, or refuse and change nothing. To be called inside a transaction.

    Two tills that ask for the last one at the same moment are answered one after the other: the customer's lock decides
    about the points and how often one member may, the reward's about what is left.

    Args:
        segments: Ids of the segments that the customer is in.
    Raises:
        KeyReused: The key was used for another request.
        NoReward, RewardRefused: In one of its kinds.
        InsufficientPoints, AccountFrozen, UnknownCustomer: As they say.
        OfferArchived: Its coupon is not issued any more.
    """
    groups = customers.lock_groups([ask.customer_id])
    if not groups:
        raise UnknownCustomer("No such customer.")
    canonical_id = groups[ask.customer_id]
    if (kept := queries.of_key(ask.key)) is not None:
        return _same(kept, ask)
    reward = catalogue.reward_with_code(ask.reward, at=at)
    if over := _over(canonical_id, reward.id, at):
        for claim_id in over:
            lapse(claim_id=claim_id, policies=policies, at=at)
        reward = catalogue.reward_with_code(ask.reward, at=at)
    day = business_date(at, zone)
    who = claimant(canonical_id, segments=segments, policies=policies, at=at, day=day)
    check(reward, who, day=day, store=ask.store)
    receipt = decide(
        kind=ItemKind.REDEEM, customer_id=ask.customer_id, amount=reward.terms.points, key=ask.key, at=at,
        policies=policies, actor=ask.actor, currency=policies.currency(reward.terms.currency).number,
    )  # fmt: skip
    coupon = _coupon(reward, receipt.command_id, ask.customer_id, zone, at)
    _take(reward, at)
    try:
        made = RewardClaim.objects.create(
            reward_id=reward.id, version_id=reward.version_id, customer_id=ask.customer_id, key=ask.key,
            digest=ask.digest, command_id=receipt.command_id, points=reward.terms.points, spendable=receipt.spendable,
            code=None if coupon else codes.new_code(), coupon_id=coupon, store_id=store_id, at=receipt.at,
            business_date=day, collect_by=None if coupon else collect_by(reward.terms, at, zone), actor=ask.actor,
            recorded_at=at,
        )  # fmt: skip
    except IntegrityError as error:
        raise customers.Contended("The same code was made for two claims; another one will do.") from error
    return queries.of_id(made.pk).claim


def _over(canonical_id: int, reward_id: int, at: datetime) -> list[int]:
    """What this customer did not collect in time: it is given back before anything is counted.

    All rewards that this touches are held at once and in order, or two customers could wait for each other.
    """
    over = queries.over(at=at, most=MOST_OVER, customer_ids=list(customer_queries.members([canonical_id])))
    if over:
        limits.hold((Kind.REWARD_STOCK, one) for one in {reward_id, *queries.rewards_of(over)})
    return over


def _coupon(reward: Reward, command_id: int, customer_id: int, zone: ZoneInfo, at: datetime) -> int | None:
    """Id of the coupon that this reward gives, issued for this very redemption; None for an item."""
    if reward.terms.kind is not RewardKind.COUPON or reward.terms.offer_id is None:
        return None
    key = f"reward:{command_id}"
    return coupons.issue(offer_id=reward.terms.offer_id, key=key, zone=zone, at=at, customer_id=customer_id).coupon_id


def _take(reward: Reward, at: datetime) -> None:
    """Set one piece aside, last of all: whoever wants the same reward waits from here to the end of the transaction."""
    limits.hold([(Kind.REWARD_STOCK, reward.id)])
    if catalogue.latest(reward.id) != (reward.version_id, reward.paused_at):
        raise customers.Contended("The reward was changed meanwhile; it is looked at anew.")
    if limits.take([one_of(reward)], at=at, held=True) != [True]:
        raise sold_out()


def _same(kept: queries.Kept, ask: Ask) -> Claim:
    """The answer that was given before, if it was given to this very request."""
    # By who stands for the group: a merge between two tries changes nothing of what was asked.
    group = customer_queries.canonicals([kept.claim.customer_id, ask.customer_id])
    if kept.digest != ask.digest or group.get(kept.claim.customer_id) != group.get(ask.customer_id):
        raise KeyReused("This key was used for another request; nothing was changed.")
    return kept.claim
