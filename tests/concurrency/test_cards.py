"""One code at many tills: one of them hears whose card it is."""

from collections import Counter
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from regulars.customers.cards import actions, queries, rules
from regulars.customers.cards.rules import CardTokenUsed
from regulars.customers.models import Customer
from tests.concurrency.crowd import at_once

TILLS = 8
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token() -> str:
    customer = Customer.objects.create(joined_on=AT.date(), created_at=AT)
    Customer.objects.filter(pk=customer.pk).update(canonical_id=customer.pk)
    return queries.face(actions.open_card(customer_id=customer.pk, at=AT), at=AT).token


def scan(token: str) -> Counter[str]:
    results = at_once([lambda n=n: actions.who_shows(token, at=AT, key=f"till {n}") for n in range(TILLS)])  # type: ignore[misc]
    return Counter(type(one).__name__ for one in results)


def test_of_eight_tills_one_is_told(token: str) -> None:
    assert scan(token) == {"Shown": 1, CardTokenUsed.__name__: TILLS - 1}


def test_with_the_constraint_taken_away_the_race_shows(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all look before any has written, and more than one is told."""
    everybody, reading = Barrier(TILLS), rules.read

    def look_together(*args: object, **kwargs: object) -> object:
        everybody.wait(timeout=30)
        return reading(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("regulars.customers.cards.actions.read", look_together)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_carduse DROP CONSTRAINT card_token_once")
    try:
        assert scan(token)["Shown"] > 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM customers_carduse")
            cursor.execute('ALTER TABLE customers_carduse ADD CONSTRAINT card_token_once UNIQUE (card_id, "window")')
