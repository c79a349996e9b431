"""Risk control: which cases there are, the evidence of each, and deciding about one.

A key decides what one person alone may decide; the rest it can only propose, and somebody approves it in the console.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from regulars.api import risk_answers as told
from regulars.api import risk_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.api.checkout import KeyMissing
from regulars.facts.rules import KeyReused, MalformedFact
from regulars.flows import decide_risk
from regulars.loyalty.actions.commands import MOST_POINTS
from regulars.loyalty.risk import actions, queries
from regulars.loyalty.risk.detection import RISK_RULES
from regulars.loyalty.risk.queries import CaseView, ProposalView
from regulars.loyalty.risk.reach import reach_of
from regulars.loyalty.risk.rules import CaseEnded, CaseState, NoCase, SecondPersonNeeded
from regulars.staff import actions as staff
from regulars.staff import queries as business

router = ScopedRouter(tags=["Risk control"])
PAGE: Final = 50
LARGEST_ID: Final = 2**63 - 1


class _Wanted(NamedTuple):
    kind: str
    key: str


@router.post("/list", auth=Scope(schemas.READ), operation_id="list_risk_cases", openapi_extra=schemas.LIST)
def list_cases(request: HttpRequest) -> HttpResponse:
    """Cases, the newest first, fifty at a time; of one state, or with a sign of one kind."""
    asked = read(request)
    state, kind = short(asked.members, "state", 20), short(asked.members, "kind", 40)
    if state and state not in list(CaseState):
        raise MalformedFact(f"state is one of {', '.join(CaseState)}.", field="state")
    if kind and kind not in RISK_RULES:
        raise MalformedFact(f"kind is one of {', '.join(RISK_RULES)}.", field="kind")
    before = _whole(asked, "before", LARGEST_ID) if asked.members.get("before") is not None else None
    states = (CaseState(state),) if state else ()
    found = queries.latest_cases(states=states, rule=kind, before=before, most=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return answer({"cases": told.lines(found[:PAGE], asked), "next_before": more})


@router.post("/case", auth=Scope(schemas.READ), operation_id="read_risk_case", openapi_extra=schemas.CASE)
def read_case(request: HttpRequest) -> HttpResponse:
    """One case: its evidence with the facts that show it, the points it reaches, its history, and what waits."""
    asked = read(request)
    return answer({"case": told.whole(_found(asked), asked)})


@router.post("/freeze", auth=Scope(schemas.MANAGE), operation_id="freeze_account", openapi_extra=schemas.FREEZE)
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze the account: it earns into pending, and nothing is spent. Frozen once, however often it is asked."""
    asked = read(request)

    def done(case_id: int, note: str) -> None:
        decide_risk.freeze_account(case_id=case_id, actor=asked.actor, note=note, at=asked.at)

    return _decided(asked, CaseState.FROZEN, "risk.freeze", done)


@router.post("/dismiss", auth=Scope(schemas.MANAGE), operation_id="dismiss_risk_case", openapi_extra=schemas.DISMISS)
def dismiss(request: HttpRequest) -> HttpResponse:
    """Nothing is wrong: the same evidence opens no other case."""
    asked = read(request)

    def done(case_id: int, note: str) -> None:
        decide_risk.dismiss_case(case_id=case_id, actor=asked.actor, note=note, at=asked.at)

    return _decided(asked, CaseState.DISMISSED, "risk.dismiss", done)


@router.post("/release", auth=Scope(schemas.MANAGE), operation_id="release_account", openapi_extra=schemas.RELEASE)
def release(request: HttpRequest) -> HttpResponse:
    """Release a frozen account. Where a second person has to decide it is refused, or proposed if you ask for that."""
    asked = read(request)
    case, wanted = _found(asked), _proposal(request, asked, "release")
    if wanted and (known := queries.proposal_with(wanted.key)):
        return _told(asked, known)

    def done(case_id: int, note: str) -> None:
        decide_risk.release_account(
            case_id=case_id, actor=asked.actor, note=note, at=asked.at, alone_up_to=_alone_up_to()
        )

    try:
        return _decided(asked, CaseState.RELEASED, "risk.release", done)
    except SecondPersonNeeded:
        if wanted is None:
            raise
        return _proposed(asked, case, wanted, reach_of(case, at=asked.at).released)


