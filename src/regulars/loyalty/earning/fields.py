"""What an earning rule can ask about: the order, its lines, its hour, and the customer as the fold knows them then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from regulars.core.bilingual import Text
from regulars.core.conditions import Choice, Field, FieldType

WEEKDAYS = (
    Choice(1, Text("周一", "Monday")),
    Choice(2, Text("周二", "Tuesday")),
    Choice(3, Text("周三", "Wednesday")),
    Choice(4, Text("周四", "Thursday")),
    Choice(5, Text("周五", "Friday")),
    Choice(6, Text("周六", "Saturday")),
    Choice(7, Text("周日", "Sunday")),
)
CHANNELS = (Choice("store", Text("门店", "shop")), Choice("online", Text("线上", "online")))
OPEN = ("store", "tier", "products")
"""Fields whose choices are the shop's own."""
ORDER, WHEN, CUSTOMER = "order", "when", "customer"

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("paid", FieldType.NUMBER, "minor", Text("实付", "Paid"), live=True, family=ORDER),
        Field("base", FieldType.NUMBER, "minor", Text("计分金额", "Amount that earns"), live=True, family=ORDER),
        Field("channel", FieldType.CHOICE, "", Text("渠道", "Channel"), CHANNELS, live=True, family=ORDER),
        Field("store", FieldType.CHOICE, "", Text("门店", "Store"), live=True, family=ORDER),
        Field(
            "products", FieldType.SET, "", Text("所购商品", "Products"), live=True, family=ORDER,
            phrases={
                "has_any": Text("买了{value}", "{value} bought"),
                "has_none": Text("没买{value}", "no {value} bought"),
            },
        ),
        Field("pieces", FieldType.NUMBER, "", Text("件数", "Pieces"), live=True, family=ORDER),
        Field(
            "weekday", FieldType.CHOICE, "", Text("星期", "Weekday"), WEEKDAYS, live=True, family=WHEN,
            phrases={"in": Text("{value}", "on {value}"), "not_in": Text("除{value}外", "not on {value}")},
        ),
        Field(
            "day_of_month", FieldType.NUMBER, "", Text("每月几号", "Day of the month"), live=True, family=WHEN,
            phrases={
                "eq": Text("每月 {value} 号", "on day {value} of the month"),
                "between": Text("每月 {low} 号到 {high} 号", "from day {low} to day {high} of the month"),
            },
        ),
        Field(
            "month", FieldType.NUMBER, "", Text("月份", "Month"), live=True, family=WHEN,
            phrases={"eq": Text("{value} 月", "in month {value}")},
        ),
        Field(
            "hour", FieldType.NUMBER, "", Text("时段（点）", "Hour of the day"), live=True, family=WHEN,
            phrases={
                "between": Text("{low} 点到 {high} 点 59 分", "from {low}:00 to {high}:59"),
                "lt": Text("{value} 点以前", "before {value}:00"),
                "ge": Text("{value} 点以后", "from {value}:00 on"),
            },
        ),
        Field("tier", FieldType.CHOICE, "", Text("等级", "Tier"), live=True, family=CUSTOMER),
        Field(
            "first_order", FieldType.BOOLEAN, "", Text("首单", "First order"), live=True, family=CUSTOMER,
            phrases={
                "is": Text("首单", "it is the first order"),
                "is_not": Text("不是首单", "it is not the first order"),
            },
        ),
        Field("orders_before", FieldType.NUMBER, "", Text("此前订单数", "Orders before"), live=True, family=CUSTOMER),
        Field(
            "days_since_last", FieldType.NUMBER, "day", Text("距上次下单天数", "Days since the last order"), live=True,
            family=CUSTOMER,
        ),
    )
}  # fmt: skip
"""Everything that a rule can ask about; live, since the fold itself knows it. Amounts are in minor units."""


def with_choices(choices: Mapping[str, Sequence[Choice]]) -> dict[str, Field]:
    """The fields with the shop's stores, tiers and products to choose from."""
    return {name: replace(field, choices=tuple(choices.get(name, field.choices))) for name, field in FIELDS.items()}


def as_agreed(told: Any) -> dict[str, Field]:
    """The fields with exactly the choices that kept terms name: a version that is live stays readable when a store
    closes or a product is gone."""
    named: dict[str, list[Any]] = {name: [] for name in OPEN}
    for leaf in _leaves(told):
        value = leaf.get("value")
        if leaf["field"] in named:
            named[leaf["field"]] += value if isinstance(value, list | tuple) else [value]
    return with_choices(
        {
            name: [Choice(one, Text(str(one), str(one))) for one in dict.fromkeys(_texts(found))]
            for name, found in named.items()
        }
    )


def _texts(values: Sequence[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _leaves(told: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(told, Mapping):
        if isinstance(told.get("field"), str):
            yield told
        else:
            for part in told.values():
                yield from _leaves(part)
    elif isinstance(told, list | tuple):
        for part in told:
            yield from _leaves(part)
