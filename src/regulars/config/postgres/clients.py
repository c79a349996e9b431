"""PostgreSQL's client programs (pg_dump, pg_restore), which run as whoever calls them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo

from regulars.config.postgres.errors import PlatformUnsupported, PostgresError
from regulars.config.postgres.programs import wheel_folder


def path_of(program: str) -> str:
    """The program from the wheel, or from the system where the wheel has none."""
    try:
        inside = wheel_folder() / program
    except PlatformUnsupported:
        inside = Path()
    found = str(inside) if inside.is_file() else shutil.which(program)
    if found is None:
        raise PlatformUnsupported(f"{program} is missing: install PostgreSQL's client programs.")
    return found


def start(
    program: str, *arguments: str, connection: Mapping[str, object], output: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start a client program on a connection (psycopg's parameters); `finish` waits for it.

    The password goes through the environment, since other users can read a command line.
    """
    password = str(connection.get("password") or "")
    rest = {k: v for k, v in connection.items() if k in ("host", "port", "user", "dbname") or k.startswith("ssl")}
    target = make_conninfo("", **{name: str(value) for name, value in rest.items() if value})
    return subprocess.Popen(
        [path_of(program), *arguments, "--dbname", target],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGPASSWORD": password},
    )


def finish(process: subprocess.Popen[bytes], program: str) -> None:
    """Wait for a client program.

    Raises:
        PostgresError: It failed, with what it said.
    """
    _, said = process.communicate()
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()
        raise PostgresError(f"{program} failed: {lines[-1] if lines else f'exit code {process.returncode}'}")
