"""Reading the picture: who is how, by the last good set, and what refreshes did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import connection

from regulars.core import bulk
from regulars.core.conditions import Tree
from regulars.core.errors import DomainError
from regulars.insight.compute.card_files import read_cards
from regulars.insight.compute.cards import Card, Verdict
from regulars.insight.compute.sets import CARDS, PICTURE, Sets
from regulars.insight.models import Refresh

if TYPE_CHECKING:
    # Ibis takes a second to load, and most processes never look at the picture.
    import ibis.expr.types as ir
    import pyarrow as pa

    from regulars.insight.compute.browse import Browser, Group, Row
    from regulars.insight.compute.cohorts import Cohorts
    from regulars.insight.compute.figures import Churn
    from regulars.insight.compute.frequency import Decline
    from regulars.insight.compute.lake import Lake
    from regulars.insight.compute.periods import Unit
    from regulars.insight.compute.pictures import Picture
    from regulars.insight.compute.retention import Retention
    from regulars.insight.compute.survival import Survival
    from regulars.insight.compute.tables import Tables
    from regulars.insight.compute.visits import Trait


@dataclass(frozen=True, slots=True)
class RefreshView:
    """One making of the picture as of a day. `status` is running, done or failed; then `failure` says why."""

    id: int
    day: date
    started_at: datetime
    finished_at: datetime | None
    status: str
    failure_code: str
    failure: str
    set_name: str
    counts: dict[str, Any]

    @property
    def failed(self) -> bool:
        """Whether it failed, so that what is looked at is older than it should be."""
        return self.status == "failed"


class NoPicture(DomainError):
    """Nothing was refreshed yet."""

    code = "no_picture"


LAST_GOOD = """
SELECT id, day, started_at, finished_at, status, failure_code, failure, set_name, counts::text
FROM insight_refresh WHERE status = 'done' ORDER BY started_at DESC, id DESC LIMIT 1
"""
VIEW = ("id", "day", "started_at", "finished_at", "status", "failure_code", "failure", "set_name", "counts")


def lake() -> Lake:
    """This instance's lake."""
    from regulars.insight.compute.lake import Lake

    return Lake(Path(settings.LAKE_DIR))


def sets() -> Sets:
    """This instance's sets."""
    return Sets(Path(settings.LAKE_DIR) / "sets")


def last_refresh() -> RefreshView | None:
    """The refresh that began last, whatever came of it; None before the first."""
    row = Refresh.objects.order_by("-started_at", "-id").values_list(*VIEW).first()
    return RefreshView(*row) if row else None


def last_good() -> RefreshView | None:
    """The refresh whose set is looked at; None before the first, or when its set is not in this folder."""
    # Asked several times a page, so it does without the object mapper, which would take longer than the database.
    rows = bulk.run(connection, LAST_GOOD)
    good = RefreshView(*(*rows[0][:-1], orjson.loads(rows[0][-1]))) if rows else None
    return good if good and (sets().folder / good.set_name / PICTURE).exists() else None


def folder() -> Path | None:
    """The folder of the set that is looked at."""
    good = last_good()
    return sets().folder / good.set_name if good else None


def picture() -> Picture | None:
    """The picture that is looked at: its file, its day, when it was made."""
    good = last_good()
    if good is None or good.finished_at is None:
        return None
    return picture_in(good.set_name, day=good.day, made_at=good.finished_at)


def picture_in(set_name: str, *, day: date, made_at: datetime) -> Picture:
    """The picture of a set, looked at or not."""
    from regulars.insight.compute.pictures import Picture

    return Picture(sets().folder / set_name / PICTURE, day, made_at)


def _browser() -> Browser | None:
    from regulars.insight.compute.browse import browser

    seen = picture()
    return browser(seen.file, seen.day) if seen else None


def picture_of(customer_id: int) -> Row | None:
    """What the picture knows of a customer who stands for their group; None if nothing."""
    found = _browser()
    return found.row(customer_id) if found else None


def pictures(
    *, where: Tree | None = None, among: Sequence[int] | None = None, order: Sequence[str] = (),
    columns: Sequence[str] | None = None, limit: int = 50, offset: int = 0,
) -> list[Row]:  # fmt: skip
    """A page of customers in the picture, see `Browser.rows`; empty while there is no picture."""
    found = _browser()
    if found is None:
        return []
    return found.rows(where=where, among=among, order=order, columns=columns, limit=limit, offset=offset)


