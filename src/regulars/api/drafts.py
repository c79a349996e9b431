"""Drafts of the programme: begun, written part by part, approved, put live, given up.

Where the settings ask for a second person a key never approves: a program is no person. What a key writes counts as
written by the person who made it as well, so that nobody approves with one hand what the other wrote.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from regulars.api import draft_schemas as schemas
from regulars.api import drafts_told as told
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read
from regulars.api.once import once_of
from regulars.api.taking import moment_ahead, one_of, whole, words
from regulars.core.errors import DomainError
from regulars.core.money import minor_digits
from regulars.facts.rules import MalformedFact
from regulars.flows import draft_programme, jobs
from regulars.flows.launch_programme import give_up_plan, launch_draft, plan_launch
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.actions.drafts import LONGEST_NAME, DraftChanged, DraftEnded
from regulars.loyalty.benefits.rules import InvalidBenefit
from regulars.loyalty.draft_parts import LIVE, STARTS, beginning, put
from regulars.loyalty.drafts_view import DraftState, DraftView
from regulars.loyalty.earning.rules import InvalidRule
from regulars.loyalty.rules import InvalidPolicy
from regulars.loyalty.shape import KNOWN, NEEDED

router = ScopedRouter(tags=["Drafts of the programme"])
LARGEST: Final = 2**31 - 1
MOST_DAYS_AHEAD: Final = 366
ASIDE: Final = frozenset({"draft_id", "revision", "name", "source"})
"""What a request says besides parts of the terms."""
PART_OF: Final = (("rule", "rules"), ("benefit", "benefits"), ("currency", "currencies"), ("badge", "badges"))


class InvalidTerms(DomainError):
    """The terms cannot be so; `field` in the context says which part of them: rules.sunday.then."""

    code = "invalid_terms"


@router.post("/list", auth=Scope(schemas.WRITE), operation_id="list_drafts", openapi_extra=schemas.LIST)
def list_drafts(request: HttpRequest) -> HttpResponse:
    """The drafts that can still go live, the last changed first."""
    asked = read(request)
    now = told.around()
    return answer({"drafts": [told.draft(one, now, asked) for one in drafts_view.open_drafts()]})


@router.post("/begin", auth=Scope(schemas.WRITE), operation_id="begin_draft", openapi_extra=schemas.BEGIN)
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft: of the version that is live, of a programme to begin with, or empty."""
    asked = read(request)
    once, start, named = once_of(request, asked), one_of(asked, "from", STARTS) or LIVE, _name(asked)
    live = programme_view.current()
    terms, names = beginning(
        start, live=live.terms if live else None, digits=minor_digits(asked.situation.currency)
    )  # fmt: skip
    made = _checked(
        lambda: draft_programme.begin_draft(
            terms=terms, names=named or names, by=asked.caller.actor, key=asked.actor, at=asked.at, also=asked.also,
            once=once,
        )
    )  # fmt: skip
    return _whole(made, asked)


@router.post("/read", auth=Scope(schemas.WRITE), operation_id="read_draft", openapi_extra=schemas.READ)
def read_draft(request: HttpRequest) -> HttpResponse:
    """A draft with its whole terms, and what they say otherwise than the version that is live."""
    asked = read(request)
    return _whole(whole(asked, "draft_id"), asked)


@router.put("/parts", auth=Scope(schemas.WRITE), operation_id="write_draft", openapi_extra=schemas.PARTS)
def write(request: HttpRequest) -> HttpResponse:
    """Put whole parts of the terms in the place of theirs; what is not named stays, what is null is left out."""
    asked = read(request)
    draft_id, revision = whole(asked, "draft_id"), whole(asked, "revision", most=LARGEST)
    parts = {name: value for name, value in asked.members.items() if name not in ASIDE}
    if unknown := sorted(set(parts) - KNOWN):
        raise MalformedFact(f"Terms have no part {unknown[0][:60]!r}.", field=unknown[0][:60])
    if gone := [name for name in NEEDED if name in parts and parts[name] is None]:
        raise InvalidTerms(f"{gone[0]} is needed.", field=gone[0])
    wanted = put(drafts_view.draft(draft_id).terms, parts)
    try:
        _checked(
            lambda: draft_programme.change_draft(
                draft_id=draft_id, terms=wanted, names=_name(asked), after=revision, by=asked.caller.actor,
                key=asked.actor, at=asked.at, also=asked.also,
            )
        )  # fmt: skip
    except DraftChanged:
        # The answer to the first try was lost: it says already what is asked for.
        if drafts_view.draft(draft_id).terms != wanted:
            raise
    return _whole(draft_id, asked)


@router.post("/rebase", auth=Scope(schemas.WRITE), operation_id="rebase_draft", openapi_extra=schemas.REBASE)
def rebase(request: HttpRequest) -> HttpResponse:
    """Go on from the version that is live by now."""
    asked = read(request)
    draft_id, revision = whole(asked, "draft_id"), whole(asked, "revision", most=LARGEST)
    draft_programme.rebase_draft(
        draft_id=draft_id, after=revision, by=asked.caller.actor, key=asked.actor, at=asked.at, also=asked.also
    )
    return _whole(draft_id, asked)


