"""Opening a file as a table, by what stands in it: names lie, and exports call web pages .xls."""

from pathlib import Path

from regulars.facts.reading.csv_files import open_csv
from regulars.facts.reading.errors import EmptyFile, TooLarge, UnreadableFile
from regulars.facts.reading.parquet_files import open_parquet
from regulars.facts.reading.spreadsheets import OLE_MARK, open_spreadsheet
from regulars.facts.reading.table import MOST_BYTES, Table

__all__ = ["Table", "open_table"]

_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "packed (gzip)",
    b"7z\xbc\xaf": "packed (7z)",
    b"Rar!": "packed (rar)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite": "a database",
}


def open_table(path: Path | str) -> Table:
    """The table in a CSV, XLSX, XLS or Parquet file.

    Raises:
        UnreadableFile: One of its kinds, with a message that says what to do.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise UnreadableFile(f"The file {path.name!r} cannot be opened: {error.strerror or error}.") from error
    if size == 0:
        raise EmptyFile("The file is empty. Export it again and check that it opens.")
    if size > MOST_BYTES:
        raise TooLarge(f"A file may have at most {MOST_BYTES // 2**20} MB. Split it, for instance by year.")
    for mark, what in _FOREIGN.items():
        if start.startswith(mark):
            raise UnreadableFile(f"This file is {what}, not a table. Export the orders as .xlsx or CSV.")
    if start.startswith((b"PAR1", b"PARE")):
        return open_parquet(path)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", OLE_MARK)):
        return open_spreadsheet(path)
    return open_csv(path)
