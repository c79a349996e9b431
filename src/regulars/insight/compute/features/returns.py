"""Returns: how much of what was bought came back."""

from datetime import date

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature, ratio


def _sums(bought: ir.Table, day: date) -> Columns:
    return {
        "paid": bought.paid.sum(),
        "returned": bought.returned.sum(),
        "returned_orders": bought.count(where=bought.returned > 0),
    }


def _values(summed: ir.Table, day: date) -> Columns:
    return {
        "returned_minor": summed.returned.fill_null(0).cast("int64"),
        "returned_orders": summed.returned_orders.fill_null(0),
        "returned_share": ratio(summed.returned, summed.paid, 4),
    }


FAMILY = Family(
    (
        Feature(
            "returned_minor", "returns", "minor", Text("退款金额", "Given back"),
            Text("至今退过的钱，不含取消的订单。", "Given back so far, without cancelled orders."),
        ),
        Feature(
            "returned_orders", "returns", "orders", Text("退过款的订单", "Orders with a return"),
            Text(
                "退过款的订单数，哪怕只退了一部分。",
                "Orders of which something was given back, even if only in part.",
            ),
        ),
        Feature(
            "returned_share", "returns", "share", Text("退款占比", "Share given back"),
            Text(
                "实付的钱里退了多少；没付过钱则为空。",
                "How much of what was paid came back; empty if nothing was paid.",
            ),
        ),
    ),
    _values,
    {"purchases": _sums},
)  # fmt: skip
