"""Where the embedded server keeps its files, and as whom it runs."""

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from regulars.config.postgres.errors import AccessDenied

SERVICE_ACCOUNTS = ("postgres", "nobody")
SHARED_HOME = Path("/var/lib/regulars")
# A socket's whole path has to fit 108 bytes on Linux and 104 on macOS; "/.s.PGSQL.65535.lock" takes 20.
SOCKET_DIR_MAX_BYTES = 84


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that the server runs as when root starts it, since PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Every path of one embedded server."""

    data_dir: Path
    home: Path
    run: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def password_file(self) -> Path:
        """The server's password, readable by the instance's owner alone."""
        return self.home / "password"

    @property
    def port_file(self) -> Path:
        """The port that the server was last started on."""
        return self.home / "port"

    @property
    def lock_file(self) -> Path:
        """Held while the server is being started or stopped."""
        return self.home / "lock"

    @property
    def log_file(self) -> Path:
        """The server's own log."""
        return self.cluster / "server.log"

    @property
    def pointer_file(self) -> Path:
        """Names the server's home when that is not inside the data folder."""
        return self.data_dir / "pg-home"


def layout(data_dir: Path) -> Layout:
    """The paths for an instance; nothing is created."""
    data_dir = data_dir.expanduser().resolve()
    account = _account(data_dir) if os.geteuid() == 0 else None
    home = _home(data_dir, account)
    run = home / "run"
    if len(os.fsencode(run)) > SOCKET_DIR_MAX_BYTES:
        run = Path("/tmp") / f"regulars-pg-{_digest(home)}"  # noqa: S108 — checked to be ours before it is used
    return Layout(data_dir=data_dir, home=home, run=run, account=account)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _home(data_dir: Path, account: Account | None) -> Path:
    inside = data_dir / "pg"
    try:
        return Path((data_dir / "pg-home").read_text().strip())
    except (FileNotFoundError, NotADirectoryError):
        pass
    except PermissionError as error:
        raise AccessDenied(f"{data_dir} cannot be read: use the account that it belongs to.") from error
    if account is None or _can_traverse(inside, account):
        return inside
    return SHARED_HOME / _digest(data_dir)


def _can_traverse(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder above the path that exists already."""
    for folder in path.parents:
        try:
            found = folder.stat()
        except FileNotFoundError:
            continue
        if found.st_uid == account.uid:
            bit = stat.S_IXUSR
        elif found.st_gid == account.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _account(data_dir: Path) -> Account:
    """The owner of an existing cluster, so that root can serve what a normal user began; else a service account."""
    for cluster in (data_dir / "pg" / "data", SHARED_HOME / _digest(data_dir) / "data"):
        try:
            owner = cluster.stat().st_uid
        except (FileNotFoundError, NotADirectoryError):
            continue
        if owner != 0:
            return _named(owner)
    for name in SERVICE_ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=found.pw_uid, gid=found.pw_gid)
    raise AccessDenied(
        "PostgreSQL does not run as root, and this system has neither a `postgres` nor a `nobody` account. "
        "Start Regulars as a normal user."
    )


def _named(uid: int) -> Account:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        return Account(name=str(uid), uid=uid, gid=uid)
    return Account(name=found.pw_name, uid=uid, gid=found.pw_gid)