@router.post("/reverse", auth=Scope(schemas.MANAGE), operation_id="reverse_points", openapi_extra=schemas.REVERSE)
def reverse(request: HttpRequest) -> HttpResponse:
    """Take back points that the evidence earned. Where a second person has to decide, as for a release."""
    asked = read(request)
    key, points, note = _key(request, asked), _whole(asked, "points", MOST_POINTS), _note(asked)
    case, wanted = _found(asked), _proposal(request, asked, "deduct")
    if wanted and (known := queries.proposal_with(wanted.key)):
        if known.amount != points:
            raise KeyReused("This key was used for another number of points.")
        return _told(asked, known)
    try:
        with transaction.atomic():
            is_new = decide_risk.reverse_points(
                case_id=case.id, points=points, key=key, actor=asked.actor, note=note, at=asked.at,
                alone_up_to=_alone_up_to(),
            )  # fmt: skip
            if is_new:
                _record(asked, "risk.reverse", case.id)
    except SecondPersonNeeded:
        if wanted is None:
            raise
        return _proposed(asked, case, wanted, points)
    return _told(asked)


def _decided(asked: Asked, state: CaseState, action: str, change: Callable[[int, str], object]) -> HttpResponse:
    """Decide about a case. What this key has decided in this way already is answered again, and changes nothing."""
    case, note = _found(asked), _note(asked)
    try:
        with transaction.atomic():
            change(case.id, note)
            _record(asked, action, case.id)
    except CaseEnded:
        now = _found(asked)
        if now.state is not state or now.decided_by != asked.actor:
            raise
    return _told(asked)


def _proposed(asked: Asked, case: CaseView, wanted: _Wanted, points: int) -> HttpResponse:
    """Write down what somebody else is to approve; of a release that waits already there is no second one."""
    waiting = queries.waiting_proposals(customer_ids=[case.customer_id])
    same = next((one for one in waiting if one.kind == wanted.kind == "release" and one.case_id == case.id), None)
    if same is None:
        with transaction.atomic():
            made = actions.propose(
                kind=wanted.kind, customer_id=case.customer_id, amount=points, note=_note(asked), key=wanted.key,
                actor=asked.actor, at=asked.at, case_id=case.id,
            )  # fmt: skip
            _record(asked, "risk.propose", case.id)
        same = queries.proposal(made)
    return _told(asked, same)


def _told(asked: Asked, proposal: ProposalView | None = None) -> HttpResponse:
    shown = told.proposal(proposal, asked) if proposal else None
    return answer({"case": told.whole(_found(asked), asked), "proposal": shown})


def _record(asked: Asked, action: str, case_id: int) -> None:
    staff.record(by=asked.caller.actor, action=action, at=asked.at, subject_kind="risk_case", subject_id=case_id)


def _alone_up_to() -> int:
    """Above so many points a second person decides; 0: never."""
    return business.business().second_person_points


def _found(asked: Asked) -> CaseView:
    found = queries.case(_whole(asked, "case_id", LARGEST_ID))
    if found is None:
        raise NoCase("There is no such case.")
    return found


def _whole(asked: Asked, name: str, most: int) -> int:
    found = asked.members.get(name)
    if type(found) is not int or not 0 < found <= most:
        raise MalformedFact(f"{name} must be a whole number from 1 to {most}.", field=name)
    return found


def _proposal(request: HttpRequest, asked: Asked, kind: str) -> _Wanted | None:
    """What is to be proposed if a second person has to decide; None where that is not asked for."""
    found = asked.members.get("propose", False)
    if not isinstance(found, bool):
        raise MalformedFact("propose must be true or false.", field="propose")
    case_id = _whole(asked, "case_id", LARGEST_ID)
    return _Wanted(kind, f"risk:{case_id}:{kind}:{_key(request, asked)}") if found else None


def _note(asked: Asked) -> str:
    return " ".join(short(asked.members, "note", schemas.LONGEST_NOTE).split())


def _key(request: HttpRequest, asked: Asked) -> str:
    """Keys are the source's own, as the numbers of orders are."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise KeyMissing("Send a key of your own as Idempotency-Key; the same key again is the same decision.")
    if len(key) > schemas.LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise MalformedFact(
            f"Idempotency-Key has 1 to {schemas.LONGEST_KEY} ASCII characters.", field="Idempotency-Key"
        )
    return f"{asked.source}:{key}"
