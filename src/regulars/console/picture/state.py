"""How fresh the picture is: as of which day, whether it is being made, and whether the last making failed."""

from dataclasses import dataclass
from datetime import date, datetime

from regulars.console.access import StaffRequest
from regulars.flows import jobs
from regulars.insight import queries as insight


@dataclass(frozen=True, slots=True)
class PictureState:
    """What a page says above the picture.

    `day` and `made_at` are of the picture that is looked at, None before the first; `failed_at` when the last making
    failed, with its code. `can_refresh`: its reader may have it made again.
    """

    day: date | None
    made_at: datetime | None
    is_making: bool
    failed_at: datetime | None
    failure_code: str
    can_refresh: bool


def state_of(request: StaffRequest) -> PictureState:
    """How fresh the picture is that this person looks at."""
    good, last = insight.last_good(), insight.last_refresh()
    failed = last if last is not None and last.failed else None
    waiting = jobs.is_waiting(jobs.refresh_insight)
    return PictureState(
        day=good.day if good else None,
        made_at=good.finished_at if good else None,
        is_making=waiting or (last is not None and last.status == "running"),
        failed_at=(failed.finished_at or failed.started_at) if failed else None,
        failure_code=failed.failure_code if failed else "",
        can_refresh="insight.refresh" in request.capabilities,
    )


def picture_state(request: StaffRequest) -> dict[str, object]:
    """For a page's template: `picture`, shown by `partials/picture_state.html`."""
    return {"picture": state_of(request)}
