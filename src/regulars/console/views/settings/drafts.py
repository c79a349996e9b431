"""A draft of the programme: what it says, what it would do, and putting it live."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
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
from regulars.console.programme import drafting
from regulars.console.programme import words as programme_words
from regulars.console.programme.trial import TrialForm
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.settings.draft_simulation import state_of
from regulars.console.views.settings.tabs import page
from regulars.core.calendar import zone
from regulars.core.conditions import Field
from regulars.core.errors import DomainError
from regulars.core.money import minor_digits
from regulars.flows import draft_programme, jobs
from regulars.flows.earning_fields import earning_fields
from regulars.flows.launch_programme import launch_draft
from regulars.flows.settings import today
from regulars.loyalty import programme_view
from regulars.loyalty.badges import queries as held_badges
from regulars.loyalty.draft_parts import LIVE, beginning
from regulars.loyalty.drafts_view import DraftView
from regulars.loyalty.promises import badges, currencies

TAB = "settings_programme"


@requires("programme.edit")
@require_POST
def begin(request: StaffRequest) -> HttpResponse:
    """A new draft: of the version that is live, or of a programme to begin with."""
    start, current = request.POST.get("preset", "") or LIVE, programme_view.current()
    try:
        terms, names = beginning(
            start, live=current.terms if current else None, digits=minor_digits(business_of(request).currency)
        )
        made = draft_programme.begin_draft(
            terms=terms, names=names, by=request.actor, key=actors.key_of(request.actor), at=timezone.now()
        )
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect(TAB)
    return redirect("programme_draft", made)


@requires("settings.view")
@never_cache
@require_safe
def show(request: StaffRequest, draft_id: int) -> HttpResponse:
    """What a draft says, an order to try it with, and what can be done next."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    currency, fields = business_of(request).currency, earning_fields(draft.terms)
    current, form = programme_view.current(), _trial_form(request, draft, fields)
    ended_by = draft.ended.by if draft.ended else ""
    names = actors.names_of({draft.begun.by, ended_by})
    context = drafting.head(draft) | state_of(request, draft) | {
        "doing": drafting.doing(request, draft),
        "promises": programme_words.sentences(draft.terms, currency),
        "tiers": [(programme_words.name_of(t["names"]), t["threshold"]) for t in draft.terms["tiers"]],
        "growth_name": programme_words.growth_name(draft.terms),
        "rules": programme_words.rules(draft.terms, currency, fields),
        "benefits": programme_words.benefits(draft.terms, currency, fields),
        "currencies": currencies.currencies(draft.terms, programme_words.tier_names(draft.terms)),
        "badges": badges.badges(draft.terms, held_badges.counts() if draft.terms.get("badges") else {}),
        "differences": programme_words.differences(
            {**current.terms, "time_zone": None}, draft.terms, currency, fields
        ) if current else None,
        "current_number": str(current.number) if current else "",
        "unused": programme_view.is_unused(),
        "begun_by": names[draft.begun.by],
        "ended_by": names[ended_by],
        "trial": form.tried(_zone(request)),
        "trial_form": form,
    }  # fmt: skip
    return page(request, "draft", tab=TAB, context=context)


@requires("settings.view")
@require_POST
def trial(request: StaffRequest, draft_id: int) -> HttpResponse:
    """What an order that somebody makes up would earn."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    form = _trial_form(request, draft, earning_fields(draft.terms))
    found = form.tried(_zone(request)) if form.is_valid() else None
    return render(request, "settings/trial.html", {"trial": found, "trial_form": form})


def _zone(request: StaffRequest) -> ZoneInfo:
    return zone(business_of(request).time_zone)


def _trial_form(request: StaffRequest, draft: DraftView, fields: Mapping[str, Field]) -> TrialForm:
    day: date = today(timezone.now())
    return TrialForm(
        request.POST if request.method == "POST" else None, terms=draft.terms, fields=fields,
        currency=business_of(request).currency, today=day,
    )  # fmt: skip


@requires("programme.approve")
@require_POST
def approve(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Say that it may go live as it stands."""
    return _do(request, draft_id, draft_programme.approve_draft, gettext("Approved. It can go live."))


@requires("programme.approve")
@require_POST
def launch(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Put it live."""

    def live(*, draft_id: int, revision: int, **who: Any) -> None:
        number = launch_draft(draft_id=draft_id, revision=revision, **who)
        jobs.start(jobs.rate_again, in_seconds=jobs.SEEN_BY_ALL_S, number=number)

    return _do(request, draft_id, live, gettext("The new terms are live. Tiers are being worked out again."))


@requires("programme.edit")
@require_POST
def discard(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Give it up."""

    def given_up(*, draft_id: int, revision: int, **who: Any) -> None:
        draft_programme.discard_draft(draft_id=draft_id, **who)

    return _do(request, draft_id, given_up, gettext("The draft is given up."))


@requires("programme.edit")
@require_POST
def rebase(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Go on from the version that is live by now."""

    def again(*, draft_id: int, revision: int, **who: Any) -> None:
        draft_programme.rebase_draft(draft_id=draft_id, after=revision, **who)

    said = gettext("The draft now stands upon the version that is live.")
    return _do(request, draft_id, again, said, stay=True)


def _do(
    request: StaffRequest, draft_id: int, change: Callable[..., object], said: str, *, stay: bool = False
) -> HttpResponse:
    revision = whole_number(request.POST.get("revision", ""), most_digits=8) or 0
    who = {"by": request.actor, "key": actors.key_of(request.actor), "at": timezone.now()}
    error = carry_out(request, lambda: change(draft_id=draft_id, revision=revision, **who), said)
    if error is None and not stay and change is not draft_programme.approve_draft:
        return redirect(TAB)
    return redirect("programme_draft", draft_id)


urlpatterns = [
    path("settings/programme/drafts/", begin, name="programme_draft_begin"),
    path("settings/programme/drafts/<int:draft_id>/", show, name="programme_draft"),
    path("settings/programme/drafts/<int:draft_id>/trial/", trial, name="programme_draft_trial"),
    path("settings/programme/drafts/<int:draft_id>/approve/", approve, name="programme_draft_approve"),
    path("settings/programme/drafts/<int:draft_id>/launch/", launch, name="programme_draft_launch"),
    path("settings/programme/drafts/<int:draft_id>/discard/", discard, name="programme_draft_discard"),
    path("settings/programme/drafts/<int:draft_id>/rebase/", rebase, name="programme_draft_rebase"),
]
