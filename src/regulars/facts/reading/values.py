"""What a cell says. A cell that cannot be read becomes a Refusal, never an exception: files are full of them."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from regulars.facts.reading.table import Cell, text_of

LONGEST_KEY = 200
_INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BLANK = frozenset(
    {"", "-", "--", "—", "——", "/", "null", "none", "nan", "nat", "n/a", "#n/a", "(null)", "<null>", "\\n", "无"}
)
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+(\d{1,2})")
_DECIMAL_ZERO = re.compile(r"(-?\d+)\.0+")
_MEMO_MOST = 200_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell could not be read: a code of connectors.orders_file.findings, and the cell's text."""

    code: str
    found: str


class Reader(Generic[T]):
    """A function from a cell to its value, remembering what it has read: columns repeat themselves a lot."""

    def __init__(self, read: Callable[[Cell], T]) -> None:
        self._read = read
        self._memo: dict[Cell, T] = {}

    def column(self, cells: list[Cell]) -> list[T]:
        """The values of a column of cells."""
        memo, read = self._memo, self._read
        if len(memo) > _MEMO_MOST:
            memo.clear()
        values: list[T] = []
        append = values.append
        for cell in cells:
            try:
                append(memo[cell])
            except KeyError:
                value = memo[cell] = read(cell)
                append(value)
        return values


def plain(cell: Cell) -> str:
    """A cell as half-width text, without what exports wrap around it: ="0012", '0012, tabs, direction marks."""
    text = cell if type(cell) is str else text_of(cell)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = _INVISIBLE.sub("", text).strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    return text.removeprefix("'").strip()


def is_blank(text: str) -> bool:
    """Whether a plain text says that there is nothing: '', -, null, 无."""
    return text.lower() in _BLANK


def read_key(cell: Cell) -> str | Refusal:
    """An order number, product number or the like; '' if there is none.

    A number that a spreadsheet has shortened (4.56E+17, or more than 15 digits kept as a number) is refused: its last
    digits are gone, and with them the difference between orders.
    """
    if type(cell) is str and cell.isalnum() and cell.isascii() and len(cell) <= LONGEST_KEY:
        return "" if cell.lower() in _BLANK else cell
    if isinstance(cell, float) and abs(cell) >= 1e15:
        return Refusal("number_shortened", text_of(cell))
    text = " ".join(plain(cell).split())
    if is_blank(text):
        return ""
    if whole := _DECIMAL_ZERO.fullmatch(text):
        return whole[1]
    if shortened := _SCIENTIFIC.fullmatch(text):
        fraction, exponent = shortened[2] or "", int(shortened[3])
        return shortened[1] + fraction if len(fraction) == exponent else Refusal("number_shortened", text)
    if len(text) > LONGEST_KEY:
        return Refusal("text_too_long", text[:100])
    return text


def read_text(cell: Cell) -> str:
    """A name or a word, cut to what a line on a screen can take; '' if there is none."""
    text = " ".join(_INVISIBLE.sub("", text_of(cell)).split())
    return "" if is_blank(text) else text[:LONGEST_KEY]
