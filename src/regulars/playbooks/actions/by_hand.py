"""A task that somebody gives by hand, for a reason of their own."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.playbooks.actions.tasks import FARTHEST_DAYS, LONGEST_NOTE, BadDay, CannotOwn
from regulars.playbooks.models import Playbook, Run, Task
from regulars.playbooks.owners import can_own
from regulars.playbooks.rules import BY_HAND, KINDS
from regulars.staff import queries as staff

CODE: Final = "by_hand"
PLAYBOOK: Final[dict[str, Any]] = {
    "names": {"zh": "手动添加", "en": "Added by hand"}, "trigger": BY_HAND, "kind": "call", "due_days": 3,
    "open_most": 100, "new_most": 100, "quiet_days": 0, "worth_percent": 100,
}  # fmt: skip


class UnknownKind(DomainError):
    """Not something that a task can ask for."""

    code = "unknown_task_kind"


class TaskThere(DomainError):
    """Somebody was given a task for this customer by hand, and it is open."""

    code = "task_there"


def add(
    *, customer_id: int, kind: str, owner_id: int, due_on: date, note: str, by: int, at: datetime, zone: ZoneInfo
) -> int:
    """Give a task; returns its id.

    Args:
        customer_id: Who stands for the group.
        by: Who gives it; it is the first change of a task that is given to somebody else.
        note: Why, for whoever does it.
    Raises:
        UnknownKind: Not one of KINDS.
        BadDay: The day has passed, or is more than three months ahead.
        CannotOwn: Tasks may not be given to this person.
        TaskThere: One is open already.
    """
    today = business_date(at, zone)
    if kind not in KINDS:
        raise UnknownKind(f"A task asks for one of {', '.join(KINDS)}.")
    if not today <= due_on <= today + timedelta(days=FARTHEST_DAYS):
        raise BadDay(f"Choose a day from today to {FARTHEST_DAYS} days ahead.")
    if not can_own(staff.member(owner_id)):
        raise CannotOwn("Tasks cannot be given to this person.")
    playbook, _ = Playbook.objects.get_or_create(code=CODE, defaults={**PLAYBOOK, "created_at": at})
    try:
        with transaction.atomic():
            run = Run.objects.create(
                playbook=playbook, customer_id=customer_id, cause=BY_HAND, day=today, opened_at=at,
                numbers={"note": note.strip()[:LONGEST_NOTE], "by": by},
            )  # fmt: skip
            return Task.objects.create(
                run=run, kind=kind, owner_id=owner_id, due_on=due_on, created_at=at
            ).pk  # fmt: skip
    except IntegrityError as error:
        raise TaskThere("There is an open task for this customer already.") from error
