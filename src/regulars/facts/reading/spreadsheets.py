"""Excel files, .xlsx and .xls, read by a process of its own: see spreadsheet_child."""

import contextlib
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from regulars.facts.reading.errors import EmptyFile, EncryptedFile, TooLarge, TruncatedFile, UnreadableFile
from regulars.facts.reading.table import (
    HEADER_WITHIN,
    START_ROWS,
    Cell,
    Chunk,
    Table,
    chunks_of_rows,
    find_header,
    with_start,
)

CHILD = Path(__file__).with_name("spreadsheet_child.py")
MOST_PACKED_BYTES = 200 * 2**20
MOST_UNPACKED_BYTES = 2 * 2**30
MOST_ENTRIES = 10_000
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_spreadsheet(path: Path) -> Table:
    """The first visible sheet with anything in it.

    Raises:
        UnreadableFile: It is damaged, empty, too large, or asks for a password.
    """
    form = _inspect(path)
    lines = _child_lines(path)
    try:
        about = next(lines)
        first = list(islice(_numbered(lines), START_ROWS + HEADER_WITHIN))
    finally:
        lines.close()
    header_row, names = find_header(first[:50])

    def read() -> Iterator[Chunk]:
        reading = _child_lines(path)
        with contextlib.closing(reading):
            next(reading)
            yield from chunks_of_rows(islice(_numbered(reading), header_row, None), len(names))

    table = Table(names, form, str(about["sheet"]), int(about["rows"]) - header_row, read)
    return with_start(table, next(chunks_of_rows(first[header_row:], len(names)), None))


def _inspect(path: Path) -> str:
    """'xlsx' or 'xls', after what can be told without unpacking it."""
    if path.stat().st_size > MOST_PACKED_BYTES:
        raise TooLarge(f"A spreadsheet may have at most {MOST_PACKED_BYTES // 2**20} MB. Save it as CSV, or split it.")
    with path.open("rb") as file:
        if file.read(8) == OLE_MARK:
            # An .xlsx with a password is packed into an old-style container; the name stands in its directory.
            file.seek(0)
            if "EncryptedPackage".encode("utf-16-le") in file.read():
                raise EncryptedFile("The file asks for a password. Open it, save it without one, and import that.")
            return "xls"
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise TruncatedFile("The spreadsheet is damaged or was cut off. Save or upload it again.") from error
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise TooLarge("The spreadsheet unpacks to more than 2 GB. Save it as CSV, or split it.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedFile("The file asks for a password. Open it, save it without one, and import that.")
    if not any(entry.filename.lower() == "xl/workbook.xml" for entry in entries):
        raise UnreadableFile("This is a packed file and not an .xlsx spreadsheet. Unpack it, or save it as .xlsx.")
    return "xlsx"


def _child_lines(path: Path) -> Generator[Any, None, None]:
    """What the reading process says, line by line; it is stopped when nobody listens any more."""
    command = [sys.executable, "-P", str(CHILD), str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None
        try:
            for raw in child.stdout:
                try:
                    line = orjson.loads(raw)
                except orjson.JSONDecodeError as error:
                    raise UnreadableFile(
                        "The spreadsheet could not be read to its end. Save it again as .xlsx."
                    ) from error
                if isinstance(line, dict):
                    if "end" in line:
                        return
                    _raise_failure(line)
                yield line
            raise UnreadableFile("The spreadsheet is damaged, or too large for the memory. Save it again as CSV.")
        finally:
            child.kill()


def _raise_failure(line: dict[str, Any]) -> None:
    failed = line.get("failed")
    if failed == "password":
        raise EncryptedFile("The file asks for a password. Open it, save it without one, and import that.")
    if failed == "empty":
        raise EmptyFile("There is nothing in this spreadsheet. Export it again and check that it opens.")
    if failed == "large":
        raise TooLarge("The spreadsheet is too large for the memory. Save it as CSV, or split it.")
    if failed:
        raise UnreadableFile("The spreadsheet is damaged. Open it in a spreadsheet program and save it again as .xlsx.")


def _numbered(lines: Iterator[Any]) -> Iterator[tuple[int, list[Cell]]]:
    number = 0
    for rows in lines:
        for row in rows:
            number += 1
            yield number, row
