"""What something would come to, asked before anything is written; the answer is the fold's own."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from regulars.core.calendar import business_date
from regulars.facts.rules import Body
from regulars.ledger.rules import Currency, LotKey, OriginKind
from regulars.loyalty.earning.members import Member
from regulars.loyalty.earning.reading import ORDER
from regulars.loyalty.earning.rules import Award, Earning, Earns
from regulars.loyalty.keeping import PLAIN
from regulars.loyalty.memos import Purchases
from regulars.loyalty.queries import order_item
from regulars.loyalty.rate import Fold
from regulars.loyalty.rules import Item, ItemKind, Policies, Policy


def points_of_order(*, at: datetime, day: date, paid: int, body: Body, policies: Policies) -> int:
    """Points that an order of a new customer would earn; `paid` in minor units."""
    fold = Fold(policies)
    item, asked = order_item(1, 1, at, day, 1, "1", paid, body), policies.at(at).inputs.get(ORDER)
    item.inputs = asked.of(Member(joined_on=day), day) if asked else None
    fold.apply(item)
    return sum(lot.issued for key, lot in fold.lots.items() if key.currency == Currency.POINTS)


NOBODY = Member()
"""A customer of whom nothing is known."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An order that somebody makes up, to see what it would earn.

    Attributes:
        amount: Paid, and all of it earns; in minor units.
        tier: Code of the tier that the customer has by then.
        goods: (product id, pieces, amount) of its lines; none: one line of nothing in particular.
        orders_before: Orders that the customer made before; the last of them `days_since_last` days ago.
        member: What else rules may ask about the customer.
    """

    amount: int
    tier: str
    at: datetime
    channel: str = "store"
    store: int | None = None
    goods: tuple[tuple[str, int, int], ...] = ()
    orders_before: int = 1
    days_since_last: int = 30
    member: Member = NOBODY


def earned_by(sample: Sample, policy: Policy) -> Earning:
    """What an order would earn under a version, and by which rules; nothing of a limit is used up yet."""
    day = business_date(sample.at, policy.zone)
    # A tier is had by its growth of the same day; how long it would be held has no part in what an order earns.
    fold = Fold(Policies([(sample.at, replace(policy, keeping=PLAIN))]))
    if growth := next((tier.threshold for tier in policy.tiers if tier.code == sample.tier), 0):
        fold.growth.append((day, growth))
    if sample.orders_before:
        last = sample.at - timedelta(days=sample.days_since_last)
        fold.before = Purchases(sample.orders_before, 0, last, last)
    goods = sample.goods or (("", 1, sample.amount),)
    lines = tuple((str(place), line[2]) for place, line in enumerate(goods, 1))
    told = [[str(place), sku, pieces, amount] for place, (sku, pieces, amount) in enumerate(goods, 1)]
    asked = policy.inputs.get(ORDER)
    fold.apply(
        Item(
            ItemKind.ORDER, 1, 1, sample.at, day, 1, "1", sample.amount, sample.amount, sample.channel, lines,
            store=sample.store, goods=told, inputs=asked.of(sample.member, day) if asked else None,
        )
    )  # fmt: skip
    return earning_of(fold, 1)


def earning_of(fold: Fold, fact_id: int) -> Earning:
    """What the fold gave for an order; where its version has no rules, all of it is the base."""
    if fact_id in fold.earnings:
        return fold.earnings[fact_id]
    key = LotKey(OriginKind.FACT, fact_id, Currency.POINTS)
    points = fold.lots[key].issued if key in fold.lots else 0
    grown = sum(
        one.amount
        for one in fold.transfers
        if (one.currency, one.origin_kind, one.origin_id) == (Currency.GROWTH, OriginKind.FACT, fact_id)
    )
    awards = [(Earns.POINTS, points), (Earns.GROWTH, grown)]
    return Earning(points, grown, [Award("", earns, whole, whole) for earns, whole in awards if whole])
