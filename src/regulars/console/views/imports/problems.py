"""Refused rows as a file: each with its reason and its own cells, to be corrected and imported again."""

from collections.abc import Iterator

from django.http import Http404, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from regulars.console import downloads
from regulars.console.access import StaffRequest, requires
from regulars.console.downloads import Cell
from regulars.console.imports import words as import_words
from regulars.core.tabular import safe_cell
from regulars.facts import imports_view
from regulars.facts.imports_view import ImportView
from regulars.staff import actions as staff


@requires("imports.run")
@require_safe
def problems(request: StaffRequest, import_id: int, ending: str) -> StreamingHttpResponse:
    """Every refused row; the download is recorded, since the rows name people."""
    view = imports_view.get(import_id)
    if view is None or ending not in downloads.FORMS:
        raise Http404
    staff.record(
        by=request.actor, action="imports.problems", at=timezone.now(), subject_kind="import", subject_id=view.id,
        detail={"rows": view.counts.get("rows_refused", 0)},
    )  # fmt: skip
    heading = [gettext("Row"), gettext("Column"), gettext("Reason"), *(view.report.get("names") or [])]
    # The names come from the file as well, so they are made as harmless as the cells.
    name = gettext("refused rows of %(file)s") % {"file": view.file_name.rsplit(".", 1)[0][:80]}
    return downloads.sent(name, ending, [safe_cell(name) for name in heading], _rows(view))


def _rows(view: ImportView) -> Iterator[list[Cell]]:
    """Row number, column and reason beside the cells as they were."""
    for problem in imports_view.every_problem(view.id):
        yield [problem.row, problem.column, import_words.reason(problem), *problem.cells]


urlpatterns = [
    path("imports/<int:import_id>/problems.<str:ending>", problems, name="import_problems"),
]
