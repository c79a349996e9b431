"""Refused rows as a file: each with its reason and its own cells, to be corrected and imported again."""

from collections.abc import Iterator

from django.http import Http404, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from regulars.console.access import StaffRequest, requires
from regulars.console.downloads import Cell, as_csv, as_xlsx
from regulars.console.imports import words as import_words
from regulars.core.tabular import safe_cell
from regulars.facts import imports_view
from regulars.facts.imports_view import ImportView
from regulars.staff import actions as staff

FORMS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@requires("imports.run")
@require_safe
def problems(request: StaffRequest, import_id: int, ending: str) -> StreamingHttpResponse:
    """Every refused row; the download is recorded, since the rows name people."""
    view = imports_view.get(import_id)
    if view is None or ending not in FORMS:
        raise Http404
    staff.record(
        by=request.actor, action="imports.problems", at=timezone.now(), subject_kind="import", subject_id=view.id,
        detail={"rows": view.counts.get("rows_refused", 0)},
    )  # fmt: skip
    write, kind = FORMS[ending]
    heading = [gettext("Row"), gettext("Column"), gettext("Reason"), *(view.report.get("names") or [])]
    # The names come from the file as well, so they are made as harmless as the cells.
    response = StreamingHttpResponse(write([safe_cell(name) for name in heading], _rows(view)), content_type=kind)
    name = gettext("refused rows of %(file)s") % {"file": view.file_name.rsplit(".", 1)[0][:80]}
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}") or "attachment"
    return response


def _rows(view: ImportView) -> Iterator[list[Cell]]:
    """Row number, column and reason beside the cells as they were."""
    for problem in imports_view.every_problem(view.id):
        yield [problem.row, problem.column, import_words.reason(problem), *problem.cells]


urlpatterns = [
    path("imports/<int:import_id>/problems.<str:ending>", problems, name="import_problems"),
]
