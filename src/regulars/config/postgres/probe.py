"""What is true of a server right now: whether it answers, lets us in, lives, and which port is free."""

import contextlib
import os
import socket
from pathlib import Path

import psycopg
from psycopg import sql

from regulars.config.postgres.address import DATABASE, Address, address_of
from regulars.config.postgres.errors import PortTaken, PostgresError
from regulars.config.postgres.layout import Layout

NO_PROCESS = 1 << 30


def answers(address: Address) -> bool:
    """Ask the server itself: a process id file says nothing after a kill, since its number may be anybody's by then."""
    if not address.port or not address.password:
        return False
    try:
        with psycopg.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            dbname=DATABASE,
            connect_timeout=5,
        ):
            return True
    except psycopg.OperationalError as error:
        return "too many clients" in str(error)


def accepts(where: Layout) -> bool:
    """Whether the server lets us in; makes the instance's database at the first start."""
    address = address_of(where)
    try:
        with psycopg.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=address.password,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        ) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            return True
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise PostgresError(f"{where.password_file} does not hold the password of this server's data.") from error
        return False


def postmaster_lives(where: Layout) -> bool:
    """Whether the process that the cluster names is its own server.

    After a kill, and above all after a container was restarted, the number may belong to anybody.
    """
    pid_file = where.cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", maxsplit=1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    if not Path("/proc/self/cmdline").exists():
        return True
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return os.fsencode(where.cluster) in command


def disown_old_locks(where: Layout) -> None:
    """Keep PostgreSQL from refusing to start beside a stranger, or a zombie, that has the old server's number.

    Only the number is replaced, by one that no process can have. The rest of the file lets PostgreSQL find out whether
    children of the old server still hold its shared memory, and starting beside those would destroy data.
    """
    with contextlib.suppress(FileNotFoundError), (where.cluster / "postmaster.pid").open("r+") as file:
        _, _, rest = file.read().partition("\n")
        file.seek(0)
        file.write(f"{NO_PROCESS}\n{rest}")
        file.truncate()
    for left in where.run.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def free_port(preferred: int) -> int:
    """The port of last time, or another when somebody took it meanwhile: nobody types this one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PortTaken("No free port on 127.0.0.1 for the embedded PostgreSQL.")
