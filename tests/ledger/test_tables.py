"""What must never happen is refused by the database, whoever asks."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from regulars.ledger.rules import Account, Purpose
from tests.flows.world import World, order, query, when

DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(db: None) -> World:
    found = World(now="2024-06-01 10:00")
    found.tell(order("A", "anna", DAY, 100_00))
    return found


def refused(error: type[Exception], statement: str, match: str = ".") -> None:
    with pytest.raises(error, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_transfer SET amount = amount + 1", "UPDATE ledger_transfer SET recorded_at = now()",
        "DELETE FROM ledger_transfer", "UPDATE facts_fact SET amount = 1", "UPDATE facts_fact SET key = 'B'",
        "UPDATE facts_fact SET occurred_at = now()", "UPDATE facts_fact SET subject = 'B'", "DELETE FROM facts_fact",
        "UPDATE facts_fact SET body = jsonb_set(body, '{base}', '1')", "UPDATE facts_fact SET digest = ''",
        "UPDATE facts_fact SET store_id = 1", "UPDATE facts_fact SET recorded_at = now()",
        "UPDATE facts_fact SET xid = '5'", "UPDATE facts_fact SET epoch = 7", "UPDATE facts_fact SET batch_id = 3",
    ],
)  # fmt: skip
def test_transfers_and_facts_stay_as_they_are(books: World, change: str) -> None:
    refused(ProgrammingError, change, match="never")


def test_facts_may_find_their_customer_and_be_retracted(books: World) -> None:
    assert query("UPDATE facts_fact SET identity_id = NULL, retracted_at = now() RETURNING key") == [("A",)]


@pytest.mark.parametrize(
    "change",
    [
        "remaining = remaining - 1", "remaining = -1, used = used + 101", "expired = -5, remaining = remaining + 5",
        "held = 1", "used = 1", "issued = 0", "revoked = -1, remaining = remaining + 1",
    ],
)  # fmt: skip
def test_a_lot_adds_up_and_is_never_negative(books: World, change: str) -> None:
    refused(IntegrityError, f"UPDATE ledger_lot SET {change}")


@pytest.mark.parametrize("change", ["available = -1", "pending = -1", "held = -1", "debt = 1"])
def test_a_wallet_is_never_overdrawn(books: World, change: str) -> None:
    refused(IntegrityError, f"UPDATE ledger_wallet SET {change}")


TRANSFER = """INSERT INTO ledger_transfer (customer_id, currency, source, target, amount, lot_id, at, origin_kind,
                                           origin_id, purpose, recorded_at)
              SELECT customer_id, currency, {source}, {target}, {amount}, lot_id, at, origin_kind, origin_id, {purpose},
                     recorded_at FROM ledger_transfer WHERE currency = {currency}"""


@pytest.mark.parametrize(
    "values",
    [
        {"amount": 0}, {"amount": -5}, {"target": int(Account.ISSUED)}, {"source": 0}, {"target": 99},
        {}, {"currency": 2, "target": int(Account.EARNED)},
    ],
)  # fmt: skip
def test_a_transfer_moves_a_positive_amount_once(books: World, values: dict[str, int]) -> None:
    """The last two would post the same award again; in growth it has no lot, and no lot is no excuse."""
    told = {
        "source": int(Account.ISSUED), "target": int(Account.AVAILABLE), "amount": 100, "purpose": int(Purpose.EARN),
        "currency": 1,
    }  # fmt: skip
    refused(IntegrityError, TRANSFER.format(**{**told, **values}))


def test_a_lot_is_opened_once(books: World) -> None:
    refused(
        IntegrityError,
        """INSERT INTO ledger_lot (customer_id, currency, origin_kind, origin_id, ordinal, issued, remaining, held,
                                   used, expired, revoked, matured, effective_at, expires_at)
           SELECT customer_id, currency, origin_kind, origin_id, ordinal, issued, remaining, held, used, expired,
                  revoked, matured, effective_at, expires_at FROM ledger_lot""",
    )
