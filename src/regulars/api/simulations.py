"""The simulator: a draft replayed over what really happened, how far it is, what it found, also for each member."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from regulars.api import simulation_schemas as schemas
from regulars.api import simulations_told as told
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.once import once_of
from regulars.api.taking import day, maybe_whole, money, one_of, whole
from regulars.core.errors import DomainError
from regulars.core.sheets import FORMS
from regulars.flows import jobs
from regulars.flows.export_simulation import FIELDS, member_lines
from regulars.flows.settings import today
from regulars.flows.simulate_programme import ask_simulation
from regulars.loyalty import drafts_view
from regulars.loyalty.simulation import queries
from regulars.loyalty.simulation.queries import NoSimulation, Run
from regulars.loyalty.simulation.rules import USUAL_CHANGE_PERCENT, Question, State, usual_since
from regulars.staff import actions as staff

router = ScopedRouter(tags=["Simulator"])
PAGE: Final = 500
EVER: Final = "ever"


class SimulationNotDone(DomainError):
    """It has no result: it goes on, or it failed."""

    code = "simulation_not_done"


@router.post("/start", auth=Scope(schemas.WRITE), operation_id="start_simulation", openapi_extra=schemas.START)
def start(request: HttpRequest) -> HttpResponse:
    """Replay a draft over what really happened, a year back unless you say otherwise; a job does it."""
    asked = read(request)
    once, question = once_of(request, asked), _question(asked)
    made = ask_simulation(question=question, by=asked.caller.actor, key=asked.actor, at=asked.at, once=once)
    jobs.start(jobs.simulate_programme, simulation_id=made)
    return answer({"simulation": told.run(queries.run(made), asked)})


@router.post("/list", auth=Scope(schemas.WRITE), operation_id="list_simulations", openapi_extra=schemas.LIST)
def list_simulations(request: HttpRequest) -> HttpResponse:
    """The latest simulations, twenty of them, without what they found."""
    asked = read(request)
    return answer({"simulations": [told.run(one, asked) for one in queries.runs()]})


@router.post("/read", auth=Scope(schemas.WRITE), operation_id="read_simulation", openapi_extra=schemas.READ)
def read_simulation(request: HttpRequest) -> HttpResponse:
    """How far a simulation is, and what it found; by its own number, or the newest one of a draft as it stands."""
    asked = read(request)
    if (draft_id := maybe_whole(asked, "draft_id")) is not None:
        found = queries.latest_of(drafts_view.draft(draft_id).digest)
        if found is None:
            raise NoSimulation("Nobody has simulated this draft as it stands.")
    else:
        found = queries.run(whole(asked, "simulation_id"))
    return answer({"simulation": {**told.run(found, asked), "result": told.result(found, asked)}})


@router.post("/members", auth=Scope(schemas.MEMBERS), operation_id="simulated_members", openapi_extra=schemas.LINES)
def members(request: HttpRequest) -> HttpResponse:
    """What it means for each member to whom anything happened, five hundred at a time; replayed once more for it."""
    asked = read(request)
    after = maybe_whole(asked, "after", least=0) or 0
    run = _done(asked)
    found = list(islice(member_lines(simulation_id=run.id, after=after), PAGE + 1))
    more = found[PAGE - 1][0] if len(found) > PAGE else None
    return answer({"members": told.lines(found[:PAGE], asked), "next_after": more})


@router.post("/export", auth=Scope(schemas.MEMBERS), operation_id="export_simulation", openapi_extra=schemas.EXPORT)
def export(request: HttpRequest) -> HttpResponseBase:
    """The same lines of all members as a file, CSV or XLSX. That it was taken is in the audit."""
    asked = read(request)
    form, run = one_of(asked, "format", tuple(FORMS)) or "csv", _done(asked)
    assert run.result is not None
    staff.record(
        by=asked.caller.actor, action="programme.simulation_export", at=asked.at, subject_kind="simulation",
        subject_id=run.id, detail={"format": form, "rows": run.result.members},
    )  # fmt: skip
    writer, content_type = FORMS[form]
    lines = writer([name for name, _ in FIELDS[1:]], _rows(run.id))
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="simulation-{run.id}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _rows(simulation_id: int) -> Iterator[tuple[Any, ...]]:
    for line in member_lines(simulation_id=simulation_id):
        yield line[1:]


def _done(asked: Asked) -> Run:
    found = queries.run(whole(asked, "simulation_id"))
    if found.state is not State.DONE or found.result is None:
        raise SimulationNotDone("This simulation has no result.", state=found.state.value)
    return found


def _question(asked: Asked) -> Question:
    draft = drafts_view.draft(whole(asked, "draft_id"))
    is_ever = asked.members.get("since") == EVER
    since = None if is_ever else day(asked, "since") or usual_since(today(asked.at))
    change = maybe_whole(asked, "change_percent", least=0, most=100)
    return Question(
        terms=draft.terms, since=since, thousand_cost=_cost(asked),
        change_percent=USUAL_CHANGE_PERCENT if change is None else change,
    )  # fmt: skip


def _cost(asked: Asked) -> int:
    is_absent = asked.members.get("thousand_points_cost") is None
    return queries.usual_thousand_cost() if is_absent else money(asked, "thousand_points_cost")
