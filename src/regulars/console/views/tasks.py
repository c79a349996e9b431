"""To do: the customers whom somebody here is to call, give a coupon, or look after."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, sight, task_cards
from regulars.console.access import StaffRequest, requires
from regulars.console.sayings import explained
from regulars.console.toasts import carry
from regulars.console.typed import whole_number
from regulars.core.errors import DomainError
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries as issued
from regulars.playbooks import actions, queries
from regulars.playbooks.queries import TaskView
from regulars.staff import actions as staff

PAGE, PER_PAGE = "tasks", 30
RESULT_DAYS = 90
PUT_OFF = {"tomorrow": 1, "three": 3, "week": 7}


@requires("tasks.do")
@never_cache
def tasks(request: StaffRequest) -> HttpResponse:
    """What is to be done, overdue first; a manager sees everybody's on request."""
    desk, whose = task_cards.desk(request), _whose(request)
    offset = whole_number(request.GET.get("offset", "")) or 0
    found = queries.todo(today=desk.today, owner_id=whose, most=PER_PAGE + 1, offset=offset)
    ended = queries.ended(since=desk.began, owner_id=whose, most=PER_PAGE)
    cards = desk.cards([*found[:PER_PAGE], *ended])
    results = queries.results(since=desk.began - timedelta(days=RESULT_DAYS), until=timezone.now(), at=timezone.now())
    context = {
        "desk": desk,
        "open": cards[: len(found[:PER_PAGE])],
        "ended": cards[len(found[:PER_PAGE]) :],
        "more": offset + PER_PAGE if len(found) > PER_PAGE else None,
        "offset": offset,
        "counts": queries.todo_counts(today=desk.today, today_from=desk.began, owner_id=whose),
        "whose": whose,
        "is_mine": whose == request.member.id,
        "sees_all": task_cards.leads(request),
        "results": results,
        "result_days": RESULT_DAYS,
    }
    return render(request, "tasks/page.html", context)


@requires("tasks.do")
@require_POST
def record(request: StaffRequest, task_id: int) -> HttpResponse:
    """What came of it: done, in two taps. Said twice is said once."""
    task = _task(request, task_id)
    note = request.POST.get("note", "")
    return _do(
        request, task,
        lambda: actions.record(
            task_id=task.id, outcome=request.POST.get("outcome", ""), note=note, by=request.member.id, at=timezone.now()
        ),
    )  # fmt: skip


@requires("tasks.do")
@require_POST
def drop(request: StaffRequest, task_id: int) -> HttpResponse:
    """Nothing will be done, and why."""
    task, note = _task(request, task_id), request.POST.get("note", "")
    return _do(
        request, task, lambda: actions.drop(task_id=task.id, by=request.member.id, at=timezone.now(), note=note)
    )  # fmt: skip


@requires("tasks.do")
@require_POST
def undo(request: StaffRequest, task_id: int) -> HttpResponse:
    """Open again what was ended today."""
    task, zone = _task(request, task_id), sight.zone_of(request)
    return _do(
        request, task, lambda: actions.undo(task_id=task.id, by=request.member.id, at=timezone.now(), zone=zone)
    )  # fmt: skip


@requires("tasks.do")
@require_POST
def postpone(request: StaffRequest, task_id: int) -> HttpResponse:
    """Another day: tomorrow, in three days, next week, or the day named."""
    task, zone = _task(request, task_id), sight.zone_of(request)
    day = _day(request, task_cards.desk(request).today)
    if day is None:
        messages.error(request, _("Choose a day from today to 90 days ahead."))
        return _shown(request, task.id)
    return _do(
        request, task,
        lambda: actions.postpone(task_id=task.id, due_on=day, by=request.member.id, at=timezone.now(), zone=zone),
    )  # fmt: skip


@requires("tasks.assign")
@require_POST
def hand_over(request: StaffRequest, task_id: int) -> HttpResponse:
    """Make it somebody else's."""
    task, to = _task(request, task_id), whole_number(request.POST.get("to", "")) or 0
    return _do(
        request, task,
        lambda: actions.reassign(task_id=task.id, owner_id=to, by=request.member.id, at=timezone.now()),
    )  # fmt: skip


