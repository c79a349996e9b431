"""Causes, reasons and decisions as sentences, in both languages."""

from regulars.core.bilingual import Text
from regulars.playbooks import words
from regulars.playbooks.rules import CHANGES, KINDS, OUTCOMES, RUN_OUTCOMES


def money(minor: int) -> str:
    return f"¥{minor / 100:,.0f}"


def test_a_cause_is_one_sentence() -> None:
    numbers = {"spent_365_minor": 2380_00, "recency_days": 32, "usual_gap_days": 5.0, "churn_risk": 0.78}
    said = words.cause(numbers, money)
    assert said.zh == "近一年消费 ¥2,380，已经 32 天没来，平时每 5 天来一次，流失风险 78%。"
    assert said.en == "Spent ¥2,380 in a year, not here for 32 days, usually comes every 5 days, churn risk 78%."
    assert words.cause({"recency_days": 1}, money) == ("已经 1 天没来。", "Not here for 1 day.")
    assert words.cause({}, money) == ("", "")


def test_ready_words_name_the_customer_and_the_shop() -> None:
    told = Text("【姓名】您好，我是【店名】。", "Hello [name], this is [shop].")
    assert words.script(told, language="zh", name="林晓", shop="山茶") == "林晓您好，我是山茶。"
    assert words.script(told, language="en", name="", shop="Camellia") == "Hello there, this is Camellia."
    assert words.script(told, language="zh", name="", shop="山茶") == "您好，我是山茶。"
    assert words.script(Text("", told.en), language="zh", name="林晓", shop="山茶") == "Hello 林晓, this is 山茶."
    assert words.script(Text("", ""), language="en", name="Ann", shop="x") == ""


def test_reasons_are_those_that_raise_the_risk() -> None:
    reason = {"feature": "silence_ratio", "direction": "raises", "effect": 1.0, "value": 32.0, "usual": 6.0,
              "companion": 5.0, "choice": "own"}  # fmt: skip
    lowers = {**reason, "direction": "lowers"}
    said = words.reasons({"reasons": [lowers, reason, reason, reason, reason]}, money)
    assert [one.zh for one in said] == ["32 天没来，平时每 5 天来一次 ↑"] * 3
    assert words.reasons({}, money) == []


def test_decisions_have_words() -> None:
    said = words.decision("low_value", {"worth_minor": 100_00, "floor_minor": 900_00}, money)
    assert said == ("近一年消费 ¥100，低于人工跟进的标准 ¥900", "Spent ¥100 in a year; people act from ¥900 on")
    assert "60" in words.decision("quiet_period", {"days": 60, "until": "2026-08-01"}, money).zh
    assert "¥5" in words.decision("chosen", {"at_stake_minor": 5_00}, money).en
    assert words.decision("nobody_free", {"open_most": 15, "new_most": 5}, money).en.endswith("5 new ones a day")
    assert words.decision("something_new", {}, money) == ("something_new", "something_new")


def test_every_code_has_words() -> None:
    assert set(words.KINDS) == set(KINDS)
    assert set(words.OUTCOMES) == set(RUN_OUTCOMES) >= set(OUTCOMES)
    assert set(words.CHANGES) == set(CHANGES)
