"""Frequency: how many orders a customer made."""

from datetime import date, timedelta

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import YEAR_DAYS, Columns, Family, Feature


def _sums(bought: ir.Table, day: date) -> Columns:
    recent = bought.day >= day - timedelta(days=YEAR_DAYS)
    return {"orders": bought.count(), "orders_365": bought.count(where=recent)}


def _values(summed: ir.Table, day: date) -> Columns:
    return {"orders": summed.orders.fill_null(0), "orders_365": summed.orders_365.fill_null(0)}


FAMILY = Family(
    (
        Feature(
            "orders", "frequency", "orders", Text("累计订单数", "Orders"),
            Text(
                "至今下过的订单。取消的不算；全额退款的仍算，因为顾客来过。",
                "Orders so far. Cancelled ones do not count; fully refunded ones do, since the customer came.",
            ),
        ),
        Feature(
            "orders_365", "frequency", "orders", Text("近一年订单数", "Orders in 365 days"),
            Text("最近 365 天内的订单。", "Orders in the last 365 days."),
        ),
    ),
    _values,
    {"purchases": _sums},
)  # fmt: skip
