"""What people do with their tasks: record, undo, put off, hand on, drop. Every change is kept.

A run is locked before its task, runs in the order of their ids.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.playbooks.models import Run, Task, TaskChange
from regulars.playbooks.owners import can_own
from regulars.playbooks.returns import first_orders
from regulars.playbooks.rules import BY_HAND, CAME_BACK, DROPPED, OUTCOMES
from regulars.staff import queries as staff

LONGEST_NOTE = 500
FARTHEST_DAYS = 90


class NoTask(DomainError):
    """There is no such task."""

    code = "no_task"


class TaskEnded(DomainError):
    """Somebody has ended the task already."""

    code = "task_ended"


class TooLate(DomainError):
    """The task was not ended today, so it stays as it was recorded."""

    code = "too_late_to_undo"


class UnknownOutcome(DomainError):
    """Not something that a task can end with."""

    code = "unknown_outcome"


class BadDay(DomainError):
    """A task is put off to a day to come, and not for ever."""

    code = "bad_day"


class CannotOwn(DomainError):
    """This person may not be given tasks."""

    code = "cannot_own_tasks"


@transaction.atomic
def record(*, task_id: int, outcome: str, by: int, at: datetime, note: str = "") -> None:
    """Say what came of a task; it is done, and so is its run. The same again by anybody changes nothing.

    Raises:
        UnknownOutcome: Not one of OUTCOMES.
        NoTask: There is none.
        TaskEnded: It ended in another way already.
    """
    if outcome not in OUTCOMES:
        raise UnknownOutcome(f"A task ends with one of {', '.join(OUTCOMES)}.")
    task = _locked(task_id)
    if task.state == "done" and task.outcome == outcome:
        return
    _must_be_open(task)
    _end(task, "done", outcome=outcome, note=note, run_outcome=outcome, by=by, at=at)


@transaction.atomic
def drop(*, task_id: int, by: int, at: datetime, note: str = "") -> None:
    """Say that nothing will be done; the note may say why.

    Raises:
        NoTask, TaskEnded: There is none; it ended already.
    """
    task = _locked(task_id)
    if task.state == "dropped":
        return
    _must_be_open(task)
    _end(task, "dropped", outcome="", note=note, run_outcome=DROPPED, by=by, at=at)


@transaction.atomic
def undo(*, task_id: int, by: int, at: datetime, zone: ZoneInfo) -> None:
    """Open a task again that was ended today; an open one stays as it is.

    Raises:
        NoTask: There is none.
        TooLate: It was ended on an earlier day, or since then another run has begun for the customer.
    """
    task = _locked(task_id)
    if task.state == "open":
        return
    run = Run.objects.get(pk=task.run_id)
    others = Run.objects.filter(playbook_id=run.playbook_id, customer_id=run.customer_id, closed_at=None)
    if task.ended_at is None or business_date(task.ended_at, zone) != business_date(at, zone) or others.exists():
        raise TooLate("Only what was recorded today can be taken back.")
    _note(task, "undone", was=task.outcome or task.state, became="open", by=by, at=at)
    Task.objects.filter(pk=task_id).update(state="open", outcome="", note="", ended_at=None, ended_by=None)
    Run.objects.filter(pk=task.run_id).update(closed_at=None, outcome="")


@transaction.atomic
def postpone(*, task_id: int, due_on: date, by: int, at: datetime, zone: ZoneInfo) -> None:
    """Put a task off to a later day; the days that it was due before are kept.

    Raises:
        NoTask, TaskEnded: There is none; it ended already.
        BadDay: The day has passed, or is more than three months ahead.
    """
    today = business_date(at, zone)
    if not today <= due_on <= today + timedelta(days=FARTHEST_DAYS):
        raise BadDay(f"Choose a day from today to {FARTHEST_DAYS} days ahead.")
    task = _locked(task_id)
    _must_be_open(task)
    if task.due_on != due_on:
        _note(task, "moved", was=task.due_on.isoformat(), became=due_on.isoformat(), by=by, at=at)
        Task.objects.filter(pk=task_id).update(due_on=due_on)


@transaction.atomic
def reassign(*, task_id: int, owner_id: int, by: int, at: datetime) -> None:
    """Make a task somebody else's.

    Raises:
        NoTask, TaskEnded: There is none; it ended already.
        CannotOwn: Tasks may not be given to this person.
    """
    _check_owner(owner_id)
    task = _locked(task_id)
    _must_be_open(task)
    _give(task, owner_id, by=by, at=at)


@transaction.atomic
def hand_over(*, from_id: int, to_id: int, by: int, at: datetime) -> int:
    """Give all open tasks of one person, who left perhaps, to another; returns how many.

    Raises:
        CannotOwn: Tasks may not be given to this person.
    """
    _check_owner(to_id)
    mine = Task.objects.filter(owner_id=from_id, state="open").order_by("run_id")
    list(Run.objects.select_for_update(no_key=True).filter(pk__in=mine.values("run_id")).order_by("pk"))
    tasks = list(mine.select_for_update(no_key=True))
    for task in tasks:
        _give(task, to_id, by=by, at=at)
    return len(tasks)


@transaction.atomic
def close_returned(*, at: datetime) -> int:
    """End open runs whose customer has ordered since they began: there is nothing to be done any more; how many."""
    came = first_orders(
        Run.objects.filter(closed_at=None).exclude(cause=BY_HAND).values_list("pk", "customer_id", "opened_at")
    )
    still = Run.objects.select_for_update(no_key=True).filter(pk__in=came, closed_at=None).order_by("pk")
    runs = list(still.values_list("pk", flat=True))
    tasks = list(Task.objects.select_for_update(no_key=True).filter(run_id__in=runs, state="open").order_by("run_id"))
    TaskChange.objects.bulk_create(
        TaskChange(task=task, at=at, what="dropped", was="open", became=CAME_BACK) for task in tasks
    )
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(state="dropped", ended_at=at)
    return Run.objects.filter(pk__in=runs).update(closed_at=at, outcome=CAME_BACK)


def _locked(task_id: int) -> Task:
    """The task, after its run is locked; both are read as they are then."""
    bulk.run(
        connection,
        """SELECT r.id FROM playbooks_run r JOIN playbooks_task t ON t.run_id = r.id WHERE t.id = %s
           FOR NO KEY UPDATE OF r""",
        [task_id],
    )
    task = Task.objects.select_for_update(no_key=True).filter(pk=task_id).first()
    if task is None:
        raise NoTask("There is no such task.")
    return task


def _must_be_open(task: Task) -> None:
    if task.state != "open":
        raise TaskEnded("Somebody has ended this task already.")


def _end(task: Task, state: str, *, outcome: str, note: str, run_outcome: str, by: int, at: datetime) -> None:
    Task.objects.filter(pk=task.pk).update(
        state=state, outcome=outcome, note=note.strip()[:LONGEST_NOTE], ended_at=at, ended_by_id=by
    )
    Run.objects.filter(pk=task.run_id).update(closed_at=at, outcome=run_outcome)
    _note(task, state, was="open", became=outcome, by=by, at=at)


def _check_owner(owner_id: int) -> None:
    if not can_own(staff.member(owner_id)):
        raise CannotOwn("Tasks cannot be given to this person.")


def _give(task: Task, owner_id: int, *, by: int, at: datetime) -> None:
    if task.owner_id != owner_id:
        _note(task, "assigned", was=str(task.owner_id), became=str(owner_id), by=by, at=at)
        Task.objects.filter(pk=task.pk).update(owner_id=owner_id)


def _note(task: Task, what: str, *, was: str, became: str, by: int, at: datetime) -> None:
    TaskChange.objects.create(task=task, at=at, by_id=by, what=what, was=was, became=became)
