"""Tiers follow a new version from its day on: from kept state they become what folding everything would say."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from regulars.flows import rate_again
from regulars.flows.give_tiers import give_tier
from regulars.flows.rate_again import rate_everybody_again
from regulars.loyalty.actions import launch
from regulars.loyalty.rules import ItemKind, preset_terms
from tests.flows.world import World, order, refund, when

TIERS = preset_terms(2)["tiers"]
LOWER = {"tiers": [{**tier, "threshold": tier["threshold"] // 10} for tier in TIERS]}
HIGHER = {"tiers": [{**tier, "threshold": tier["threshold"] * 3} for tier in TIERS]}
FEWER = {"tiers": TIERS[:2]}
HELD = {"keeping": {"window": "calendar_year", "held": "months", "months": 3, "grace_days": 20, "one_step": True}}
NUMBER = 40


@pytest.fixture
def books(db: None) -> World:
    return a_world({})


def a_world(terms: dict[str, Any]) -> World:
    """Forty members with two years of orders behind them, some of which were given back."""
    books, random = World(now="2026-03-01 12:00", terms=[("2000-01-02", terms)]), Random(7)
    facts = []
    for number in range(NUMBER * 4):
        at = books.now - timedelta(hours=random.randrange(13, 18_000))
        facts.append(order(f"o{number}", f"m{number % NUMBER}", at, random.choice((90_00, 700_00, 2_500_00))))
        if random.random() < 0.1:
            facts.append(refund(f"r{number}", f"o{number}", at + timedelta(days=3)))
    books.tell(*facts)
    return books


def live(books: World, terms: dict[str, Any]) -> int:
    """Put another version live now; returns its number."""
    made = launch(
        terms={**preset_terms(2), **terms}, live_from=books.now, time_zone="Asia/Shanghai", actor="test", at=books.now
    )
    books.learn()
    return made


def again(books: World, number: int | None, **more: Any) -> int:
    return sum(1 for _ in rate_everybody_again(policies=books.policies, at=books.now, number=number, **more))


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Who is folded whole."""
    found: list[int] = []
    fold = rate_again.fold_portion

    def noted(**told: Any) -> None:
        found.extend(told["customer_ids"])
        fold(**told)

    monkeypatch.setattr(rate_again, "fold_portion", noted)
    return found


@pytest.mark.parametrize(
    "terms", [LOWER, HIGHER, FEWER, {"window_months": 3}, {"window_months": 36}, {"growth_from": "visits"}]
)
def test_without_folding_anybody_tiers_are_what_the_fold_says(
    books: World, folded: list[int], terms: dict[str, Any]
) -> None:
    before = {f"m{n}": books.tiers(f"m{n}") for n in range(NUMBER)}
    again(books, live(books, terms))
    assert folded == []
    books.assert_clean()
    if "tiers" in terms:
        assert before != {f"m{n}": books.tiers(f"m{n}") for n in range(NUMBER)}


def test_where_tiers_are_held_before_and_after_it_goes_on_too(db: None, folded: list[int]) -> None:
    books = a_world(HELD)
    again(books, live(books, {**HELD, **LOWER}))
    assert folded == []
    books.assert_clean()


def test_the_first_version_that_holds_tiers_needs_all_growth_there_ever_was(books: World, folded: list[int]) -> None:
    again(books, live(books, HELD))
    assert len(set(folded)) == NUMBER
    books.assert_clean()


def test_who_bought_meanwhile_owes_or_was_given_a_tier_is_folded(books: World, folded: list[int]) -> None:
    give_tier(customer_id=books.customer("m1"), tier="gold", until=None, key="g", at=books.now, policies=books.policies)
    books.tell(order("x", "m2", books.now, 10_00))
    books.command(ItemKind.REDEEM, "m2", 1, "k")
    number = live(books, LOWER)
    books.now += timedelta(hours=1)
    books.tell(order("y", "m3", books.now, 500_00))
    again(books, number)
    assert {books.customer("m1"), books.customer("m3")} <= set(folded)
    assert len(set(folded)) < NUMBER // 2
    books.assert_clean()


def test_two_versions_in_a_row_and_running_twice(books: World) -> None:
    first = live(books, LOWER)
    books.now += timedelta(days=40)
    second = live(books, HIGHER)
    again(books, first)
    books.assert_clean()
    rows = {f"m{n}": books.tiers(f"m{n}") for n in range(NUMBER)}
    again(books, second)
    again(books, first)
    assert rows == {f"m{n}": books.tiers(f"m{n}") for n in range(NUMBER)}
    books.assert_clean()


def test_an_order_after_it_goes_on_from_there(books: World) -> None:
    again(books, live(books, LOWER))
    books.now += timedelta(days=30)
    books.tell(*(order(f"z{n}", f"m{n}", books.now, 333_00) for n in range(0, NUMBER, 3)))
    books.assert_clean()


def test_who_ordered_earlier_on_the_day_is_folded_whole(db: None) -> None:
    """The day follows the new version also for what happened before noon: with other tiers, another cap held."""
    caps = {"caps": [{"period": "week", "most": 100, "by_tier": {"gold": 1000}}]}
    books = World(now="2024-06-10 11:00", terms=[("2000-01-02", caps)])
    books.tell(
        order("A", "anna", when("2024-05-01 10:00"), 500_00), order("B", "anna", when("2024-06-10 10:00"), 500_00)
    )
    books.now = when("2024-06-10 12:00")
    again(books, live(books, {**caps, **LOWER}))
    books.assert_clean()
