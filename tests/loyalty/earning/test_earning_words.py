"""Rules as members read them."""

from typing import Any

import pytest

from regulars.core.bilingual import Text
from regulars.core.conditions import Choice
from regulars.loyalty.earning import fields, reading
from regulars.loyalty.earning.words import said

TIERS = {"silver": "银卡", "gold": "金卡"}


def read(told: dict[str, Any], language: str) -> str:
    (rule,) = reading.rules([{"code": "r", **told}], tiers=["basic", "silver", "gold"])
    tiers = TIERS if language == "zh" else {"silver": "Silver", "gold": "Gold"}
    names = fields.with_choices({
        "tier": [Choice("gold", Text("金卡", "Gold"))], "store": [Choice("7", Text("外滩店", "Bund"))],
        "products": [Choice("oat", Text("燕麦拿铁", "oat latte"))],
        "segments": [Choice("7", Text("老客", "Regulars"))],
    })  # fmt: skip
    return said(rule, language, money=lambda minor: f"¥{minor // 100}", tiers=tiers, fields=names)


SUNDAY = {"field": "weekday", "op": "in", "value": [7]}
GOLD = {"field": "tier", "op": "in", "value": ["gold"]}
REGULARS = {"field": "segments", "op": "has_any", "value": ["7"]}


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        ({"then": {"kind": "multiply", "percent": 200}, "if": SUNDAY}, "周日，积分双倍。", "On Sunday: double points."),
        (
            {"then": {"kind": "multiply", "percent": 150}, "if": {"all": [SUNDAY, GOLD]},
             "limits": [{"period": "month", "most": 900, "by_tier": {"gold": 2000}}]},
            "周日，且等级是金卡，积分 1.5 倍；每人每月最多 900 积分（金卡 2,000）。",
            "On Sunday, and tier is Gold: 1.5 times the points; at most 900 points a month each (Gold 2,000).",
        ),
        (
            {"then": {"kind": "per_item", "amount": 5, "products": ["oat"]}, "starts": "2026-05-01",
             "ends": "2026-05-31"},
            "每件 oat 多得 5 积分；2026-05-01 至 2026-05-31。",
            "5 points more for each oat; from 2026-05-01 to 2026-05-31.",
        ),
        (
            {"then": {"kind": "multiply", "percent": 200}, "if": REGULARS},
            "在人群老客里的会员，积分双倍。", "Members in segment Regulars: double points.",
        ),
        (
            {"then": {"kind": "multiply", "percent": 200},
             "if": {"all": [{"not": REGULARS}, {"field": "birthday_month", "op": "is", "value": True}]}},
            "不满足“在人群老客里的会员”，且生日当月，积分双倍。",
            "Not (members in segment Regulars), and in the month of the birthday: double points.",
        ),
        ({"then": {"kind": "per_amount", "minor": 1000}}, "每 ¥10 多得 1 积分。", "1 point more for each ¥10."),
        (
            {"on": "Checked In", "then": {"kind": "fixed", "amount": 1},
             "limits": [{"period": "day", "most": 1, "counts": "times"}]},
            "每次签到多得 1 积分；每人每天最多 1 次。", "1 point more for a check-in; at most once a day each.",
        ),
        (
            {"then": {"kind": "fixed", "amount": 50}, "earns": "growth",
             "if": {"field": "hour", "op": "between", "value": [14, 16]}},
            "14 点到 16 点 59 分，多得 50 成长值。", "From 14:00 to 16:59: 50 growth more.",
        ),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_sentence_in_both_languages(told: dict[str, Any], zh: str, en: str) -> None:
    assert (read(told, "zh"), read(told, "en")) == (zh, en)


def test_members_are_not_told_what_the_shop_calls_its_segments() -> None:
    (rule,) = reading.rules([{"code": "r", "if": REGULARS, "then": {"kind": "fixed", "amount": 5}}], tiers=[])
    told = [said(rule, language, money=str, tiers={}) for language in ("zh", "en")]
    assert told == ["部分会员专享，多得 5 积分。", "For selected members: 5 points more."]
