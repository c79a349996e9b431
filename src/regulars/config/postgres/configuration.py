"""The server's settings, written anew at every start so that they follow the machine."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from regulars.config.postgres.layout import Layout

MEGABYTE = 1024 * 1024
FILE_NAME = "regulars.conf"


def shared_buffers_mb() -> int:
    """A quarter of the machine's memory, one gigabyte at most."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(64, min(1024, memory_bytes // 4 // MEGABYTE))


def settings(where: Layout, *, port: int, overrides: Mapping[str, str]) -> dict[str, str]:
    """Every setting that differs from PostgreSQL's own, with the overrides of tests last."""
    chosen = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(where.run),
        "max_connections": "200",
        "shared_buffers": f"{shared_buffers_mb()}MB",
        "max_wal_size": "8GB",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "password_encryption": "scram-sha-256",
        # Statements carry personal data in their values, so failing ones are logged without them.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    if _small_shared_memory():
        chosen["dynamic_shared_memory_type"] = "mmap"
    return {**chosen, **overrides}


def _small_shared_memory() -> bool:
    """Containers often give /dev/shm 64 MB, on which parallel queries fail half way."""
    try:
        return shutil.disk_usage("/dev/shm").total < 512 * MEGABYTE  # noqa: S108 — the system's shared memory
    except FileNotFoundError:
        return False


def write(where: Layout, *, port: int, overrides: Mapping[str, str]) -> None:
    """Write the settings file and make sure that the server's own file includes it."""
    lines = [
        f"{name} = '{_quoted(value)}'\n" for name, value in settings(where, port=port, overrides=overrides).items()
    ]
    _owned(where, where.cluster / FILE_NAME, "".join(lines))
    main = where.cluster / "postgresql.conf"
    include = f"include = '{FILE_NAME}'\n"
    text = main.read_text()
    if include not in text:
        _owned(where, main, f"{text}\n{include}")


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _owned(where: Layout, path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if where.account is not None:
        os.chown(path, where.account.uid, where.account.gid)
