"""Money: what a customer spent, net of what was given back."""

from datetime import date, timedelta

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import YEAR_DAYS, Columns, Family, Feature


def _sums(bought: ir.Table, day: date) -> Columns:
    recent = bought.day >= day - timedelta(days=YEAR_DAYS)
    return {"net": bought.net.sum(), "net_365": bought.net.sum(where=recent)}


def _values(summed: ir.Table, day: date) -> Columns:
    return {
        "spent_minor": summed.net.fill_null(0).cast("int64"),
        "spent_365_minor": summed.net_365.fill_null(0).cast("int64"),
    }


FAMILY = Family(
    (
        Feature(
            "spent_minor", "money", "minor", Text("累计消费", "Spent"),
            Text("至今实付的钱，减去已退的。", "Paid so far, less what was given back."),
        ),
        Feature(
            "spent_365_minor", "money", "minor", Text("近一年消费", "Spent in 365 days"),
            Text(
                "最近 365 天内的订单实付的钱，减去已退的。",
                "Paid for orders of the last 365 days, less what was given back of them.",
            ),
        ),
    ),
    _values,
    {"purchases": _sums},
)  # fmt: skip
