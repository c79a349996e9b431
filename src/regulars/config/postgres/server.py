"""Start and stop the embedded server."""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from regulars.config.postgres import configuration, programs
from regulars.config.postgres.address import Address, address_of
from regulars.config.postgres.cluster import denied, make_home, prepare
from regulars.config.postgres.errors import PostgresError, failure
from regulars.config.postgres.layout import Layout, layout
from regulars.config.postgres.probe import accepts, answers, disown_old_locks, free_port, postmaster_lives

log = logging.getLogger(__name__)

START_SECONDS = 120.0
STOP_SECONDS = 60


def ensure_running(
    data_dir: Path, *, overrides: Mapping[str, str] | None = None, say: Callable[[str], None] = log.warning
) -> Address:
    """Start the instance's server unless it runs already; any number of processes may call this at once.

    Args:
        data_dir: The instance's data folder; made when missing.
        overrides: PostgreSQL settings in place of the usual ones, at the next start.
        say: Told in a sentence when the server's files cannot be inside the data folder.
    Raises:
        PostgresError: The server cannot be started; the message says why and what to do.
    """
    where = layout(data_dir)
    if answers(address_of(where)):
        return address_of(where)
    make_home(where, say)
    with _locked(where):
        if not answers(address_of(where)):
            prepare(where, durable=(overrides or {}).get("fsync") != "off")
            _start(where, overrides or {})
        return address_of(where)


def is_running(data_dir: Path) -> bool:
    """Whether the instance's server answers."""
    return answers(address_of(layout(data_dir)))


def stop(data_dir: Path) -> bool:
    """Stop the instance's server; its clients are disconnected. False when it did not run."""
    where = layout(data_dir)
    if not (where.cluster / "postmaster.pid").exists():
        return False
    with _locked(where):
        if not answers(address_of(where)) and not postmaster_lives(where):
            return False
        done = programs.run(
            where, "pg_ctl", "-D", str(where.cluster), "-w", "-t", str(STOP_SECONDS), "-m", "fast", "stop"
        )
        if done.returncode != 0:
            raise PostgresError(f"The embedded PostgreSQL did not stop: {done.stderr.strip()}")
        return True


@contextmanager
def _locked(where: Layout) -> Iterator[None]:
    try:
        handle = os.open(where.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise denied(where) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _start(where: Layout, overrides: Mapping[str, str]) -> None:
    if postmaster_lives(where):
        _await(where)
        return
    disown_old_locks(where)
    port = free_port(address_of(where).port)
    configuration.write(where, port=port, overrides=overrides)
    where.port_file.write_text(f"{port}\n")
    before = where.log_file.stat().st_size if where.log_file.exists() else 0
    deadline = time.monotonic() + START_SECONDS
    while True:
        arguments = ("-D", str(where.cluster), "-w", "-t", f"{START_SECONDS:.0f}", "-l", str(where.log_file), "start")
        done = programs.run(where, "pg_ctl", *arguments, output=False)
        if done.returncode == 0 or postmaster_lives(where):
            _await(where)
            return
        said = _log_since(where, before)
        # After a kill the old server's children need a moment to notice and let go of the shared memory.
        if "shared memory block" not in said or time.monotonic() > deadline:
            raise failure("did not start", said)
        before += len(said.encode())
        time.sleep(0.2)


def _await(where: Layout) -> None:
    """Wait until the server answers, recovery after a crash included; give up when its process is gone."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if accepts(where):
            return
        if not postmaster_lives(where):
            raise failure("ended while starting", _log_since(where, 0))
        time.sleep(0.025)
    raise PostgresError(f"The embedded PostgreSQL did not answer within {START_SECONDS:.0f} s; see {where.log_file}.")


def _log_since(where: Layout, offset: int) -> str:
    try:
        with where.log_file.open("rb") as file:
            file.seek(offset)
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
