"""Running background jobs: in a process of their own, which `serve` keeps beside the web server.

The worker gets an app of its own. procrastinate's usual way would put the worker's connection into the app that
everybody shares, and then a job deferred by a page would no longer join that page's transaction.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate import App, JobContext
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from regulars.config import boot

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
GRACE_SECONDS = 20.0
WATCH_SECONDS = 5.0
RETRY_SECONDS = 2.0
KEEP_SECONDS = 0.5
NICE = 5
SPAWN: Final = multiprocessing.get_context("spawn")
ELECTION_LOCK = 0x4A6F_6273  # "Jobs"
PERIODIC_QUEUE = "periodic"
INSIGHT_QUEUE = "insight"
MESSAGES_QUEUE = "messages"
WEBHOOKS_QUEUE = "webhooks"
CODES_QUEUE = "codes"


@contextlib.contextmanager
def working_beside() -> Iterator[None]:
    """Keep a process beside this one that works on jobs, as long as the block lasts.

    In a web process they would share its interpreter with whoever waits at a till.
    """
    stop = threading.Event()
    first = _start()
    keeper = threading.Thread(target=_keep, args=(first, stop), name="jobs")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _start() -> SpawnProcess:
    process = SPAWN.Process(target=_work_for_parent, name="jobs")
    process.start()
    return process


def _keep(process: SpawnProcess, stop: threading.Event) -> None:
    """Start the process again whenever it ends by itself; end it when `stop` is set."""
    while not stop.is_set():
        if not wait([process.sentinel], timeout=KEEP_SECONDS):
            continue
        log.warning("The job process ended (%s) and is started again.", process.exitcode)
        if not stop.wait(RETRY_SECONDS):
            process = _start()
    process.terminate()
    process.join(GRACE_SECONDS + 5)
    process.kill()


def _work_for_parent() -> None:
    """Work while the parent lives, and let it go first: whoever stands at a till waits for no job."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends us in good order
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    os.nice(NICE)
    boot.django()
    threading.Thread(target=_leave_with_parent, args=(stop,), name="parent-watch", daemon=True).start()
    work(stop, elected=True)


def _leave_with_parent(stop: threading.Event) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        stop.set()
        time.sleep(GRACE_SECONDS + 5)
        os._exit(1)  # a job that goes on is rolled back by the server, and done again by the next worker


def work(stop: threading.Event, *, elected: bool) -> None:
    """Run jobs until `stop` is set, over any number of lost connections.

    Args:
        elected: Work only while holding the lock that one process at a time can have.
    """
    while not stop.is_set():
        try:
            asyncio.run(_work_once(stop, elected=elected))
        except (psycopg.Error, ConnectorException, OSError) as error:
            log.warning("The job worker lost its database connection and tries again: %s", type(error).__name__)
            stop.wait(RETRY_SECONDS)
        except Exception:
            log.exception("The job worker failed and tries again.")
            stop.wait(RETRY_SECONDS)


async def _work_once(stop: threading.Event, *, elected: bool) -> None:
    connection = await psycopg.AsyncConnection.connect(**connector_params(), autocommit=True)
    async with connection:
        if elected and not await _is_elected(connection):
            await _pause(stop, WATCH_SECONDS)
            return
        async with _workers() as running:
            while not stop.is_set() and not any(task.done() for task in running):
                await connection.execute("SELECT 1")
                await _pause(stop, WATCH_SECONDS, running)
            for task in running:
                if task.done():
                    task.result()


async def _is_elected(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [ELECTION_LOCK])
    row = await cursor.fetchone()
    return row is not None and row[0] is True


async def _pause(stop: threading.Event, seconds: float, tasks: list[asyncio.Task[None]] | None = None) -> None:
    """Wait, but no longer than until `stop` is set or a task has ended."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end and not stop.is_set() and not any(t.done() for t in tasks or ()):
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def _workers() -> AsyncIterator[list[asyncio.Task[None]]]:
    """One worker each for what a clock starts, for the picture, for messages, for webhooks, for codes, and the rest.

    So a long job delays no other kind.
    """
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    own = _own_app()
    apart = {
        "insight": {INSIGHT_QUEUE}, "messages": {MESSAGES_QUEUE}, "periodic": {PERIODIC_QUEUE},
        "webhooks": {WEBHOOKS_QUEUE}, "codes": {CODES_QUEUE},
    }  # fmt: skip
    kinds = {"jobs": {task.queue for task in own.tasks.values()}.difference(*apart.values()), **apart}
    async with own.open_async():
        workers = [
            Worker(
                own,
                name=name,
                queues=sorted(served),
                concurrency=1,
                fetch_job_polling_interval=POLL_SECONDS,
                abort_job_polling_interval=POLL_SECONDS,
                listen_notify=False,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
                task_middleware=[_with_own_connection],
            )
            for name, served in kinds.items()
        ]
        running = [asyncio.create_task(worker.run()) for worker in workers]  # type: ignore[no-untyped-call]
        try:
            yield running
        finally:
            # A worker that is still signing in can lose a cancellation: where its connection has just died or come,
            # the pool and asyncio.wait_for (before Python 3.12) swallow it. It would work on for ever. Being told to
            # stop is not lost; the cancellation is for one that has not begun.
            for worker, task in zip(workers, running, strict=True):
                worker.stop()  # type: ignore[no-untyped-call]
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            # Periodic jobs are deferred in a thread that outlives us. Its connection may have died with the server,
            # and nothing else would ever replace it.
            await sync_to_async(connections.close_all)()


def _with_own_connection(run: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """Run a job and close its thread's connections: kept, one that was cut would fail every job that follows."""
    try:
        return run()
    finally:
        connections.close_all()


def _own_app() -> App:
    own = DjangoApp(connector=PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=7))
    own.tasks = app.tasks
    own.periodic_registry = app.periodic_registry
    return own
