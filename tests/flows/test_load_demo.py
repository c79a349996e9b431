"""The demo's households get an address and say what they allow: once, and only where they said nothing yet."""

import pytest

from regulars.customers import consents
from regulars.customers.actions.consents import Word, record_consents
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.connectors.complete_journey import Contact
from regulars.flows.load_demo import introduce
from tests.flows.world import World, order, query, when

pytestmark = pytest.mark.django_db


def household(number: int) -> Identity:
    return Identity(IdentityKind.EXTERNAL_ID, "journey", str(number))


def contact(number: int, *, agrees: bool) -> Contact:
    email = Identity(IdentityKind.EMAIL, "", f"household{number}@example.com")
    return Contact(household(number), email, agrees=agrees)


def test_addresses_belong_to_the_households_that_are_there_already() -> None:
    world = World()
    world.tell(*(order(f"o{n}", [household(n)], when("2024-03-01 10:00"), 1_00) for n in (1, 2, 3)))
    told = [contact(1, agrees=True), contact(2, agrees=False), contact(3, agrees=True)]
    [(third,)] = query("SELECT customer_id FROM customers_identity WHERE value = '3'")
    record_consents([Word(third, consents.PROMOTION, "email", False, world.now, "staff")])
    for _ in range(2):
        introduce(contacts=told, at=world.now)
    assert query("SELECT count(*) FROM customers_customer") == [(3,)]
    owners = dict(query("SELECT value, customer_id FROM customers_identity"))
    assert [owners[str(n)] for n in (1, 2, 3)] == [owners[f"household{n}@example.com"] for n in (1, 2, 3)]
    states = consents.states(list(owners.values()), consents.PROMOTION, "email", at=world.now)
    assert states == {owners["1"]: "granted", third: "withdrawn"}
    assert query("SELECT count(*) FROM customers_consent") == [(2,)], "again says nothing new"
