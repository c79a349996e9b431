"""Making a set in a process of its own: its memory is given back, a web server is not slowed, and it can be stopped.

What is told goes as JSON lines over standard output; tables lie in the set's folder. BLAS gets one thread: beside other
busy processes several threads are many times slower than one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.core.errors import DomainError

if TYPE_CHECKING:
    from regulars.insight.compute.refresh import Made, Progress

SETS = "sets"
SCRATCH = "scratch"
MODULE = "regulars.insight.compute"
OUT_OF_MEMORY = -9


class RefreshFailed(DomainError):
    """The picture could not be computed; the message says in which step and why."""

    code = "refresh_failed"


def make_apart(
    lake: Path, day: date, *, engine: str, with_history: bool = False, progress: Progress = lambda step: None
) -> Made:
    """`refresh.make` on a lake, in another process.

    Raises:
        RefreshFailed: A step failed, or the process was killed.
    """
    command = [sys.executable, "-m", MODULE, str(lake), day.isoformat(), engine, str(int(with_history))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        try:
            assert child.stdout is not None
            step, found = "start", None
            for line in child.stdout:
                told = json.loads(line)
                if "step" in told:
                    step = told["step"]
                    progress(step)
                found = told.get("made", found)
                if "failed" in told:
                    raise RefreshFailed(f"{step}: {told['failed']}")
        except BaseException:
            child.kill()
            raise
    if found is None:
        why = "it was killed, perhaps for want of memory" if child.returncode == OUT_OF_MEMORY else "it ended early"
        raise RefreshFailed(f"{step}: {why}.")
    return _made(lake / SETS, found)


def _made(sets: Path, told: dict[str, Any]) -> Made:
    import pyarrow.parquet as pq

    from regulars.insight.compute.refresh import MOVED, STAGED, Made

    folder = sets / told["name"]
    return Made(**told, stages=pq.read_table(folder / STAGED), history=pq.read_table(folder / MOVED))


def main(arguments: Sequence[str]) -> int:
    """What the other process does."""
    warnings.simplefilter("ignore")
    folder, day, engine_name, with_history = arguments
    try:
        from regulars.insight.compute import engine, refresh
        from regulars.insight.compute.lake import Lake
        from regulars.insight.compute.sets import Sets

        lake = Lake(Path(folder))
        connection = engine.connect(engine_name, scratch=lake.folder / SCRATCH)
        made = refresh.make(
            lake.tables(connection), date.fromisoformat(day), Sets(lake.folder / SETS),
            with_history=bool(int(with_history)), progress=lambda step: _tell(step=step),
        )  # fmt: skip
        _tell(made={"name": made.name, "counts": made.counts, "seconds": made.seconds})
    except BrokenPipeError:
        return 1  # nobody waits for the picture any more
    except Exception as error:
        traceback.print_exc()
        with suppress(BrokenPipeError):
            _tell(failed=f"{type(error).__name__}: {error}"[:1500])
        return 1
    return 0


def _tell(**told: Any) -> None:
    print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201
