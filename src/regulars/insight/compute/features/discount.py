"""Discount: how far a customer buys at a reduced price."""

from datetime import date

import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.feature import Columns, Family, Feature, ratio


def _sums(bought: ir.Table, day: date) -> Columns:
    return {
        "orders": bought.count(),
        "paid": bought.paid.sum(),
        "discount": bought.discount.sum(),
        "discounted": bought.count(where=bought.discount > 0),
    }


def _values(summed: ir.Table, day: date) -> Columns:
    return {
        "discount_minor": summed.discount.fill_null(0).cast("int64"),
        "discount_share": ratio(summed.discount, summed.discount + summed.paid, 4),
        "discounted_orders_share": ratio(summed.discounted, summed.orders, 4),
    }


FAMILY = Family(
    (
        Feature(
            "discount_minor", "discount", "minor", Text("优惠金额", "Discounts"),
            Text("店里给过的优惠；来源不提供时为 0。", "Discounts given so far; 0 where the source does not tell."),
        ),
        Feature(
            "discount_share", "discount", "share", Text("优惠占比", "Discount share"),
            Text(
                "优惠占原价（实付加优惠）的多少；没买过则为空。",
                "Discounts over the full price (paid and discount); empty without orders.",
            ),
        ),
        Feature(
            "discounted_orders_share", "discount", "share", Text("优惠单占比", "Orders with a discount"),
            Text("有优惠的订单占多少；没买过则为空。", "The share of orders with a discount; empty without orders."),
        ),
    ),
    _values,
    {"purchases": _sums},
)  # fmt: skip
