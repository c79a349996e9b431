"""Early access 优先购: whose tier has it claims a reward so many days before everybody else, and is told so."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.core.bilingual import Text
from regulars.flows import claim_rewards
from regulars.flows.give_tiers import give_tier
from regulars.loyalty.actions import launch
from regulars.loyalty.benefits.early import days_early
from regulars.loyalty.rewards.refusals import RewardNotYet, SoldOut
from regulars.loyalty.rewards.rules import Claimant, Reward, check
from regulars.loyalty.rewards.words import Names, early_said, refusal_said
from regulars.loyalty.rules import Policy, preset_terms
from tests.flows.world import SHANGHAI, when
from tests.loyalty.rewards.shop import MUG, Shop

GOLD = {"code": "early", "kind": "early_access", "days": 2, "tiers": ["gold", "black"]}
BLACK = {"code": "first", "kind": "early_access", "days": 5, "tiers": ["black"]}
OPENS = date(2024, 6, 10)


def early(tier: str, text: str = "2024-06-07 10:00", *benefits: dict[str, Any]) -> int:
    terms = {**preset_terms(2), "benefits": list(benefits or (GOLD, BLACK))}
    return days_early(Policy.from_terms(1, terms, SHANGHAI).benefits, tier=tier, at=when(text), zone=SHANGHAI)


def test_the_benefit_that_gives_most_counts_and_only_of_the_own_tier() -> None:
    assert [early(tier) for tier in ("basic", "silver", "gold", "black")] == [0, 0, 2, 5]


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({"starts": "2024-06-08"}, 0), ({"starts": "2024-06-07"}, 2), ({"ends": "2024-06-06"}, 0),
        ({"if": {"field": "weekday", "op": "in", "value": [5]}}, 2),
        ({"if": {"field": "weekday", "op": "in", "value": [6]}}, 0),
        ({"if": {"field": "paid", "op": "ge", "value": 1}}, 0),
    ],
)  # fmt: skip
def test_it_counts_when_it_holds(more: dict[str, Any], days: int) -> None:
    assert early("gold", "2024-06-07 10:00", {**GOLD, **more}) == days


@given(st.integers(0, 90), st.integers(-100, 100))
def test_a_window_opens_for_somebody_exactly_so_many_days_before(days: int, offset: int) -> None:
    reward = Reward(1, "mug", 1, 1, replace(MUG, starts_on=OPENS), None, 0)
    day = OPENS + timedelta(days=offset)
    who = Claimant("gold", days_early=days)
    if offset >= -days:
        check(reward, who, day=day, store=None)
        return
    with pytest.raises(RewardNotYet) as refused:
        check(reward, who, day=day, store=None)
    assert refused.value.context["day"] == OPENS - timedelta(days=days)


@pytest.fixture
def shop(db: None) -> Shop:
    """Anna is silver, whose members come two days early; Bo is not. One mug, from 10 June on."""
    books = Shop("2024-06-08 00:00")
    launch(
        terms={**preset_terms(2), "benefits": [{**GOLD, "tiers": ["silver"]}]}, live_from=when("2024-01-01 00:00"),
        time_zone="Asia/Shanghai", actor="", at=when("2024-01-01 00:00"),
    )  # fmt: skip
    books.learn()
    books.reward(starts_on=OPENS, stock=1)
    return books


def choice(shop: Shop, who: str, text: str) -> Any:
    [found] = claim_rewards.choices(
        customer_id=shop.customer(who), policies=shop.policies, at=when(text)
    ).rewards  # fmt: skip
    return found


def test_who_has_it_claims_before_the_day_and_who_has_not_is_told_the_day(shop: Shop) -> None:
    assert choice(shop, "anna", "2024-06-07 23:59").refused.context == {"day": date(2024, 6, 8), "days_early": 2}
    assert choice(shop, "anna", "2024-06-08 00:00").for_all_from == OPENS
    assert choice(shop, "anna", "2024-06-10 00:00").for_all_from is None
    assert choice(shop, "bo", "2024-06-08 00:00").for_all_from is None
    with pytest.raises(RewardNotYet) as refused:
        shop.claim("bo", "k-bo")
    assert refused.value.context == {"day": OPENS}
    with pytest.raises(RewardNotYet):
        shop.claim("anna", "k-0", at=when("2024-06-07 23:59"))
    assert shop.claim("anna", "k-1").points == 300
    with pytest.raises(SoldOut):
        shop.claim("bo", "k-bo", at=when("2024-06-10 00:00"))
    shop.assert_agrees()


def test_a_given_tier_brings_it_too_and_a_version_without_it_takes_it_away(shop: Shop) -> None:
    give_tier(
        customer_id=shop.customer("bo"), tier="silver", until=None, key="t", at=when("2024-06-01 10:00"),
        policies=shop.policies,
    )  # fmt: skip
    assert choice(shop, "bo", "2024-06-08 00:00").for_all_from == OPENS
    launch(
        terms=preset_terms(2), live_from=when("2024-06-09 00:00"), time_zone="Asia/Shanghai", actor="",
        at=when("2024-06-08 12:00"),
    )  # fmt: skip
    shop.learn()
    assert choice(shop, "bo", "2024-06-08 23:59").refused is None
    assert isinstance(choice(shop, "bo", "2024-06-09 00:00").refused, RewardNotYet)


def test_both_languages_say_it() -> None:
    said = refusal_said(RewardNotYet("", day=date(2024, 6, 8), days_early=1), Names())
    assert said == Text(
        "从 2024-06-08 起可以兑换，比其他会员早 1 天。",
        "It can be claimed from 2024-06-08 on, 1 day before everybody else.",
    )
    assert early_said(OPENS) == Text(
        "优先购：现在就能兑换，其他会员 2024-06-10 起", "Early access: now already, others from 2024-06-10"
    )
