"""The quote: what a basket would earn by the one fold, what could be taken off it and how best. Writes nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.loyalty import inputs, previews
from regulars.loyalty import queries as loyalty
from regulars.loyalty.actions.commands import spendable_of
from regulars.loyalty.benefits import queries as benefit_queries
from regulars.loyalty.benefits.applying import applicable
from regulars.loyalty.benefits.rules import AppliedBenefit, Bill
from regulars.loyalty.checkout import combining
from regulars.loyalty.checkout.queries import ended_holds
from regulars.loyalty.checkout.rules import NO_WORTH, Basket, Chosen, Offered, Outcome, Pay, Prospect, Quote, Worth
from regulars.loyalty.checkout.standing import stand_of
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.coupons.rules import CouponRefused, Promise, check
from regulars.loyalty.currencies import POINTS
from regulars.loyalty.rate import Fold
from regulars.loyalty.refolding import begun
from regulars.loyalty.rules import COMMAND_SOURCE, Item, ItemKind, Policies, Policy
from regulars.loyalty.tiers import tier_on

BASKET = 0
"""The id of the order that is not there yet; facts count from 1."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """For whom, when and by which rules a basket is quoted."""

    customer_id: int | None
    basket: Basket
    policies: Policies
    zone: ZoneInfo
    at: datetime
    worth: Worth

    @property
    def policy(self) -> Policy:
        """The version of the basket's moment."""
        return self.policies.at(self.basket.at)


