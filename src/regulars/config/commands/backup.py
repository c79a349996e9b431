"""`regulars backup` and `restore`: a whole instance in one file, without caches and without the secret key."""

import os
import re
import shutil
import tempfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from regulars.config import archive, boot, environment
from regulars.config.archive import BackupTooNew, Manifest, TableContent
from regulars.config.commands.output import AsJson, answer, people, say
from regulars.config.postgres import clients
from regulars.core.errors import DomainError

FORGOTTEN = ("django_session",)
"""Tables whose rows stay behind: sessions are signed with the secret key, which a backup does not hold."""


class TargetExists(DomainError):
    """A backup never overwrites a file."""

    code = "target_exists"


class InstanceNotEmpty(DomainError):
    """Restoring would mix two businesses."""

    code = "instance_not_empty"


class RestoreDiffers(DomainError):
    """What was restored is not what was backed up."""

    code = "restore_differs"


def backup(
    path: Annotated[Path, typer.Argument(help="File to write, or a folder to put it in.")], as_json: AsJson = False
) -> None:
    """Write everything that this instance keeps into one file; it may go on working meanwhile."""
    boot.everything(say)
    made_at = datetime.now(UTC)
    target = path / f"regulars-{made_at:%Y%m%d-%H%M%S}.tar" if path.is_dir() else path
    if target.exists():
        raise TargetExists(f"{target} exists: give another name.")
    if not target.parent.is_dir():
        raise TargetExists(f"The folder {target.parent} does not exist.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".regulars-backup-") as folder:
        dump = Path(folder) / archive.DUMP
        with people.status("Backing up…"):
            content = _dump(dump, made_at)
            unfinished = Path(folder) / "backup.tar"
            uploads = environment.data_dir() / archive.UPLOADS
            manifest = archive.pack(unfinished, dump=dump, uploads=uploads, manifest=content)
            unfinished.chmod(0o600)
            os.link(unfinished, target)
    rows = sum(table.rows for table in manifest.tables.values())
    told = {"path": target.resolve(), "bytes": target.stat().st_size, "tables": len(manifest.tables), "rows": rows}
    answer(
        {**told, "files": len(manifest.files)}, f"{target}: {rows:,} rows, {told['bytes']:,} bytes.", as_json=as_json
    )


def _dump(dump: Path, made_at: datetime) -> Manifest:
    """Dump the database and describe its tables as of the same instant."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
        snapshot, version = cursor.fetchone()
        left_out = [f"--exclude-table-data={table}" for table in FORGOTTEN]
        with dump.open("wb") as file:
            dumping = clients.start(
                "pg_dump",
                *("--format=custom", "-Z3", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", *left_out),
                connection=_connection(),
                output=file,
            )
            try:
                tables = _tables(cursor)
            except BaseException:
                dumping.kill()
                raise
            finally:
                clients.finish(dumping, "pg_dump")
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [name for (name,) in cursor.fetchall()]
    return Manifest(
        made_at=made_at.isoformat(),
        regulars=metadata.version("regulars"),
        postgres=version,
        migrations=migrations,
        tables=tables,
    )


def restore(
    path: Annotated[Path, typer.Argument(help="A file that `regulars backup` wrote.")], as_json: AsJson = False
) -> None:
    """Fill an empty instance from a backup, and check that everything arrived."""
    boot.database(say)
    boot.django()
    _check_empty()
    environment.data_dir().mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=environment.data_dir(), prefix=".restore-") as folder,
        people.status("Restoring…"),
    ):
        manifest = archive.unpack(path, Path(folder))
        _check_known(manifest)
        clients.finish(
            clients.start(
                "pg_restore",
                *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
                str(Path(folder) / archive.DUMP),
                connection=_connection(),
            ),
            "pg_restore",
        )
        _check_same(manifest)
        uploads = Path(folder) / archive.UPLOADS
        if uploads.is_dir():
            shutil.copytree(uploads, environment.data_dir() / archive.UPLOADS, dirs_exist_ok=True)
    boot.tables()
    _begin_again(manifest)
    rows = sum(table.rows for table in manifest.tables.values())
    told = {"made_at": manifest.made_at, "tables": len(manifest.tables), "rows": rows, "files": len(manifest.files)}
    answer(told, f"Restored {rows:,} rows from {manifest.made_at}; everybody signs in anew.", as_json=as_json)


def _check_empty() -> None:
    from django.db import connection

    uploads = environment.data_dir() / archive.UPLOADS
    if connection.introspection.table_names() or (uploads.is_dir() and any(uploads.iterdir())):
        raise InstanceNotEmpty(
            "This instance holds data already: restore into an empty one, for example by setting REGULARS_DATA_DIR "
            "to a new folder."
        )


def _check_known(manifest: Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader

    known = {f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes}
    if unknown := sorted(set(manifest.migrations) - known):
        raise BackupTooNew(
            f"Regulars {manifest.regulars} wrote this backup ({unknown[0]} is not known here): update first."
        )


def _check_same(manifest: Manifest) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        arrived = _tables(cursor)
    wrong = sorted(name for name in {*arrived, *manifest.tables} if arrived.get(name) != manifest.tables.get(name))
    if wrong:
        raise RestoreDiffers(f"These tables differ from the backup: {', '.join(wrong)}. Do not use this instance.")


def _begin_again(manifest: Manifest) -> None:
    """Note the restore, and start a new epoch of both feeds: transaction ids start again in a new database.

    The epoch of new facts and changes is their column's default, so that no writer has to know it.
    """
    from django.db import connection, transaction
    from django.utils import timezone

    from regulars.staff import actions
    from regulars.staff.rules import SYSTEM

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute"
            " ON attrelid = adrelid AND attnum = adnum WHERE adrelid = 'facts_fact'::regclass AND attname = 'epoch'"
        )
        epoch = int(re.findall(r"\d+", cursor.fetchone()[0])[0]) + 1
        cursor.execute(f"ALTER TABLE facts_fact ALTER COLUMN epoch SET DEFAULT {epoch}")
        cursor.execute(f"ALTER TABLE changes_change ALTER COLUMN epoch SET DEFAULT {epoch}")
        actions.record(
            by=SYSTEM, action="backup.restore", at=timezone.now(), detail={"made_at": manifest.made_at, "epoch": epoch}
        )


def _tables(cursor: Any) -> dict[str, TableContent]:
    """Every table's rows and checksum, written out under settings that do not depend on the server's own."""
    for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'", "IntervalStyle = 'postgres'", "bytea_output = 'hex'"):
        cursor.execute(f"SET LOCAL {setting}")
    cursor.execute("SET LOCAL extra_float_digits = 1")
    cursor.execute(
        "SELECT c.oid::regclass::text, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY c.relname COLLATE \"C\""
    )
    found: dict[str, TableContent] = {}
    for quoted, name in cursor.fetchall():
        if name in FORGOTTEN:
            continue
        cursor.execute(
            f"SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 12))::bit(48)::bigint), 0)::text FROM {quoted} t"
        )
        rows, checksum = cursor.fetchone()
        found[name] = TableContent(rows=rows, checksum=checksum)
    return found


def _connection() -> dict[str, Any]:
    from django.db import connection

    return connection.get_connection_params()
