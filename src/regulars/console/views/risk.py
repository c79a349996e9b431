"""Risk control: whom the rules find odd, why, and what people make of it; and what waits for a second person."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from regulars.console import actors, changes, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.pages import Counted
from regulars.console.risk import cases as shown
from regulars.flows import decide_risk
from regulars.loyalty.risk import actions, queries, words
from regulars.loyalty.risk.queries import CaseView
from regulars.loyalty.risk.reach import reach_of
from regulars.loyalty.risk.rules import WAITING, CaseState, needs_second

DAYS: Final = 30
LONGEST_NOTE: Final = 200
TABS: Final[dict[str, tuple[CaseState, ...]]] = {
    "waiting": WAITING,
    "frozen": (CaseState.FROZEN,),
    "decided": (CaseState.RELEASED, CaseState.DISMISSED),
}


@requires("risk.view")
@require_safe
@never_cache
def risk(request: StaffRequest) -> HttpResponse:
    """The queue, the oddest first; what the rules found this month; what waits for a second person."""
    tab = request.GET.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    counts = queries.counts()
    sums = {name: sum(counts.get(state, 0) for state in states) for name, states in TABS.items()}
    page = Paginator(Counted(sums[tab]), queries.PAGE).get_page(request.GET.get("page"))
    found = queries.cases(TABS[tab], offset=(page.number - 1) * queries.PAGE)
    month = queries.found_since(timezone.now() - timedelta(days=DAYS))
    context = {
        "tab": tab,
        "sums": sums,
        "page": page,
        "lines": shown.lines(found),
        "oddest": max((one.score for one in found), default=0),
        "proposals": shown.proposals(queries.waiting_proposals()),
        "month": month,
        "rules": sorted(
            ((reader.said(words.name_of(code)), count) for code, count in month.by_rule.items()),
            key=lambda line: (-line[1], line[0]),
        ),
        "days": DAYS,
        "settings": business_of(request),
    }
    return render(request, "risk/page.html", context)


@requires("risk.view")
@require_safe
@never_cache
def case(request: StaffRequest, case_id: int) -> HttpResponse:
    """One case: the evidence, what can be done, and its history."""
    found = _found(case_id)
    context = {
        **shown.whole(found),
        "key": token_urlsafe(12),
        "second": business_of(request).second_person_points,
        "is_mine": found.assignee == _me(request),
    }
    return render(request, "risk/case.html", context)


@requires("risk.decide")
@require_POST
def take_on(request: StaffRequest, case_id: int) -> HttpResponse:
    """Somebody looks at it; the rules alone do not freeze it any more."""
    _do(
        request, case_id, "risk.take_on", _("You look at this case now."),
        lambda: actions.take_on(case_id=case_id, actor=_me(request), at=timezone.now()),
    )  # fmt: skip
    return redirect("risk_case", case_id)


@requires("risk.decide")
@require_POST
def freeze(request: StaffRequest, case_id: int) -> HttpResponse:
    """Nothing can be spent any more."""
    _do(
        request, case_id, "risk.freeze", _("The account is frozen."),
        lambda: decide_risk.freeze_account(
            case_id=case_id, actor=_me(request), note=_note(request), at=timezone.now()
        ),
    )  # fmt: skip
    return redirect("risk_case", case_id)


@requires("risk.decide")
@require_POST
def release(request: StaffRequest, case_id: int) -> HttpResponse:
    """Released at once, or, where many points hang on it, once a second person approves."""
    found, alone = _found(case_id), business_of(request).second_person_points
    points = reach_of(found, at=timezone.now()).released
    if needs_second(points, alone):
        return _propose(request, found, "release", points)
    _do(
        request, case_id, "risk.release", _("The account is released."),
        lambda: decide_risk.release_account(
            case_id=case_id, actor=_me(request), note=_note(request), at=timezone.now(), alone_up_to=alone
        ),
    )  # fmt: skip
    return redirect("risk_case", case_id)


@requires("risk.decide")
@require_POST
def dismiss(request: StaffRequest, case_id: int) -> HttpResponse:
    """Nothing is wrong."""
    _do(
        request, case_id, "risk.dismiss", _("Dismissed. The same evidence does not come back."),
        lambda: decide_risk.dismiss_case(case_id=case_id, actor=_me(request), note=_note(request), at=timezone.now()),
    )  # fmt: skip
    return redirect("risk")


@requires("risk.decide")
@require_POST
def reverse(request: StaffRequest, case_id: int) -> HttpResponse:
    """Take back what the page said it would, if that still stands."""
    found, alone = _found(case_id), business_of(request).second_person_points
    reach = reach_of(found, at=timezone.now())
    points = request.POST.get("points", "")
    if not points.isdecimal() or not 0 < int(points) <= reach.takes:
        messages.error(request, _("So many points are not there any more. Look again at how many can be taken back."))
        return redirect("risk_case", case_id)
    if needs_second(int(points) + reach.taken_back, alone):
        return _propose(request, found, "deduct", int(points))
    key = request.POST.get("key", "")[:40]
    _do(
        request, case_id, "risk.reverse", _("The points are taken back."),
        lambda: decide_risk.reverse_points(
            case_id=case_id, points=int(points), key=key, actor=_me(request), note=_note(request), at=timezone.now(),
            alone_up_to=alone,
        ),
    )  # fmt: skip
    return redirect("risk_case", case_id)


@requires("risk.decide")
@require_POST
def approve(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """A second person does what the first one proposed."""
    changes.carry_out_recorded(
        request,
        lambda: decide_risk.approve_proposal(proposal_id=proposal_id, actor=_me(request), at=timezone.now()),
        _("Approved and done."), action="risk.approve", kind="proposal", subject_id=proposal_id,
    )  # fmt: skip
    return redirect("risk")


@requires("risk.decide")
@require_POST
def refuse(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """Nothing is done."""
    changes.carry_out_recorded(
        request, lambda: actions.refuse(proposal_id=proposal_id, actor=_me(request), at=timezone.now()),
        _("Nothing is done."), action="risk.refuse", kind="proposal", subject_id=proposal_id,
    )  # fmt: skip
    return redirect("risk")


def _propose(request: StaffRequest, found: CaseView, kind: str, points: int) -> HttpResponse:
    key = f"risk:{found.id}:{kind}:{request.POST.get('key', '')[:40]}"
    changes.carry_out_recorded(
        request,
        lambda: actions.propose(
            kind=kind, customer_id=found.customer_id, amount=points, note=_note(request), key=key, actor=_me(request),
            at=timezone.now(), case_id=found.id,
        ),
        _("A second person has to approve this. It waits on the page of risk control."),
        action="risk.propose", kind="risk_case", subject_id=found.id,
    )  # fmt: skip
    return redirect("risk_case", found.id)


def _do(request: StaffRequest, case_id: int, action: str, said: str, change: Any) -> None:
    changes.carry_out_recorded(request, change, said, action=action, kind="risk_case", subject_id=case_id)


def _found(case_id: int) -> CaseView:
    found = queries.case(case_id)
    if found is None:
        raise Http404
    return found


def _me(request: StaffRequest) -> str:
    return actors.key_of(request.actor)


def _note(request: StaffRequest) -> str:
    return " ".join(request.POST.get("note", "").split())[:LONGEST_NOTE]


urlpatterns = [
    path("risk/", risk, name="risk"),
    path("risk/<int:case_id>/", case, name="risk_case"),
    path("risk/<int:case_id>/take-on/", take_on, name="risk_take_on"),
    path("risk/<int:case_id>/freeze/", freeze, name="risk_freeze"),
    path("risk/<int:case_id>/release/", release, name="risk_release"),
    path("risk/<int:case_id>/dismiss/", dismiss, name="risk_dismiss"),
    path("risk/<int:case_id>/reverse/", reverse, name="risk_reverse"),
    path("risk/proposals/<int:proposal_id>/approve/", approve, name="risk_approve"),
    path("risk/proposals/<int:proposal_id>/refuse/", refuse, name="risk_refuse"),
]
