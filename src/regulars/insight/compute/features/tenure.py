"""Tenure: how long a customer has been with the business."""

from datetime import date

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature


def _sums(bought: ir.Table, day: date) -> Columns:
    return {"first_day": bought.day.min()}


def _values(summed: ir.Table, day: date) -> Columns:
    today = ibis.literal(day)
    # An order may be older than the day on which the customer was first named.
    came = ibis.least(summed.joined_on, summed.first_day.fill_null(summed.joined_on))
    return {
        "tenure_days": today.delta(came, unit="day"),
        "first_purchase_day": summed.first_day,
        "buying_days": today.delta(summed.first_day, unit="day"),
    }


FAMILY = Family(
    (
        Feature(
            "tenure_days", "tenure", "days", Text("相识天数", "Days known"),
            Text(
                "从入会或首次购买（取较早者）到今天的天数。",
                "Days since joining or the first purchase, whichever came first.",
            ),
        ),
        Feature(
            "first_purchase_day", "tenure", "date", Text("首次购买日", "First purchase"),
            Text("第一次购买是哪天；没买过则为空。", "The day of the first purchase; empty if there is none."),
        ),
        Feature(
            "buying_days", "tenure", "days", Text("距首次购买天数", "Days since first purchase"),
            Text("从第一次购买到今天的天数；没买过则为空。", "Days since the first purchase; empty if there is none."),
        ),
    ),
    _values,
    {"either": _sums},
)  # fmt: skip
