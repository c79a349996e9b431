"""The server's folders, its password and its empty cluster, made at the first start."""

import os
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from regulars.config.postgres import programs
from regulars.config.postgres.address import USER
from regulars.config.postgres.errors import AccessDenied, DiskFull, PostgresError, VersionDiffers, failure
from regulars.config.postgres.layout import Layout

NEEDED_BYTES = 300 * 1024 * 1024


def denied(where: Layout) -> AccessDenied:
    """The error for files of somebody else."""
    return AccessDenied(
        f"{where.home} belongs to another account: start Regulars as that one, or choose another folder."
    )


def make_home(where: Layout, say: Callable[[str], None]) -> None:
    """Make the folder that everything else is in; say so when it is not inside the data folder."""
    missing = [folder for folder in (where.home, *where.home.parents) if not folder.exists()]
    try:
        where.data_dir.mkdir(parents=True, exist_ok=True)
        where.home.mkdir(parents=True, exist_ok=True)
        if where.account is not None:
            # Only folders that we made ourselves: under a strict umask the server's account could not pass them.
            for folder in missing:
                folder.chmod(folder.stat().st_mode | 0o011)
    except PermissionError as error:
        raise denied(where) from error
    except OSError as error:
        raise PostgresError(f"The folder {where.home} cannot be made: {error.strerror}.") from error
    if where.home.parent != where.data_dir and where.account is not None and not where.pointer_file.exists():
        say(f"The account {where.account.name} may not enter {where.data_dir}; the database is kept in {where.home}.")
        where.pointer_file.write_text(f"{where.home}\n")


def prepare(where: Layout, *, durable: bool = True) -> None:
    """Folders, password and an empty cluster, as far as they are missing; a test need not wait for the disk."""
    _own_folder(where, where.run, 0o755)
    version_file = where.cluster / "PG_VERSION"
    if where.cluster.exists():
        _own_folder(where, where.cluster, 0o700)
        if not version_file.exists() or not where.password_file.exists():
            raise PostgresError(
                f"{where.home} lacks its password or parts of its data folder: bring them back, or restore a backup "
                "into a new data folder."
            )
        found, needed = version_file.read_text().strip(), programs.major_version()
        if found != needed:
            raise VersionDiffers(
                f"{where.cluster} was written by PostgreSQL {found}, and this Regulars brings {needed}. Make a backup "
                "with the Regulars that wrote it, then restore it into a new data folder."
            )
        return
    if shutil.disk_usage(where.home).free < NEEDED_BYTES:
        raise DiskFull(f"{where.home} has less than 300 MB free: make room, or set REGULARS_DATA_DIR to another disk.")
    _initialise(where, durable)


def _own_folder(where: Layout, folder: Path, mode: int) -> None:
    folder.mkdir(mode=mode, exist_ok=True)
    found = folder.lstat()
    owner = where.account.uid if where.account else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise denied(where)
    if where.account is not None:
        os.chown(folder, where.account.uid, where.account.gid)
    folder.chmod(mode)


def _initialise(where: Layout, durable: bool) -> None:
    password = secrets.token_urlsafe(24)
    handed = where.run / "initial-password"
    _write_secret(handed, password)
    if where.account is not None:
        os.chown(handed, where.account.uid, where.account.gid)
    # Made under another name and renamed when whole, so that what a killed initdb left is never taken for data.
    unfinished = where.cluster.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _own_folder(where, unfinished, 0o700)
    try:
        done = programs.run(
            where,
            "initdb",
            *("-D", str(unfinished), "-U", USER, "--pwfile", str(handed), "-A", "scram-sha-256", "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-instructions"),
            *(() if durable else ("--no-sync",)),
        )
    finally:
        handed.unlink(missing_ok=True)
    if done.returncode != 0:
        raise failure("could not make its data folder", done.stderr)
    _write_secret(where.password_file, password)
    unfinished.rename(where.cluster)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
