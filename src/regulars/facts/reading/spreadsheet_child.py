"""Run as a program of its own: reads a spreadsheet and prints its rows as lines of JSON.

A damaged or hostile spreadsheet can make any reader ask for all memory, or never end. Here that ends this process,
under limits of its own, and not the one that serves people. The first line tells the sheet; each further line holds
rows. Failures end with a line {"failed": …}.
"""

import contextlib
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

MOST_MEMORY = 3 * 2**30
MOST_SECONDS = 300
ROWS_A_LINE = 2_000
MOST_CELLS = 100_000_000


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _plain(cell: Any) -> Any:
    """A cell as JSON: dates as ISO texts, numbers as they are, nothing as null."""
    kind = type(cell)
    if kind is str:
        return cell or None
    if kind is float or kind is int:
        return cell
    if kind is bool:
        return "TRUE" if cell else "FALSE"
    if kind is datetime:
        return _whole_seconds(cell).isoformat(sep=" ")
    if kind is date:
        return cell.isoformat()
    if kind is time:
        return _whole_seconds(datetime.combine(date(2000, 1, 1), cell)).time().isoformat()
    if kind is timedelta:
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return None if cell is None else str(cell)


def _whole_seconds(at: datetime) -> datetime:
    """Spreadsheets keep times as fractions of a day, which miss the second by some microseconds."""
    return (at + timedelta(microseconds=500_000)).replace(microsecond=0) if at.microsecond else at


def _sheet_with_data(workbook: CalamineWorkbook) -> CalamineSheet | None:
    sheets = [s for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
    for metadata in sorted(sheets, key=lambda s: s.visible != SheetVisibleEnum.Visible):
        sheet = workbook.get_sheet_by_name(metadata.name)
        if sheet.height:
            return sheet
    return None


def _lines(path: str) -> Iterator[Any]:
    with open(path, "rb") as file:
        workbook = CalamineWorkbook.from_filelike(file)
        sheet = _sheet_with_data(workbook)
        if sheet is None:
            yield {"failed": "empty"}
            return
        last_row, last_column = sheet.end or (0, 0)
        if (last_row + 1) * (last_column + 1) > MOST_CELLS:
            yield {"failed": "large"}
            return
        yield {"sheet": sheet.name, "rows": last_row + 1}
        rows: list[list[Any]] = []
        for row in sheet.iter_rows():
            rows.append([_plain(cell) for cell in row])
            if len(rows) == ROWS_A_LINE:
                yield rows
                rows = []
        yield rows


def main(path: str) -> None:
    """Print what stands in the spreadsheet at `path`."""
    _limit()
    out = sys.stdout.buffer
    try:
        for line in _lines(path):
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        out.write(b'{"end": true}\n')
    except PasswordError:
        out.write(b'{"failed": "password"}\n')
    except MemoryError:
        out.write(b'{"failed": "large"}\n')
    except (CalamineError, ValueError, TypeError, OSError, OverflowError, KeyError) as error:
        out.write(orjson.dumps({"failed": "damaged", "why": str(error)[:200]}, option=orjson.OPT_APPEND_NEWLINE))
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
