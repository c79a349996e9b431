"""Draft the programme: what staff write, approve and put live. Each step is in the audit."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
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
    zone = queries.business().time_zone
    step = partial(drafts.change, terms=terms, names=names, after=after, time_zone=zone, actor=key)
    return int(_recorded(step, "programme.write", draft_id, by, at))


def rebase_draft(*, draft_id: int, after: int, by: Actor, key: str, at: datetime) -> None:
    """Write a draft upon the version that is live by now."""
    _recorded(partial(drafts.rebase, after=after, actor=key), "programme.write", draft_id, by, at)


def approve_draft(*, draft_id: int, revision: int, by: Actor, key: str, at: datetime) -> None:
    """Say that a draft may go live as it stands.

    Raises:
        NoDraft, DraftEnded, DraftChanged, OwnApproval: As they say.
    """
    asked = queries.business().programme_by_another
    step = partial(drafts.approve, revision=revision, by_another=asked, actor=key)
    _recorded(step, "programme.approve", draft_id, by, at)


def discard_draft(*, draft_id: int, by: Actor, key: str, at: datetime) -> None:
    """Give a draft up."""
    _recorded(partial(drafts.discard, actor=key), "programme.discard", draft_id, by, at)


def _recorded(step: Callable[..., Any], action: str, draft_id: int, by: Actor, at: datetime) -> Any:
    def once() -> Any:
        found = step(draft_id=draft_id, at=at)
        _record(action, draft_id, by, at)
        return found

    return again_if_contended(once)


def _record(action: str, draft_id: int, by: Actor, at: datetime) -> None:
    staff.record(by=by, action=action, at=at, subject_kind="draft", subject_id=draft_id)
