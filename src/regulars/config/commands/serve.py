"""`regulars serve`, `worker` and `stop`."""

import contextlib
import errno
import fcntl
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from regulars.config import boot, environment, postgres
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.core.errors import DomainError

THREADS = 8
WORKERS = max(1, min(4, (os.cpu_count() or 1) // 2))
"""Web processes: PostgreSQL needs the other cores, and orders that arrive in one process share transactions."""
STOP_SECONDS = 40.0
Port = Annotated[int | None, typer.Option(help="Port; REGULARS_PORT or 8000 otherwise.")]


class AddressTaken(DomainError):
    """Something listens on the port already."""

    code = "address_taken"


class NotStopped(DomainError):
    """A server did not end when told to."""

    code = "not_stopped"


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; the loopback one is reached from here only.")
    ] = "127.0.0.1",
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="Web processes.")] = WORKERS,
    jobs: Annotated[bool, typer.Option(help="Run background jobs as well, in a process beside.")] = True,
) -> None:
    """Serve the console and the API: starts the database, brings it up to date, and runs jobs."""
    port = port or environment.port()
    _check_free(host, port)
    boot.database(say)
    boot.django()
    boot.tables()
    boot.static_files()
    with _running_file(f"serve-{port}"):
        people.print(f"Regulars 回头客 is at [bold]http://{_spoken(host)}:{port}/[/bold]   (Ctrl+C stops it)")
        _offer_setup()
        with _jobs() if jobs else contextlib.nullcontext():
            _granian(host, port, workers)


def _offer_setup() -> None:
    """On a new instance: how to begin, and the code for whoever begins on another machine."""
    from regulars.console import setup_code
    from regulars.staff import queries

    if not queries.has_staff():
        people.print("Nobody can sign in yet: open it to set it up.")
        people.print(f"On another machine, the page asks for this code: [bold]{setup_code.make()}[/bold]")


def _jobs() -> contextlib.AbstractContextManager[None]:
    from regulars.config.jobs import working_beside

    return working_beside()


def _granian(host: str, port: int, workers: int) -> None:
    from django.db import connections
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    # Eight threads on two cores are meant: they wait for the database, and orders that wait together are written so.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    connections.close_all()  # the web processes are forked and must not share this one's connection
    Server(
        "regulars.config.serving:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        process_name=None,
    ).serve()


def worker(as_json: AsJson = False) -> None:
    """Run background jobs only, until told to stop."""
    boot.everything(say)
    from regulars.config.jobs import work

    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with _running_file(f"worker-{os.getpid()}"):
        answer({"status": "working", "pid": os.getpid()}, "Working. Ctrl+C stops.", as_json=as_json)
        work(stopping, elected=False)


def stop(as_json: AsJson = False) -> None:
    """Stop this instance: its web servers, its workers and its embedded database."""
    ended = [pid for path in sorted(_folder().glob("*.pid")) if (pid := _end(path)) is not None]
    database = environment.database_url() is None and postgres.stop(environment.data_dir())
    said = "Stopped." if ended or database else "Nothing was running."
    answer({"processes": ended, "database": database}, said, as_json=as_json)


def _check_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise AddressTaken(f"Regulars cannot listen on {host}, port {port}: {error.strerror}.") from error
            raise AddressTaken(
                f"Port {port} is in use. If it is this Regulars, `regulars stop` ends it; else set REGULARS_PORT."
            ) from error


def _spoken(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104 — only compared


def _folder() -> Path:
    folder = environment.data_dir() / "running"
    return folder


@contextlib.contextmanager
def _running_file(name: str) -> Iterator[None]:
    """A file with our process id, locked while we live: `stop` signals nobody who merely got the number later."""
    _folder().mkdir(parents=True, exist_ok=True)
    path = _folder() / f"{name}.pid"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise AddressTaken("This Regulars is being served already; `regulars stop` ends it.") from error
    try:
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _end(path: Path) -> int | None:
    """End the process that holds this file, and wait for it."""
    try:
        with path.open() as file:
            if _is_free(file.fileno()):
                path.unlink(missing_ok=True)
                return None
            pid = int(file.read() or 0)
            if not pid:
                return None
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while not _is_free(file.fileno()):
                if time.monotonic() > deadline:
                    raise NotStopped(f"Process {pid} did not stop within {STOP_SECONDS:.0f} s.")
                time.sleep(0.05)
            return pid
    except (FileNotFoundError, ProcessLookupError):
        return None


def _is_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True
