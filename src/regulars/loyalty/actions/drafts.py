"""Writing a version of the programme: begin, change, simulate, approve, launch, or give it up.

Where the setting asks for somebody else's approval, a person gives it. A program may write, and put live what was
approved; what it writes counts as written by whoever made its key as well (`also`), so nobody has two hands.

Terms are checked whenever they are kept. A change of them takes back what was said of the old ones: a draft that was
simulated or approved is a mere draft again. Versions themselves never change.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from regulars.core.calendar import zone
from regulars.core.errors import DomainError
from regulars.loyalty import programme_view, shape
from regulars.loyalty.actions import programme
from regulars.loyalty.currencies import unnumbered
from regulars.loyalty.drafts_view import OPEN, DraftState, NoDraft
from regulars.loyalty.models import ProgrammeDraft
from regulars.loyalty.rules import Policy
from regulars.loyalty.simulation.rules import digest_of

LONGEST_NAME = 60


class DraftChanged(DomainError):
    """Somebody saved this draft since the page was opened."""

    code = "draft_changed"


class DraftEnded(DomainError):
    """The draft went live or was given up; it cannot be changed any more."""

    code = "draft_ended"


class NotApproved(DomainError):
    """The setting asks for somebody else's approval, and this draft has none."""

    code = "not_approved"


class OwnApproval(DomainError):
    """A draft is approved by somebody else than who wrote it."""

    code = "own_approval"


class PersonNeeded(DomainError):
    """The setting asks for a second person, and a program is none."""

    code = "person_needed"


@transaction.atomic
def begin(
    *, terms: Mapping[str, Any], names: Mapping[str, str], time_zone: str, actor: str, at: datetime,
    also: Sequence[str] = (),
) -> int:  # fmt: skip
    """A new draft upon the version that is live; returns its id.

    Args:
        also: As whose hand it counts besides.
    Raises:
        InvalidPolicy: The terms contradict themselves.
    """
    kept = _checked(terms, time_zone)
    current = programme_view.current()
    return ProgrammeDraft.objects.create(
        names=_names(names), terms=kept, digest=digest_of(kept), based_on=current.number if current else None,
        after=current.id if current else None, begun_at=at, begun_by=actor, changed_at=at, changed_by=actor,
        authors=_authors([], actor, also),
    ).pk  # fmt: skip


@transaction.atomic
def change(
    *, draft_id: int, terms: Mapping[str, Any], names: Mapping[str, str] | None = None, after: int, time_zone: str,
    actor: str, at: datetime, also: Sequence[str] = (),
) -> int:  # fmt: skip
    """Keep other terms, or another name, in a draft; returns its revision, the same if the terms are what they were.

    Args:
        after: The revision that the change was written upon.
        also: As whose hand it counts besides.
    Raises:
        NoDraft, DraftEnded, DraftChanged: As they say.
        InvalidPolicy: The terms contradict themselves.
    """
    row = _open(draft_id, after)
    kept = _checked(terms, time_zone)
    if names is not None:
        row.names = _names(names)
        row.save(update_fields=["names"])
    if (digest := digest_of(kept)) != row.digest:
        row.terms, row.digest = kept, digest
        _written(row, actor, at, also)
    return row.revision


@transaction.atomic
def rebase(*, draft_id: int, after: int, actor: str, at: datetime, also: Sequence[str] = ()) -> int:
    """Write a draft upon the version that is live by now; returns its revision. What was said of it is taken back.

    Raises:
        NoDraft, DraftEnded, DraftChanged: As they say.
    """
    row, current = _open(draft_id, after), programme_view.current()
    row.based_on, row.after = (current.number, current.id) if current else (None, None)
    _written(row, actor, at, also)
    return row.revision


def mark_simulated(*, digest: str, actor: str, at: datetime) -> int:
    """These terms were replayed over what really happened: open drafts of them are simulated. Returns how many.

    Args:
        digest: `simulation.rules.digest_of` the terms that were replayed; a draft that was changed since has another.
    """
    waiting = ProgrammeDraft.objects.filter(digest=digest, state=DraftState.DRAFT)
    return waiting.update(state=DraftState.SIMULATED, simulated_at=at, simulated_by=actor)


