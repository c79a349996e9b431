"""Bringing an instance up, step by step: database, Django, tables, static files."""

import hashlib
import logging
import os
from collections.abc import Callable

import psycopg

from regulars.config import environment, postgres
from regulars.core.errors import DomainError
from regulars.core.garbage import collect_seldom

log = logging.getLogger(__name__)

OLDEST_POSTGRES = 15
MIGRATION_LOCK = 0x5265_6775_6C61_7273  # "Regulars"


class DatabaseUnreachable(DomainError):
    """The database that the environment names does not let us in."""

    code = "database_unreachable"


class DatabaseTooOld(DomainError):
    """The database that the environment names is older than Regulars can use."""

    code = "database_too_old"


def database(say: Callable[[str], None] = log.warning) -> None:
    """See to it that the database answers: start the embedded one, or knock at the other."""
    if environment.database_url() is None:
        postgres.ensure_running(environment.data_dir(), say=say)
        return
    settings = environment.database()
    try:
        with psycopg.connect(
            host=settings["HOST"] or None,
            port=settings["PORT"] or None,
            user=settings["USER"] or None,
            password=settings["PASSWORD"] or None,
            dbname=settings["NAME"],
            **settings["OPTIONS"],
        ) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise DatabaseUnreachable(f"The database in REGULARS_DATABASE_URL does not let us in: {error}") from error
    if version < OLDEST_POSTGRES:
        raise DatabaseTooOld(f"Regulars needs PostgreSQL {OLDEST_POSTGRES} or newer; this one is {version}.")


def django() -> None:
    """Load Django's settings and rooms; the database has to be up for its address to be known."""
    import django as framework

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")
    framework.setup()
    collect_seldom()


def tables() -> bool:
    """Bring the tables up to date; True when there was something to do. Of several processes one does it."""
    from django.core.management import call_command
    from django.db import connection

    if not _is_behind():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    return True


def _is_behind() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_files() -> bool:
    """Gather the console's static files when any of them changed; True when it did."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            found = os.stat(storage.path(name))
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT.with_name("static.gathered")
    if settings.STATIC_ROOT.is_dir() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(digest.hexdigest())
    return True


def everything(say: Callable[[str], None] = log.warning) -> None:
    """All that a command needs which reads or writes the business's data."""
    database(say)
    django()
    tables()
