"""A change that somebody asked for on a page: whole or not at all, in the audit, and said how it went."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.utils import timezone

from regulars.console.access import StaffRequest
from regulars.console.sayings import explained
from regulars.core.errors import DomainError
from regulars.staff import actions as staff


def carry_out(request: StaffRequest, change: Callable[[], object], said: str) -> DomainError | None:
    """Make a change in one transaction; the page that comes next says `said`, or kindly why not.

    Returns:
        The named error because of which nothing was changed; None if it was.
    """
    try:
        with transaction.atomic():
            change()
    except DomainError as error:
        messages.error(request, explained(error))
        return error
    messages.success(request, said)
    return None


def carry_out_recorded(
    request: StaffRequest, change: Callable[[], object], said: str, *, action: str, kind: str, subject_id: int
) -> DomainError | None:
    """The same for a change of which the audit keeps `action`, about the subject of this kind."""

    def recorded() -> None:
        change()
        staff.record(by=request.actor, action=action, at=timezone.now(), subject_kind=kind, subject_id=subject_id)

    return carry_out(request, recorded, said)
