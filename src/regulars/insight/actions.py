"""Writing about refreshes: that one runs, is done or failed, and who moved from stage to stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from regulars.core import bulk, locks
from regulars.core.errors import DomainError
from regulars.insight.models import Refresh, StageMove

if TYPE_CHECKING:
    from regulars.insight.compute.refresh import Made

LOCK = 0x5265_6672  # "Refr", the advisory lock of whoever refreshes
BATCH = 50_000

# A stage is compared with the last move on record.
CHANGED = f"""
SELECT n.customer_id, coalesce(last.to_stage, '') FROM {bulk.unnest("bigint", "text")} AS n (customer_id, stage)
LEFT JOIN LATERAL (
  SELECT m.to_stage FROM insight_stagemove m WHERE m.customer_id = n.customer_id ORDER BY m.day DESC LIMIT 1
) last ON true
WHERE last.to_stage IS DISTINCT FROM n.stage
"""
COLUMNS = ("bigint", "text", "text", "date", "text", "text")
MOVE = f"""
INSERT INTO insight_stagemove (customer_id, from_stage, to_stage, day, cause, numbers, refresh_id)
SELECT customer_id, from_stage, to_stage, day, cause, numbers::jsonb, %s
FROM {bulk.unnest(*COLUMNS)} AS n (customer_id, from_stage, to_stage, day, cause, numbers)
"""


class AlreadyRefreshing(DomainError):
    """Another process makes the picture at this moment."""

    code = "already_refreshing"


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of refreshes; it ends with the connection, if not before.

    Raises:
        AlreadyRefreshing: Somebody else holds it.
    """
    with locks.tried(connection, LOCK, 0) as taken:
        if not taken:
            raise AlreadyRefreshing("The picture is being refreshed already; look again in a few minutes.")
        yield


@contextmanager
def refreshing(*, day: date, clock: Callable[[], datetime]) -> Iterator[int]:
    """A refresh as of a day, alone, from its beginning to its end; gives its id. Where the block breaks off it failed.

    Raises:
        AlreadyRefreshing: Somebody else refreshes.
    """
    with alone():
        # Whoever still says to be running was killed, for here nobody else is.
        Refresh.objects.filter(status="running").update(
            status="failed", finished_at=clock(), failure_code="killed", failure="The process ended before it was done."
        )
        refresh_id = Refresh.objects.create(day=day, started_at=clock()).pk
        try:
            yield refresh_id
        except BaseException as error:
            code = error.code if isinstance(error, DomainError) else "stopped" if _is_stop(error) else "error"
            failure = f"{type(error).__name__}: {error}"[:2000]
            Refresh.objects.filter(pk=refresh_id).update(
                status="failed", failure_code=code[:50], failure=failure, finished_at=clock()
            )
            raise


def _is_stop(error: BaseException) -> bool:
    return not isinstance(error, Exception) or type(error).__name__ == "JobAborted"


def finish(*, refresh_id: int, made: Made, counts: dict[str, int], at: datetime) -> None:
    """The refresh is done: with the commit of this, its set is what everybody looks at."""
    Refresh.objects.filter(pk=refresh_id).update(
        status="done", set_name=made.name, counts={**counts, "seconds": made.seconds}, finished_at=at
    )


def knows_stages() -> bool:
    """Whether any move between stages was ever recorded."""
    return StageMove.objects.exists()


@transaction.atomic
def record_stages(*, refresh_id: int, day: date, made: Made) -> dict[str, int]:
    """Record who is in another stage than before, and the past where none is known; how many moves of each.

    Again for the same day replaces what was said of it.
    """
    past = 0 if knows_stages() else _write(refresh_id, made.history)
    StageMove.objects.filter(day__gte=day).delete()
    return {"stage_moves": _write(refresh_id, _moves(made.stages, day)), "stage_moves_before": past}


def _moves(now: pa.Table, day: date) -> pa.Table:
    """Those who are in another stage than the last on record."""
    from regulars.insight.compute.stages import moves

    before: dict[int, str] = {}
    for batch in now.select(["customer_id", "stage"]).to_batches(BATCH):
        before.update(bulk.run(connection, CHANGED, _columns(batch, ("bigint", "text"))))
    movers = now.filter(pc.is_in(now["customer_id"], value_set=pa.array(before.keys(), pa.int64())))
    earlier = pa.array([before[customer] for customer in movers["customer_id"].to_pylist()], pa.string())
    return moves(movers, earlier, day)


def _write(refresh_id: int, moved: pa.Table) -> int:
    for batch in moved.to_batches(BATCH):
        bulk.run(connection, MOVE, [refresh_id, *_columns(batch, COLUMNS)])
    return len(moved)


def _columns(batch: pa.RecordBatch, types: tuple[str, ...]) -> list[bulk.Column]:
    return [bulk.Column(kind, column.to_pylist()) for kind, column in zip(types, batch.columns, strict=True)]
