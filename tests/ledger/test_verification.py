"""`verify` finds every kind of damage, and names the customer; what goes on meanwhile is no damage."""

from datetime import timedelta

import pytest
from django.db import connection

from regulars.ledger.rules import OriginKind
from regulars.loyalty.refolding import flagged
from regulars.loyalty.rules import ItemKind
from tests.flows.world import World, order, query, refund, when

DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(
        order("A", "anna", DAY, 1200_00), order("B", "anna", DAY + timedelta(days=9), 80_00, channel="online"),
        order("C", "bo", DAY, 50_00), refund("r", "C", DAY + timedelta(days=1), 20_00),
    )  # fmt: skip
    found.command(ItemKind.REDEEM, "anna", 300, "k")
    found.command(ItemKind.HOLD, "anna", 30, "h")
    found.assert_clean()
    return found


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger_wallet SET available = available + 1 WHERE currency = 1",
        "UPDATE ledger_wallet SET earned = earned - 1 WHERE currency = 2",
        "DELETE FROM ledger_wallet WHERE currency = 2",
        "UPDATE ledger_lot SET issued = issued + 5, used = used + 5",
        "UPDATE ledger_lot SET remaining = remaining - 1, expired = expired + 1 WHERE remaining > 0",
        "UPDATE ledger_lot SET held = held - 1, used = used + 1 WHERE held > 0",
        "UPDATE ledger_lot SET expires_at = expires_at + interval '1 day'",
        "UPDATE ledger_lot SET expires_at = NULL",
        "UPDATE ledger_lot SET effective_at = effective_at - interval '1 day'",
        "UPDATE loyalty_tierinterval SET tier = 3 WHERE tier = 1",
        "UPDATE loyalty_tierinterval SET to_date = to_date + 1 WHERE to_date IS NOT NULL",
        "DELETE FROM loyalty_tierinterval",
        "UPDATE loyalty_standing SET whole = NOT whole",
        "UPDATE loyalty_standing SET last_at = last_at + interval '1 second'",
        "UPDATE loyalty_standing SET orders = orders + 1",
        "UPDATE loyalty_standing SET spent = spent - 1",
        "DELETE FROM loyalty_standing",
        "UPDATE loyalty_command SET amount = amount - 1",
        "UPDATE facts_fact SET retracted_at = now() WHERE key = 'r'",
        "UPDATE facts_fact SET retracted_at = now() WHERE key = 'A'",
        "UPDATE facts_fact SET identity_id = NULL WHERE key = 'C'",
        "UPDATE customers_customer SET canonical_id = (SELECT min(id) FROM customers_customer)",
    ],
)
def test_damage_is_found(books: World, damage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(damage)
        assert cursor.rowcount > 0
    report = books.verify()
    assert not report.clean
    assert report.differences


def test_it_says_how_much_it_checked(books: World) -> None:
    report = books.verify()
    assert report.checked["customers"] == 2
    assert report.checked["facts_and_commands"] == 6
    assert report.checked["lots"] == query("SELECT count(*) FROM ledger_lot")[0][0]
    assert report.checked["transfers"] == query("SELECT count(*) FROM ledger_transfer")[0][0]


def test_refunds_of_more_than_was_paid_are_counted_and_no_difference(books: World) -> None:
    assert not books.verify().flagged
    books.tell(refund("r2", "C", DAY + timedelta(days=2), 40_00), refund("r3", "C", DAY + timedelta(days=3), 1))
    report = books.verify()
    assert report.flagged == {"refund_above_order": 2}
    assert report.clean
    ids = {key: fact_id for fact_id, key in query("SELECT id, key FROM facts_fact WHERE kind = 2")}
    shown = flagged([ids["r2"]], [books.customer("bo")], books.policies)
    assert set(shown) == {(OriginKind.FACT, ids["r2"]), (OriginKind.FACT, ids["r3"])}, "told by the one order alone"
    assert flagged([ids["r2"]], [books.customer("anna")], books.policies) == {}


def test_a_great_deal_of_damage_is_cut_short(books: World) -> None:
    books.tell(*(order(f"n{n}", f"m{n}", DAY, 10_00) for n in range(120)))
    query("UPDATE ledger_wallet SET available = available + 1 WHERE currency = 1 RETURNING 1")
    report = books.verify()
    assert len(report.differences) == 101


def test_an_empty_business_is_clean(db: None) -> None:
    World().assert_clean()
