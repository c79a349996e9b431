"""Playbooks themselves: those for a new shop, and their numbers."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from regulars.core.errors import DomainError
from regulars.playbooks.actions.tasks import CannotOwn
from regulars.playbooks.models import Playbook
from regulars.playbooks.owners import can_own
from regulars.playbooks.rules import LONGEST_SCRIPT, PRESETS
from regulars.staff import queries as staff

CHANGEABLE = frozenset(
    {"kind", "due_days", "open_most", "new_most", "quiet_days", "worth_percent", "owner_id", "script", "is_active"}
)  # fmt: skip


class NoPlaybook(DomainError):
    """There is no such playbook."""

    code = "no_playbook"


class BadPlaybook(DomainError):
    """A number of the playbook is out of range, or its kind is not known."""

    code = "bad_playbook"


def install_presets(*, at: datetime) -> list[str]:
    """Make the playbooks for a new shop; returns the codes of those made. One that is there already stays as it is."""
    before = set(Playbook.objects.values_list("code", flat=True))
    rows = [
        Playbook(
            code=one.code, names=one.name._asdict(), trigger=one.trigger, kind=one.kind, due_days=one.due_days,
            open_most=one.open_most, new_most=one.new_most, quiet_days=one.quiet_days,
            worth_percent=one.worth_percent, script=one.script._asdict(), created_at=at,
        )
        for one in PRESETS
        if one.code not in before
    ]  # fmt: skip
    Playbook.objects.bulk_create(rows, ignore_conflicts=True)
    return [row.code for row in rows]


def change(*, playbook_id: int, **changes: Any) -> None:
    """Change a playbook's numbers, its owner or its script ({zh, en}), or switch it off and on; open runs go on.

    Raises:
        NoPlaybook: There is none.
        BadPlaybook: A value is out of range.
        CannotOwn: Tasks may not be given to this person.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"Playbooks have no such settings: {', '.join(sorted(unknown))}.")
    if any(len(text) > LONGEST_SCRIPT for text in changes.get("script", {}).values()):
        raise BadPlaybook(f"A script has {LONGEST_SCRIPT} characters at most.")
    owner_id = changes.get("owner_id")
    if owner_id is not None and not can_own(staff.member(owner_id)):
        raise CannotOwn("Tasks cannot be given to this person.")
    try:
        with transaction.atomic():
            found = Playbook.objects.filter(pk=playbook_id).update(**changes)
    except IntegrityError as error:
        raise BadPlaybook("A number is out of range.") from error
    if not found:
        raise NoPlaybook("There is no such playbook.")
