"""What a backup holds and how it is told apart from a damaged one: one tar file with a manifest."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from regulars.core.errors import DomainError

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
UPLOADS = "uploads"


class BadBackup(DomainError):
    """The file is no backup, or not a whole one."""

    code = "bad_backup"


class BackupTooNew(DomainError):
    """A newer Regulars wrote this backup."""

    code = "backup_too_new"


@dataclass(frozen=True, slots=True)
class TableContent:
    """What a table held: its rows, and a sum over their hashes that does not depend on their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    made_at: str
    regulars: str
    postgres: str
    migrations: list[str]
    tables: dict[str, TableContent]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def pack(target: Path, *, dump: Path, uploads: Path, manifest: Manifest) -> Manifest:
    """Write the tar file; returns the manifest with the checksum of every file in it."""
    files = {DUMP: dump}
    if uploads.is_dir():
        files |= {f"{UPLOADS}/{p.relative_to(uploads)}": p for p in sorted(uploads.rglob("*")) if p.is_file()}
    whole = Manifest(**{**_shallow(manifest), "files": {name: _sha256(path) for name, path in files.items()}})
    note = dump.with_name(MANIFEST)
    note.write_text(json.dumps(asdict(whole), ensure_ascii=False, indent=1))
    with tarfile.open(target, "w") as tar:
        tar.add(note, MANIFEST)
        for name, path in files.items():
            tar.add(path, name)
    return whole


def unpack(source: Path, folder: Path) -> Manifest:
    """Read a tar file into an empty folder and check every file against the manifest.

    Raises:
        BadBackup: It is no backup, a file is missing, or a checksum differs.
        BackupTooNew: Its format is not known here.
    """
    try:
        with tarfile.open(source) as tar:
            _extract(tar, folder.resolve())
        said = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError as error:
        missing = source if not source.exists() else MANIFEST
        raise BadBackup(f"{missing} is missing: give a file that `regulars backup` wrote.") from error
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        raise BadBackup(f"{source} is not a whole backup: {error}.") from error
    manifest = _read(source, said)
    for name, wanted in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise BadBackup(f"{source} is damaged: {name} is missing.")
        if _sha256(path) != wanted:
            raise BadBackup(f"{source} is damaged: {name} differs from what was written.")
    if DUMP not in manifest.files:
        raise BadBackup(f"{source} holds no database.")
    return manifest


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    """Write the files of a backup, and nothing outside the folder.

    By hand, as `extractall` knows its filters only from Python 3.11.4 on, and Debian 12 has 3.11.2.
    """
    for member in tar:
        path = (folder / member.name).resolve()
        content = tar.extractfile(member) if member.isreg() and path.is_relative_to(folder) else None
        if content is None:
            raise tarfile.TarError(f"{member.name} is no file of a backup")
        path.parent.mkdir(parents=True, exist_ok=True)
        with content, path.open("wb") as target:
            shutil.copyfileobj(content, target)
        path.chmod(member.mode & 0o644 | 0o600)


def _read(source: Path, said: Mapping[str, Any]) -> Manifest:
    if not isinstance(said, dict) or not isinstance(said.get("format"), int):
        raise BadBackup(f"{source} is not a backup of Regulars.")
    if said["format"] > FORMAT:
        raise BackupTooNew("A newer Regulars wrote this backup: update, then restore.")
    try:
        tables = {name: TableContent(**content) for name, content in said["tables"].items()}
        return Manifest(**{**said, "tables": tables})
    except (KeyError, TypeError, AttributeError) as error:
        raise BadBackup(f"{source} has a manifest that cannot be read: {error}.") from error


def _shallow(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
