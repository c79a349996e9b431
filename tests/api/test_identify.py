"""Who somebody is: linked to whoever they already are, and never overwriting what is known."""

from datetime import date

import pytest
from django.db import connection

from regulars.api import examples
from regulars.customers.models import Customer, Identity
from regulars.facts.models import Fact


def rows_as_they_lie() -> list[tuple[str, ...]]:
    """Where the rows lie on disk: an update, even to the same values, moves them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text FROM customers_customer UNION ALL SELECT ctid::text FROM customers_identity")
        return cursor.fetchall()


def test_a_visitor_signs_up(till):
    till.post("/track", {"event": "Product Viewed", "anonymousId": "v1", "timestamp": "2026-02-01T08:00:00Z"})
    told = {"userId": "u1", "anonymousId": "v1", "traits": {"name": "林小雨", "birthday": "1990-05-17"}}
    response = till.post("/identify", told)
    assert (response.status_code, response.json()) == (200, {"status": "recorded"})
    [customer] = Customer.objects.all()
    assert (customer.name, customer.birthday) == ("林小雨", date(1990, 5, 17))
    assert Identity.objects.count() == 2
    assert Fact.objects.count() == 1


def test_again_writes_nothing(till):
    told = examples.IDENTIFY["sign_up"]["value"]
    till.post("/identify", told)
    before = rows_as_they_lie()
    assert till.post("/identify", told).json() == {"status": "recorded"}
    assert rows_as_they_lie() == before


def test_what_is_known_stays(till):
    till.post("/identify", {"userId": "u1", "traits": {"name": "林小雨"}})
    till.post("/identify", {"userId": "u1", "traits": {"name": "somebody else", "birthday": "1990-05-17"}})
    [customer] = Customer.objects.all()
    assert (customer.name, customer.birthday) == ("林小雨", date(1990, 5, 17))


@pytest.mark.parametrize(
    ("traits", "name"),
    [
        ({"firstName": "Xiaoyu", "lastName": "Lin"}, "Xiaoyu Lin"),
        ({"firstName": "小雨", "lastName": "林"}, "林小雨"),
        ({"name": "张**"}, ""),
        ({"name": "  Lin\u3000 Xiaoyu "}, "Lin Xiaoyu"),
    ],
)
def test_names(till, traits, name):
    till.post("/identify", {"userId": "u1", "traits": traits})
    assert Customer.objects.get().name == name


@pytest.mark.parametrize("birthday", ["17.5.1990", "1890-01-01", "2990-01-01", 1990, True, {}])
def test_a_birthday_that_nobody_has(till, birthday):
    answer = till.post("/identify", {"userId": "u1", "traits": {"birthday": birthday}}).json()
    assert [warning["field"] for warning in answer["warnings"]] == ["traits.birthday"]
    assert Customer.objects.get().birthday is None


@pytest.mark.parametrize("told", [{}, {"userId": "null"}, {"traits": {"phone": "138****5678", "name": "Lin"}}])
def test_nobody_is_refused(till, told):
    response = till.post("/identify", told)
    assert (response.status_code, response.json()["code"]) == (422, "nobody")
    assert not Customer.objects.exists()


def test_a_time_is_not_needed_but_must_be_one(till):
    assert till.post("/identify", {"userId": "u1"}).status_code == 200
    assert till.post("/identify", {"userId": "u1", "timestamp": "2026-03-01"}).status_code == 422


@pytest.mark.parametrize("name", examples.IDENTIFY)
def test_the_examples_of_the_documentation(till, name):
    assert till.post("/identify", examples.IDENTIFY[name]["value"]).json() == {"status": "recorded"}