@requires("tasks.do")
@require_POST
def coupon(request: StaffRequest, task_id: int) -> HttpResponse:
    """Give the customer a coupon of their own; a task gives one at most."""
    task, offer_id, now = _task(request, task_id), whole_number(request.POST.get("offer", "")) or 0, timezone.now()
    if task.state != "open":
        raise PermissionDenied

    def give() -> None:
        key = task_cards.key_of(task)
        if key in issued.of_keys([key]):
            return
        coupons.issue(
            offer_id=offer_id, key=key, customer_id=task.customer_id, zone=sight.zone_of(request), at=now,
        )  # fmt: skip
        staff.record(
            by=request.actor, action="coupons.issue", at=now, subject_kind="customer", subject_id=task.customer_id,
            detail={"offer": offer_id},
        )  # fmt: skip

    return _do(request, task, give)


@requires("tasks.do")
@require_POST
def take_back(request: StaffRequest, task_id: int) -> HttpResponse:
    """Make the task's coupon worthless again, as long as nobody used it."""
    task, now = _task(request, task_id), timezone.now()

    def void() -> None:
        found = issued.of_keys([task_cards.key_of(task)])
        for one in found.values():
            if not one.used and coupons.void(coupon_ids=[one.id], actor=actors.key_of(request.actor), at=now):
                staff.record(by=request.actor, action="coupons.void", at=now, subject_kind="coupon", subject_id=one.id)

    return _do(request, task, void)


def _do(request: StaffRequest, task: TaskView, change: task_cards.Change) -> HttpResponse:
    try:
        change()
    except DomainError as error:
        messages.error(request, explained(error))
    return _shown(request, task.id)


def _shown(request: StaffRequest, task_id: int) -> HttpResponse:
    """The card as it is now, with the counts; without htmx the page that it was on."""
    if not request.headers.get("HX-Request"):
        back = request.POST.get("back", "")
        return redirect(back if back in (reverse("overview"), reverse(PAGE)) else PAGE)
    desk, task = task_cards.desk(request), queries.task(task_id)
    assert task is not None
    whose = None if task_cards.leads(request) and request.POST.get("whose") == "all" else task.owner_id
    context = {
        "desk": desk,
        "card": desk.cards([task])[0],
        "counts": queries.todo_counts(today=desk.today, today_from=desk.began, owner_id=whose),
        "whose": whose,
        "is_mine": whose == request.member.id,
        "due": queries.due(owner_id=request.member.id, today=desk.today),
        "changed": True,
    }
    return carry(request, render(request, "tasks/changed.html", context))


def _task(request: StaffRequest, task_id: int) -> TaskView:
    """A task of this person, or anybody's for who leads.

    Raises:
        Http404: There is none, or it is somebody else's.
    """
    found = queries.task(task_id)
    if found is None or not (found.owner_id == request.member.id or task_cards.leads(request)):
        raise Http404
    return found


def _whose(request: StaffRequest) -> int | None:
    """Whose tasks are looked at; None for everybody's."""
    told = request.GET.get("who", "")
    if not task_cards.leads(request) or not told:
        return request.member.id
    return None if told == "all" else whole_number(told) or request.member.id


def _day(request: StaffRequest, today: date) -> date | None:
    told = request.POST.get("to", "")
    if told in PUT_OFF:
        return today + timedelta(days=PUT_OFF[told])
    try:
        return parse_date(request.POST.get("day", ""))
    except ValueError:
        return None


urlpatterns = [
    path("tasks/", tasks, name=PAGE),
    path("tasks/<int:task_id>/record/", record, name="task_record"),
    path("tasks/<int:task_id>/drop/", drop, name="task_drop"),
    path("tasks/<int:task_id>/undo/", undo, name="task_undo"),
    path("tasks/<int:task_id>/postpone/", postpone, name="task_postpone"),
    path("tasks/<int:task_id>/hand-over/", hand_over, name="task_hand_over"),
    path("tasks/<int:task_id>/coupon/", coupon, name="task_coupon"),
    path("tasks/<int:task_id>/coupon/take-back/", take_back, name="task_coupon_back"),
]
