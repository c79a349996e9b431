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
OPEN = ("store", "tier", "products", "segments")
"""Fields whose choices are the shop's own."""
ORDER, WHEN, CUSTOMER, SEGMENTS, PERSON = "order", "when", "customer", "segments", "person"
LANGUAGES = (Choice("zh-hans", Text("中文", "Chinese")), Choice("en", Text("英文", "English")))
KNOWN_BIRTHDAY = {
    "missing": Text("没有留下生日", "birthday not known"),
    "not_missing": Text("留有生日", "birthday known"),
}
IN_SEGMENTS = {
    "has_any": Text("在人群{value}里的会员", "members in segment {value}"),
    "has_none": Text("不在人群{value}里的会员", "members not in segment {value}"),
}
"""For the shop; members are not told what a shop calls them."""

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
        Field(
            "segments", FieldType.SET, "", Text("所在人群", "Segments"), family=SEGMENTS, meaning=Text(
                "按最近一次刷新时在不在人群里算，下单时记下，以后不再改。",
                "By the last refresh before the order was recorded; what held then is kept with it.",
            ),
            phrases={
                "has_any": Text("部分会员专享", "for selected members"),
                "has_none": Text("部分会员除外", "for all but selected members"),
            },
        ),
        Field(
            "member_days", FieldType.NUMBER, "day", Text("入会天数", "Days since joining"), live=True, family=PERSON,
            meaning=Text("入会当天是 0。", "0 on the day of joining."),
        ),
        Field(
            "join_anniversary", FieldType.BOOLEAN, "", Text("入会周年日", "Anniversary of joining"), live=True,
            family=PERSON, phrases={
                "is": Text("入会周年当天", "on the anniversary of joining"),
                "is_not": Text("不是入会周年当天", "not on the anniversary of joining"),
            },
        ),
        Field(
            "birthday", FieldType.BOOLEAN, "", Text("生日当天", "Birthday"), live=True, family=PERSON, phrases={
                "is": Text("生日当天", "on the birthday"), "is_not": Text("不是生日当天", "not on the birthday"),
                **KNOWN_BIRTHDAY,
            },
        ),
        Field(
            "birthday_month", FieldType.BOOLEAN, "", Text("生日当月", "Month of the birthday"), live=True,
            family=PERSON, phrases={
                "is": Text("生日当月", "in the month of the birthday"),
                "is_not": Text("不是生日当月", "not in the month of the birthday"),
                **KNOWN_BIRTHDAY,
            },
        ),
        Field(
            "language", FieldType.CHOICE, "", Text("语言", "Language"), LANGUAGES, live=True, family=PERSON,
            phrases={"in": Text("语言是{value}", "language {value}"),
                     "not_in": Text("语言不是{value}", "language not {value}")},
        ),
    )
}  # fmt: skip
"""Everything that a rule can ask about. Amounts are in minor units. Segments are as of the last refresh; what else the
fold itself does not know (`members.OF_MEMBERS`) is as it stands when the fact is recorded."""


def with_choices(choices: Mapping[str, Sequence[Choice]]) -> dict[str, Field]:
    """The fields with the shop's stores, tiers, products and segments to choose from."""
    known = {name: replace(field, choices=tuple(choices.get(name, field.choices))) for name, field in FIELDS.items()}
    return known | {"segments": replace(known["segments"], phrases=IN_SEGMENTS)}


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