def quote(
    *,
    customer_id: int | None,
    basket: Basket,
    policies: Policies,
    zone: ZoneInfo,
    at: datetime,
    worth: Worth = NO_WORTH,
    inside: Collection[int] = (),
) -> Quote:
    """What a basket would come to for this very customer, or for a new one.

    Args:
        customer_id: Who stands for the group; None if nobody is known.
        worth: What points are worth in money.
        inside: Those segments that rules ask about and the customer is in.
    """
    asked = _Asked(customer_id, basket, policies, zone, at, worth)
    day = business_date(basket.at, zone)
    order = loyalty.order_item(
        BASKET, customer_id or 0, basket.at, day, COMMAND_SOURCE - 1, "", basket.paid, basket.body, basket.store_id
    )
    inputs.read_now({order.customer_id: [order]}, {order.customer_id: inside}, policies)
    stand = _in_turn(order, asked) or _from_the_start(order, asked)
    fold = stand.fold
    tier = asked.policy.tiers[min(tier_on(fold.growth, policies, day, fold.grants), len(asked.policy.tiers) - 1)]
    offered = tuple(_offered(one, asked) for one in stand.coupons)
    benefits = _benefits(asked, tier.code)
    best = combining.best(
        [one.promise for one in offered if one.refused is None],
        [one for one in benefits if one.refused is None],
        paid=basket.paid, terms=asked.policy.checkout, takes_off=lambda promise, left: _off(promise, left, asked),
    )  # fmt: skip
    prospect = _prospect(order, fold)
    earns = _outcome(order, fold, best.off_minor, 0, prospect)
    spendable = stand.spendable()
    pay = _pay(spendable, best, asked)
    then = _outcome(order, fold, best.off_minor, pay.minor, prospect) if pay.minor and not stand.later else earns
    return Quote(
        customer_id, tier, spendable, prospect, offered, tuple(benefits), best, pay, earns, then, bool(fold.frozen)
    )


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where somebody stands before a basket: the fold, whether `later` things are told, and the coupons to be used.

    `spendable` tells what can be spent now; it is asked last, since the fold may go on for it.
    """

    fold: Fold
    later: bool
    coupons: Sequence[Promise]
    spendable: Callable[[], int]


def _in_turn(order: Item, asked: _Asked) -> _Stand | None:
    """From kept state, where the basket comes after everything else and the state tells enough."""
    who, policies = asked.customer_id, asked.policies
    if who is None:
        return _Stand(Fold(policies), False, (), lambda: 0)
    stand = stand_of(who, at=asked.at)
    if stand is None or stand.standing.whole or stand.standing.last > order.position:
        return None
    if stand.held and ended_holds(at=asked.at, canonical_id=who):
        return None
    return _Stand(begun(stand.standing, stand.used, policies), False, stand.promises, lambda: stand.spendable)


def _from_the_start(order: Item, asked: _Asked) -> _Stand:
    """From the whole history; the fold stops at the basket."""
    groups, histories = loyalty.histories([asked.customer_id or 0], asked.policies)
    items = histories.get(asked.customer_id or 0, [])
    fold = Fold(asked.policies)
    for item in items:
        if item.position <= order.position:
            fold.apply(item)
    later = [one for one in items if one.position > order.position]
    promises = coupons.usable(list(groups), at=asked.at) if groups else []
    return _Stand(fold, bool(later), promises, lambda: _spendable(fold, later, asked))


def _spendable(fold: Fold, later: Sequence[Item], asked: _Asked) -> int:
    """What can be spent now; of somebody frozen nothing. The fold goes on to the end of the history."""
    for item in later:
        fold.apply(item)
    fold.settle(asked.at)
    if asked.customer_id:
        # What the next command will do first: holds whose time is over count no more.
        for hold in ended_holds(at=asked.at, canonical_id=asked.customer_id) if fold.holds else ():
            if left := fold.left_of(hold.hold_id):
                day = business_date(asked.at, asked.policies.at(asked.at).zone)
                item = loyalty.command_item(
                    ItemKind.RELEASE, BASKET, hold.customer_id, asked.at, day, left, hold.hold_id
                )  # fmt: skip
                fold.apply(item)
    return 0 if fold.frozen else spendable_of(fold)


def _after(fold: Fold, order: Item) -> Fold:
    """What the order comes to after everything before it; the fold itself stays as it is."""
    probe = Fold(
        fold.policies, growth=list(fold.growth), grants=list(fold.grants), used=dict(fold.used),
        before=fold.before.and_then(fold.purchases()),
    )  # fmt: skip
    probe.frozen = set(fold.frozen)
    probe.apply(order)
    return probe


def _prospect(order: Item, fold: Fold) -> Prospect:
    """What the basket earns; what comes later than it does not change that."""
    probe = _after(fold, order)
    lot = next((lot for key, lot in probe.lots.items() if (key.origin_id, key.currency) == (BASKET, POINTS)), None)
    usable_at = None if lot is None or lot.frozen else lot.effective_at
    return Prospect(
        previews.earning_of(probe, BASKET), usable_at, lot.expires_at if lot else None, fold.policies.at(order.at)
    )


def _outcome(order: Item, fold: Fold, off_minor: int, pay_minor: int, prospect: Prospect) -> Outcome:
    """What it earns when so much is taken off, and points pay so much of the rest: nothing accrues on that part."""
    if not off_minor and not pay_minor:
        return Outcome(prospect.earning.points, prospect.earning.growth)
    paid = max(0, order.paid - off_minor)
    base = max(0, (order.amount or 0) - off_minor - pay_minor)
    earning = previews.earning_of(_after(fold, replace(order, paid=paid, amount=base)), BASKET)
    return Outcome(earning.points, earning.growth)


def _benefits(asked: _Asked, tier: str) -> list[AppliedBenefit]:
    policy, basket = asked.policy, asked.basket
    if asked.customer_id is None or not policy.benefits:
        return []
    holder = benefit_queries.holder(asked.customer_id, policies=asked.policies, at=basket.at, tier=tier)
    if holder is None:
        return []
    return applicable(policy.benefits, holder, bill_of(basket), at=basket.at, zone=policy.zone)


def bill_of(basket: Basket | None) -> Bill:
    """A basket as benefits look at it."""
    if basket is None:
        return Bill()
    goods = max(0, basket.paid - basket.shipping)
    store = None if basket.store_id is None else str(basket.store_id)
    return Bill(goods, basket.shipping, channel=str(basket.body["channel"]), store=store)


def _pay(spendable: int, best: Chosen, asked: _Asked) -> Pay:
    """How many points could pay how much of what is left; no point for nothing."""
    if not asked.worth.points or not asked.worth.minor:
        return Pay()
    most = asked.worth.most(best.due_minor, asked.policy.checkout.points_percent)
    minor = asked.worth.pays(min(spendable, most)) or 0
    return Pay(asked.worth.needs(minor), minor)


def _off(promise: Promise, left: int, asked: _Asked) -> int:
    return check(promise, at=asked.at, zone=asked.zone, spend_minor=left, customer_id=asked.customer_id)


def _offered(promise: Promise, asked: _Asked) -> Offered:
    try:
        return Offered(promise, _off(promise, asked.basket.paid, asked))
    except CouponRefused as refused:
        return Offered(promise, 0, refused)
