"""Reading what was asked of the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulars.core.errors import DomainError
from regulars.loyalty.liability.queries import worth
from regulars.loyalty.models import Simulation
from regulars.loyalty.simulation.results import from_json
from regulars.loyalty.simulation.rules import Question, Result, State


class NoSimulation(DomainError):
    """No such simulation."""

    code = "no_simulation"


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation: `done` of `whole` members are replayed; `result` once it is done, `failure` where it failed."""

    id: int
    digest: str
    question: Question
    state: State
    done: int
    whole: int
    result: Result | None
    failure: str
    asked_at: datetime
    asked_by: str
    finished_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Whether an answer is still to come."""
        return self.state in (State.ASKED, State.RUNNING)


def run(simulation_id: int) -> Run:
    """One simulation.

    Raises:
        NoSimulation: There is none.
    """
    row = Simulation.objects.filter(pk=simulation_id).first()
    if row is None:
        raise NoSimulation("There is no such simulation.")
    return _run(row)


def latest_of(digest: str) -> Run | None:
    """The newest simulation of these terms (`digest_of`), None if nobody asked."""
    row = Simulation.objects.filter(digest=digest).order_by("-asked_at", "-pk").first()
    return _run(row) if row else None


def runs(*, most: int = 20) -> list[Run]:
    """The newest simulations, newest first."""
    return [_run(row) for row in Simulation.objects.order_by("-asked_at", "-pk")[:most]]


def usual_thousand_cost() -> int:
    """What a thousand points cost unless the question says otherwise: what they are worth when they are used."""
    return worth().of(1000)


def _run(row: Simulation) -> Run:
    told: Mapping[str, Any] | None = row.result
    return Run(
        row.pk, row.digest, Question(row.terms, row.since, row.thousand_cost, row.change_percent), State(row.state),
        row.done, row.whole, from_json(told) if told else None, row.failure, row.asked_at, row.asked_by,
        row.finished_at,
    )  # fmt: skip
