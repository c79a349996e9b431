"""Text tables: UTF-8, UTF-16 with its mark, or GB18030; commas, semicolons, tabs or bars between the cells."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from regulars.facts.reading.errors import TruncatedFile, UnknownEncoding, UnreadableFile
from regulars.facts.reading.table import Cell, Chunk, Table, chunks_of_rows, find_header, with_start

LONGEST_LINE = 2**20
BLOCK = 2**20
DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_EXCEL_HINT = re.compile(r"sep=(.)\s*$")
_SAVE_AS = "Open it in a spreadsheet and save it as .xlsx or as “CSV UTF-8”."


def open_csv(path: Path) -> Table:
    """The table in a text file.

    Raises:
        UnreadableFile: It is not text, not a table, or holds no rows.
    """
    encoding = find_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(BLOCK // 4)
    if _CONTROL.search(start):
        raise UnreadableFile(f"This is not a table of text. {_SAVE_AS}")
    if re.match(r"\s*<(!doctype|html|\?xml|table|meta|head|body|style)\b", start, re.IGNORECASE):
        raise UnreadableFile(f"This is a web page under the name of a table. {_SAVE_AS}")
    lines = start.splitlines(keepends=True)
    hint = _EXCEL_HINT.match(lines[0]) if lines else None
    delimiter = hint[1] if hint else find_delimiter(start)
    header_row, names = find_header(list(islice(_records(path, encoding, delimiter, skip=1 if hint else 0), 50)))

    def read() -> Iterator[Chunk]:
        return chunks_of_rows(islice(_records(path, encoding, delimiter), header_row, None), len(names))

    detail = f"{encoding.upper().replace('-SIG', '')}, {DELIMITERS.get(delimiter, delimiter)}"
    return with_start(Table(names, "csv", detail, None, read))


def find_encoding(path: Path) -> str:
    """The encoding, proven over the whole file: a guess from its start would spoil names further down.

    Raises:
        UnknownEncoding: None of those that are known fits.
        TruncatedFile: It ends within a character.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8"
    wide, failure = _decodes(path, encoding)
    if failure is None:
        return encoding
    if failure == "unexpected end of data" or (encoding == "utf-16" and failure == "truncated data"):
        raise TruncatedFile("The file ends in the middle of a character: it was cut off. Export or upload it again.")
    # Chinese text in GB18030 fails as UTF-8 within its first few characters; later failures are damage.
    if encoding == "utf-8" and wide < 20 and _looks_chinese(path) and _decodes(path, "gb18030")[1] is None:
        return "gb18030"
    raise UnknownEncoding(f"The text is damaged, or it is neither UTF-8 nor GB18030. {_SAVE_AS}")


def _decodes(path: Path, encoding: str) -> tuple[int, str | None]:
    """How many characters beyond ASCII came before the first failure, and what failed (None: nothing)."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, "ignore")
                return wide + sum(character > "\x7f" for character in good), error.reason
            except UnicodeError as error:
                return wide, str(error)
            if not block:
                return wide, None
            if wide < 1000 and not text.isascii():
                wide += sum(character > "\x7f" for character in text)


def _looks_chinese(path: Path) -> bool:
    """Whether most bytes beyond ASCII stand in pairs, as in Chinese; in Western text ('é') they stand alone."""
    pairs = alone = 0
    with path.open("rb") as file:
        for run in re.finditer(rb"[\x80-\xff]+", file.read(BLOCK)):
            if len(run[0]) > 1:
                pairs += len(run[0]) // 2
            else:
                alone += 1
    return pairs >= 2 * alone


def find_delimiter(start: str) -> str:
    """The character that cuts the first lines into the same number of cells, two or more, most steadily."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            rows = [
                row for row in islice(csv.reader(start.splitlines(keepends=True), delimiter=delimiter), 60) if any(row)
            ]
        except csv.Error:
            continue
        # The last line of the sample may be cut off.
        widths = [len(row) for row in rows[: max(1, len(rows) - 1)]]
        width, steady = Counter(widths).most_common(1)[0] if widths else (0, 0)
        if width < 2:
            continue
        score = (round(steady / len(widths), 1) + (0.5 if widths[0] == width else 0.0), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _records(path: Path, encoding: str, delimiter: str, *, skip: int = 0) -> Iterator[tuple[int, list[Cell]]]:
    """Records with their numbers, as a spreadsheet would number them; the first `skip` are left out."""
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
        try:
            for number, record in enumerate(reader, start=1):
                if number > skip:
                    yield number, record  # type: ignore[misc]
        except csv.Error as error:
            raise UnreadableFile(_explain(str(error), number + 1)) from error
        except UnicodeError as error:
            raise UnknownEncoding(f"The text is damaged near row {number + 1}. {_SAVE_AS}") from error


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise UnreadableFile(f"A line is longer than a million characters: this is not a table. {_SAVE_AS}")
        yield line


def _explain(error: str, row: int) -> str:
    if "end of data" in error or "field larger" in error:
        return f"Row {row}: a quotation mark is opened and never closed. Correct it, or export the file as .xlsx."
    return f"Row {row}: a quotation mark stands in the wrong place ({error}). Correct it, or export the file as .xlsx."
