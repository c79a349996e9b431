"""Points mature and expire by date: whoever posts it, the job or the next order, the books end the same."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.loyalty.actions import fold_again
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, differences, order, query, refund, state, when, world

DAY = when("2024-03-01 10:00")
orders = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 900), st.booleans(), st.integers(1, 500_00)), max_size=8)
looks = st.lists(st.integers(0, 1200), max_size=5)


@pytest.fixture
def books(db: None) -> World:
    return World(now="2024-03-02 10:00")


def test_the_job_posts_what_is_due_at_its_own_date(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00, channel="online"), order("B", "bo", DAY, 50_00, channel="online"))
    assert books.wallet("anna")["pending"] == 100
    books.now = when("2024-03-20 04:00")
    report = books.verify()
    assert (report.clean, report.due) == (True, 2), "what is due is not a difference"
    assert books.settle() == 1
    assert (books.wallet("anna")["pending"], books.wallet("anna")["available"]) == (0, 100)
    assert query("SELECT DISTINCT at FROM ledger_transfer WHERE purpose = 2") == [(when("2024-03-08 00:00"),)]
    assert books.verify().due == 0
    assert books.settle() == 0, "a second night has nothing left to do"
    books.assert_clean()


def test_a_night_that_was_missed_is_made_up(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00, channel="online"))
    books.now = when("2027-01-01 04:00")
    books.settle()
    assert books.wallet("anna") == {"pending": 0, "available": 0, "held": 0, "debt": 0, "growth": 100}
    moves = query("SELECT purpose, at FROM ledger_transfer WHERE purpose IN (2, 3) ORDER BY at")
    assert moves == [(2, when("2024-03-08 00:00")), (3, when("2026-01-01 00:00"))]
    books.assert_clean()


def test_a_clock_that_went_back_does_not_stop_the_job(books: World) -> None:
    """One process saw midnight a moment before another: what it matured is taken back, then posted again."""
    books.tell(order("A", "anna", DAY, 100_00, channel="online"))
    books.now = when("2024-03-08 00:00")
    books.settle()
    early = when("2024-03-08 00:00") - timedelta(seconds=1)
    fold_again(canonical_ids=[books.customer("anna")], policies=books.policies, at=early)
    assert books.wallet("anna")["pending"] == 100
    books.settle()
    assert (books.wallet("anna")["pending"], books.wallet("anna")["available"]) == (0, 100)
    books.assert_clean()


def test_points_that_came_back_after_they_expired_are_settled_too(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00))
    books.now = when("2024-03-03 10:00")
    spent = books.command(ItemKind.REDEEM, "anna", 100, "k").command_id
    books.now = when("2026-05-01 10:00")
    books.command(ItemKind.REVERSE, "anna", 60, "v", refers_to=spent)
    assert books.wallet("anna")["available"] == 60
    books.now = when("2026-05-16 00:00")
    books.settle()
    assert books.wallet("anna")["available"] == 0
    books.tell(refund("r", "A", when("2026-05-17 10:00")))
    books.assert_clean()


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders, looks)
def test_the_job_at_any_time_equals_the_fold(told: list[tuple[int, int, bool, int]], nights: list[int]) -> None:
    facts = [
        order(f"{n}", f"m{who}", DAY + timedelta(days=day), amount, channel="online" if online else "store")
        for n, (who, day, online, amount) in enumerate(sorted(told, key=lambda one: one[1]))
    ]
    with world(now="2028-01-02 10:00") as books:
        if facts:
            books.tell(*facts)
        at_once = state()
    with world() as books:
        for fact in facts:
            books.tell(fact, at=fact.occurred_at)
            for night in nights:
                at = DAY + timedelta(days=night)
                if fact.occurred_at <= at:
                    books.now = at
                    books.settle()
        books.now = when("2028-01-02 10:00")
        books.settle()
        assert differences(state(), at_once) == []
        books.assert_clean()
