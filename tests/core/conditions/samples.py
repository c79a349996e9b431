"""A few fields of every type, and random trees and rows over them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, AnyOf, Choice, Comparison, Field, FieldType, Not, Op, Tree
from regulars.core.conditions.fields import OPERATORS, Operand, operand

TODAY = date(2024, 6, 1)
STAGES = (
    Choice("new", Text("新客", "new")),
    Choice("active", Text("活跃", "active")),
    Choice("gone", Text("流失", "gone")),
)
TIERS = (Choice(0, Text("普卡", "Basic")), Choice(1, Text("银卡 {1}", "Silver {1}")))
TAGS = tuple(Choice(str(number), Text(f"标签{number}", f"Tag {number}")) for number in range(1, 4))
MONTHS = tuple(Choice(month, Text(f"{month} 月", f"month {month}")) for month in range(1, 13))
TELL = {
    "ge": Text("下单 {value} 次以上", "ordered {value} times or more"),
    "is": Text("订阅中", "subscribed"),
    "is_not": Text("没有订阅", "not subscribed"),
}
FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("orders", FieldType.NUMBER, "order", Text("下单次数", "order count"), phrases=TELL),
        Field("share", FieldType.NUMBER, "share", Text("折扣占比", "discount share")),
        Field("city", FieldType.TEXT, "", Text("城市", "city")),
        Field("stage", FieldType.CHOICE, "", Text("阶段", "stage"), STAGES),
        Field("tier", FieldType.CHOICE, "", Text("等级", "tier"), TIERS),
        Field("tags", FieldType.SET, "", Text("标签", "tags"), TAGS, live=True),
        Field("last_on", FieldType.DATE, "", Text("上次到店", "last visit")),
        Field("birthday", FieldType.ANNIVERSARY, "", Text("生日", "birthday"), MONTHS, live=True),
        Field("subscribed", FieldType.BOOLEAN, "", Text("订阅", "subscription"), phrases=TELL),
    )
}
NEARLY = st.integers(-3, 3)
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "orders": NEARLY,
    "share": st.one_of(st.sampled_from([0.0, 0.1, 0.3, -0.1 - 0.2, 1.0]), st.floats(-2, 2)),
    "city": st.sampled_from(["", "上海", "Bath", "bath", "O'Hare", "100%", "a_b", 'say "hi"', "back\\slash", "a\\'b"]),
    "stage": st.sampled_from([choice.value for choice in STAGES]),
    "tier": st.sampled_from([0, 1]),
    "tags": st.lists(st.sampled_from(["1", "2", "3"]), max_size=3, unique=True),
    "last_on": st.integers(-5, 5).map(lambda days: TODAY - timedelta(days=days)),
    "birthday": st.sampled_from([101, 228, 229, 301, 531, 601, 602, 607, 1231]),
    "subscribed": st.booleans(),
}
ROWS = st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()})


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    field = FIELDS[draw(st.sampled_from(sorted(FIELDS)))]
    op = draw(st.sampled_from(OPERATORS[field.type]))
    one = st.sampled_from([choice.value for choice in field.choices]) if field.choices else VALUES[field.name]
    if field.type is FieldType.NUMBER:
        one = NEARLY | st.sampled_from([0.1, 0.5, -0.30000000000000004])
    if field.type is FieldType.TEXT:
        one = VALUES["city"].filter(bool) | st.sampled_from(["a", "上", "%", "_", "\\", "'"])
    kind = operand(op)
    if kind is Operand.NONE:
        return Comparison(field.name, op)
    if kind is Operand.DAYS:
        return Comparison(field.name, op, draw(st.integers(0, 6)))
    if kind is Operand.ONE:
        return Comparison(field.name, op, draw(one))
    if kind is Operand.PAIR:
        return Comparison(field.name, op, tuple(sorted((draw(one), draw(one)))))
    return Comparison(field.name, op, tuple(dict.fromkeys(draw(st.lists(one, min_size=1, max_size=3)))))


def trees(*, levels: int = 3) -> st.SearchStrategy[Tree]:
    """Random trees, at most so many groups deep."""
    if levels == 0:
        return comparisons()
    inner = trees(levels=levels - 1)
    return st.one_of(
        comparisons(),
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    )


def leaf(field: str, op: Op, value: Any = None) -> Comparison:
    return Comparison(field, op, value)
