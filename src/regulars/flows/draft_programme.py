"""Draft the programme: what staff write, approve and put live. Each step is in the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from regulars.flows.transactions import again_if_contended
from regulars.loyalty.actions import drafts
from regulars.staff import actions as staff
from regulars.staff import queries
from regulars.staff.rules import Actor


def begin_draft(*, terms: Mapping[str, Any], names: Mapping[str, str], by: Actor, key: str, at: datetime) -> int:
    """A new draft upon the version that is live; returns its id.

    Args:
        key: Who does it, as drafts keep it.
    Raises:
        InvalidPolicy: The terms contradict themselves.
    """

    def once() -> int:
        zone = queries.business().time_zone
        made = drafts.begin(terms=terms, names=names, time_zone=zone, actor=key, at=at)
        _record("programme.draft", made, by, at)
        return made

    return again_if_contended(once)


def change_draft(
    *, draft_id: int, terms: Mapping[str, Any], names: Mapping[str, str] | None = None, after: int, by: Actor, key: str,
    at: datetime,
) -> int:  # fmt: skip
    """Keep other terms, or another name, in a draft; returns its revision.

    Raises:
        NoDraft, DraftEnded, DraftChanged, InvalidPolicy: As they say.
    """

    def once() -> int:
        zone = queries.business().time_zone
        revision = drafts.change(
            draft_id=draft_id, terms=terms, names=names, after=after, time_zone=zone, actor=key, at=at
        )
        _record("programme.write", draft_id, by, at, revision=revision)
        return revision

    return again_if_contended(once)


def rebase_draft(*, draft_id: int, after: int, by: Actor, key: str, at: datetime) -> None:
    """Write a draft upon the version that is live by now."""

    def once() -> None:
        revision = drafts.rebase(draft_id=draft_id, after=after, actor=key, at=at)
        _record("programme.write", draft_id, by, at, revision=revision)

    again_if_contended(once)


def approve_draft(*, draft_id: int, revision: int, by: Actor, key: str, at: datetime) -> None:
    """Say that a draft may go live as it stands.

    Raises:
        NoDraft, DraftEnded, DraftChanged, OwnApproval: As they say.
    """

    def once() -> None:
        asked = queries.business().programme_by_another
        drafts.approve(draft_id=draft_id, revision=revision, by_another=asked, actor=key, at=at)
        _record("programme.approve", draft_id, by, at, revision=revision)

    again_if_contended(once)


def discard_draft(*, draft_id: int, by: Actor, key: str, at: datetime) -> None:
    """Give a draft up."""

    def once() -> None:
        drafts.discard(draft_id=draft_id, actor=key, at=at)
        _record("programme.discard", draft_id, by, at)

    again_if_contended(once)


def _record(action: str, draft_id: int, by: Actor, at: datetime, **detail: object) -> None:
    staff.record(by=by, action=action, at=at, subject_kind="draft", subject_id=draft_id, detail=detail)
