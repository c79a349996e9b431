"""What is read holds by date, whether or not the nightly job has run; closes only save time."""

from datetime import timedelta
from random import Random

import pytest

from regulars.ledger import statements
from regulars.ledger.actions import close_day
from regulars.ledger.rules import Balance
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, order, query, refund, when

DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(db: None) -> World:
    return World(now="2024-03-02 10:00")


def balance(books: World, who: str) -> Balance:
    canonical = query("SELECT canonical_id FROM customers_customer WHERE id = %s", [books.customer(who)])[0][0]
    return statements.balances([canonical], at=books.now)[canonical]


def test_a_balance_needs_no_job(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00, channel="online"), order("B", "anna", DAY, 30_00))
    assert balance(books, "anna") == Balance(pending=100, available=30, held=0, owed=0)
    books.now = when("2024-03-08 00:00")
    assert balance(books, "anna") == Balance(pending=0, available=130, held=0, owed=0)
    books.now = when("2026-01-01 00:00")
    assert balance(books, "anna") == Balance(pending=0, available=0, held=0, owed=0)
    assert books.wallet("anna")["available"] == 30, "nothing was posted meanwhile"


def test_a_group_has_one_balance(books: World) -> None:
    books.tell(order("A", "anna", DAY, 100_00), order("B", "bo", DAY, 30_00))
    books.command(ItemKind.REDEEM, "bo", 30, "k")
    books.command(ItemKind.HOLD, "anna", 10, "h")
    books.tell(refund("r", "B", DAY + timedelta(hours=1)))
    books.merge("bo", "anna")
    assert balance(books, "anna") == balance(books, "bo") == Balance(pending=0, available=60, held=10, owed=0)


def moved() -> dict[int, int]:
    rows = query(
        """SELECT account, sum(amount)::bigint FROM (
             SELECT target AS account, amount FROM ledger_transfer WHERE currency = 1
             UNION ALL SELECT source, -amount FROM ledger_transfer WHERE currency = 1) m GROUP BY 1"""
    )
    return {account: amount for account, amount in rows if amount}


def test_the_last_close_and_the_tail_are_the_trial_balance(books: World) -> None:
    random = Random(3)
    assert statements.trial_balance().balanced
    for day in range(12):
        books.now = DAY + timedelta(days=day, hours=3)
        for n in range(random.randrange(4)):
            at = books.now - timedelta(days=random.choice((0, 0, 40)))
            books.tell(order(f"{day}-{n}", f"m{n}", at, 77_00, channel=random.choice(("store", "online"))))
        if day % 3 == 2:
            books.settle()
            books.tell(refund(f"r{day}", f"{random.randrange(day)}-0", books.now))
        if day % 2:
            close_day(day=books.now.date())
        if day % 5 == 0:
            close_day(day=books.now.date())
            close_day(day=books.now.date())
        trial = statements.trial_balance()
        assert trial.balanced
        assert {account: amount for account, amount in trial.accounts.items() if amount} == moved()
    books.assert_clean()


def test_a_statement_shows_each_entry_once_newest_first(books: World) -> None:
    books.tell(*(order(f"{n}", "anna", DAY + timedelta(minutes=n), 10_00) for n in range(9)))
    who = books.customer("anna")
    whole = statements.statement(who, most=100)
    pages, before = [], None
    while page := statements.statement(who, most=4, before=before):
        pages += page
        before = (page[-1].at, page[-1].id)
    assert pages == whole
    assert len(whole) == 18, "points and growth of nine orders"
    assert [entry.at for entry in whole] == sorted((entry.at for entry in whole), reverse=True)
    points = [entry for entry in whole if entry.currency == 1]
    assert sum(entry.change for entry in points) == 90
