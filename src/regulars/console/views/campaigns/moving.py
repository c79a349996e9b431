"""Moving a campaign on: approve, start, pause, resume, stop; and copying it."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.campaigns.found import campaign_or_404
from regulars.core.errors import DomainError
from regulars.flows import jobs, move_campaign, start_campaign
from regulars.insight import queries as insight
from regulars.insight.queries import NoPicture
from regulars.outreach.campaigns import actions
from regulars.outreach.campaigns.rules import State
from regulars.staff import actions as staff

LONGEST_REASON = 300


@requires("campaigns.approve")
@require_POST
def move(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Approve it, take that back, start, resume or stop it."""
    steps: dict[str, tuple[Callable[[StaffRequest, int], None], str]] = {
        "approve": (_approve, _("Approved. It can start now.")),
        "withdraw": (_withdraw, _("It is a draft again.")),
        "start": (_start, _("It has started. Everybody is decided about now.")),
        "resume": (_resume, _("It goes on.")),
        "stop": (_stop, _("It is stopped. Nothing more leaves.")),
    }
    return _do(request, campaign_id, *steps.get(request.POST.get("do", ""), (None, "")))


@requires("campaigns.edit")
@require_POST
def pause(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Nothing more leaves until it is resumed."""
    return _do(request, campaign_id, _pause, _("It is paused. Nothing leaves until it goes on."))


@requires("campaigns.edit")
@require_POST
def measure(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Measure it now and not in the coming night."""
    return _do(request, campaign_id, _measure, _("It is being measured. This page shows it in a moment."))


@requires("campaigns.edit")
@require_POST
def copy(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """A new draft like this one."""
    campaign_or_404(campaign_id)
    now = timezone.now()
    try:
        with transaction.atomic():
            made = actions.copy(campaign_id=campaign_id, actor=actors.key_of(request.actor), at=now)
            staff.record(
                by=request.actor, action="campaigns.create", at=now, subject_kind="campaign", subject_id=made,
                detail={"from": str(campaign_id)},
            )  # fmt: skip
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect("campaign", campaign_id)
    messages.success(request, _("This is the copy. Change it as you like."))
    return redirect("campaign_edit", made)


def _do(
    request: StaffRequest, campaign_id: int, step: Callable[[StaffRequest, int], None] | None, said: str
) -> HttpResponse:
    if step is None:
        raise Http404
    campaign_or_404(campaign_id)
    carry_out(request, lambda: step(request, campaign_id), said)
    return redirect("campaign", campaign_id)


def _approve(request: StaffRequest, campaign_id: int) -> None:
    move_campaign.approve_campaign(
        campaign_id=campaign_id, revision=whole_number(request.POST.get("revision", "")) or 0, by=request.actor,
        key=actors.key_of(request.actor), at=timezone.now(),
    )  # fmt: skip


def _withdraw(request: StaffRequest, campaign_id: int) -> None:
    key = actors.key_of(request.actor)
    move_campaign.withdraw_campaign(campaign_id=campaign_id, by=request.actor, key=key, at=timezone.now())


def _start(request: StaffRequest, campaign_id: int) -> None:
    if campaign_or_404(campaign_id).plan.segment_id is not None and insight.last_good() is None:
        raise NoPicture("Make the picture first: it knows who is in the segment.")
    key = actors.key_of(request.actor)
    start_campaign.start_campaign(campaign_id=campaign_id, by=request.actor, key=key, at=timezone.now())
    jobs.start(jobs.queue_campaign, campaign_id=campaign_id)


def _pause(request: StaffRequest, campaign_id: int) -> None:
    key = actors.key_of(request.actor)
    move_campaign.pause_campaign(campaign_id=campaign_id, by=request.actor, key=key, at=timezone.now())


def _resume(request: StaffRequest, campaign_id: int) -> None:
    key = actors.key_of(request.actor)
    move_campaign.resume_campaign(campaign_id=campaign_id, by=request.actor, key=key, at=timezone.now())
    if campaign_or_404(campaign_id).is_being_queued:
        jobs.start(jobs.queue_campaign, campaign_id=campaign_id)


def _stop(request: StaffRequest, campaign_id: int) -> None:
    reason = " ".join(request.POST.get("reason", "").split())[:LONGEST_REASON]
    key = actors.key_of(request.actor)
    move_campaign.stop_campaign(campaign_id=campaign_id, by=request.actor, key=key, at=timezone.now(), reason=reason)
    jobs.start(jobs.close_campaign, campaign_id=campaign_id)


def _measure(request: StaffRequest, campaign_id: int) -> None:
    if campaign_or_404(campaign_id).state not in (State.DRAFT, State.APPROVED):
        jobs.start(jobs.measure_campaign, campaign_id=campaign_id)


urlpatterns = [
    path("campaigns/<int:campaign_id>/move/", move, name="campaign_move"),
    path("campaigns/<int:campaign_id>/pause/", pause, name="campaign_pause"),
    path("campaigns/<int:campaign_id>/measure/", measure, name="campaign_measure"),
    path("campaigns/<int:campaign_id>/copy/", copy, name="campaign_copy"),
]
