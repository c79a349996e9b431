"""The words of the language in Chinese and in English: operators in a list, and in a sentence."""

from collections.abc import Mapping

from regulars.core.bilingual import Text
from regulars.core.conditions.fields import FieldType, Op

OPERATOR_WORDS: Mapping[Op, Text] = {
    Op.EQ: Text("等于", "is"),
    Op.NE: Text("不等于", "is not"),
    Op.LT: Text("小于", "is less than"),
    Op.LE: Text("不超过", "is at most"),
    Op.GT: Text("超过", "is more than"),
    Op.GE: Text("至少", "is at least"),
    Op.BETWEEN: Text("介于", "is between"),
    Op.IN: Text("是其中之一", "is one of"),
    Op.NOT_IN: Text("不是其中任何一个", "is none of"),
    Op.CONTAINS: Text("含有", "contains"),
    Op.HAS_ANY: Text("有其中之一", "has any of"),
    Op.HAS_NONE: Text("一个都没有", "has none of"),
    Op.BEFORE: Text("早于", "is before"),
    Op.AFTER: Text("晚于", "is after"),
    Op.ON: Text("就在", "is on"),
    Op.IN_LAST_DAYS: Text("在最近几天内", "is in the last … days"),
    Op.DAYS_AGO_OVER: Text("在几天以前", "is more than … days ago"),
    Op.COMES_WITHIN_DAYS: Text("在今后几天内", "is within the next … days"),
    Op.IN_MONTHS: Text("在这些月份", "is in"),
    Op.IS: Text("是否", "is"),
    Op.MISSING: Text("未知", "is not known"),
    Op.NOT_MISSING: Text("已知", "is known"),
}
"""For a list to choose an operator from."""

SENTENCES: Mapping[str, Text] = {
    "eq": Text("{label}为 {value}", "{label} is {value}"),
    "ne": Text("{label}不是 {value}", "{label} is not {value}"),
    "lt": Text("{label}不到 {value}", "{label} is less than {value}"),
    "le": Text("{label}不超过 {value}", "{label} is at most {value}"),
    "gt": Text("{label}超过 {value}", "{label} is more than {value}"),
    "ge": Text("{label}至少 {value}", "{label} is at least {value}"),
    "between": Text("{label}在 {low} 到 {high} 之间", "{label} is from {low} to {high}"),
    "in": Text("{label}是{value}", "{label} is {value}"),
    "not_in": Text("{label}不是{value}", "{label} is not {value}"),
    "contains": Text("{label}含有{value}", "{label} contains {value}"),
    "has_any": Text("{label}有{value}", "{label} include {value}"),
    "has_none": Text("{label}没有{value}", "{label} do not include {value}"),
    "before": Text("{label}早于 {value}", "{label} is before {value}"),
    "after": Text("{label}晚于 {value}", "{label} is after {value}"),
    "on": Text("{label}是 {value}", "{label} is on {value}"),
    "in_last_days": Text("{label}在最近 {value}内", "{label} is within the last {value}"),
    "days_ago_over": Text("{label}在 {value}以前", "{label} is more than {value} ago"),
    "comes_within_days": Text("{label}在今后 {value}内", "{label} is within the next {value}"),
    "comes_today": Text("{label}是今天", "{label} is today"),
    "in_months": Text("{label}在{value}", "{label} is in {value}"),
    "is": Text("{label}：是", "{label}: yes"),
    "is_not": Text("{label}：否", "{label}: no"),
    "missing": Text("{label}未知", "{label} is not known"),
    "not_missing": Text("{label}已知", "{label} is known"),
}
"""A comparison in a sentence, by operator; 'is_not' for a boolean that is false, 'comes_today' for within 0 days."""

OF_TEXTS: Mapping[str, Text] = {
    "eq": Text("{label}是{value}", "{label} is {value}"),
    "ne": Text("{label}不是{value}", "{label} is not {value}"),
}
"""Quoted texts need no space before them in Chinese."""

EVERYBODY_WORDS = Text("所有人", "everybody")
NOBODY_WORDS = Text("没有人", "nobody")
NOT_WORDS = Text("不满足“{part}”", "not ({part})")
MORE_WORDS = Text("等 {count} 个", "{count} in all")
QUOTED = Text("“{value}”", "“{value}”")
DAYS = Text("{count} 天", "{count} days")
ONE_DAY = Text("1 天", "1 day")
YES = Text("是", "yes")
NO = Text("否", "no")


def pattern(kind: FieldType, key: str) -> Text:
    """How a comparison reads where the field has no phrase of its own."""
    return OF_TEXTS.get(key, SENTENCES[key]) if kind is FieldType.TEXT else SENTENCES[key]
