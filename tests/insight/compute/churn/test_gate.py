"""Below the data gate a rule serves, and the words say what is missing."""

from dataclasses import replace

import pytest

from regulars.insight.compute.churn import gate
from regulars.insight.compute.churn.gate import Supply

ENOUGH = Supply(
    buyers=900, customers=400, repeaters=300, history_days=200, horizon_days=56, learned=(80, 90), tested=(30, 40)
)


def test_enough_of_everything_opens_it() -> None:
    assert gate.closed(ENOUGH) is None


@pytest.mark.parametrize(
    ("change", "code", "serves", "zh", "en"),
    [
        ({"history_days": 90}, "history_short", True, "再有 3 个月的订单就够了：现在有 90 天，需要 168 天。",
         "3 more months of orders will do: there are 90 days, and it takes 168."),
        ({"history_days": 150}, "history_short", True, "再有 1 个月的订单就够了", "One more month of orders will do"),
        ({"customers": 60}, "few_customers", True, "活跃顾客有 60 位，需要 200 位。", "60 active customers"),
        ({"repeaters": 12}, "few_repeaters", True, "来过两次以上的顾客有 12 位", "12 so far, 100 needed"),
        ({"learned": (8, 160)}, "few_outcomes", True, "过去离开的有 38 人次", "38 left and 200 stayed"),
        ({"tested": (8, 160)}, "few_outcomes", True, "过去离开的有 88 人次", "88 left and 250 stayed"),
        ({"repeaters": 0}, "nobody_returned", False, "还没有顾客来过第二次", "No customer has come a second time"),
        ({"buyers": 0}, "nobody_bought", False, "还没有顾客下过单", "Nobody has bought anything yet"),
    ],
)  # fmt: skip
def test_what_is_missing(change: dict[str, object], code: str, serves: bool, zh: str, en: str) -> None:
    verdict = gate.closed(replace(ENOUGH, **change))  # type: ignore[arg-type]
    assert verdict is not None
    assert (verdict.code, verdict.serves) == (code, serves)
    assert zh in verdict.words.said("zh", **verdict.numbers)
    assert en in verdict.words.said("en", **verdict.numbers)


def test_all_that_is_missing_is_told_at_once() -> None:
    verdict = gate.closed(replace(ENOUGH, history_days=30, customers=10, repeaters=5))
    assert verdict is not None
    said = verdict.words.said("zh", **verdict.numbers)
    assert said.index("再有 5 个月") < said.index("活跃顾客有 10 位") < said.index("来过两次以上的顾客有 5 位")
    assert said.endswith("不给百分比。")
