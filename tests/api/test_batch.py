"""Many messages in one request: each has its own answer, and none stands in the way of another."""

from datetime import UTC, datetime

import pytest

from regulars.api import examples
from regulars.customers.models import Customer
from regulars.facts.models import Fact
from regulars.ledger import statements

LATER = datetime(2026, 4, 1, tzinfo=UTC)


def test_a_refused_item_does_not_sink_the_rest(till, order):
    bad = order("A-2", timestamp="2026-03-01T09:30:00")
    first, refused, last = till.batch(order("A-1"), bad, order("A-3"))
    assert (first["status"], last["status"]) == ("recorded", "recorded")
    assert refused["status"] == "refused"
    assert (refused["problem"]["status"], refused["problem"]["field"]) == (422, "timestamp")
    assert "fact_id" not in refused
    assert sorted(Fact.objects.values_list("key", flat=True)) == ["A-1", "A-3"]


def test_repeats_and_conflicts_inside_one_batch(till, order):
    answers = till.batch(order("A-1"), order("A-1"), order("A-1", total=5))
    assert [answer["status"] for answer in answers] == ["recorded", "repeated", "conflict"]
    assert len({answer.get("fact_id") or answer["problem"]["fact_id"] for answer in answers}) == 1
    assert answers[2]["problem"]["status"] == 409


def test_sent_again_everything_is_repeated(till, order):
    items = [order(f"A-{number}", user=f"u{number % 3}") for number in range(20)]
    assert {answer["status"] for answer in till.batch(*items)} == {"recorded"}
    again = till.post("/batch", {"batch": items}).json()
    assert again["counts"] == {"recorded": 0, "repeated": 20, "conflict": 0, "refused": 0}


def test_a_refund_may_stand_before_its_order(till, order):
    refund = {
        "type": "track",
        "event": "Order Refunded",
        "timestamp": "2026-03-02T00:00:00Z",
        "properties": {"order_id": "A-1", "total": 25},
    }
    till.batch(refund, order("A-1"))
    [customer] = Customer.objects.all()
    assert statements.balances([customer.pk], at=LATER)[customer.pk].available == 75


def test_people_come_before_what_they_did(till, order):
    who = {"type": "identify", "userId": "u1", "traits": {"phone": "13812345678", "name": "林小雨"}}
    told = order(user=None, context={"traits": {"phone": "13812345678"}})
    assert [answer["status"] for answer in till.batch(told, who)] == ["recorded", "recorded"]
    assert Customer.objects.get().name == "林小雨"


def test_what_is_said_once_for_all(till, order):
    bare = order("A-2")
    del bare["timestamp"]
    till.batch(order("A-1"), bare, order("A-3", source="jd"), source="tmall", sentAt="2026-03-04T00:00:00Z")
    told = dict(Fact.objects.values_list("key", "source__name"))
    assert told == {"A-1": "tmall", "A-2": "tmall", "A-3": "jd"}
    assert Fact.objects.get(key="A-2").occurred_at == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("item", [None, 1, "track", [], {}, {"type": "page"}, {"type": ["track"]}, {"type": "track"}])
def test_what_is_no_message_is_refused_in_its_place(till, order, item):
    answers = till.batch(order("A-1"), item)
    assert [answer["status"] for answer in answers] == ["recorded", "refused"]


def test_an_empty_batch_is_nothing_to_do(till):
    assert till.batch() == []


@pytest.mark.parametrize("body", [{}, {"batch": None}, {"batch": {"type": "track"}}])
def test_a_batch_is_a_list(till, body):
    response = till.post("/batch", body)
    assert (response.status_code, response.json()["field"]) == (400, "batch")


def test_five_thousand_are_taken_and_one_more_is_not(till):
    assert till.post("/batch", {"batch": [{}] * 5000}).json()["counts"]["refused"] == 5000
    response = till.post("/batch", {"batch": [{}] * 5001})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_500_kilobytes_are_taken_and_one_byte_more_is_not(till):
    shell = len(b'{"batch":[""]}')
    fits = b'{"batch":["%s"]}' % (b"x" * (500 * 1024 - shell))
    assert till.post("/batch", raw=fits).status_code == 200
    for size in (len(fits) + 1, 600_001, 3_000_000):
        response = till.post("/batch", raw=fits + b" " * (size - len(fits)))
        assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_the_example_of_the_documentation(till):
    response = till.post("/batch", examples.BATCH["several"]["value"])
    assert response.json()["counts"] == {"recorded": 2, "repeated": 0, "conflict": 0, "refused": 0}
