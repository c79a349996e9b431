"""What happened and who it was: `/track`, `/identify` and `/batch`, in the shapes that Segment's libraries send."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from regulars.api import schemas
from regulars.api.access import Scope, ScopedRouter, caller_of
from regulars.api.bodies import Body, Json, MalformedJson, TooLarge, holds_null_character, read_object
from regulars.api.limits import limits
from regulars.api.messages import Background, Identify, Track, read_identify, read_track
from regulars.api.problems import problem, respond
from regulars.api.situation import situation
from regulars.core.errors import DomainError
from regulars.facts.rules import Answer, KeyReused, MalformedFact, Outcome
from regulars.flows.identify_customers import identify_customers
from regulars.flows.record_facts import LARGEST_BATCH
from regulars.flows.record_together import record_together
from regulars.staff.rules import ApiCaller

router = ScopedRouter(tags=["Facts"])
READERS: dict[str, Callable[[Json, Background], Track | Identify]] = {"track": read_track, "identify": read_identify}
SHARED = ("source", "sentAt", "context")
"""What a batch may say once for all its items."""


class UnsupportedType(DomainError):
    """Neither a track nor an identify."""

    code = "unsupported_type"


Read = Track | Identify | DomainError


@router.post("/track", auth=Scope("facts.write"), operation_id="track", openapi_extra=schemas.TRACK)
def track(request: HttpRequest) -> HttpResponse:
    """Tell one thing that happened. Sent again, it is recorded once."""
    return _one(request, "track")


@router.post("/identify", auth=Scope("facts.write"), operation_id="identify", openapi_extra=schemas.IDENTIFY)
def identify(request: HttpRequest) -> HttpResponse:
    """Tell who somebody is: ids and contacts are linked to one customer, and empty profile fields are filled."""
    return _one(request, "identify")


@router.post("/batch", auth=Scope("facts.write"), operation_id="batch", openapi_extra=schemas.BATCH)
def batch(request: HttpRequest) -> HttpResponse:
    """Tell up to 5,000 things in at most 500 KB. Each item has its own answer; a refused one does not stop the rest."""
    body = read_object(request)
    items = body.members.get("batch")
    if not isinstance(items, list):
        raise MalformedJson('Send {"batch": [ … ]}, with an object for each item.', field="batch")
    if len(items) > LARGEST_BATCH:
        raise TooLarge(f"A batch takes at most {LARGEST_BATCH} items; this one has {len(items)}.")
    shared = {name: body.members[name] for name in SHARED if body.members.get(name) is not None}
    caller = caller_of(request)
    with limits.in_work(caller.api_key_id, len(items)):
        answers = _take([_with_shared(item, shared) for item in items], body.may_hold_null, caller)
    counts = {"recorded": 0, "repeated": 0, "conflict": 0, "refused": 0}
    for answer in answers:
        counts[answer["status"]] += 1
    return _json({"counts": counts, "answers": [{"index": at, **answer} for at, answer in enumerate(answers)]})


def _one(request: HttpRequest, kind: str) -> HttpResponse:
    body: Body = read_object(request)
    caller = caller_of(request)
    with limits.in_work(caller.api_key_id, 1):
        [answer] = _take([{**body.members, "type": kind}], body.may_hold_null, caller)
    if members := answer.pop("problem", None):
        return respond(members, DomainError())
    return _json(answer)


def _json(value: Any) -> HttpResponse:
    response = HttpResponse(orjson.dumps(value), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _with_shared(item: Any, shared: Json) -> Any:
    return {**shared, **item} if shared and isinstance(item, dict) else item


def _take(items: Sequence[Any], may_hold_null: bool, caller: ApiCaller) -> list[Json]:
    """Read every item, write those that can be read, and answer each in its place.

    People come first, so that the facts of the same batch find them linked.
    """
    now = timezone.now()
    background = Background(f"api:{caller.name}"[:100], situation(), now)
    read = [_read(item, may_hold_null, background) for item in items]
    people = [one.arrival for one in read if isinstance(one, Identify)]
    if people:
        identify_customers(arrivals=people, at=now)
    facts = [one.fact for one in read if isinstance(one, Track)]
    told = background.situation
    recorded = iter(record_together(facts=facts, policies=told.policies, zone=told.zone, at=now) if facts else ())
    return [_answer(one, next(recorded) if isinstance(one, Track) else None) for one in read]


def _read(item: Any, may_hold_null: bool, background: Background) -> Read:
    try:
        if not isinstance(item, dict):
            raise MalformedFact("An item must be an object.")
        reader = READERS.get(str(item.get("type")))
        if reader is None:
            raise UnsupportedType("type must be track or identify.", field="type")
        if may_hold_null and holds_null_character(item):
            raise MalformedFact("A text holds a null character, which cannot be kept.")
        return reader(item, background)
    except DomainError as error:
        return error


def _answer(read: Read, recorded: Answer | None) -> Json:
    if isinstance(read, DomainError):
        return {"status": "refused", "problem": problem(read)}
    told = {"warnings": [asdict(notice) for notice in read.warnings]} if read.warnings else {}
    if recorded is None:
        return {"status": "recorded", **told}
    if recorded.outcome == Outcome.CONFLICT:
        assert isinstance(read, Track)
        return {"status": "conflict", "problem": problem(_conflict(read, recorded.fact_id)), **told}
    return {"status": recorded.outcome.name.lower(), "fact_id": recorded.fact_id, **told}


def _conflict(read: Track, fact_id: int) -> KeyReused:
    return KeyReused(
        f"{read.fact.source} already used {read.fact.key!r} for something else; nothing was changed. "
        "If this corrects it, send a refund or a cancellation.",
        fact_id=fact_id,
    )
