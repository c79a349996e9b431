"""Coupons that rules give: issued in the transaction of the order that earned them, taken back when it is undone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.coupons.actions.issuing import NewCoupon, OfferArchived, issue_many, void
from regulars.loyalty.coupons.offers import NoOffer
from regulars.loyalty.earning.coupon import CouponGiven
from regulars.loyalty.earning.rules import Earns
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, Policies

BY_RULE = "rule:"
"""How the keys of these coupons begin: `rule:<rule>:<fact>:<ordinal>`."""
log = structlog.get_logger(__name__)


class _Earned(NamedTuple):
    """A coupon that a rule gives for an item; `undone`: not any more, since its order is."""

    offer: int
    key: str
    customer_id: int
    undone: bool


def give(folds: Iterable[tuple[Sequence[Item], Fold]], policies: Policies, at: datetime) -> None:
    """Issue what these folds give and was not issued yet; take back what undone orders had given and nobody used.

    An offer that was put away gives nothing more, and keeps no order from being recorded.
    """
    wanted: dict[int, list[NewCoupon]] = defaultdict(list)
    undone: list[str] = []
    for earned in _earned(folds):
        if earned.undone:
            undone.append(earned.key)
        else:
            wanted[earned.offer].append(NewCoupon(earned.key, earned.customer_id))
    for offer, some in sorted(wanted.items()):
        try:
            issue_many(offer_id=offer, wanted=some, zone=policies.at(at).zone, at=at)
        except (OfferArchived, NoOffer) as error:
            log.warning("A rule gives coupons of an offer that gives none.", offer=offer, why=error.code)
    if undone and (ids := coupons.ids_by_keys(undone)):
        void(coupon_ids=ids, actor="", at=at)


def _earned(folds: Iterable[tuple[Sequence[Item], Fold]]) -> Iterable[_Earned]:
    for items, fold in folds:
        for item in items:
            earning = fold.earnings.get(item.origin_id)
            if earning is None or not (item.event or item.lines):
                continue
            for award in earning.awards:
                if award.earns is Earns.COUPON:
                    offer = _offers(fold, item)[award.code]
                    for ordinal in range(award.given):
                        key = f"{BY_RULE}{award.code}:{item.origin_id}:{ordinal}"
                        yield _Earned(offer, key, item.customer_id, fold.is_undone(item))


def _offers(fold: Fold, item: Item) -> Mapping[str, int]:
    rules = (rule for rules in fold.policies.at(item.at).earning.values() for rule in rules)
    return {rule.code: rule.effect.offer for rule in rules if isinstance(rule.effect, CouponGiven)}
