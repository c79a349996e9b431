"""Old and new side by side 新旧对账: a table of the old programme compared with the books, and every difference."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console import actors, downloads, fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.imports import comparisons
from regulars.console.imports.comparisons import Asked
from regulars.console.pages import Counted
from regulars.console.sayings import explained
from regulars.console.views.imports.balances import MOST_MEGABYTES, BalancesForm, read_form
from regulars.console.views.imports.upload import SizeLimit
from regulars.core.errors import DomainError
from regulars.flows.compare_balances import receive_comparison
from regulars.flows.settings import programme
from regulars.loyalty import programme_view
from regulars.loyalty.taking_over import queries
from regulars.loyalty.taking_over.rules import Run
from regulars.staff import actions as staff

PER_PAGE = 30


@requires("insight.view")
@csrf_exempt  # the check comes below, once the limit on the size is in place
@never_cache
def compare(request: StaffRequest) -> HttpResponse:
    """Every comparison so far, and the form for another."""
    request.upload_handlers.insert(0, SizeLimit(request))
    return _compare(request)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _compare(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" or "imports.run" not in request.capabilities:  # type: ignore[attr-defined]
        return _page(request, BalancesForm.empty(), status=200 if request.method != "POST" else 403)
    form = read_form(request)
    if programme_view.current() is None:
        form.add_error(None, gettext("Set up the programme first: tiers are looked up in it."))
    if form.is_valid():
        actor, at, file = request.actor, timezone.now(), form.cleaned_data["file"]  # type: ignore[attr-defined]
        policies, zone = programme()
        try:
            run_id = receive_comparison(
                file=file, file_name=file.name, settings=form.settings(request), policies=policies, zone=zone,
                today=timezone.localdate(), actor=actors.key_of(actor), at=at,
            )  # fmt: skip
        except DomainError as error:
            form.add_error("file", explained(error))
        else:
            staff.record(by=actor, action="imports.compare", at=at, subject_kind="comparison", subject_id=run_id)
            return redirect("comparison", run_id)
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: BalancesForm, status: int = 200) -> HttpResponse:
    runs = queries.runs()
    context = {"form": form, "most": MOST_MEGABYTES, "runs": runs, "trend": comparisons.trend(runs)}
    return render(request, "imports/compare.html", context, status=status)


@requires("insight.view")
@never_cache
@require_safe
def comparison(request: StaffRequest, run_id: int) -> HttpResponse:
    """One comparison: counts first, then who differs; for somebody who filters or turns pages, only the list."""
    run, asked = _found(run_id), Asked.read(request.GET)
    count = queries.found(run.id, asked.wanted)
    page = Paginator(Counted(count), PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.page(run.id, asked.wanted, offset=(page.number - 1) * PER_PAGE, most=PER_PAGE)
    context = {
        "run": run,
        "url_id": str(run.id),
        "asked": asked,
        "count": count,
        "page": page,
        "lines": comparisons.lines(request, run, rows),
        **comparisons.filters(run, asked, queries.counts(run.id)),
    }
    part = fragments.asked(request) == "differences"
    if not part:
        context |= comparisons.answer(run)
    return fragments.shown(request, "imports/differences.html" if part else "imports/comparison.html", context)


@requires("insight.export")
@require_POST
def export(request: StaffRequest, run_id: int, form: str) -> HttpResponseBase:
    """The differences that are shown, all of them, as CSV or XLSX. The export is recorded."""
    if form not in downloads.FORMS:
        raise Http404
    run, asked = _found(run_id), Asked.read(request.POST)
    rows = queries.found(run.id, asked.wanted)
    staff.record(
        by=request.actor, action="imports.compared_export", at=timezone.now(), subject_kind="comparison",
        subject_id=run.id, detail={"rows": rows, "format": form},
    )  # fmt: skip
    heading, cells = comparisons.table(request, run, queries.every(run.id, asked.wanted))
    return downloads.sent(f"comparison-{run.as_of}", form, heading, cells)


def _found(run_id: int) -> Run:
    run = queries.run(run_id)
    if run is None:
        raise Http404
    return run


urlpatterns = [
    path("imports/compare/", compare, name="compare"),
    path("imports/compare/<int:run_id>/", comparison, name="comparison"),
    path("imports/compare/<int:run_id>/export/<str:form>/", export, name="comparison_export"),
]
