"""Tables as files that are written while they are sent: CSV and XLSX."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from regulars.core.tabular import safe_cell


class Formula(NamedTuple):
    """What a cell is computed by, '=…' over other cells, and what it comes to, for programs that do not compute."""

    text: str
    value: Decimal


Cell = str | int | Decimal | date | Formula | None
Writer = Callable[[Sequence[str], Iterable[Sequence[Cell]]], Iterator[bytes]]
PORTION_BYTES = 64 * 1024
DAY_ZERO = date(1899, 12, 30).toordinal()
NOT_IN_XML = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: None, 0xFFFF: None}

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
OPEN = "http://schemas.openxmlformats.org"
MAIN = f"{OPEN}/spreadsheetml/2006/main"
OFFICE = f"{OPEN}/officeDocument/2006/relationships"
SHEET_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# What an .xlsx holds besides its sheet. In the styles, 1 is a date and 2 the bold heading.
PARTS = {
    "[Content_Types].xml": f"""{XML}<Types xmlns="{OPEN}/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{SHEET_KIND}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_KIND}.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{SHEET_KIND}.styles+xml"/></Types>""",
    "_rels/.rels": f"""{XML}<Relationships xmlns="{OPEN}/package/2006/relationships">
<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">
<sheets><sheet name="Regulars" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""{XML}<Relationships xmlns="{OPEN}/package/2006/relationships">
<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>""",
    "xl/styles.xml": f"""{XML}<styleSheet xmlns="{MAIN}">
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>
<fonts count="2"><font/><font><b/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf xfId="0"/><xf numFmtId="164" applyNumberFormat="1" xfId="0"/>
<xf fontId="1" applyFont="1" xfId="0"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>""",
}
SHEET_START = f"""{XML}<worksheet xmlns="{MAIN}">
<sheetViews><sheetView workbookViewId="0">
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>
<sheetFormatPr defaultRowHeight="15" defaultColWidth="16"/><sheetData>"""
SHEET_END = "</sheetData></worksheet>"


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """UTF-8 with a BOM, so that Excel reads Chinese; a text that it would run as a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    yield b"\xef\xbb\xbf"
    writer.writerow(heading)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
        if text.tell() > PORTION_BYTES:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_xlsx(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """One sheet with a frozen heading. Texts are texts there, so no formula hides in them; `Formula` alone is one."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(SHEET_START.encode())
            sheet.write(_row([_text(name, ' s="2"') for name in heading]))
            for row in rows:
                sheet.write(_row([_cell(cell) for cell in row]))
                if len(out.waiting) > PORTION_BYTES:
                    yield out.take()
            sheet.write(SHEET_END.encode())
    yield out.take()


def _row(cells: list[str]) -> bytes:
    return f"<row>{''.join(cells)}</row>".encode()


def _plain(cell: Cell) -> object:
    """A cell of a text table, which is only read: of a formula what it comes to."""
    value = cell.value if isinstance(cell, Formula) else cell
    return "" if value is None else safe_cell(value)


def _cell(value: Cell) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return f'<c s="1"><v>{value.toordinal() - DAY_ZERO}</v></c>'
    if isinstance(value, Formula):
        return f"<c><f>{escape(value.text.removeprefix('='))}</f><v>{value.value}</v></c>"
    return f"<c><v>{value}</v></c>"


def _text(value: str, style: str = "") -> str:
    clean = escape(value.translate(NOT_IN_XML))
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{clean}</t></is></c>'


class _Pipe(io.RawIOBase):
    """A file that is never kept whole: what was written waits until it is taken."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.waiting += piece
        return len(piece)

    def take(self) -> bytes:
        """Everything since the last time."""
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


FORMS: dict[str, tuple[Writer, str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""What a table can be written as: the writer, and the content type."""
