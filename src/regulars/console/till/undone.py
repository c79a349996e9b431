"""The last step of this person, and undoing it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from regulars.console import actors
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.till.done import said_of
from regulars.console.till.finding import guest_of
from regulars.flows.undo_till import undo_last
from regulars.loyalty.membership import number_of
from regulars.loyalty.till import queries
from regulars.loyalty.till.rules import Shop, Step, may_undo


@dataclass(frozen=True, slots=True)
class Last:
    """What this person did last, while it can be undone: for whom, what, and when."""

    id: int
    who: str
    words: str
    at: datetime


def last_of(request: StaffRequest) -> Last | None:
    """The last step that can still be undone; None if there is none."""
    me = actors.key_of(request.actor)
    step = queries.last_of(me)
    minutes = business_of(request).till_undo_minutes
    if step is None or not may_undo(step, actor=me, at=timezone.now(), minutes=minutes):
        return None
    guest = guest_of(request, number_of(step.customer_id))
    return Last(step.id, guest.name if guest else "", said_of(request, step), step.at)


def undo(request: StaffRequest, step_id: int, shop: Shop, allowed_by: str, at: datetime) -> Step:
    """Undo it.

    Raises:
        DomainError: It is not the last one any more, or too old, or a manager has to allow it.
    """
    return undo_last(step_id=step_id, actor=actors.key_of(request.actor), shop=shop, at=at, allowed_by=allowed_by)
