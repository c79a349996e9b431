"""The quote: what a basket would earn by the one fold, which coupons apply, and what can be spent. Writes nothing."""

from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.customers import queries as customers
from regulars.loyalty import previews
from regulars.loyalty import queries as loyalty
from regulars.loyalty.actions.commands import spendable_of
from regulars.loyalty.checkout.queries import ended_holds
from regulars.loyalty.checkout.rules import Basket, Offered, Prospect, Quote
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.coupons.rules import CouponRefused, Promise, check
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import COMMAND_SOURCE, Item, ItemKind, Policies
from regulars.loyalty.tiers import tier_on

BASKET = 0
"""The id of the order that is not there yet; facts count from 1."""


def quote(*, customer_id: int | None, basket: Basket, policies: Policies, zone: ZoneInfo, at: datetime) -> Quote:
    """What a basket would come to for this very customer, or for a new one.

    Args:
        customer_id: Who stands for the group; None if nobody is known.
    """
    items = loyalty.histories([customer_id], policies)[1].get(customer_id, []) if customer_id else []
    fold = Fold(policies)
    for item in items:
        fold.apply(item)
    fold.settle(at)
    if customer_id:
        _release_ended(fold, customer_id, policies, at)
    day = business_date(basket.at, zone)
    policy = policies.at(basket.at)
    tier = policy.tiers[min(tier_on(fold.growth, policies, day), len(policy.tiers) - 1)]
    order = loyalty.order_item(
        BASKET, customer_id or 0, basket.at, day, COMMAND_SOURCE - 1, "", basket.paid, basket.body, basket.store_id
    )
    return Quote(
        customer_id,
        tier,
        spendable_of(fold),
        _prospect(order, items, policies),
        tuple(_offered(promise, basket, customer_id, zone, at) for promise in _promises(customer_id, at)),
    )


def _release_ended(fold: Fold, canonical_id: int, policies: Policies, at: datetime) -> None:
    """What the next command will do first: holds whose time is over count no more."""
    for hold in ended_holds(at=at, canonical_id=canonical_id):
        if left := fold.left_of(hold.hold_id):
            day = business_date(at, policies.at(at).zone)
            fold.apply(loyalty.command_item(ItemKind.RELEASE, BASKET, hold.customer_id, at, day, left, hold.hold_id))


def _prospect(order: Item, items: list[Item], policies: Policies) -> Prospect:
    """Fold the history with the basket in its place; what comes later does not change what it earns."""
    fold = Fold(policies)
    for item in [*(one for one in items if one.position <= order.position), order]:
        fold.apply(item)
    lot = next((lot for key, lot in fold.lots.items() if key.origin_id == BASKET), None)
    return Prospect(
        previews.earning_of(fold, BASKET),
        lot.effective_at if lot else None,
        lot.expires_at if lot else None,
        policies.at(order.at),
    )


def _promises(customer_id: int | None, at: datetime) -> list[Promise]:
    """The customer's coupons that have not ended, the first to end first."""
    if customer_id is None:
        return []
    ids = coupons.not_ended(list(customers.members([customer_id])), at=at)
    promises = coupons.promises(ids, at=at) if ids else {}
    return [promises[one] for one in ids if promises[one].uses_left]


def _offered(promise: Promise, basket: Basket, customer_id: int | None, zone: ZoneInfo, at: datetime) -> Offered:
    try:
        off = check(promise, at=at, zone=zone, spend_minor=basket.paid, customer_id=customer_id)
    except CouponRefused as refused:
        return Offered(promise, 0, refused)
    return Offered(promise, off)
