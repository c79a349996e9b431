"""Trend: the last 90 days against the 90 before."""

from datetime import date, timedelta

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import QUARTER_DAYS, Columns, Family, Feature, ratio


def _sums(bought: ir.Table, day: date) -> Columns:
    start = day - timedelta(days=QUARTER_DAYS)
    last = bought.day >= start
    before = (bought.day >= start - timedelta(days=QUARTER_DAYS)) & (bought.day < start)
    return {
        "orders_90": bought.count(where=last),
        "orders_90_before": bought.count(where=before),
        "net_90": bought.net.sum(where=last),
        "net_90_before": bought.net.sum(where=before),
    }


def _values(summed: ir.Table, day: date) -> Columns:
    last, before = (summed[name].fill_null(0).cast("int64") for name in ("net_90", "net_90_before"))
    return {
        "orders_90": summed.orders_90.fill_null(0),
        "orders_90_before": summed.orders_90_before.fill_null(0),
        "spent_90_minor": last,
        "spent_90_before_minor": before,
        "spend_trend": ratio(last - before, last + before, 4),
    }


FAMILY = Family(
    (
        Feature(
            "orders_90", "trend", "orders", Text("近 90 天订单数", "Orders in 90 days"),
            Text("最近 90 天内的订单。", "Orders in the last 90 days."),
        ),
        Feature(
            "orders_90_before", "trend", "orders", Text("之前 90 天订单数", "Orders in the 90 days before"),
            Text("再往前 90 天内的订单。", "Orders in the 90 days before those."),
        ),
        Feature(
            "spent_90_minor", "trend", "minor", Text("近 90 天消费", "Spent in 90 days"),
            Text(
                "最近 90 天内的订单实付的钱，减去已退的。",
                "Paid for orders of the last 90 days, less what was given back.",
            ),
        ),
        Feature(
            "spent_90_before_minor", "trend", "minor", Text("之前 90 天消费", "Spent in the 90 days before"),
            Text("再往前 90 天内的订单实付的钱，减去已退的。", "The same for the 90 days before those."),
        ),
        Feature(
            "spend_trend", "trend", "ratio", Text("消费趋势", "Spending trend"),
            Text(
                "近 90 天与之前 90 天消费之差，除以两者之和：1 是全在近期，-1 是近期没有，0 是持平；"
                "两段都没花钱则为空。",
                "The last 90 days less the 90 before, over both: 1 if all is recent, -1 if none is, 0 if level; "
                "empty if nothing was spent in either.",
            ),
        ),
    ),
    _values,
    {"purchases": _sums},
)  # fmt: skip
