"""The fields of the picture: every feature can be asked about, in words that people use."""

import pytest

from regulars.core.bilingual import Text
from regulars.core.conditions import AllOf, Choice, Comparison, FieldType, Op, Tree, sentence
from regulars.core.conditions.fields import OPERATORS
from regulars.insight.compute.features import FEATURES
from regulars.insight.compute.fields import CODES, PHRASES, catalogue, formatter
from regulars.insight.compute.pictures import BIRTHDAY, SEGMENTS, TAGS
from regulars.insight.compute.score_fields import SCORES

OWN = {
    TAGS: [Choice("7", Text("贵宾", "VIP"))],
    SEGMENTS: [Choice("3", Text("熟客", "Regulars")), Choice("4", Text("大客", "Large"))],
    "tier": [Choice(1, Text("银卡", "Silver"))],
    "main_store_id": [Choice(3, Text("外滩店", "Bund"))],
}
FIELDS = catalogue(OWN)
WRITTEN = formatter(lambda minor: f"¥{minor / 100:,.0f}")


def said(tree: Tree) -> tuple[str, str]:
    return sentence(tree, FIELDS, "zh-hans", WRITTEN), sentence(tree, FIELDS, "en", WRITTEN)


def test_every_feature_is_a_field_with_its_words() -> None:
    for name, feature in FEATURES.items():
        field = FIELDS[name]
        assert (field.label, field.meaning, field.unit) == (feature.label, feature.meaning, feature.unit)
        assert not field.live, "features are as of the last refresh"


def test_names_are_told_apart() -> None:
    assert len(FIELDS) == len(FEATURES) + len(SCORES)
    assert not {one.name for one in SCORES} & set(FEATURES)


def test_types_follow_units() -> None:
    assert FIELDS["last_purchase_day"].type is FieldType.DATE
    assert FIELDS["orders"].type is FieldType.NUMBER
    assert FIELDS["main_channel"].type is FieldType.CHOICE
    assert [choice.value for choice in FIELDS["main_store_id"].choices] == [3]


def test_what_the_shop_has_not_made_cannot_be_asked_about() -> None:
    assert not {"main_store_id", TAGS, SEGMENTS} & set(catalogue())


def test_tags_and_birthdays_are_known_at_this_moment() -> None:
    assert [field.name for field in FIELDS.values() if field.live] == [BIRTHDAY, TAGS]


@pytest.mark.parametrize(
    ("tree", "zh", "en"),
    [
        (
            AllOf((Comparison("orders", Op.GE, 3), Comparison("recency_days", Op.GE, 90))),
            "下单 3 次以上，且 90 天没来",
            "Ordered 3 times or more, and not here for 90 days",
        ),
        (Comparison("orders", Op.EQ, 1), "下单正好 1 次", "Ordered exactly once"),
        (Comparison("recency_days", Op.LE, 30), "30 天内来过", "Here within 30 days"),
        (Comparison("recency_days", Op.MISSING), "还没买过", "Never bought"),
        (Comparison("last_purchase_day", Op.IN_LAST_DAYS, 30), "最近 30 天来过", "Here in the last 30 days"),
        (Comparison("spent_minor", Op.GE, 50_000), "累计消费 ¥500 以上", "Spent ¥500 or more"),
        (Comparison("spent_365_minor", Op.BETWEEN, (50_000, 90_000)), "近一年消费 ¥500 到 ¥900",
         "Spent ¥500 to ¥900 in the last 365 days"),
        (Comparison("average_order_minor", Op.LT, 9_900), "客单价不到 ¥99", "Average order is less than ¥99"),
        (Comparison("discount_share", Op.GT, 0.55), "优惠占比超过 55%", "Discount share is more than 55%"),
        (Comparison("main_channel", Op.IN, ("online",)), "主要渠道是线上", "Main channel is online"),
        (Comparison("tier", Op.IN, (1,)), "等级是银卡", "Tier Silver"),
        (Comparison("rfm_eight", Op.IN, ("key_win_back",)), "重要挽留客户", "Key customers to win back"),
        (Comparison("stage", Op.IN, ("at_risk", "dormant")), "处于挽留或沉睡阶段", "In stage At risk or Dormant"),
        (Comparison("churn_risk", Op.GE, 0.6), "流失风险 60% 以上", "Churn risk 60% or more"),
        (Comparison("churn_level", Op.IN, ("high",)), "流失风险高", "Churn risk high"),
        (Comparison("monetary_score", Op.EQ, 5), "M 分为 5", "M score is 5"),
        (Comparison(BIRTHDAY, Op.COMES_WITHIN_DAYS, 7), "7 天内过生日", "Birthday within the next 7 days"),
        (Comparison(BIRTHDAY, Op.COMES_WITHIN_DAYS, 0), "今天过生日", "Birthday today"),
        (Comparison(BIRTHDAY, Op.IN_MONTHS, (2, 12)), "二月或十二月过生日", "Birthday in February or December"),
        (Comparison(BIRTHDAY, Op.MISSING), "没有留下生日", "Birthday not known"),
        (Comparison(SEGMENTS, Op.HAS_ANY, ("3", "4")), "在人群熟客或大客里", "In segment Regulars or Large"),
        (Comparison(SEGMENTS, Op.HAS_NONE, ("3",)), "不在人群熟客里", "Not in segment Regulars"),
        (Comparison(TAGS, Op.HAS_ANY, ("7",)), "带有标签贵宾", "Tagged VIP"),
        (Comparison("silence_ratio", Op.GT, 2), "没来的时间超过平时间隔的 2 倍",
         "Silent for more than 2 times the usual gap"),
    ],
)  # fmt: skip
def test_words(tree: Tree, zh: str, en: str) -> None:
    assert said(tree) == (zh, en)


def test_phrases_and_codes_belong_to_fields_and_operators() -> None:
    for name, phrases in PHRASES.items():
        known = {op.value for op in OPERATORS[FIELDS[name].type]} | {"is_not", "comes_today"}
        assert set(phrases) <= known, name
    assert set(CODES) <= set(FIELDS)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-9, 123_456_789.5, 10**15, -3])
def test_any_number_can_be_written(value: float) -> None:
    for field in FIELDS.values():
        if field.type is FieldType.NUMBER:
            for language in ("zh", "en"):
                assert "{" not in WRITTEN(field, value, language)
