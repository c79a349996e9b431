"""Asking the simulator about a draft, and what it found."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.context import business_of
from regulars.console.programme import drafting, simulated
from regulars.flows import jobs
from regulars.flows.settings import today
from regulars.flows.simulate_programme import ask_simulation
from regulars.loyalty import programme_view
from regulars.loyalty.drafts_view import DraftView
from regulars.loyalty.simulation import queries
from regulars.loyalty.simulation.rules import Question, State, usual_since


@requires("programme.edit")
@require_POST
def ask(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Replay the draft over what really happened; a job does it."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    now = timezone.now()
    question = Question(
        terms=draft.terms, since=usual_since(today(now)),
        thousand_cost=queries.usual_thousand_cost(),
    )  # fmt: skip

    def asked() -> None:
        made = ask_simulation(question=question, by=request.actor, key=actors.key_of(request.actor), at=now)
        jobs.start(jobs.simulate_programme, simulation_id=made)

    carry_out(request, asked, gettext("The draft is being replayed over your orders."))
    return redirect("programme_draft", draft_id)


@requires("settings.view")
@never_cache
@require_safe
def progress(request: StaffRequest, draft_id: int) -> HttpResponse:
    """How far it is; once it is done, the page as it stands then."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    context = state_of(request, draft)
    answer = render(request, "settings/simulation.html", drafting.head(draft) | context)
    if context["run"] is None or not context["run"].is_under_way:
        answer["HX-Refresh"] = "true"
    return answer


def state_of(request: StaffRequest, draft: DraftView) -> dict[str, Any]:
    """The newest simulation of these terms: none, how far it is, or what it found."""
    run, live = queries.latest_of(draft.digest), programme_view.current()
    context: dict[str, Any] = {"run": run, "can_ask": draft.is_open and "programme.edit" in request.capabilities}
    context["can_export"] = run is not None and run.state is State.DONE and "insight.export" in request.capabilities
    if run is not None and run.is_under_way:
        context["share"] = 100 * run.done // run.whole if run.whole else 0
    if run is not None and run.state is State.DONE:
        names = "insight.view" in request.capabilities
        terms = live.terms if live else draft.terms
        context |= simulated.shown(run, terms, business_of(request).currency, names=names)
    return context


urlpatterns = [
    path("settings/programme/drafts/<int:draft_id>/simulate/", ask, name="programme_draft_simulate"),
    path("settings/programme/drafts/<int:draft_id>/simulation/", progress, name="programme_draft_simulation"),
]
