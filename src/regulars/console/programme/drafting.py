"""A draft of the programme on its pages: found or not, what can be done with it, and what is wrong with its terms."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console import actors
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.programme.words import name_of
from regulars.console.sayings import explained
from regulars.core.errors import DomainError
from regulars.flows import jobs
from regulars.loyalty import drafts_view, programme_view
from regulars.loyalty.drafts_view import DraftState, DraftView, NoDraft

STATES: dict[DraftState, tuple[Promise, str]] = {
    DraftState.DRAFT: (_("Draft"), "mute"),
    DraftState.SIMULATED: (_("Simulated"), "info"),
    DraftState.APPROVED: (_("Approved"), "pri"),
    DraftState.LAUNCHED: (_("Launched"), "ok"),
    DraftState.DISCARDED: (_("Discarded"), "mute"),
}
"""The name of each state, and its tone."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody can do with a draft now; `hint` says why not, '' where nothing stands in the way."""

    edit: bool
    approve: bool
    launch: bool
    rebase: bool
    hint: str


def found(request: StaffRequest, draft_id: int) -> DraftView | HttpResponse:
    """The draft, or the way to where all are, when there is none."""
    try:
        return drafts_view.draft(draft_id)
    except NoDraft as error:
        messages.error(request, explained(error))
        return redirect("settings_programme")


def doing(request: StaffRequest, draft: DraftView) -> Doing:
    """What can be done with it by whoever looks at it."""
    can, by_another = request.capabilities, business_of(request).programme_by_another
    current = programme_view.current()
    old = draft.is_open and (current.id if current else None) != draft.after
    edit = draft.is_open and "programme.edit" in can
    may = draft.is_open and "programme.approve" in can and not old
    own = actors.key_of(request.actor) in draft.authors
    approved = draft.state is DraftState.APPROVED
    waits = by_another and not approved
    return Doing(
        edit=edit,
        approve=may and waits and not own,
        launch=may and not waits,
        rebase=edit and old,
        hint=_hint(draft, old=old, waits=waits, own=own),
    )


def _hint(draft: DraftView, *, old: bool, waits: bool, own: bool) -> str:
    if not draft.is_open:
        return ""
    if (planned := jobs.planned(jobs.launch_draft).get(draft.id)) is not None and not old:
        when = date_format(timezone.localtime(planned), "SHORT_DATETIME_FORMAT")
        said = gettext("A program has planned it: it goes live at %(when)s, unless somebody changes it before.")
        return said % {"when": when}
    if old:
        return gettext(
            "Another version went live since this draft was begun. Look at what differs, then go on from it."
        )
    if waits and own:
        return gettext("Somebody else has to approve what you wrote: the settings ask for a second pair of eyes.")
    return gettext("It waits for somebody's approval.") if waits else ""


def title(draft: DraftView) -> str:
    """What a draft is called."""
    return name_of(draft.names) or gettext("Draft %(number)s") % {"number": draft.id}


def wrong(error: DomainError) -> str:
    """What is wrong with terms: the rule or the benefit that they contradict, where one is named."""
    benefit = error.context.get("benefit")
    if benefit:
        said = gettext("The benefit “%(benefit)s” does not fit these terms. Change or remove it first.")
        return said % {"benefit": benefit}
    rule = error.context.get("rule")
    if rule:
        return gettext("The rule “%(rule)s” does not fit these terms. Change or remove it first.") % {"rule": rule}
    return explained(error)


def head(draft: DraftView) -> dict[str, Any]:
    """What stands above every page of a draft."""
    state, tone = STATES[draft.state]
    return {"draft": draft, "draft_id": str(draft.id), "title": title(draft), "state": state, "tone": tone}
