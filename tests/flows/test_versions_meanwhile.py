"""A version that goes live in the middle of everything: whoever wrote by the old one meanwhile is put right."""

from typing import Any

import pytest

from regulars.flows import rate_again
from regulars.loyalty.actions import launch
from regulars.loyalty.rules import ItemKind, preset_terms
from tests.flows.world import World, differences, order, refund, state, when

TERMS: dict[str, Any] = {"minor_per_point": 50, "restore_days": 3}
LOWER = [
    {"code": code, "threshold": threshold, "names": {"zh": code, "en": code}}
    for code, threshold in (("basic", 0), ("silver", 100), ("gold", 5000))
]
LIVE = "2024-06-10 12:00"


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(*(order(f"O{n}", f"m{n}", when("2024-05-01 10:00"), 150_00) for n in range(5)))
    return found


def go_live(books: World, at: str, **terms: Any) -> int:
    """Another version; who has read the programme before goes on with what they read."""
    books.now = when(at)
    new = {**preset_terms(2), **terms}
    return launch(terms=new, live_from=books.now, time_zone="Asia/Shanghai", actor="kim", at=books.now)


def rate(books: World, number: int | None = None) -> None:
    books.learn()
    for _ in rate_again.rate_everybody_again(policies=books.policies, at=books.now, number=number):
        pass


def test_tiers_follow_new_thresholds_from_their_day_and_points_stay(books: World) -> None:
    rate(books, go_live(books, LIVE, tiers=LOWER))
    for who in range(5):
        assert books.tiers(f"m{who}")[:2] == [(0, "2024-05-01", "2024-06-10"), (1, "2024-06-10", "2025-05-01")]
        assert books.wallet(f"m{who}")["available"] == 150
    books.assert_clean()


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_written_by_the_old_terms_after_the_launch_is_put_right(books: World, whole: bool) -> None:
    """A till that read the programme a moment before it changed records an order, a refund and a redemption."""
    number = go_live(books, LIVE, **TERMS, tiers=LOWER)
    books.tell(order("N", "m1", books.now, 100_00), refund("R", "O2", books.now))
    books.command(ItemKind.REDEEM, "m1", 250, "k")
    books.learn()
    assert not books.verify().clean, "a hundred yuan are 200 points by now"
    rate(books, None if whole else number)
    assert (books.wallet("m1")["available"], books.wallet("m2")["available"]) == (100, 0)
    books.assert_clean()


def test_a_second_version_while_the_first_is_being_rated(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are rated by the one, then the other goes live: whoever comes last rates all, and rating twice is once."""
    monkeypatch.setattr(rate_again, "BATCH", 2)
    go_live(books, LIVE, tiers=LOWER)
    books.learn()
    first = rate_again.rate_everybody_again(policies=books.policies, at=books.now)
    assert next(first) == 2
    second = go_live(books, "2024-06-10 12:01", **TERMS)
    books.tell(order("N", "m4", books.now, 100_00))
    list(first)
    rate(books, second)
    books.assert_clean()
    after = state()
    assert books.tiers("m0") == books.tiers("m3"), "the day follows the version of its end"
    assert books.wallet("m4")["available"] == 150 + 200
    rate(books)
    assert differences(state(), after) == []
