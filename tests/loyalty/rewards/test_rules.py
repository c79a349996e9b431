"""Who may claim a reward, and when it is collected: pure decisions."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from regulars.core.bilingual import Text
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards import refusals
from regulars.loyalty.rewards.rules import (
    MOST_STOCK,
    Claimant,
    Reward,
    RewardKind,
    Terms,
    check,
    collect_by,
    one_of,
)  # fmt: skip
from regulars.loyalty.rewards.terms import checked
from regulars.loyalty.rewards.words import Names, conditions_said, refusal_said
from tests.flows.world import SHANGHAI, when
from tests.loyalty.rewards.shop import MUG

DAY = date(2024, 6, 1)

ANNA = Claimant("gold", frozenset({7}), {}, {"points": 1000})
NAMES = Names({"gold": Text("金卡", "Gold")}, {7: Text("老客", "Regulars")}, {"S1": "人民路店"})


def reward(taken: int = 0, *, paused: bool = False, **more: object) -> Reward:
    return Reward(1, "mug", 1, 1, replace(MUG, **more), when("2024-05-01 10:00") if paused else None, taken)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "who", "store", "refusal", "zh"),
    [
        (reward(paused=True), ANNA, "S1", refusals.RewardPaused, "这份礼品暂停兑换。"),
        (reward(starts_on=DAY + timedelta(1)), ANNA, "S1", refusals.RewardNotYet, "从 2024-06-02 起可以兑换。"),
        (reward(starts_on=DAY + timedelta(3)), replace(ANNA, days_early=2), "S1", refusals.RewardNotYet,
         "从 2024-06-02 起可以兑换，比其他会员早 2 天。"),
        (reward(ends_on=DAY - timedelta(1)), ANNA, "S1", refusals.RewardEnded, "兑换已于 2024-05-31 结束。"),
        (reward(stores=("S1",)), ANNA, "S2", refusals.WrongStore, "这家店没有这份礼品，请到：人民路店。"),
        (reward(stores=("S1",)), ANNA, "", refusals.WrongStore, "这家店没有这份礼品，请到：人民路店。"),
        (reward(tiers=("gold",)), replace(ANNA, tier="basic"), "S1", refusals.NotForThisTier, "只限金卡会员兑换。"),
        (reward(segments=(7, 8)), replace(ANNA, segments=frozenset({9})), "S1", refusals.NotForThisSegment,
         "只限“老客、人群 8”人群兑换。"),
        (reward(each_most=1), replace(ANNA, had={1: [date(2020, 1, 1)]}), "S1", refusals.RewardLimitReached,
         "每人限兑 1 份，这位会员已经兑满。"),
        (reward(2), ANNA, "S1", refusals.SoldOut, "已经兑完了。"),
        (reward(), replace(ANNA, spendable={"points": 299}), "S1", InsufficientPoints, "还差 1 积分。"),
    ],
)  # fmt: skip
def test_a_refusal_has_a_name_and_a_sentence(
    one: Reward, who: Claimant, store: str, refusal: type[Exception], zh: str
) -> None:
    with pytest.raises(refusal) as raised:
        check(one, who, day=DAY, store=store)
    said = refusal_said(raised.value, NAMES)  # type: ignore[arg-type]
    assert said is not None
    assert said.zh == zh
    assert said.en


def test_whoever_fits_may_claim() -> None:
    check(reward(1), replace(ANNA, spendable={"points": 300}), day=DAY, store="S1")
    check(reward(starts_on=DAY, ends_on=DAY), ANNA, day=DAY, store="S1")
    check(reward(tiers=("gold",), segments=(7,), stores=("S1",)), ANNA, day=DAY, store="S1")
    check(reward(stores=("S1",)), ANNA, day=DAY, store=None)
    check(reward(10**6, stock=None), ANNA, day=DAY, store="S1")
    check(reward(), replace(ANNA, spendable=None), day=DAY, store="S1")


@pytest.mark.parametrize(
    ("period", "before", "after"),
    [
        (Period.DAY, date(2024, 5, 31), date(2024, 6, 1)),
        (Period.WEEK, date(2024, 5, 26), date(2024, 5, 27)),
        (Period.MONTH, date(2024, 5, 31), date(2024, 6, 1)),
        (Period.YEAR, date(2023, 12, 31), date(2024, 1, 1)),
    ],
)
def test_a_limit_counts_within_its_period(period: Period, before: date, after: date) -> None:
    one = reward(each_most=2, each_period=period)
    check(one, replace(ANNA, had={1: [before] * 5 + [after]}), day=DAY, store="S1")
    with pytest.raises(refusals.RewardLimitReached):
        check(one, replace(ANNA, had={1: [after, after]}), day=DAY, store="S1")


def test_it_is_kept_for_whole_days_of_the_shop() -> None:
    ends = collect_by(replace(MUG, collect_days=7), when("2024-06-03 23:59"), SHANGHAI)
    assert ends == when("2024-06-11 00:00")
    assert collect_by(MUG, when("2024-06-03 23:59"), SHANGHAI) is None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": Text(" ", "")}, "name"),
        ({"points": 0}, "points"),
        ({"points": 10**12}, "points"),
        ({"worth_minor": -1}, "worth_minor"),
        ({"stock": -1}, "stock"),
        ({"each_most": 0}, "each_most"),
        ({"each_most": 1, "each_period": Period.ORDER}, "each_period"),
        ({"offer_id": 3}, "offer_id"),
        ({"kind": RewardKind.COUPON}, "offer_id"),
        ({"kind": RewardKind.COUPON, "offer_id": 3, "collect_days": 7}, "collect_days"),
        ({"collect_days": 0}, "collect_days"),
        ({"starts_on": DAY, "ends_on": DAY - timedelta(1)}, "ends_on"),
        ({"tiers": tuple(map(str, range(501)))}, "tiers"),
    ],
)
def test_terms_that_contradict_themselves_are_named(more: dict[str, object], field: str) -> None:
    with pytest.raises(refusals.InvalidReward) as raised:
        checked(replace(MUG, **more))  # type: ignore[arg-type]
    assert raised.value.context["field"] == field


def test_lists_are_in_order_and_words_trimmed() -> None:
    told = replace(MUG, name=Text(" 马克  杯 ", ""), tiers=("b", "a", "b"), each_period=Period.DAY)
    found = checked(told)
    assert (found.name, found.tiers, found.each_period) == (Text("马克 杯", ""), ("a", "b"), Period.EVER)
    assert one_of(reward(stock=None)).limit.ceiling == MOST_STOCK


def test_conditions_are_said_in_both_languages() -> None:
    terms = Terms(
        MUG.name, RewardKind.ITEM, 300, each_most=1, each_period=Period.MONTH, tiers=("gold",), segments=(7,),
        stores=("S1",), ends_on=DAY, collect_days=7,
    )  # fmt: skip
    assert [one.zh for one in conditions_said(terms, NAMES)] == [
        "每人每月限兑 1 份", "限金卡会员", "限人群：老客", "限门店：人民路店", "截至 2024-06-01", "兑换后 7 天内领取",
    ]  # fmt: skip
    assert [one.en for one in conditions_said(terms, NAMES)] == [
        "1 a month for each member", "For Gold members", "For the segment Regulars", "At 人民路店", "Until 2024-06-01",
        "Collected within 7 days",
    ]  # fmt: skip
