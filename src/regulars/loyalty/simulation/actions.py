"""Keeping what was asked of the simulator and what came out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.models import Simulation
from regulars.loyalty.simulation.results import to_json
from regulars.loyalty.simulation.rules import Question, Result, State, digest_of

LOCK_SPACE = 0x53696D75  # "Simu"
UNDER_WAY = (State.ASKED, State.RUNNING)


def ask(*, question: Question, today: date, actor: str, at: datetime) -> int:
    """Keep a question; returns its id.

    Args:
        today: The business's day at `at`.
    Raises:
        InvalidQuestion: It makes no sense.
    """
    question.check(today)
    return Simulation.objects.create(
        digest=digest_of(question.terms),
        terms=dict(question.terms),
        since=question.since,
        thousand_cost=question.thousand_cost,
        change_percent=question.change_percent,
        asked_at=at,
        asked_by=actor,
    ).pk


@contextmanager
def answering(*, simulation_id: int, clock: Callable[[], datetime]) -> Iterator[bool]:
    """Whether this process is the one to answer, for as long as the block lasts; where it breaks off, that is kept.

    A process that is killed or told to stop keeps nothing: the question then still waits, and is answered from the
    start.
    """
    taken = bulk.run(connection, "SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, simulation_id])[0][0]
    try:
        yield taken and Simulation.objects.filter(pk=simulation_id, state__in=UNDER_WAY).exists()
    except Exception as error:
        fail(simulation_id=simulation_id, failure=f"{type(error).__name__}: {error}", at=clock())
        raise
    finally:
        if taken:
            bulk.run(connection, "SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, simulation_id])


def note(*, simulation_id: int, done: int, whole: int) -> None:
    """It runs, and so many of so many members are replayed."""
    Simulation.objects.filter(pk=simulation_id, state__in=UNDER_WAY).update(state=State.RUNNING, done=done, whole=whole)


def finish(*, simulation_id: int, found: Result, at: datetime) -> None:
    """Keep the answer."""
    Simulation.objects.filter(pk=simulation_id, state__in=UNDER_WAY).update(
        state=State.DONE, result=to_json(found), finished_at=at, done=found.members, whole=found.members
    )


def fail(*, simulation_id: int, failure: str, at: datetime) -> None:
    """It could not be answered."""
    Simulation.objects.filter(pk=simulation_id, state__in=UNDER_WAY).update(
        state=State.FAILED, failure=failure[:300], finished_at=at
    )
