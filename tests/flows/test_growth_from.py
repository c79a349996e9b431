"""Tiers on visits and on points earned, told in any order: the fold goes on from where it stands as from the start."""

import pytest

from tests.flows.world import World, cancel, differences, order, refund, state, when, world

VISITS = {"growth_from": "visits", "tiers": [
    {"code": "guest", "threshold": 0, "names": {"en": "Guest"}},
    {"code": "regular", "threshold": 3, "names": {"en": "Regular"}},
]}  # fmt: skip
POINTS = {"growth_from": "points", "rules": [{"code": "double", "then": {"kind": "multiply", "percent": 200}}]}
TOLD = [
    order("A", "anna", when("2024-03-01 10:00"), 30_00), order("B", "anna", when("2024-03-01 19:00"), 300_00),
    order("C", "anna", when("2024-03-05 10:00"), 20_00), order("D", "anna", when("2024-03-09 10:00"), 20_00),
    refund("r", "A", when("2024-03-10 10:00")), order("E", "anna", when("2024-03-10 11:00"), 700_00),
    cancel("c", "D", when("2024-03-11 10:00")), order("F", "anna", when("2024-03-11 11:00"), 20_00),
]  # fmt: skip


@pytest.mark.parametrize("terms", [VISITS, POINTS])
@pytest.mark.django_db
def test_in_turn_and_all_at_once_and_backwards_it_is_the_same(terms: dict[str, object]) -> None:
    found = []
    for told in ([[fact] for fact in TOLD], [TOLD], [[fact] for fact in reversed(TOLD)]):
        with world("2024-06-01 10:00", [("2000-01-02", terms)]) as books:
            for facts in told:
                books.tell(*facts)
            books.assert_clean()
            found.append(state())
    assert not differences(found[0], found[1])
    assert not differences(found[0], found[2])


@pytest.mark.django_db
def test_the_third_day_reaches_the_tier_and_a_cancelled_one_is_lost() -> None:
    books = World(now="2024-06-01 10:00", terms=[("2000-01-02", VISITS)])
    books.tell(*TOLD[:4])
    assert books.tiers("anna")[-2:] == [(1, "2024-03-09", "2025-03-01"), (0, "2025-03-01", None)]
    books.tell(*TOLD[6:7])
    assert books.wallet("anna")["growth"] == 2
    books.tell(*TOLD[4:6])
    assert books.wallet("anna")["growth"] == 3, "the first day was a visit by its other order, the tenth is new"
    books.assert_clean()


@pytest.mark.django_db
def test_a_version_may_count_something_else_from_a_day_on() -> None:
    books = World(now="2024-06-01 10:00", terms=[("2000-01-02", {}), ("2024-03-08 00:00", POINTS)])
    books.tell(*TOLD[:4])
    assert books.wallet("anna")["growth"] == 30 + 300 + 20 + 40
    books.assert_clean()
