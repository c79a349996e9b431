"""Breadth: over how many categories a customer buys."""

from datetime import date

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature


def _sums(bought: ir.Table, day: date) -> Columns:
    return {"categories": bought.count()}


def _values(summed: ir.Table, day: date) -> Columns:
    return {"categories": summed.categories.fill_null(0)}


FAMILY = Family(
    (
        Feature(
            "categories", "breadth", "count", Text("购买品类数", "Categories bought"),
            Text(
                "买过几个品类的商品；没有商品明细或商品没有品类时为 0。",
                "Over how many product categories the customer bought; 0 where lines or categories are not known.",
            ),
        ),
    ),
    _values,
    {"baskets": _sums},
)  # fmt: skip