def count(*, where: Tree | None = None, among: Sequence[int] | None = None) -> int:
    """How many customers of the picture."""
    found = _browser()
    return found.count(where=where, among=among) if found else 0


def counts_by(
    by: Sequence[str], *, where: Tree | None = None, among: Sequence[int] | None = None, sums: Sequence[str] = ()
) -> list[Group]:
    """Customers of the picture by the values of some columns, the largest group first."""
    found = _browser()
    return found.counts_by(by, where=where, among=among, sums=sums) if found else []


def export_rows(what: str) -> tuple[pa.Schema, Iterator[tuple[Any, ...]]]:
    """The features, or the labels and scores, of every customer, for a recorded export; reasons become JSON.

    Args:
        what: 'features' or 'scores'.
    Raises:
        NoPicture: Nothing was refreshed yet.
    """
    from regulars.insight.compute import browse

    found = folder()
    if found is None:
        raise NoPicture("There is no picture yet: run `regulars refresh`.")
    return browse.export_rows(found / PICTURE, features=what == "features")


def cards() -> list[Card]:
    """The model cards of the last good set."""
    found = folder()
    return read_cards(found / CARDS) if found else []


def verdicts() -> dict[str, Verdict]:
    """What RFM, contribution and lifecycle say of themselves in the last good set, by name."""
    found = folder()
    return _figures().verdicts_of(found) if found else {}


def cohorts(unit: Unit) -> Cohorts | None:
    """Cohorts by week, month or quarter; None while there is no picture, here and below."""
    good = last_good()
    return _figures().cohorts_of(sets().folder / good.set_name, good.day, unit) if good else None


def retention(unit: Unit, by: Trait | None = None) -> Retention | None:
    """Who came again, period by period; groups (channel, store, cohort) by month only."""
    good = last_good()
    return _figures().retention_of(sets().folder / good.set_name, good.day, unit, by) if good else None


def segment_retention() -> Retention | None:
    """Who of each segment came again, month by month; parts are ids of segments."""
    good = last_good()
    return _figures().segment_retention_of(sets().folder / good.set_name, good.day) if good else None


def survival(by: Trait | None = None) -> Survival | None:
    """How long customers stay, all or by group."""
    found = folder()
    return _figures().survival_of(found, by) if found else None


def decline() -> Decline | None:
    """Who buys less often than they used to."""
    found = folder()
    return _figures().decline_of(found) if found else None


def churn() -> Churn | None:
    """What moves the risk of groups, and after which moments people leave."""
    found = folder()
    return _figures().churn_of(found) if found else None


def customers_behind(choose: Callable[[Tables, date], ir.Table]) -> list[int]:
    """Ids of the customers whom an expression over the lake chooses, as of the picture's day; sorted.

    Args:
        choose: Gives a table with customer_id, such as `cohorts.members` does.
    """
    from regulars.insight.compute import browse

    good, kept = last_good(), lake()
    return browse.behind(kept, lambda told: choose(told, good.day)) if good else []


def _figures() -> Any:
    from regulars.insight.compute import figures

    return figures


@dataclass(frozen=True, slots=True)
class StageFlow:
    """How many customers moved from one stage to another; `from_stage` is empty for the first stage known."""

    from_stage: str
    to_stage: str
    customers: int


@dataclass(frozen=True, slots=True)
class StageMoveView:
    """A customer came into a stage on a day, and why: a code of `lifecycle.CAUSES`, and the numbers for its words."""

    day: date
    from_stage: str
    to_stage: str
    cause: str
    numbers: dict[str, Any]


def stage_flows(*, since: date, until: date) -> list[StageFlow]:
    """Moves between stages on days in [since, until), counted, the commonest first."""
    rows = bulk.run(
        connection,
        """SELECT from_stage, to_stage, count(*) FROM insight_stagemove WHERE day >= %s AND day < %s
           GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""",
        [since, until],
    )
    return [StageFlow(*row) for row in rows]


def stage_moves(customer_id: int) -> list[StageMoveView]:
    """Every move of a customer, oldest first."""
    rows = bulk.run(
        connection,
        """SELECT day, from_stage, to_stage, cause, numbers::text FROM insight_stagemove WHERE customer_id = %s
           ORDER BY day""",
        [customer_id],
    )
    return [StageMoveView(*(*row[:4], orjson.loads(row[4]))) for row in rows]
