"""Draft the programme: what staff and their programs write, approve and put live. Each step is in the audit.

`key` is who does it, as drafts keep it; `also` as whose hand it counts besides.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from regulars.flows.earning_fields import earning_fields
from regulars.flows.transactions import again_if_contended
from regulars.loyalty import draft_parts, drafts_view, shape
from regulars.loyalty.actions import drafts
from regulars.staff import actions as staff
from regulars.staff import queries
from regulars.staff.rules import Actor, Once


def begin_draft(
    *, terms: Mapping[str, Any], names: Mapping[str, str], by: Actor, key: str, at: datetime,
    also: Sequence[str] = (), once: Once | None = None,
) -> int:  # fmt: skip
    """A new draft upon the version that is live; returns its id, that of the same one for the same `once`."""

    def step() -> int:
        if once and (made := staff.done_before(by=by, action="programme.draft", once=once)):
            return int(made)
        zone = queries.business().time_zone
        new = drafts.begin(terms=terms, names=names, time_zone=zone, actor=key, at=at, also=also)
        _record("programme.draft", new, by, at, once)
        return new

    return again_if_contended(step)


def change_draft(
    *, draft_id: int, terms: Mapping[str, Any], names: Mapping[str, str] | None = None, after: int, by: Actor, key: str,
    at: datetime, also: Sequence[str] = (),
) -> int:  # fmt: skip
    """Keep other terms, or another name, in a draft; returns its revision."""
    shape.check(terms)
    before = drafts_view.draft(draft_id).terms
    draft_parts.check_chosen(before, terms, fields=earning_fields(draft_parts.named(before, terms)))
    zone = queries.business().time_zone
    step = partial(drafts.change, terms=terms, names=names, after=after, time_zone=zone, actor=key, also=also)
    return int(_recorded(step, "programme.write", draft_id, by, at))


def rebase_draft(*, draft_id: int, after: int, by: Actor, key: str, at: datetime, also: Sequence[str] = ()) -> None:
    """Write a draft upon the version that is live by now."""
    _recorded(partial(drafts.rebase, after=after, actor=key, also=also), "programme.write", draft_id, by, at)


def approve_draft(*, draft_id: int, revision: int, by: Actor, key: str, at: datetime) -> None:
    """Say that a draft may go live as it stands."""
    asked = queries.business().programme_by_another
    step = partial(
        drafts.approve, revision=revision, by_another=asked, actor=key, is_person=by.user_id is not None
    )  # fmt: skip
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


def _record(action: str, draft_id: int, by: Actor, at: datetime, once: Once | None = None) -> None:
    detail = once.detail if once else {}
    staff.record(by=by, action=action, at=at, subject_kind="draft", subject_id=draft_id, detail=detail)
