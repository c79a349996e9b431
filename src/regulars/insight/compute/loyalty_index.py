"""The loyalty index 忠诚度, 0 to 100, as a weighted mean of parts that are shown beside it.

Every part is 0 to 100 and answers one question about behaviour. What a customer has not shown yet counts 0, so loyalty
is earned; what the whole shop does not record (no categories, no points, no discounts) is left out for everybody, and
the other weights share its place. Parts that grow without end (visits, years, categories) are x / (x + half) × 100,
where `half` is where a customer stands at 50.
"""

from collections.abc import Callable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import ratio

HALF_VISITS = 4  # purchase days in 365, after the first
HALF_TENURE_DAYS = 365
HALF_CATEGORIES = 2  # after the first


class Part(NamedTuple):
    """A part of the index.

    Attributes:
        weight: In hundredths of the index, when no part is left out.
        value: From the features, 0 to 100; null counts 0.
        recorded: Whether the shop records it at all, over all customers; None if it always does.
    """

    weight: int
    label: Text
    meaning: Text
    value: Callable[[ir.Table], ir.Value]
    recorded: Callable[[ir.Table], ir.Value] | None = None


def _saturating(amount: ir.Value, half: int) -> ir.Value:
    return ratio(100 * amount, amount + half, 0)


def _regularity(features: ir.Table) -> ir.Value:
    # In whole tenths of days, as the feature gives it; a clockwork customer is at 100, one at random at about 50.
    spread = (features.gap_spread_days * 10).round().cast("int64")
    mean = (features.gap_days * 10).round().cast("int64")
    return ratio(100 * mean, mean + spread, 0)


PARTS: dict[str, Part] = {
    "staying": Part(
        25, Text("持续", "Staying"),
        Text(
            "最近的沉默是否正常：在自己的节奏里是 100。",
            "Whether today's silence is normal: 100 within the own rhythm.",
        ),
        lambda t: 100 - t.silence_score,
    ),
    "visits": Part(
        20, Text("常来", "Visits"),
        Text("近一年除第一次外来过几天，4 天为 50。", "Purchase days in 365 after the first; 4 of them are 50."),
        lambda t: _saturating(ibis.greatest(t.purchase_days_365 - 1, 0), HALF_VISITS),
    ),
    "regularity": Part(
        15, Text("规律", "Regularity"),
        Text("来的间隔有多稳定，购买满 3 天才算。", "How even the gaps are; counts from 3 purchase days on."),
        _regularity,
    ),
    "tenure": Part(
        15, Text("长久", "Years"),
        Text("从首次到最近一次购买有多久，一年为 50。", "From the first purchase to the latest; a year is 50."),
        lambda t: _saturating(t.buying_days - t.recency_days, HALF_TENURE_DAYS),
    ),
    "breadth": Part(
        10, Text("广度", "Breadth"),
        Text("除第一个外买过几个品类，2 个为 50。", "Categories bought after the first; 2 of them are 50."),
        lambda t: _saturating(ibis.greatest(t.categories - 1, 0), HALF_CATEGORIES),
        lambda t: t.categories.max() > 1,
    ),
    "points": Part(
        8, Text("积分", "Points"),
        Text("获得的积分用掉了多少，兑换一半就是 100。", "How much of the points was redeemed; half of them is 100."),
        # Engines skip nulls in least(): who has no points would stand at 100.
        lambda t: ibis.cases(
            (t.points_earned > 0, ibis.least(ratio(200 * t.points_redeemed, t.points_earned, 0), 100)), else_=0
        ),
        lambda t: t.points_earned.max() > 0,
    ),
    "full_price": Part(
        7, Text("原价", "Full price"),
        Text("不靠优惠的订单占多少。", "The share of orders without a discount."),
        lambda t: 100 - (t.discounted_orders_share * 100).round().cast("int64"),
        lambda t: t.discount_minor.max() > 0,
    ),
}  # fmt: skip


def index(features: ir.Table) -> ir.Table:
    """The index and its parts of everybody who bought: customer_id, loyalty_index and loyalty_… for each part.

    A part that the shop does not record is null.
    """
    bought = features.filter(features.orders > 0)
    parts = bought.select(
        "customer_id",
        *_recorded_inputs(bought),
        **{name: part.value(bought).fill_null(0) for name, part in PARTS.items()},
    )
    known = parts.aggregate(
        **{f"{name}_known": part.recorded(parts).fill_null(False) for name, part in PARTS.items() if part.recorded}
    )
    beside = parts.cross_join(known)

    def kept(name: str) -> ir.Value:
        known_here = beside[f"{name}_known"] if PARTS[name].recorded else ibis.literal(True)
        return known_here.ifelse(beside[name], ibis.null("int64"))

    weighed = sum(kept(name).fill_null(0) * part.weight for name, part in PARTS.items())
    weights = sum(kept(name).notnull().ifelse(part.weight, 0) for name, part in PARTS.items())
    return beside.select(
        "customer_id", loyalty_index=ratio(weighed, weights, 0), **{f"loyalty_{name}": kept(name) for name in PARTS}
    )


def _recorded_inputs(features: ir.Table) -> list[ir.Value]:
    return [features[name] for name in ("categories", "points_earned", "discount_minor")]
