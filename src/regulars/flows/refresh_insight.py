"""Refresh the picture: facts to the lake, everything computed as of a day, who moved and who came into segments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from regulars.facts.writers import wait_for_writers
from regulars.flows.picture_fields import picture_fields
from regulars.insight import actions as insight
from regulars.insight import queries
from regulars.insight.compute.apart import make_apart
from regulars.insight.compute.refresh import Made
from regulars.insight.lake_export import export
from regulars.insight.segments import actions as segments
from regulars.insight.segments import following
from regulars.loyalty import queries as loyalty
from regulars.staff import queries as staff
from regulars.staff.trades import trade_of

WRITERS_S: Final = 10.0
"""So long a picture waits for those who write when it begins; what commits later is in the next one."""
Clock = Callable[[], datetime]
Progress = Callable[[str], None]
"""Told the name of each table that is exported and of each step of computing, when its turn comes."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A new picture: its day, the folder of its set, counts and seconds by step."""

    day: date
    folder: Path
    counts: dict[str, int]
    seconds: dict[str, float]


def refresh_insight(*, day: date, clock: Clock, progress: Progress = lambda step: None) -> Refreshed:
    """Make the picture as of a day and put it in the place of the last one, which stays where anything fails.

    Raises:
        AlreadyRefreshing: Another process does it at this moment.
    """
    with insight.refreshing(day=day, clock=clock) as refresh_id:
        before, fields = queries.picture(), picture_fields()
        quiet_days = trade_of(staff.business().trade).quiet_days
        made = _make(day, progress, with_history=not insight.knows_stages())
        at = clock()
        progress("moves")
        with transaction.atomic():
            counts = made.counts | insight.record_stages(refresh_id=refresh_id, day=day, made=made)
            segments.install_presets(fields=fields, at=at, quiet_days=quiet_days)
            after = queries.picture_in(made.name, day=day, made_at=at)
            following.follow(refresh_id=refresh_id, after=after, before=before, fields=fields, at=at)
            insight.finish(refresh_id=refresh_id, made=made, counts=counts, at=clock())
        queries.sets().point(made.name)
        queries.sets().prune()
    return Refreshed(day, after.file.parent, counts, made.seconds)


def look_back(*, day: date, progress: Progress = lambda step: None) -> Refreshed:
    """Make the picture as of an earlier day beside the one that is looked at; nobody moves by it."""
    with insight.alone():
        good = queries.last_good()
        made = _make(day, progress, with_history=False)
        queries.sets().prune(also=good.set_name if good else "")
    return Refreshed(day, queries.sets().folder / made.name, made.counts, made.seconds)


def _make(day: date, progress: Progress, *, with_history: bool) -> Made:
    lake = queries.lake()
    # Whoever has just imported orders looks for them in this picture; a page that is still being written hides them.
    wait_for_writers(seconds=WRITERS_S)
    time_zone = staff.business().time_zone
    export(lake, time_zone=time_zone, siblings={"tiers": loyalty.LAKE_TIERS}, progress=progress)
    return make_apart(lake.folder, day, engine=settings.ENGINE, with_history=with_history, progress=progress)
