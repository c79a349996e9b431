"""Sums are exact and do not know in which order they were added."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.experiments.sums import POWERS, Powers, Sums, UnevenColumns, as_json, read

AMOUNT = st.integers(-(10**12), 10**12)
CUSTOMER = st.tuples(st.booleans(), st.integers(0, 50), AMOUNT, st.integers(0, 50), AMOUNT)
CHUNK = st.lists(CUSTOMER, max_size=6)


def sums(chunk: list[tuple[bool, int, int, int, int]]) -> Sums:
    held, *columns = (
        np.array([one[place] for one in chunk], dtype=bool if not place else np.int64) for place in range(5)
    )
    names = ("orders", "revenue_minor", "orders_before", "revenue_before_minor")
    return Sums.of(held_out=held, **dict(zip(names, columns, strict=True)))


@given(CHUNK, CHUNK, CHUNK)
def test_chunks_add_up_in_any_order(a: list, b: list, c: list) -> None:
    assert (sums(a) + sums(b)) + sums(c) == sums(a) + (sums(b) + sums(c)) == sums(c) + sums(a + b)
    assert sums(a) + Sums() == sums(a)


@given(CHUNK)
def test_they_are_what_they_say(chunk: list) -> None:
    found = sums(chunk)
    for arm, wanted in ((found.treated, False), (found.held_out, True)):
        there = [one for one in chunk if one[0] is wanted]
        assert arm.customers == len(there)
        assert arm.buyers == sum(one[1] > 0 for one in there)
        for i, j in POWERS:
            assert arm.orders[i, j] == sum(one[1] ** i * one[3] ** j for one in there)
            assert arm.revenue[i, j] == sum(one[2] ** i * one[4] ** j for one in there), "beyond 64 bits too"


@given(CHUNK)
def test_they_can_be_kept(chunk: list) -> None:
    assert read(json.loads(json.dumps(as_json(sums(chunk))))) == sums(chunk)


def test_every_customer_has_every_value() -> None:
    two, three = np.zeros(2, dtype=np.int64), np.zeros(3, dtype=np.int64)
    with pytest.raises(UnevenColumns):
        Sums.of(held_out=two == 1, orders=two, revenue_minor=three, orders_before=two, revenue_before_minor=two)


def test_nobody() -> None:
    assert Powers.of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)) == Powers()
