"""The embedded server: started by anybody, found again after a kill, and plain about what is wrong."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regulars.config import postgres
from regulars.config.postgres import cluster, errors, layout, programs
from regulars.config.postgres.address import Address
from regulars.config.postgres.layout import Account

Ensure = Callable[..., Address]
IS_ROOT = os.geteuid() == 0
START = """
import sys
from pathlib import Path
from regulars.config import postgres
address = postgres.ensure_running(Path(sys.argv[1]), overrides={"fsync": "off", "shared_buffers": "16MB"})
print(address.port)
"""


def connect(address: Address, **more: Any) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        dbname=address.database,
        autocommit=True,
        **more,
    )


def postmaster(path: Path) -> int:
    return int((layout.layout(path).cluster / "postmaster.pid").read_text().split()[0])


def test_first_start_stop_and_start_again(folder: Path, ensure: Ensure) -> None:
    assert not postgres.is_running(folder)
    assert not postgres.stop(folder)
    first = ensure(folder)
    with connect(first) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        shown = connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('jit'), datlocprovider, datlocale,"
            " current_setting('server_version_num')::int / 10000 FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert shown == ("UTC", "off", "b", "C.UTF-8", 18)
    pid = postmaster(folder)
    assert ensure(folder) == first
    assert postmaster(folder) == pid
    assert postgres.stop(folder)
    assert not postgres.is_running(folder)
    again = ensure(folder)
    assert again == first
    with connect(again) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_the_password_is_needed_and_kept_from_others(made: Path, ensure: Ensure) -> None:
    address = ensure(made)
    where = layout.layout(made)
    assert stat.S_IMODE(where.password_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(where.cluster.stat().st_mode) == 0o700
    assert address.password not in repr(address)
    for host in (address.host, "127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=host, port=address.port, user=address.user, password="wrong", dbname="postgres")
    with psycopg.connect(host="127.0.0.1", port=address.port, user=address.user, password=address.password):
        pass


def test_many_start_it_at_once(folder: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", START, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [starter.communicate() for starter in starters]
    assert [starter.returncode for starter in starters] == [0] * 4, said
    assert len({out for out, _ in said}) == 1
    # Those who started it are gone, and it lives on: it is nobody's child here.
    assert postgres.is_running(folder)
    pid = postmaster(folder)
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    assert os.getsid(pid) != os.getsid(0)


def test_after_a_kill_it_starts_again_with_what_was_committed(made: Path) -> None:
    address = postgres.ensure_running(made, overrides={"shared_buffers": "16MB"})
    with connect(address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(postmaster(made), signal.SIGKILL)
        again = postgres.ensure_running(made)
    with connect(again) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_process_that_got_the_old_number_is_not_taken_for_the_server(made: Path, ensure: Ensure) -> None:
    where = layout.layout(made)
    identity: dict[str, Any] = {"user": where.account.uid, "group": where.account.gid} if where.account else {}
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **identity)
    try:
        pid_file = where.cluster / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{where.cluster}\n0\n5432\n{where.run}\n127.0.0.1\n0 0\nready\n")
        if where.account:
            os.chown(pid_file, where.account.uid, where.account.gid)
        assert not postgres.stop(made)
        ensure(made)
        assert postmaster(made) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_another_port_when_somebody_took_the_old_one(made: Path, ensure: Ensure) -> None:
    first = ensure(made)
    postgres.stop(made)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first.port))
        taken.listen()
        second = ensure(made)
    assert second.port != first.port
    assert postgres.address(made) == second


def test_what_a_killed_initdb_left_is_not_taken_for_data(folder: Path, ensure: Ensure) -> None:
    unfinished = folder / "pg" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    ensure(folder)
    assert not unfinished.exists()


def test_another_version_is_named(made: Path, ensure: Ensure) -> None:
    (layout.layout(made).cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(errors.VersionDiffers, match=r"written by PostgreSQL 17.*brings 18"):
        ensure(made)
    (layout.layout(made).cluster / "PG_VERSION").write_text("18\n")


def test_a_lost_password_is_named(made: Path, ensure: Ensure) -> None:
    layout.layout(made).password_file.unlink()
    with pytest.raises(postgres.PostgresError, match="lacks its password"):
        ensure(made)


def test_a_full_disk_is_named(folder: Path, ensure: Ensure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "NEEDED_BYTES", 1 << 60)
    with pytest.raises(errors.DiskFull, match="REGULARS_DATA_DIR"):
        ensure(folder)


def test_a_platform_without_programs_is_named(folder: Path, ensure: Ensure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    programs._package.cache_clear()
    try:
        with pytest.raises(errors.PlatformUnsupported, match="REGULARS_DATABASE_URL"):
            ensure(folder)
    finally:
        programs._package.cache_clear()


def test_a_broken_setting_is_reported_in_the_words_of_the_server(made: Path) -> None:
    with pytest.raises(postgres.PostgresError, match="work_mem"):
        postgres.ensure_running(made, overrides={"work_mem": "nonsense"})


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("initdb: error: could not write: No space left on device", errors.DiskFull),
        ('LOG: could not bind IPv4 address "127.0.0.1": Address already in use', errors.PortTaken),
        ("FATAL: could not open file: Permission denied", errors.AccessDenied),
        ("", errors.PostgresError),
    ],
)
def test_what_the_server_says_becomes_an_error_with_advice(said: str, error: type[Exception]) -> None:
    assert type(errors.failure("did not start", said)) is error


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("x" * 60) / ("y" * 60)
    where = layout.layout(deep)
    assert len(str(where.run)) < layout.SOCKET_DIR_MAX_BYTES
    try:
        assert postgres.ensure_running(deep, overrides={"shared_buffers": "16MB"}).host == str(where.run)
    finally:
        postgres.stop(deep)
        with suppress(OSError):
            where.run.rmdir()


def test_no_root_folder_is_opened_for_the_server(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    open_one = tmp_path / "open"
    open_one.mkdir(mode=0o755)
    stranger = Account(name="stranger", uid=closed.stat().st_uid + 4242, gid=closed.stat().st_gid + 4242)
    assert not layout._can_traverse(closed / "pg", stranger)
    owner = Account(name="owner", uid=closed.stat().st_uid, gid=closed.stat().st_gid)
    assert layout._can_traverse(closed / "pg" / "deeper", owner) == all(
        folder.stat().st_mode & 0o100 for folder in tmp_path.parents if folder.stat().st_uid == owner.uid
    )


@pytest.mark.skipif(not IS_ROOT, reason="only root hands the server to another account")
def test_root_keeps_the_database_elsewhere_when_the_folder_is_closed(
    folder: Path, ensure: Ensure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "SHARED_HOME", folder / "shared")
    folder.mkdir(mode=0o755)
    closed = folder / "private" / "var"
    closed.parent.mkdir(mode=0o700)
    told: list[str] = []
    try:
        address = ensure(closed, say=told.append)
        assert Path(address.host).is_relative_to(folder / "shared")
        assert "may not enter" in told[0]
        assert stat.S_IMODE(closed.parent.stat().st_mode) == 0o700
        # The choice is kept, whatever happens to the permissions later.
        closed.parent.chmod(0o755)
        assert postgres.address(closed) == address
    finally:
        postgres.stop(closed)
