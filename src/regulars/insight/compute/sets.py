"""Sets: what a refresh computed, each in a folder of its own; a pointer says which one is looked at.

A set appears whole or not at all, and is never changed. Who reads one goes on reading it when another takes its place.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from regulars.insight.compute.files import replace_file, sync_folder

CURRENT = "current.json"
PICTURE = "picture.parquet"
CARDS = "cards.json"
MAKING = ".making-"
KEPT = 3


class Sets:
    """The sets in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def new(self, day: date) -> Iterator[tuple[str, Path]]:
        """The name of a new set as of a day, and a folder to write it into. If the block breaks off, nothing stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left_behind in self.folder.glob(f"{MAKING}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        making, name = self.folder / f"{MAKING}{os.getpid()}", self._free_name(day)
        making.mkdir()
        try:
            yield name, making
            sync_folder(making)
            making.rename(self.folder / name)
            sync_folder(self.folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)

    def point(self, name: str) -> None:
        """From now on this set is looked at."""
        if not (self.folder / name).is_dir():
            raise FileNotFoundError(f"There is no set {name}.")
        replace_file(self.folder / CURRENT, json.dumps({"set": name}).encode())

    def current(self) -> Path | None:
        """The folder of the set that is looked at; None while there is none."""
        try:
            told: dict[str, Any] = json.loads((self.folder / CURRENT).read_text())
        except (FileNotFoundError, ValueError):
            return None
        folder = self.folder / str(told.get("set", ""))
        return folder if folder != self.folder and folder.is_dir() else None

    def prune(self, *, keep: int = KEPT, also: str = "") -> None:
        """Delete all but the youngest sets; the one that is looked at stays, and `also` one by name."""
        current = self.current()
        for name in self._by_age()[:-keep]:
            if name != also and (current is None or name != current.name):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def _by_age(self) -> list[str]:
        found = [path for path in self.folder.glob("*") if path.is_dir() and not path.name.startswith(MAKING)]
        return [path.name for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))]

    def _free_name(self, day: date) -> str:
        number = 1
        while (self.folder / (name := f"{day:%Y%m%d}-{number:03}")).exists():
            number += 1
        return name
