"""Recency: how long ago a customer last came."""

from datetime import date

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature


def _sums(bought: ir.Table, day: date) -> Columns:
    return {"last_day": bought.day.max()}


def _values(summed: ir.Table, day: date) -> Columns:
    return {
        "last_purchase_day": summed.last_day,
        "recency_days": ibis.literal(day).delta(summed.last_day, unit="day"),
    }


FAMILY = Family(
    (
        Feature(
            "last_purchase_day", "recency", "date", Text("最近购买日", "Last purchase"),
            Text("最近一次购买是哪天；没买过则为空。", "The day of the latest purchase; empty if there is none."),
        ),
        Feature(
            "recency_days", "recency", "days", Text("距上次购买天数", "Days since last purchase"),
            Text(
                "最近一次购买到今天过了几天，昨天买的记 1；没买过则为空。",
                "Days from the latest purchase until today, 1 if it was yesterday; empty if there is none.",
            ),
        ),
    ),
    _values,
    {"either": _sums},
)  # fmt: skip
