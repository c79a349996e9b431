"""Does queued jobs here and now, in the order in which they were queued, as the worker would."""

import json
from types import SimpleNamespace
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted


def context(*, abort_after: int | None = None) -> Any:
    """What a job sees of its worker; `abort_after` so many looks, the worker is being stopped."""
    looks = iter(range(10**9))
    return SimpleNamespace(should_abort=lambda: abort_after is not None and next(looks) >= abort_after)


def work_off(*, abort_after: int | None = None, insight: bool = False) -> list[str]:
    """Do everything that waits; returns the names of the jobs done. A job that is stopped waits again.

    Args:
        insight: Make the picture too, which takes seconds; else it keeps waiting.
    """
    done: list[str] = []
    while waiting := [job for job in app.job_manager.list_jobs(status="todo") if insight or job.queue != "insight"]:
        for job in waiting:
            kwargs = job.task_kwargs if isinstance(job.task_kwargs, dict) else json.loads(job.task_kwargs)
            try:
                app.tasks[job.task_name](context(abort_after=abort_after), **kwargs)
            except JobAborted:
                return done
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])
            done.append(job.task_name)
    return done
