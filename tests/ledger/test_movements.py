"""The movement of all points ends where the customers' accounts stand, whatever happened; vintages add up to it."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from regulars.core.calendar import add_months
from regulars.ledger.movements import By, points_books
from regulars.ledger.rules import PointsBooks
from regulars.loyalty.rules import ItemKind
from tests.flows.walk import TERMS, Walk
from tests.flows.world import SHANGHAI, World, order, query, refund, when, world

DAY = when("2024-03-10 10:00")


@pytest.fixture
def books(db: None) -> World:
    return World(now="2024-03-10 10:00")


def told(at: datetime, until: datetime | None = None, by: By = "booked") -> PointsBooks:
    return points_books(zone=SHANGHAI, at=at, until=until, by=by)


def in_accounts(before: datetime | None = None) -> int:
    """What the transfers put into the customers' accounts, added up by themselves."""
    return int(
        query(
            """SELECT coalesce(sum(CASE WHEN target < 10 THEN amount ELSE 0 END
                                 - CASE WHEN source < 10 THEN amount ELSE 0 END), 0)
               FROM ledger_transfer WHERE currency = 1 AND (%s::timestamptz IS NULL OR recorded_at < %s)""",
            [before, before],
        )[0][0]
    )


def assert_reconciled(at: datetime) -> None:
    """Movements follow one another without a gap, end in the accounts, and so do vintages less what is owed."""
    found = told(at)
    for months in (found.happened, found.booked):
        for one, after in pairwise(months):
            assert (after.month, after.opening) == (add_months(one.month, 1), one.closing)
        assert (months[-1].closing if months else 0) == found.wallets == in_accounts()
    assert sum(one.left + one.due for one in found.vintages) - found.owed == found.wallets
    lots = query("SELECT coalesce(sum(remaining), 0), coalesce(sum(held), 0) FROM ledger_lot WHERE currency = 1")
    assert sum(one.left + one.due for one in found.vintages) == sum(lots[0])
    due = query("SELECT coalesce(sum(remaining), 0) FROM ledger_lot WHERE currency = 1 AND expires_at <= %s", [at])
    assert sum(one.due for one in found.vintages) == due[0][0]


def test_a_year_of_points_month_by_month(books: World) -> None:
    books.tell(order("A", "anna", DAY, 1000_00), order("B", "bo", DAY, 500_00))
    books.now = when("2024-04-05 10:00")
    books.command(ItemKind.REDEEM, "anna", 300, "k1")
    books.tell(refund("r", "B", books.now, 200_00))
    books.now = when("2024-05-05 10:00")
    books.command(ItemKind.DEDUCT, "bo", 100, "k2")
    books.tell(order("C", "bo", when("2024-03-30 10:00"), 70_00))
    found = told(books.now)
    assert [(m.month, m.opening, m.earned, m.used, m.expired, m.revoked, m.closing) for m in found.booked] == [
        (date(2024, 3, 1), 0, 1500, 0, 0, 0, 1500),
        (date(2024, 4, 1), 1500, 0, 300, 0, 200, 1000),
        (date(2024, 5, 1), 1000, 70, 0, 0, 100, 970),
    ]
    assert [(m.earned, m.closing) for m in found.happened] == [(1570, 1570), (0, 1070), (0, 970)]
    (vintage,) = found.vintages
    assert (vintage.month, vintage.last_month, vintage.issued) == (date(2024, 3, 1), date(2025, 12, 1), 1570)
    assert (vintage.used, vintage.revoked, vintage.left) == ({date(2024, 4, 1): 300}, 300, 970)


def test_what_nobody_has_posted_is_due_and_not_left(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00), order("B", "bo", DAY, 50_00))
    books.command(ItemKind.HOLD, "bo", 20, "h")
    last = when("2025-12-31 23:59")
    assert [(one.left, one.due) for one in told(last).vintages] == [(150, 0)]
    books.now = when("2026-01-01 00:00")
    found = told(books.now)
    assert [(one.left, one.held, one.due) for one in found.vintages] == [(20, 20, 130)]
    assert found.booked[-1].closing == 150, "the ledger says so until it is posted"
    books.settle()
    found = told(books.now)
    assert (found.booked[-1].expired, found.booked[-1].closing) == (130, 20)
    assert [(one.left, one.due, one.expired) for one in found.vintages] == [(20, 0, 130)]


def test_points_that_come_back_after_they_expired_are_used_less_and_not_earned_again(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00))
    receipt = books.command(ItemKind.REDEEM, "anna", 60, "k")
    books.now = when("2026-02-01 10:00")
    books.settle()
    books.command(ItemKind.REVERSE, "anna", 60, "back", refers_to=receipt.command_id)
    found = told(books.now)
    assert (sum(m.earned for m in found.booked), sum(m.used for m in found.booked)) == (100, 0)
    assert [(one.restored, one.issued, one.left) for one in found.vintages] == [(False, 100, 0), (True, 60, 60)]
    assert_reconciled(books.now)


def test_a_day_that_is_over_stays_as_it_was_booked(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00))
    end_of_march = when("2024-04-01 00:00")
    before = told(end_of_march, end_of_march)
    books.now = when("2024-04-20 10:00")
    books.tell(order("B", "bo", when("2024-03-20 10:00"), 40_00), refund("r", "A", books.now))
    books.command(ItemKind.REDEEM, "bo", 10, "k")
    again = told(end_of_march, end_of_march)
    assert (again.booked, again.vintages) == (before.booked, before.vintages)
    assert again.booked[-1].closing == 100 == in_accounts(end_of_march)
    known_now = told(end_of_march, end_of_march, by="happened")
    assert known_now.happened[-1].closing == 140, "another order had been made by then; the refund came later"


def test_months_begin_by_the_clock_of_the_business(books: World) -> None:
    books.tell(order("A", "anna", when("2024-04-01 00:30"), 10_00), at=when("2024-04-01 00:40"))
    found = told(when("2024-04-02 10:00"))
    assert [m.month for m in found.booked] == [m.month for m in found.happened] == [date(2024, 4, 1)]


def test_no_points_at_all(books: World) -> None:
    assert told(books.now) == PointsBooks((), (), (), 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_it_ends_where_the_accounts_stand(db: None, seed: int) -> None:
    with world("2024-03-10 10:00", TERMS) as one:
        walk = Walk(one, Random(seed), Counter())
        for step in range(60):
            walk.step()
            if step % 6 == 5:
                assert_reconciled(one.now)
        one.now += timedelta(days=500)
        assert_reconciled(one.now)
        one.settle()
        assert_reconciled(one.now)
