"""Putting a version of the programme live."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from regulars.core import bulk
from regulars.core.calendar import zone
from regulars.core.errors import DomainError
from regulars.loyalty import programme_view
from regulars.loyalty.currencies import numbered, numbers_of
from regulars.loyalty.models import PolicyVersion
from regulars.loyalty.rules import Policy


class ProgrammeChanged(DomainError):
    """Somebody put another version live since the one that this change was written upon."""

    code = "programme_changed"


@transaction.atomic
def launch(*, terms: dict[str, Any], live_from: datetime, time_zone: str, actor: str, at: datetime) -> int:
    """Put checked terms live from an instant on; returns the version's number. Older versions stay as they are.

    Raises:
        InvalidPolicy: The terms contradict themselves.
    """
    # Two versions at once would take the same number; readers do not notice this lock.
    bulk.run(connection, "LOCK TABLE loyalty_policyversion IN SHARE ROW EXCLUSIVE MODE")
    last = PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
    # What a currency is in the ledger stands in the version itself, so that the terms alone say what they mean.
    terms = numbered(terms, numbers_of(PolicyVersion.objects.values_list("terms", flat=True)))
    Policy.from_terms(last + 1, terms, zone(time_zone))
    # A version keeps its zone: when the business moves, what was promised before still ends at the old midnight.
    kept = {**terms, "time_zone": time_zone}
    PolicyVersion.objects.create(number=last + 1, live_from=live_from, terms=kept, created_at=at, created_by=actor)
    return last + 1


@transaction.atomic
def change(*, terms: dict[str, Any], after: int | None, time_zone: str, actor: str, at: datetime) -> int:
    """Put changed terms live from now on; while nothing was ever rated, in place of what was there.

    Args:
        after: Id of the version that the change was written upon, None if there was none.
    Raises:
        InvalidPolicy: The terms contradict themselves.
        ProgrammeChanged: Another version is live by now.
    """
    bulk.run(connection, "LOCK TABLE loyalty_policyversion IN SHARE ROW EXCLUSIVE MODE")
    current = programme_view.current()
    if (current.id if current else None) != after:
        raise ProgrammeChanged("Somebody changed the programme meanwhile.")
    if programme_view.is_unused():
        # The first version also holds for everything before it, so orders imported later follow the new terms.
        PolicyVersion.objects.all().delete()
    return launch(terms=terms, live_from=at, time_zone=time_zone, actor=actor, at=at)
