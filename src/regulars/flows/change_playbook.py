"""Change what is done about an alert, or switch it off and on; the audit trail keeps what changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regulars.flows.transactions import again_if_contended
from regulars.playbooks import actions as playbooks
from regulars.playbooks import queries
from regulars.staff import actions as staff
from regulars.staff.rules import Actor

NUMBERS = frozenset({"due_days", "open_most", "new_most", "quiet_days", "worth_percent"})
"""Of these the audit says what they were; of the others only that they changed, since words are long and people are
ids."""


def change_playbook(*, playbook_id: int, changes: Mapping[str, Any], by: Actor, at: datetime) -> None:
    """Change a playbook; where nothing is other than before, the audit says nothing.

    Args:
        changes: As playbooks.actions.change takes them.
    Raises:
        NoPlaybook, BadPlaybook, CannotOwn: As they say.
    """

    def once() -> None:
        before = queries.playbook(playbook_id)
        playbooks.change(playbook_id=playbook_id, **changes)
        after = queries.playbook(playbook_id)
        changed = [name for name in changes if getattr(before, name) != getattr(after, name)]
        if changed:
            detail = {name: f"{getattr(before, name)} → {getattr(after, name)}" for name in changed if name in NUMBERS}
            words = {"fields": sorted(set(changed) - NUMBERS)}
            staff.record(
                by=by, action="playbooks.change", at=at, subject_kind="playbook", subject_id=playbook_id,
                detail={**words, **detail},
            )  # fmt: skip

    again_if_contended(once)


def switch_playbook(*, playbook_id: int, is_active: bool, by: Actor, at: datetime) -> None:
    """Let a playbook begin runs, or no more; open tasks stay.

    Raises:
        NoPlaybook: There is none.
    """

    def once() -> None:
        playbooks.change(playbook_id=playbook_id, is_active=is_active)
        action = "playbooks.switch_on" if is_active else "playbooks.switch_off"
        staff.record(by=by, action=action, at=at, subject_kind="playbook", subject_id=playbook_id)

    again_if_contended(once)
