"""A flow that loses a race is run again, whole; what is no race is told at once."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError, OperationalError, connection

from regulars.core import bulk
from regulars.customers.actions import Contended
from regulars.flows.transactions import TRIES, again_if_contended
from tests.concurrency.crowd import at_once
from tests.flows.world import World, order, query, when

MARK = "UPDATE customers_customer SET name = name || '!' WHERE id = %s"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("piped", [False, True], ids=["one by one", "in a pipeline"])
def test_a_deadlock_does_not_reach_the_caller(piped: bool) -> None:
    """Two who take the same two customers in opposite order: the server ends one, who then starts again."""
    books = World()
    books.tell(order("A", "anna", when("2024-03-01 10:00"), 1_00), order("B", "bo", when("2024-03-01 10:00"), 1_00))
    both = Barrier(2)
    runs: list[str] = []

    def rename(first: str, second: str) -> Callable[[], None]:
        ids = books.customer(first), books.customer(second)

        def once() -> None:
            runs.append(first)
            bulk.run(connection, "SET LOCAL deadlock_timeout = '50ms'")
            bulk.run(connection, MARK, [ids[0]])
            with suppress(BrokenBarrierError):  # On the second try nobody else comes.
                both.wait(timeout=1)
            if piped:
                with bulk.pipeline(connection):
                    bulk.send(connection, MARK, [ids[1]])
                    bulk.send(connection, "SELECT 1")
            else:
                bulk.run(connection, MARK, [ids[1]])

        return lambda: again_if_contended(once)

    assert at_once([rename("anna", "bo"), rename("bo", "anna")]) == [None, None]
    assert len(runs) > 2, "at least one of the two was run again; it may meet the other once more"
    assert query("SELECT name FROM customers_customer") == [("!!",), ("!!",)]


@pytest.mark.django_db
def test_it_gives_up_in_the_end_and_leaves_nothing() -> None:
    tries: list[int] = []

    def step() -> None:
        tries.append(1)
        bulk.run(connection, "CREATE TABLE half_done ()")
        raise Contended("again")

    with pytest.raises(Contended):
        again_if_contended(step)
    assert len(tries) == TRIES
    assert query("SELECT to_regclass('half_done')") == [(None,)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "error"),
    [("DO $$ BEGIN RAISE unique_violation; END $$", IntegrityError), ("SELECT pg_terminate_backend(0) / 0", Exception)],
)
def test_what_is_no_race_is_not_tried_again(statement: str, error: type[Exception]) -> None:
    tries: list[int] = []

    def step() -> None:
        tries.append(1)
        bulk.run(connection, statement)

    with pytest.raises(error) as raised:
        again_if_contended(step)
    assert not isinstance(raised.value, OperationalError)
    assert len(tries) == 1
