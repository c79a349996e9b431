"""The job worker beside the web server: one of many works, over lost connections, and stops when told."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.manager import JobManager

from regulars.config import jobs


def wait_until(true: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def done() -> Iterator[list[int]]:
    """What the job `note` was asked to note, in order."""
    noted: list[int] = []

    @app.task(name="tests.note", queue="tests")
    def note(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", [number])
        noted.append(number)

    yield noted
    del app.tasks["tests.note"]


def defer(number: int) -> None:
    app.configure_task("tests.note", allow_unknown=False).defer(number=number)


@pytest.fixture
def workers(done: list[int]) -> Iterator[list[threading.Thread]]:
    stop = threading.Event()
    threads = [threading.Thread(target=jobs.work, args=(stop,), kwargs={"elected": True}) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield threads
    stop.set()
    for thread in threads:
        thread.join(90)  # a pool whose connections were cut waits half a minute for another before it gives up
    assert not any(thread.is_alive() for thread in threads)


def elected() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [jobs.ELECTION_LOCK])
        return [pid for (pid,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_one_works_and_what_was_rolled_back_never_runs(done: list[int], workers: Any) -> None:
    assert wait_until(lambda: len(elected()) == 1)
    with transaction.atomic():
        defer(1)
        transaction.set_rollback(True)
    with transaction.atomic():
        defer(2)
        time.sleep(jobs.POLL_SECONDS * 2)
        assert done == []  # not before the transaction that asked for it is committed
    assert wait_until(lambda: done == [2])
    assert len(elected()) == 1


@pytest.mark.django_db(transaction=True)
def test_it_ends_also_when_a_cancellation_is_lost_while_it_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    signing_in, sign_in = threading.Semaphore(0), JobManager.register_worker

    async def lose_it(self: JobManager) -> int:
        signing_in.release()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(20)
        return await sign_in(self)

    monkeypatch.setattr(JobManager, "register_worker", lose_it)
    stop = threading.Event()
    thread = threading.Thread(target=jobs.work, args=(stop,), kwargs={"elected": True}, daemon=True)
    thread.start()
    assert signing_in.acquire(timeout=20)
    assert signing_in.acquire(timeout=20), "another worker signs in as well"
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_it_works_again_after_its_connections_were_cut(
    done: list[int], workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WATCH_SECONDS", 0.2)
    assert wait_until(lambda: len(elected()) == 1)
    first = elected()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    defer(3)
    assert wait_until(lambda: done == [3])
    assert wait_until(lambda: len(elected()) == 1)
    assert elected() != first
