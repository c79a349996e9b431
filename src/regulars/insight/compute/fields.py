"""What conditions can ask about the picture: every feature, and the labels and scores that models put beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from regulars.core.bilingual import Text
from regulars.core.conditions import Choice, Field, FieldType, Formatter, plain
from regulars.insight.compute import score_fields
from regulars.insight.compute.features import FEATURES
from regulars.insight.compute.pictures import BIRTHDAY, SEGMENTS, TAGS

_TYPES: Mapping[str, FieldType] = {
    "date": FieldType.DATE, "flag": FieldType.BOOLEAN, "code": FieldType.TEXT, "id": FieldType.CHOICE,
}  # fmt: skip
"""By unit; every other unit counts or measures something."""


def _choices(**labels: tuple[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, Text(*words)) for code, words in labels.items())


CODES: Mapping[str, tuple[Choice, ...]] = {
    "main_channel": _choices(store=("门店", "store"), online=("线上", "online")),
    "usual_gap_basis": _choices(own=("本人", "own"), shop=("本店", "the shop's"), default=("默认", "default")),
}
"""The choices of columns that hold one of a few words."""


def _named(label: Text) -> dict[str, Text]:
    """A choice whose name says enough by itself."""
    return {
        "in": Text("{value}", "{value}"),
        "not_in": Text(f"{label.zh}不是{{value}}", f"{label.en} is not {{value}}"),
    }


def _counted(zh: str, en: str, en_end: str = "", *, fewer: str = "fewer than") -> dict[str, Text]:
    """下单 3 次以上 · ordered 3 times or more."""
    return {
        "ge": Text(f"{zh} {{value}}以上", f"{en} {{value}} or more{en_end}"),
        "gt": Text(f"{zh}超过 {{value}}", f"{en} more than {{value}}{en_end}"),
        "le": Text(f"{zh}不超过 {{value}}", f"{en} at most {{value}}{en_end}"),
        "lt": Text(f"{zh}不到 {{value}}", f"{en} {fewer} {{value}}{en_end}"),
        "eq": Text(f"{zh}正好 {{value}}", f"{en} exactly {{value}}{en_end}"),
        "between": Text(f"{zh} {{low}}到 {{high}}", f"{en} {{low}} to {{high}}{en_end}"),
    }


_SILENT = {
    "ge": Text("{value}没来", "not here for {value}"),
    "gt": Text("超过 {value}没来", "not here for more than {value}"),
    "le": Text("{value}内来过", "here within {value}"),
    "lt": Text("不到 {value}前来过", "here less than {value} ago"),
    "missing": Text("还没买过", "never bought"),
    "not_missing": Text("买过", "bought before"),
}
PHRASES: Mapping[str, Mapping[str, Text]] = {
    "recency_days": _SILENT,
    "last_purchase_day": {
        "in_last_days": Text("最近 {value}来过", "here in the last {value}"),
        "days_ago_over": Text("超过 {value}没来", "not here for more than {value}"),
        "missing": Text("还没买过", "never bought"),
        "not_missing": Text("买过", "bought before"),
    },
    "orders": _counted("下单", "ordered"),
    "orders_365": _counted("近一年下单", "ordered", " in the last 365 days"),
    "orders_90": _counted("近 90 天下单", "ordered", " in the last 90 days"),
    "purchase_days": _counted("来过", "came on"),
    "spent_minor": _counted("累计消费", "spent", fewer="less than"),
    "spent_365_minor": _counted("近一年消费", "spent", " in the last 365 days", fewer="less than"),
    "spent_90_minor": _counted("近 90 天消费", "spent", " in the last 90 days", fewer="less than"),
    "tenure_days": _counted("认识", "known for", fewer="less than"),
    "buying_days": _counted("首次购买距今", "first bought", " ago", fewer="less than"),
    "silence_ratio": {
        "gt": Text("没来的时间超过平时间隔的 {value}", "silent for more than {value} the usual gap"),
        "ge": Text("没来的时间达到平时间隔的 {value}", "silent for {value} the usual gap or more"),
        "le": Text("没来的时间不超过平时间隔的 {value}", "silent for at most {value} the usual gap"),
        "lt": Text("没来的时间不到平时间隔的 {value}", "silent for less than {value} the usual gap"),
    },
    "discounted_orders_share": {
        "ge": Text("至少 {value} 的订单用了优惠", "a discount on at least {value} of the orders"),
        "gt": Text("超过 {value} 的订单用了优惠", "a discount on more than {value} of the orders"),
        "le": Text("最多 {value} 的订单用了优惠", "a discount on at most {value} of the orders"),
        "lt": Text("不到 {value} 的订单用了优惠", "a discount on less than {value} of the orders"),
    },
    "rfm_eight": _named(Text("RFM 八类", "RFM group of eight")),
    "rfm_ten": _named(Text("RFM 十类", "RFM group of ten")),
    "contribution": _named(Text("贡献", "contribution")),
    "stage": {
        "in": Text("处于{value}阶段", "in stage {value}"),
        "not_in": Text("不在{value}阶段", "not in stage {value}"),
    },
    "expected_orders": _counted("预计未来一年下单", "expected to order", " in the next 12 months"),
    "churn_risk": _counted("流失风险", "churn risk", fewer="less than"),
    "churn_level": {
        "in": Text("流失风险{value}", "churn risk {value}"),
        "not_in": Text("流失风险不是{value}", "churn risk not {value}"),
    },
    "contract_level": {
        "in": Text("合同流失风险{value}", "contract risk {value}"),
        "not_in": Text("合同流失风险不是{value}", "contract risk not {value}"),
    },
    "contract_days_left": {
        "le": Text("合同 {value}内到期", "contract ends within {value}"),
        "gt": Text("合同超过 {value}才到期", "contract ends after more than {value}"),
    },
    "tier": {"in": Text("等级是{value}", "tier {value}"), "not_in": Text("等级不是{value}", "not tier {value}")},
    BIRTHDAY: {
        "comes_within_days": Text("{value}内过生日", "birthday within the next {value}"),
        "comes_today": Text("今天过生日", "birthday today"),
        "in_months": Text("{value}过生日", "birthday in {value}"),
        "missing": Text("没有留下生日", "birthday not known"),
        "not_missing": Text("留有生日", "birthday known"),
    },
    SEGMENTS: {
        "has_any": Text("在人群{value}里", "in segment {value}"),
        "has_none": Text("不在人群{value}里", "not in segment {value}"),
    },
    TAGS: {
        "has_any": Text("带有标签{value}", "tagged {value}"),
        "has_none": Text("没有标签{value}", "not tagged {value}"),
    },
}
"""How people say it, for the fields asked about most."""

_UNITS: Mapping[str, tuple[Text, Text]] = {
    "days": (Text("1 天", "1 day"), Text("{n} 天", "{n} days")),
    "orders": (Text("1 次", "once"), Text("{n} 次", "{n} times")),
    "points": (Text("1 积分", "1 point"), Text("{n} 积分", "{n} points")),
    "ratio": (Text("1 倍", "1 time"), Text("{n} 倍", "{n} times")),
    "purchase_days": (Text("1 天", "1 day"), Text("{n} 天", "{n} days")),
}
"""One of it, and so many."""


def catalogue(choices: Mapping[str, Sequence[Choice]] | None = None) -> dict[str, Field]:
    """Every field by name, in the order in which a builder lists them.

    Args:
        choices: What the shop has made itself: 'tier', 'tags', 'segments', 'main_store_id'. A field that needs them and
            has none is left out.
    """
    own = dict(choices or {})
    fields = [_field(one.name, one.family, one.unit, one.label, one.meaning, own) for one in FEATURES.values()]
    fields += [
        replace(one, choices=tuple(own.get(one.name, one.choices)), phrases=PHRASES.get(one.name, {}))
        for one in score_fields.SCORES
    ]
    return {
        field.name: field for field in fields if field.choices or field.type not in (FieldType.CHOICE, FieldType.SET)
    }


def _field(name: str, family: str, unit: str, label: Text, meaning: Text, own: Mapping[str, Sequence[Choice]]) -> Field:
    choices = tuple(own.get(name, CODES.get(name, ())))
    kind = FieldType.CHOICE if choices else _TYPES.get(unit, FieldType.NUMBER)
    return Field(
        name, kind, unit, label, choices, family=family, meaning=meaning, phrases=PHRASES.get(name, {})
    )  # fmt: skip


def formatter(money: Callable[[int], str]) -> Formatter:
    """Writes values with their units: 90 天, ¥500, 30%, 31 May 2024.

    Args:
        money: Writes whole minor units.
    """

    def written(field: Field, value: object, language: str) -> str:
        if not isinstance(value, int | float):
            return plain(field, value, language)  # type: ignore[arg-type]  # a date, by the types of fields
        if field.unit == "minor":
            return money(round(value))
        if field.unit == "share":
            return f"{value * 100:,.10g}%"
        one, many = _UNITS.get(field.name) or _UNITS.get(field.unit) or (Text("1", "1"), Text("{n}", "{n}"))
        return one.said(language) if value == 1 else many.said(language, n=f"{value:,.10g}" if value < 1e9 else value)

    return written
