"""All that is told to a person about themselves: sections of rows, as JSON and for a page. Knows no other room."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from regulars.core.bilingual import Text

LEFT_OUT: Final = frozenset({"digest", "actor", "given_by", "collected_by", "ended_by", "undone_by"})
"""Who of the staff did something is about them; a digest says nothing to anybody."""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing that is kept, and every row of it."""

    name: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is kept about the member with a number, as of a moment."""

    number: str
    at: datetime
    sections: tuple[Section, ...]

    def as_json(self) -> str:
        """For programs."""
        told = {"member": self.number, "at": self.at.isoformat(), **{one.name: one.rows for one in self.sections}}
        return json.dumps(told, ensure_ascii=False, indent=1)


def section(name: str, rows: Iterable[object]) -> Section:
    """Rows of whatever a query returned; None is no row."""
    return Section(name, tuple(dict(_plain(row)) for row in rows if row is not None))


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items() if name not in LEFT_OUT}
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