@transaction.atomic
def approve(
    *, draft_id: int, revision: int, by_another: bool, actor: str, at: datetime, is_person: bool = True
) -> None:
    """Say that a draft may go live as it stands. Who approved it already changes nothing.

    Args:
        revision: What was looked at.
        by_another: Whether the setting asks for somebody else than who wrote it.
        is_person: Whether it is no program that approves.
    Raises:
        NoDraft, DraftEnded, DraftChanged: As they say.
        PersonNeeded: The setting asks for a second person, and this is a program.
        OwnApproval: The same person wrote on it.
    """
    row = _open(draft_id, revision)
    if row.state == DraftState.APPROVED:
        return
    if by_another and not is_person:
        raise PersonNeeded("The settings ask for a second person: somebody approves this draft in the console.")
    if by_another and actor in row.authors:
        raise OwnApproval("Somebody else has to approve what you wrote.")
    row.state, row.approved_at, row.approved_by = DraftState.APPROVED, at, actor
    row.save(update_fields=["state", "approved_at", "approved_by"])


@transaction.atomic
def launch(*, draft_id: int, revision: int, by_another: bool, time_zone: str, actor: str, at: datetime) -> int:
    """Put a draft live from now on; returns the version's number.

    Where nobody else has to approve it, whoever launches it approves it.

    Args:
        revision: What was looked at.
        by_another: Whether the setting asks for an approval by somebody else.
    Raises:
        NoDraft, DraftEnded, DraftChanged: As they say.
        NotApproved: The setting asks for an approval by somebody else, and there is none.
        ProgrammeChanged: Another version is live by now than the one it was written upon.
        InvalidPolicy: The terms contradict themselves.
    """
    row = _open(draft_id, revision)
    _check_approved(row, by_another)
    if row.state != DraftState.APPROVED:
        row.approved_at, row.approved_by = at, actor
    number = programme.change(terms=row.terms, after=row.after, time_zone=time_zone, actor=actor, at=at)
    row.state, row.launched, row.ended_at, row.ended_by = DraftState.LAUNCHED, number, at, actor
    row.save(update_fields=["state", "launched", "ended_at", "ended_by", "approved_at", "approved_by"])
    return number


@transaction.atomic
def check_ready(*, draft_id: int, revision: int, by_another: bool) -> None:
    """Whether a draft could go live now, as it was looked at.

    Raises:
        NoDraft, DraftEnded, DraftChanged, NotApproved, ProgrammeChanged: As they say.
    """
    row, current = _open(draft_id, revision), programme_view.current()
    _check_approved(row, by_another)
    if (current.id if current else None) != row.after:
        raise programme.ProgrammeChanged("Somebody changed the programme meanwhile.")


def _check_approved(row: ProgrammeDraft, by_another: bool) -> None:
    """Where the setting asks for it, somebody who did not write it has approved it."""
    if by_another and row.state != DraftState.APPROVED:
        raise NotApproved("Somebody else has to approve this draft first.")
    if by_another and row.approved_by in row.authors:
        raise NotApproved("It was approved by who wrote it, before the setting asked for somebody else.")


@transaction.atomic
def discard(*, draft_id: int, actor: str, at: datetime) -> None:
    """Give a draft up.

    Raises:
        NoDraft, DraftEnded: As they say.
    """
    row = _open(draft_id)
    row.state, row.ended_at, row.ended_by = DraftState.DISCARDED, at, actor
    row.save(update_fields=["state", "ended_at", "ended_by"])


def _open(draft_id: int, revision: int | None = None) -> ProgrammeDraft:
    """An open draft, locked, so that of two people at once the second sees what the first did."""
    row = ProgrammeDraft.objects.select_for_update(no_key=True).filter(pk=draft_id).first()
    if row is None:
        raise NoDraft("There is no such draft.")
    if row.state not in OPEN:
        raise DraftEnded("This draft went live or was given up.", state=row.state)
    if revision is not None and row.revision != revision:
        raise DraftChanged("Somebody saved this draft meanwhile.")
    return row


def _written(row: ProgrammeDraft, actor: str, at: datetime, also: Sequence[str]) -> None:
    """Keep it as written anew: what was said of it before does not hold any more."""
    row.revision += 1
    row.state, row.changed_at, row.changed_by = DraftState.DRAFT, at, actor
    row.authors = _authors(row.authors, actor, also)
    row.simulated_at, row.simulated_by, row.approved_at, row.approved_by = None, "", None, ""
    row.save()


def _authors(known: Sequence[str], actor: str, also: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*known, actor, *also]))


def _checked(terms: Mapping[str, Any], time_zone: str) -> dict[str, Any]:
    kept = {name: value for name, value in unnumbered(terms).items() if name != "time_zone"}
    shape.check(kept)
    Policy.from_terms(0, kept, zone(time_zone))
    return kept


def _names(names: Mapping[str, str]) -> dict[str, str]:
    told = {language: " ".join(names.get(language, "").split())[:LONGEST_NAME] for language in ("zh", "en")}
    return {language: name for language, name in told.items() if name}
