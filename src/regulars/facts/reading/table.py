"""A table, whatever file it stands in: names, and cells column by column in chunks, each row with its number."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice

from regulars.facts.reading.errors import EmptyFile, HeaderOnly, TooLarge

Cell = str | int | float | Decimal | datetime | date | time | None

MOST_BYTES = 500 * 2**20
MOST_ROWS = 5_000_000
MOST_COLUMNS = 500
CHUNK_ROWS = 20_000
START_ROWS = 500
HEADER_WITHIN = 10
"""The column names stand within the first rows; above them exports like to print a title."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, column by column. `numbers` are row numbers as a person sees them in the file.

    `overlong` are positions of rows with more cells than there are column names, which moves every value one column on.
    """

    numbers: Sequence[int]
    columns: list[list[Cell]]
    overlong: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.numbers)

    def head(self, rows: int) -> "Chunk":
        """The first rows."""
        return Chunk(
            self.numbers[:rows],
            [column[:rows] for column in self.columns],
            frozenset(position for position in self.overlong if position < rows),
        )

    def rows(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Row numbers and rows, one by one."""
        return zip(self.numbers, zip(*self.columns, strict=True), strict=True)


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in a file. `chunks` may be called again: each call reads the file anew.

    `form` is csv, xlsx, xls or parquet; `detail` the encoding or sheet; `total_rows` is None when only reading tells.
    `start` keeps the first rows, so that looking at them does not open the file again.
    """

    names: tuple[str, ...]
    form: str
    detail: str
    total_rows: int | None
    read: Callable[[], Iterator[Chunk]] = field(repr=False)
    start: Chunk | None = field(default=None, repr=False)

    def chunks(self) -> Iterator[Chunk]:
        """All rows.

        Raises:
            UnreadableFile: The file is damaged further down.
        """
        seen = 0
        for chunk in self.read():
            seen += len(chunk)
            if seen > MOST_ROWS:
                raise TooLarge(f"One import takes at most {MOST_ROWS:,} rows. Split the file, for instance by year.")
            yield chunk

    def head(self, rows: int) -> "Table":
        """The first rows as a table of their own, for a preview."""

        def read() -> Iterator[Chunk]:
            left = rows
            for chunk in self._first_chunks(rows):
                yield chunk.head(left)
                left -= len(chunk)
                if left <= 0:
                    return

        return Table(self.names, self.form, self.detail, None, read)

    def _first_chunks(self, rows: int) -> Iterable[Chunk]:
        """Chunks that hold so many rows: the kept start if it is enough, or all there is."""
        if self.start is not None and (rows <= len(self.start) or len(self.start) < START_ROWS):
            return [self.start]
        return self.chunks()

    def rows(self) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Row numbers and rows, one by one."""
        for chunk in self.chunks():
            yield from chunk.rows()

    def first_rows(self, limit: int) -> list[tuple[int, tuple[Cell, ...]]]:
        """Some rows from the start."""
        return list(islice(self.head(limit).rows(), limit))


def text_of(cell: Cell) -> str:
    """A cell as a person would read it in the file; null characters, which no database keeps, are left out."""
    if type(cell) is str:
        return cell.replace("\x00", "") if "\x00" in cell else cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def name_columns(cells: Iterable[object]) -> tuple[str, ...]:
    """Column names from a header row: trimmed, blank ones by their place, repeated ones numbered.

    Raises:
        TooLarge: More columns than an order file can have.
    """
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        wanted = (
            " ".join(str("" if cell is None else cell).replace("\ufeff", "").replace("\x00", "").split())[:100]
            or f"#{place}"
        )
        name, again = wanted, 2
        while name in taken:
            name = f"{wanted} ({again})"
            again += 1
        taken.add(name)
        names.append(name)
    if len(names) > MOST_COLUMNS:
        raise TooLarge(f"The file has {len(names):,} columns; one import takes at most {MOST_COLUMNS}.")
    return tuple(names)


def is_blank_row(row: Sequence[Cell]) -> bool:
    """Whether nothing stands in a row."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def find_header(first_rows: Sequence[tuple[int, Sequence[Cell]]]) -> tuple[int, tuple[str, ...]]:
    """The row number of the column names, and the names.

    The first row with two filled cells is it (a title above fills one), else the first row with anything in it.

    Raises:
        EmptyFile: Nothing stands in these rows.
    """
    filled = [(number, row) for number, row in first_rows if not is_blank_row(row)]
    if not filled:
        raise EmptyFile("There is nothing in this file. Export it again and check that it opens.")
    number, row = next(
        (
            (number, row)
            for number, row in filled[:HEADER_WITHIN]
            if sum(text_of(cell).strip() != "" for cell in row) > 1
        ),
        filled[0],
    )
    used = len(row)
    while used > 1 and not text_of(row[used - 1]).strip():
        used -= 1
    return number, name_columns(row[:used])


def chunks_of_rows(rows: Iterable[tuple[int, Sequence[Cell]]], width: int) -> Iterator[Chunk]:
    """Rows turned into chunks: blank ones dropped, short ones filled up, long ones cut (marked if cells are lost)."""
    numbers: list[int] = []
    kept: list[Sequence[Cell]] = []
    overlong: list[int] = []
    for number, row in rows:
        if not row or ((not row[0] or row[0] == " ") and is_blank_row(row)):
            continue
        if len(row) != width:
            if len(row) > width and not is_blank_row(row[width:]):
                overlong.append(len(kept))
            row = [*row[:width], *[""] * (width - len(row))]
        numbers.append(number)
        kept.append(row)
        if len(kept) == CHUNK_ROWS:
            yield Chunk(numbers, [list(column) for column in zip(*kept, strict=True)], frozenset(overlong))
            numbers, kept, overlong = [], [], []
    if kept:
        yield Chunk(numbers, [list(column) for column in zip(*kept, strict=True)], frozenset(overlong))


def with_start(table: Table, first: Chunk | None = None) -> Table:
    """The table with its first rows kept, once it is sure that it has any; `first` if they are known already.

    Raises:
        HeaderOnly: It has none.
    """
    first = next(table.read(), None) if first is None else first
    if first is None:
        raise HeaderOnly("The file has column names and no rows below them. Export it again with its orders.")
    return replace(table, start=first.head(START_ROWS))
