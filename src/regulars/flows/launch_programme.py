"""Put a draft of the programme live: now, or at a time that a program planned."""

from datetime import datetime

from regulars.core.calendar import zone
from regulars.core.errors import DomainError
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.actions import drafts
from regulars.loyalty.actions.drafts import DraftEnded
from regulars.staff import actions as staff
from regulars.staff import queries
from regulars.staff.rules import Actor


def launch_draft(*, draft_id: int, revision: int, by: Actor, key: str, at: datetime) -> int:
    """Put a draft of the programme live from now on; returns the version's number.

    Args:
        revision: What was looked at.
    Raises:
        NoDraft, DraftEnded, DraftChanged, NotApproved, ProgrammeChanged, InvalidPolicy: As they say.
    """

    def once() -> int:
        business = queries.business()
        number = drafts.launch(
            draft_id=draft_id, revision=revision, by_another=business.programme_by_another,
            time_zone=business.time_zone, actor=key, at=at,
        )  # fmt: skip
        staff.record(
            by=by, action="programme.change", at=at, subject_kind="programme", subject_id=number,
            detail={"draft": draft_id},
        )  # fmt: skip
        return number

    return again_if_contended(once)


def plan_launch(*, draft_id: int, revision: int, by: Actor, at: datetime, live_at: datetime) -> None:
    """Look whether a draft could go live as it stands, and record that it shall; a job does it when the time has come.

    Raises:
        NoDraft, DraftEnded, DraftChanged, NotApproved, ProgrammeChanged: As they say.
    """
    business = queries.business()
    drafts.check_ready(draft_id=draft_id, revision=revision, by_another=business.programme_by_another)
    local = live_at.astimezone(zone(business.time_zone))
    _record("programme.plan", draft_id, by, at, {"when": f"{local:%Y-%m-%d %H:%M}"})


def give_up_plan(*, draft_id: int, by: Actor, at: datetime) -> None:
    """Record that a draft shall not go live by itself any more."""
    _record("programme.unplan", draft_id, by, at, {})


def launch_as_planned(*, draft_id: int, revision: int, api_key_id: int, at: datetime) -> int | None:
    """Put a draft live for the key that planned it; None where that is not so any more, and the audit keeps why."""
    by = Actor(api_key_id=api_key_id)
    key = queries.living_key(api_key_id, scope="programme.launch")
    if key is None:
        _record("programme.missed", draft_id, by, at, {"because": "bad_api_key"})
        return None
    try:
        return launch_draft(draft_id=draft_id, revision=revision, by=by, key=f"api:{key.name}", at=at)
    except DraftEnded:
        return None
    except DomainError as error:
        _record("programme.missed", draft_id, by, at, {"because": error.code})
        return None


def _record(action: str, draft_id: int, by: Actor, at: datetime, detail: dict[str, object]) -> None:
    staff.record(by=by, action=action, at=at, subject_kind="draft", subject_id=draft_id, detail=detail)
