"""Giving a task about one customer by hand."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import sight
from regulars.console.access import StaffRequest, requires
from regulars.console.customers.cards import tasks_card
from regulars.console.sayings import explained
from regulars.console.toasts import carry
from regulars.console.typed import whole_number
from regulars.console.views.customer.found import profile_or_404
from regulars.core.errors import DomainError
from regulars.playbooks import actions
from regulars.staff import actions as staff

USUAL_DAYS = 2


@requires("tasks.do")
@require_POST
def add(request: StaffRequest, number: str) -> HttpResponse:
    """Give it to oneself, or, for who leads, to somebody else."""
    profile, now = profile_or_404(request, number), timezone.now()
    owner_id = whole_number(request.POST.get("owner", "")) if "tasks.assign" in request.capabilities else None
    try:
        due_on = parse_date(request.POST.get("due", ""))
    except ValueError:
        due_on = None
    try:
        made = actions.add(
            customer_id=profile.customer_id,
            kind=request.POST.get("kind", ""),
            owner_id=request.member.id if owner_id is None else owner_id,
            due_on=due_on or timezone.localdate() + timedelta(days=USUAL_DAYS),
            note=request.POST.get("note", ""),
            by=request.member.id,
            at=now,
            zone=sight.zone_of(request),
        )
    except DomainError as error:
        messages.error(request, explained(error))
    else:
        staff.record(
            by=request.actor, action="tasks.add", at=now, subject_kind="customer", subject_id=profile.customer_id,
            detail={"task": made},
        )  # fmt: skip
        messages.success(request, _("The task is on the list."))
    if request.headers.get("HX-Request"):
        context = {"number": number, "changed": True, **tasks_card(request, profile.customer_id)}
        return carry(request, render(request, "customer/_tasks.html", context))
    return redirect("customer", number)


urlpatterns = [path("customers/<str:number>/tasks/", add, name="customer_tasks")]
