"""Order value: what an order of this customer is worth."""

from datetime import date

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature, ratio


def _sums(bought: ir.Table, day: date) -> Columns:
    return {"orders": bought.count(), "net": bought.net.sum(), "net_max": bought.net.max()}


def _values(summed: ir.Table, day: date) -> Columns:
    return {"average_order_minor": ratio(summed.net, summed.orders, 0), "largest_order_minor": summed.net_max}


FAMILY = Family(
    (
        Feature(
            "average_order_minor", "order_value", "minor", Text("客单价", "Average order"),
            Text(
                "平均每单花多少钱，已扣除退款；没买过则为空。",
                "What an order brings on average, net of returns; empty without orders.",
            ),
        ),
        Feature(
            "largest_order_minor", "order_value", "minor", Text("最大一单", "Largest order"),
            Text(
                "花得最多的一单，已扣除退款；没买过则为空。",
                "The largest order, net of returns; empty without orders.",
            ),
        ),
    ),
    _values,
    {"purchases": _sums},
)  # fmt: skip
