"""The one decision about each customer, and what a plan may say."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.decisions.rules import Outcome
from regulars.outreach.campaigns.rules import (
    MOVES,
    Considered,
    InvalidCampaign,
    Reason,
    State,
    Terms,
    checked,
    decide,
    language_for,
    most_chosen,
)
from tests.outreach.campaigns.plans import WIN_BACK, plan

FREE = Considered(1, standing=False, refused="", had=0, held_out=False, language="zh")
TERMS = Terms(cap_most=2, cap_days=7)
customers = st.builds(
    Considered, st.integers(1, 10**9), st.booleans(), st.sampled_from(["", "", "no_address", "unsubscribed"]),
    st.integers(0, 4), st.booleans(), st.just("zh"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        ({}, Outcome.CHOSEN, "chosen"),
        ({"held_out": True}, Outcome.HELD_OUT, "hold_out"),
        ({"held_out": True, "had": 2}, Outcome.SUPPRESSED, "frequency_cap"),
        ({"had": 2, "refused": "no_consent"}, Outcome.SUPPRESSED, "no_consent"),
        ({"refused": "no_address", "standing": True}, Outcome.SUPPRESSED, "standing_control"),
    ],
)
def test_the_first_reason_decides(change: dict[str, Any], outcome: Outcome, reason: str) -> None:
    made = decide([FREE._replace(**change)], TERMS)[0]
    assert (made.outcome, made.reason) == (outcome, reason)


def test_a_cap_tells_its_numbers() -> None:
    assert decide([FREE._replace(had=3)], TERMS)[0].numbers == {"most": 2, "days": 7, "had": 3}


@given(st.lists(customers, max_size=30), st.integers(1, 12))
def test_a_budget_ends_both_arms_at_the_same_customer(batch: list[Considered], most: int) -> None:
    free, kept = decide(batch, TERMS), decide(batch, replace(TERMS, most_chosen=most))
    assert sum(one.outcome is Outcome.CHOSEN for one in kept) == min(
        most, sum(one.outcome is Outcome.CHOSEN for one in free)
    )
    ended = next((place for place, one in enumerate(kept) if one.reason == Reason.BUDGET), len(kept))
    assert kept[:ended] == free[:ended]
    assert all(one.outcome is Outcome.SUPPRESSED for one in kept[ended:])


@given(st.lists(customers, max_size=30), st.integers(0, 30), st.none() | st.integers(1, 12))
def test_portions_decide_as_the_whole_does(batch: list[Considered], cut: int, most: int | None) -> None:
    terms = replace(TERMS, most_chosen=most)
    first = decide(batch[:cut], terms)
    chosen = sum(one.outcome is Outcome.CHOSEN for one in first)
    assert first + decide(batch[cut:], terms, chosen_before=chosen) == decide(batch, terms)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goal": "win"}, "goal"),
        ({"channel": "pigeon"}, "channel"),
        ({"segment_id": 7}, "for_whom"),
        ({"customers": None}, "for_whom"),
        ({"customers": ()}, "for_whom"),
        ({"held_out_percent": Decimal(0)}, "no_hold_out_reason"),
        ({"held_out_percent": Decimal(51)}, "held_out_percent"),
        ({"held_out_percent": Decimal("9.999")}, "held_out_percent"),
        ({"window_days": 0}, "window_days"),
        ({"most_messages": 0}, "most_messages"),
        ({"sends_from": WIN_BACK.sends_until}, "sends_from"),
        ({"name": WIN_BACK.name._replace(zh="", en=" ")}, "name"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        checked(plan(**change), channels=["email"])
    assert refused.value.context["field"] == field


def test_nobody_held_out_needs_a_reason() -> None:
    told = plan(held_out_percent=Decimal(0), no_hold_out_reason="A promise to every member")
    assert checked(told, channels=["email"]) is told


def test_the_smaller_budget_counts_and_coupons_only_with_an_offer() -> None:
    assert most_chosen(plan()) is None
    assert most_chosen(plan(most_messages=50, most_coupons=20)) == 50
    assert most_chosen(plan(most_messages=50, most_coupons=20, offer_id=1)) == 20


@pytest.mark.parametrize(
    ("customer", "business", "content", "language"),
    [
        ("en", "zh-hans", ("zh", "en"), "en"),
        ("", "zh-hans", ("zh", "en"), "zh"),
        ("fr", "en", ("zh", "en"), "en"),
        ("zh-hans", "zh-hans", ("en",), "en"),
    ],
)
def test_customers_are_written_to_in_their_own_language_if_it_is_there(
    customer: str, business: str, content: tuple[str, ...], language: str
) -> None:
    assert language_for(customer, business=business, content=content) == language


def test_what_has_ended_stays_ended() -> None:
    assert [state for state in State if not MOVES[state]] == [State.STOPPED, State.DONE]
