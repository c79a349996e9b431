"""Reading versions of the programme that are being written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from regulars.core.errors import DomainError
from regulars.loyalty import programme_view
from regulars.loyalty.earning.members import asked_of
from regulars.loyalty.models import ProgrammeDraft


class NoDraft(DomainError):
    """No such draft."""

    code = "no_draft"


class DraftState(StrEnum):
    """Where a draft stands. The version that it becomes is live until another one is."""

    DRAFT = "draft"
    SIMULATED = "simulated"
    APPROVED = "approved"
    LAUNCHED = "launched"
    DISCARDED = "discarded"


OPEN = (DraftState.DRAFT, DraftState.SIMULATED, DraftState.APPROVED)
"""What can still be changed, and go live."""


@dataclass(frozen=True, slots=True)
class Step:
    """When something was done and by whom, '' for nobody in particular."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class DraftView:
    """One draft.

    `based_on` and `after`: number and id of the version that it is written upon; `launched`: its number once it is
    live. `digest` tells its terms from others. `authors`: all who wrote on it.
    """

    id: int
    names: Mapping[str, str]
    terms: Mapping[str, Any]
    digest: str
    based_on: int | None
    after: int | None
    revision: int
    authors: tuple[str, ...]
    state: DraftState
    begun: Step
    changed: Step
    simulated: Step | None
    approved: Step | None
    ended: Step | None
    launched: int | None

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed and go live."""
        return self.state in OPEN


def draft(draft_id: int) -> DraftView:
    """One draft.

    Raises:
        NoDraft: There is none.
    """
    row = ProgrammeDraft.objects.filter(pk=draft_id).first()
    if row is None:
        raise NoDraft("There is no such draft.")
    return view_of(row)


def open_drafts() -> list[DraftView]:
    """Those that can still go live, the last changed first."""
    rows = ProgrammeDraft.objects.filter(state__in=OPEN).order_by("-changed_at", "-pk")
    return [view_of(row) for row in rows]


def asked_segments() -> frozenset[int]:
    """The segments that rules ask about, of the version that is live and of drafts that can still go live."""
    live = programme_view.current()
    return asked_of([*([live.terms] if live else []), *(one.terms for one in open_drafts())])


def launched() -> dict[int, DraftView]:
    """The drafts that versions came of, by the version's number; of one that was replaced before use, the newest."""
    rows = ProgrammeDraft.objects.filter(state=DraftState.LAUNCHED).order_by("ended_at", "pk")
    return {row.launched: view_of(row) for row in rows if row.launched is not None}


def view_of(row: ProgrammeDraft) -> DraftView:
    """A row as it is read."""
    return DraftView(
        id=row.pk,
        names=row.names,
        terms=row.terms,
        digest=row.digest,
        based_on=row.based_on,
        after=row.after,
        revision=row.revision,
        authors=tuple(row.authors),
        state=DraftState(row.state),
        begun=Step(row.begun_at, row.begun_by),
        changed=Step(row.changed_at, row.changed_by),
        simulated=_step(row.simulated_at, row.simulated_by),
        approved=_step(row.approved_at, row.approved_by),
        ended=_step(row.ended_at, row.ended_by),
        launched=row.launched,
    )


def _step(at: datetime | None, by: str) -> Step | None:
    return None if at is None else Step(at, by)
