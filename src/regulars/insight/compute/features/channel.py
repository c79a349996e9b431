"""Channel: where a customer buys."""

from datetime import date

import ibis
import ibis.expr.types as ir

from regulars.insight.compute.cards import Text
from regulars.insight.compute.features.bases import NONE
from regulars.insight.compute.features.feature import Columns, Family, Feature, ratio


def _orders(bought: ir.Table, day: date) -> Columns:
    return {"orders": bought.count(), "online": bought.count(where=bought.online)}


def _stores(visits: ir.Table, day: date) -> Columns:
    return {"main_store": visits.store_id.argmax(visits.weight)}


def _values(summed: ir.Table, day: date) -> Columns:
    twice = summed.online * 2
    return {
        "online_share": ratio(summed.online, summed.orders, 4),
        "main_channel": ibis.cases(
            (twice > summed.orders, "online"), (twice < summed.orders, "store"), (twice == summed.orders, "both")
        ),
        "main_store_id": summed.main_store.nullif(NONE),
    }


FAMILY = Family(
    (
        Feature(
            "online_share", "channel", "share", Text("线上占比", "Online share"),
            Text("线上订单占多少；没买过则为空。", "The share of orders made online; empty without orders."),
        ),
        Feature(
            "main_channel", "channel", "code", Text("主要渠道", "Main channel"),
            Text(
                "订单多的渠道：online 线上、store 门店，各半为 both；没买过则为空。",
                "Where most orders are made: 'online' or 'store', 'both' if half and half; empty without orders.",
            ),
        ),
        Feature(
            "main_store_id", "channel", "id", Text("常去门店", "Main store"),
            Text(
                "近一年订单最多的门店，一样多时取最近去过的；分不出先后或没去过则为空。",
                "The store with most orders in 365 days, among equals the one visited last; empty if none stands out.",
            ),
        ),
    ),
    _values,
    {"purchases": _orders, "stores": _stores},
)  # fmt: skip
