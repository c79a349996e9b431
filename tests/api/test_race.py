"""The same order from several tills at the same moment."""

import threading
from collections import Counter

import pytest
from django.db import connections

from regulars.customers.models import Customer
from regulars.facts.models import Fact

TILLS = 6
ROUNDS = 5


@pytest.mark.django_db(transaction=True)
def test_it_is_recorded_once_and_nobody_hears_of_the_race(till, order):
    start = threading.Barrier(TILLS)
    answered: Counter[object] = Counter()

    def ring_up():
        own = type(till)(till.secret)
        for number in range(ROUNDS):
            start.wait(30)
            told = order(f"A-{number}", user=f"new-{number}", properties={"store": f"S{number}"}, source=f"s{number}")
            response = own.post("/track", told)
            answered[response.status_code, response.json().get("status")] += 1
        connections.close_all()

    threads = [threading.Thread(target=ring_up) for _ in range(TILLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answered == {(200, "recorded"): ROUNDS, (200, "repeated"): ROUNDS * (TILLS - 1)}
    assert (Fact.objects.count(), Customer.objects.count()) == (ROUNDS, ROUNDS)
