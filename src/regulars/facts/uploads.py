"""Uploaded files, kept in the data folder until their import is posted or given up."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import IO, Any

from django.core.files.storage import default_storage

FOLDER = "imports"
ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet")
FORGOTTEN_AFTER = timedelta(days=1)


def keep(file: IO[Any], *, named: str) -> str:
    """Keep a file under a name of our own; of the given name only a known ending stays."""
    ending = PurePath(named).suffix.lower()
    name = f"{FOLDER}/{secrets.token_hex(12)}{ending if ending in ENDINGS else ''}"
    return default_storage.save(name, file)


def path(name: str) -> Path:
    """Where a kept file lies."""
    return Path(default_storage.path(name))


def drop(name: str) -> None:
    """Delete a kept file; one that is gone already is fine."""
    if name:
        default_storage.delete(name)


def forgotten(known: set[str], *, at: datetime) -> Iterator[str]:
    """Kept files that no import knows, a day after they came: their upload ended between file and database."""
    if not default_storage.exists(FOLDER):
        return
    for found in default_storage.listdir(FOLDER)[1]:
        name = f"{FOLDER}/{found}"
        if name not in known and default_storage.get_modified_time(name) < at - FORGOTTEN_AFTER:
            yield name