@router.post("/discard", auth=Scope(schemas.WRITE), operation_id="discard_draft", openapi_extra=schemas.DISCARD)
def discard(request: HttpRequest) -> HttpResponse:
    """Give a draft up."""
    asked = read(request)
    draft_id = whole(asked, "draft_id")

    def given_up() -> None:
        draft_programme.discard_draft(draft_id=draft_id, by=asked.caller.actor, key=asked.actor, at=asked.at)

    return _ended(given_up, draft_id, DraftState.DISCARDED, asked)


@router.post("/approve", auth=Scope(schemas.LAUNCH), operation_id="approve_draft", openapi_extra=schemas.APPROVE)
def approve(request: HttpRequest) -> HttpResponse:
    """Say that a draft may go live as it stands; where the settings ask for a second person, a person has to."""
    asked = read(request)
    draft_id, revision = whole(asked, "draft_id"), whole(asked, "revision", most=LARGEST)
    draft_programme.approve_draft(
        draft_id=draft_id, revision=revision, by=asked.caller.actor, key=asked.actor, at=asked.at
    )
    return _whole(draft_id, asked)


@router.post("/launch", auth=Scope(schemas.LAUNCH), operation_id="launch_draft", openapi_extra=schemas.PUT_LIVE)
def launch(request: HttpRequest) -> HttpResponse:
    """Put a draft live from now on, or plan it for a time; a plan takes the place of the one before."""
    asked = read(request)
    draft_id, revision = whole(asked, "draft_id"), whole(asked, "revision", most=LARGEST)
    if (live_at := moment_ahead(asked, "at", days=MOST_DAYS_AHEAD)) is not None:
        return _planned(draft_id, revision, live_at, asked)

    def live() -> None:
        number = launch_draft(
            draft_id=draft_id, revision=revision, by=asked.caller.actor, key=asked.actor, at=asked.at
        )  # fmt: skip
        jobs.start(jobs.rate_again, in_seconds=jobs.SEEN_BY_ALL_S, number=number)

    return _ended(lambda: _checked(live), draft_id, DraftState.LAUNCHED, asked)


@router.post("/cancel_launch", auth=Scope(schemas.LAUNCH), operation_id="cancel_launch", openapi_extra=schemas.CANCEL)
def cancel_launch(request: HttpRequest) -> HttpResponse:
    """Take back what was planned; the draft stays as it is."""
    asked = read(request)
    draft_id = drafts_view.draft(whole(asked, "draft_id")).id
    with transaction.atomic():
        if jobs.unplan(jobs.launch_draft, draft_id):
            give_up_plan(draft_id=draft_id, by=asked.caller.actor, at=asked.at)
    return _whole(draft_id, asked)


def _planned(draft_id: int, revision: int, live_at: datetime, asked: Asked) -> HttpResponse:
    key = asked.caller.api_key_id
    with transaction.atomic():
        plan_launch(draft_id=draft_id, revision=revision, by=asked.caller.actor, at=asked.at, live_at=live_at)
        jobs.plan(jobs.launch_draft, draft_id, at=live_at, draft_id=draft_id, revision=revision, api_key_id=key)
    return _whole(draft_id, asked)


def _ended(change: Callable[[], object], draft_id: int, state: DraftState, asked: Asked) -> HttpResponse:
    """End a draft. What this key has done with it already is answered again, and changes nothing."""
    try:
        change()
    except DraftEnded:
        now = drafts_view.draft(draft_id)
        if now.state is not state or now.ended is None or now.ended.by != asked.actor:
            raise
    return _whole(draft_id, asked)


def _checked(change: Callable[[], Any]) -> Any:
    """Do it; what is wrong with the terms is told by the name of the part."""
    try:
        return change()
    except (InvalidPolicy, InvalidRule, InvalidBenefit) as error:
        raise InvalidTerms(str(error), field=field_of(error)) from error


def field_of(error: DomainError) -> str:
    """Which part of the terms an error is about: rules.sunday.then, tiers.1.threshold, caps."""
    inner = str(error.context.get("field") or "")
    if (path := error.context.get("path")) is not None:
        inner = f"if.{path}" if path else "if"
    for name, kind in PART_OF:
        if code := error.context.get(name):
            return (f"{kind}.{code}.{inner}" if inner not in ("", kind) else f"{kind}.{code}")[:200]
    return {"limits": "caps"}.get(inner, inner)[:200]


def _name(asked: Asked) -> dict[str, str] | None:
    found = words(asked, "name", longest=LONGEST_NAME)
    return found._asdict() if any(found) else None


def _whole(draft_id: int, asked: Asked) -> HttpResponse:
    found: DraftView = drafts_view.draft(draft_id)
    return answer({"draft": told.whole(found, asked)})
