"""Points: what a customer earns and does with it."""

from datetime import date

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature, ratio


def _sums(points: ir.Table, day: date) -> Columns:
    return {name: points[name].sum() for name in ("earned", "redeemed", "expired")}


def _values(summed: ir.Table, day: date) -> Columns:
    earned, redeemed, expired = (summed[name].fill_null(0).cast("int64") for name in ("earned", "redeemed", "expired"))
    share = ratio(ibis.least(redeemed, earned), earned, 4)
    return {
        "points_earned": earned,
        "points_redeemed": redeemed,
        "points_expired": expired,
        "redeemed_share": ibis.cases((earned > 0, share)),
    }


FAMILY = Family(
    (
        Feature(
            "points_earned", "points", "points", Text("获得积分", "Points earned"),
            Text("至今获得的积分，已扣除退款收回的。", "Points earned so far, less those taken back for returns."),
        ),
        Feature(
            "points_redeemed", "points", "points", Text("已兑积分", "Points redeemed"),
            Text("至今兑换用掉的积分。", "Points redeemed so far."),
        ),
        Feature(
            "points_expired", "points", "points", Text("过期积分", "Points expired"),
            Text("至今过期的积分。", "Points that expired so far."),
        ),
        Feature(
            "redeemed_share", "points", "share", Text("兑换率", "Redemption share"),
            Text(
                "获得的积分里兑换了多少，最多为 1；没有积分则为空。",
                "How much of the points earned was redeemed, at most 1; empty without points.",
            ),
        ),
    ),
    _values,
    {"points": _sums},
)  # fmt: skip
