"""Refused rows as a file: each with its reason and its own cells, to be corrected and imported again."""

import csv
import io
from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from regulars.console import import_words
from regulars.console.access import StaffRequest, requires
from regulars.core.tabular import safe_cell
from regulars.facts import imports_view
from regulars.facts.imports_view import ImportView
from regulars.staff import actions as staff

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires("imports.run")
@require_safe
def problems(request: StaffRequest, import_id: int, ending: str) -> HttpResponseBase:
    """Every refused row; the download is recorded, since the rows name people."""
    view = imports_view.get(import_id)
    if view is None or ending not in ("csv", "xlsx"):
        raise Http404
    staff.record(
        by=request.actor, action="imports.problems", at=timezone.now(), subject_kind="import", subject_id=view.id,
        detail={"rows": view.counts.get("rows_refused", 0)},
    )  # fmt: skip
    response: HttpResponseBase
    if ending == "csv":
        response = StreamingHttpResponse(_csv(_rows(view)), content_type="text/csv; charset=utf-8")
    else:
        response = _xlsx(_rows(view))
    name = gettext("refused rows of %(file)s") % {"file": view.file_name.rsplit(".", 1)[0][:80]}
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}") or "attachment"
    return response


def _rows(view: ImportView) -> Iterator[list[Any]]:
    """A header, then row number, column and reason beside the cells as they were."""
    names = view.report.get("names") or []
    yield [gettext("Row"), gettext("Column"), gettext("Reason"), *names]
    for problem in imports_view.every_problem(view.id):
        yield [problem.row, problem.column, import_words.reason(problem), *problem.cells]


def _csv(rows: Iterator[list[Any]]) -> Iterator[bytes]:
    """With a mark at the start, so that a spreadsheet reads Chinese as what it is."""
    yield b"\xef\xbb\xbf"
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    for row in rows:
        writer.writerow(_harmless(row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _xlsx(rows: Iterator[list[Any]]) -> HttpResponse | FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(gettext("Refused rows")[:31])
    for row in rows:
        sheet.append([_printable(cell) for cell in _harmless(row)])
    file = TemporaryFile()  # noqa: SIM115 — the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, content_type=XLSX)


def _harmless(row: Sequence[Any]) -> list[Any]:
    """No cell is run as a formula by whoever opens the file."""
    return [safe_cell(cell) for cell in row]


def _printable(cell: Any) -> Any:
    """Control characters, which a spreadsheet file cannot hold, left out."""
    return "".join(ch for ch in cell if ch >= " " or ch in "\t\n\r") if isinstance(cell, str) else cell


urlpatterns = [
    path("imports/<int:import_id>/problems.<str:ending>", problems, name="import_problems"),
]
