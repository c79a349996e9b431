"""Transactions commit out of the order of their ids; a consumer that reads below the oldest open one misses nothing."""

from random import Random
from threading import Event, Semaphore
from time import sleep

import pytest
from django.db import connection, transaction

from regulars.facts.queries import FedFact, feed
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, settled, when

DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(transactional_db: None) -> World:
    return World(now="2024-06-01 10:00")


@pytest.fixture
def start(books: World) -> tuple[int, int]:
    """Where the feed stands once the source is known; making it known takes a turn of its own."""
    books.tell(order("opening", (), DAY, 1))
    settled()
    return read((0, 0))[1]


def read(after: tuple[int, int], most: int = 3) -> tuple[list[FedFact], tuple[int, int]]:
    """Everything that can be read now, and the bound to go on from."""
    found: list[FedFact] = []
    while portion := feed(after=after, most=most):
        found += portion
        after = (portion[-1].epoch, portion[-1].xid)
    return found, after


def test_the_feed_waits_for_whoever_is_still_writing(books: World, start: tuple[int, int]) -> None:
    written, read_once = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            books.tell(order("slow", "anna", DAY, 1_00))
            written.set()
            read_once.wait(timeout=30)

    def quick() -> list[str]:
        written.wait(timeout=30)
        books.tell(order("quick", "bo", DAY, 1_00))
        there = [row[0] for row in query("SELECT key FROM facts_fact ORDER BY id")]
        fed, bound = read(start)
        read_once.set()
        return [*there, *(fact.key for fact in fed), str(bound == start)]

    slow_end, quick_end = at_once([slow, quick])
    assert slow_end is None
    assert quick_end == ["opening", "quick", "True"], "the quick one is there, but the feed does not pass the slow one"
    settled()
    found, bound = read(start)
    assert [fact.key for fact in found] == ["slow", "quick"]
    assert found[0].id < found[1].id, "the control: who had read up to the quick one by id would never see the slow one"
    assert read(bound) == ([], bound)


def test_nothing_is_missed_or_read_twice_while_four_write(books: World) -> None:
    writing = Semaphore(0)

    def writer(number: int) -> None:
        random = Random(number)
        try:
            for turn in range(15):
                with transaction.atomic():
                    told = [
                        order(f"{number}-{turn}-{n}", f"m{number}", DAY, 1_00) for n in range(random.randrange(1, 5))
                    ]
                    books.tell(*told)
                    sleep(random.random() / 100)
        finally:
            writing.release()

    def consumer() -> list[FedFact]:
        seen: list[FedFact] = []
        bound, ended = (0, 0), 0
        while ended < 4:
            ended += writing.acquire(timeout=0.002)
            found, bound = read(bound)
            seen += found
        settled()
        return seen + read(bound)[0]

    results = at_once([lambda n=n: writer(n) for n in range(4)] + [consumer])  # type: ignore[misc,list-item]
    assert failures(results) == []
    seen: list[FedFact] = results[-1]  # type: ignore[assignment]
    assert [fact.id for fact in seen] == [
        row[0] for row in query("SELECT id FROM facts_fact ORDER BY epoch, xid::text::bigint, id")
    ]


def test_a_portion_never_ends_within_a_transaction(books: World) -> None:
    books.tell(*(order(f"a{n}", "anna", DAY, 1_00) for n in range(10)))
    books.tell(*(order(f"b{n}", "anna", DAY, 1_00) for n in range(10)))
    settled()
    assert [fact.key for fact in feed(after=(0, 0), most=1)] == [f"a{n}" for n in range(10)]
    assert len(feed(after=(0, 0), most=11)) == 20


def test_a_fact_is_fed_as_it_was_told(books: World) -> None:
    told = order("A", "anna", DAY, 100_00, lines=[30_00, 70_00])
    told.store = "s1"
    books.tell(told)
    settled()
    (fact,) = feed(after=(0, 0), most=10)
    assert (fact.key, fact.kind, fact.body, fact.amount, fact.occurred_at) == ("A", 1, told.body, 100_00, DAY)
    assert (fact.identity_id, fact.store_id) == query("SELECT identity_id, store_id FROM facts_fact")[0]


def test_after_a_restore_the_feed_goes_on_in_the_next_epoch(books: World) -> None:
    """Transaction ids start anew in a restored database, so the next facts may have lower ones than the last."""
    books.tell(order("before", "anna", DAY, 1_00))
    settled()
    (before,) = feed(after=(0, 0), most=10)
    with transaction.atomic():
        query("SELECT set_config('session_replication_role', 'replica', true)")
        query("UPDATE facts_fact SET xid = '9000000000000000000' RETURNING 1")
    new_epoch(2)
    try:
        books.tell(order("after", "anna", DAY, 1_00))
        settled()
        found, bound = read((0, 0))
        assert [(fact.epoch, fact.key) for fact in found] == [(1, "before"), (2, "after")]
        assert read((before.epoch, 9000000000000000000))[0] == found[1:]
        assert bound[0] == 2
    finally:
        new_epoch(1)


def new_epoch(epoch: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE facts_fact ALTER COLUMN epoch SET DEFAULT {epoch}")
