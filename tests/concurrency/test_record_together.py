"""Single orders that arrive together share a transaction, and still fail, repeat and earn each for itself."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from regulars.core.errors import DomainError
from regulars.facts.rules import Answer, NewFact, Outcome
from regulars.flows import record_together as together
from regulars.flows.record_facts import record_facts
from tests.concurrency.crowd import at_once, failures
from tests.flows.world import World, order, query, when

DAY = when("2024-03-01 10:00")


@pytest.fixture
def books(transactional_db: None) -> World:
    return World(now="2024-06-01 10:00")


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many facts each transaction recorded."""
    sizes: list[int] = []
    record = record_facts

    def counted(*, facts: Sequence[NewFact], **more: Any) -> list[Answer]:
        answers = record(facts=facts, **more)
        sizes.append(len(facts))
        return answers

    monkeypatch.setattr(together, "record_facts", counted)
    return sizes


def tell(books: World, *facts: NewFact, at: datetime | None = None) -> list[Answer]:
    return together.record_together(facts=facts, policies=books.policies, zone=books.zone, at=at or books.now)


def test_alone_an_order_is_written_at_once(books: World, batches: list[int]) -> None:
    [answer] = tell(books, order("a", "anna", DAY, 1_00))
    assert answer.outcome == Outcome.RECORDED
    assert batches == [1]


def test_who_comes_while_one_writes_shares_the_next_turn(
    books: World, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first_writes, all_wait = threading.Event(), threading.Event()
    record = together.__dict__["record_facts"]  # the one that counts

    def slow_at_first(**told: Any) -> list[Answer]:
        if not first_writes.is_set():
            first_writes.set()
            all_wait.wait(timeout=30)
        return record(**told)

    monkeypatch.setattr(together, "record_facts", slow_at_first)

    def first() -> list[Answer]:
        return tell(books, order("first", "anna", DAY, 1_00))

    def later(number: int) -> list[Answer]:
        first_writes.wait(timeout=30)
        return tell(books, order(f"later-{number}", f"m{number}", DAY, number * 1_00))

    def release() -> list[Answer]:
        first_writes.wait(timeout=30)
        while together.turns.waiting < 5:
            threading.Event().wait(0.005)
        all_wait.set()
        return []

    work: list[Callable[[], list[Answer]]] = [first, release, *(partial(later, number) for number in range(1, 6))]
    ended = at_once(work)
    assert failures(ended) == []
    assert batches == [1, 5], "five orders came during the first one's transaction and share one"
    keys = dict(query("SELECT id, key FROM facts_fact"))
    assert [keys[answers[0].fact_id] for answers in (ended[0], *ended[2:])] == [  # type: ignore[index]
        "first", *(f"later-{number}" for number in range(1, 6))
    ], "everybody has the answer to what they sent"  # fmt: skip


def test_nobody_fails_for_anothers_sake(books: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = record_facts

    def refuses_bad(*, facts: Sequence[NewFact], **more: Any) -> list[Answer]:
        if any(fact.key.startswith("bad") for fact in facts):
            raise DomainError("This one cannot be written.")
        return record(facts=facts, **more)

    monkeypatch.setattr(together, "record_facts", refuses_bad)

    def one(number: int) -> list[Answer]:
        return tell(books, order(f"{'bad' if number % 4 == 0 else 'good'}-{number}", f"m{number}", DAY, 1_00))

    ended = at_once([partial(one, number) for number in range(16)])
    refused = [number for number, end in enumerate(ended) if isinstance(end, DomainError)]
    assert refused == [0, 4, 8, 12]
    assert len(query("SELECT 1 FROM facts_fact")) == 12


def test_orders_from_many_threads_are_each_recorded_once(books: World, batches: list[int]) -> None:
    def till(number: int) -> list[Outcome]:
        outcomes = []
        for turn in range(12):  # every order is sent by two tills
            [answer] = tell(books, order(f"{number // 2}-{turn}", f"m{turn}", DAY, 10_00))
            outcomes.append(answer.outcome)
        return outcomes

    ended = at_once([partial(till, number) for number in range(8)])
    assert failures(ended) == []
    told = [outcome for outcomes in ended for outcome in outcomes]  # type: ignore[union-attr]
    assert told.count(Outcome.RECORDED) == 48
    assert told.count(Outcome.REPEATED) == 48
    assert sum(batches) == 96
    assert books.verify().clean
