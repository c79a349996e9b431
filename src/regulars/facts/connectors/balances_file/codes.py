"""Codes that coupons of another programme keep: read, each once in the file, and free here."""

from collections.abc import Iterable, Mapping, Sequence

from regulars.facts.connectors.balances_file.settings import BalanceSettings, CodeTaken
from regulars.facts.reading.table import Cell
from regulars.facts.reading.values import Refusal, is_blank, plain
from regulars.facts.rules import Identity

_BETWEEN = "、，,；;|\n"


class CodeReader:
    """Reads the codes of one file from its beginning; what coupons here have is asked for a portion of rows at once."""

    def __init__(self, settings: BalanceSettings) -> None:
        self._settings = settings
        self._taken: Mapping[str, CodeTaken] = {}
        self._seen: set[str] = set()

    def look_ahead(self, cells: Iterable[Cell]) -> None:
        """Ask about every code of the next rows."""
        told = {code for cell in cells for code in self._kept(plain(cell)) if code}
        self._taken = self._settings.taken(told) if told else {}

    def read(self, cell: Cell, coupons: int, who: Sequence[Identity]) -> tuple[str, ...] | Refusal:
        """The codes of a row's coupons, in their order; none if the cell is blank."""
        text = plain(cell)
        if is_blank(text):
            return ()
        told, kept = several(text), self._kept(text)
        if None in kept:
            return Refusal("code_unreadable", told[kept.index(None)][:100])
        if len(kept) != coupons:
            return Refusal("codes_and_coupons", text[:100])
        found = tuple(code for code in kept if code is not None)
        twice = next((code for place, code in enumerate(found) if code in self._seen or code in found[:place]), None)
        if twice is not None:
            return Refusal("code_twice", twice)
        gone = next((code for code in found if code in self._taken and not self._taken[code].by & {*who}), None)
        if gone is not None:
            return Refusal("code_taken", gone)
        self._seen.update(found)
        return found

    def _kept(self, text: str) -> list[str | None]:
        return [] if is_blank(text) else [self._settings.read_code(one) for one in several(text)]


def several(text: str) -> list[str]:
    """What stands in a cell with commas between."""
    for mark in _BETWEEN:
        text = text.replace(mark, "\x1f")
    return [one.strip() for one in text.split("\x1f") if one.strip()]
