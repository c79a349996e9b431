"""Cohorts: who comes again after the first purchase, how long customers stay, and customers by any two attributes."""

from collections.abc import Callable

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import downloads, fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.condition_words import speaker
from regulars.console.context import business_of
from regulars.console.picture.state import picture_state
from regulars.console.views.cohorts import crosstabs, grouped, staying, triangle
from regulars.insight import queries as insight
from regulars.insight.compute.periods import Unit
from regulars.insight.compute.pictures import Picture
from regulars.insight.compute.visits import Trait
from regulars.staff import actions as staff

PAGE = "cohorts"


@requires("insight.view")
@never_cache
def page(request: StaffRequest) -> HttpResponse:
    """The page; for somebody who turns a switch, only its part."""
    picture = insight.picture()
    part = fragments.asked(request) if picture is not None else ""
    context: dict[str, object] = {"has_picture": picture is not None, "unit": _unit(request).value}
    if part not in PARTS:
        context |= picture_state(request)
    if picture is not None:
        for one in [PARTS[part]] if part in PARTS else PARTS.values():
            context |= one(request, picture)
        if part not in PARTS:
            context |= _answer()
    return fragments.shown(request, f"cohorts/{part}.html" if part in PARTS else "cohorts/page.html", context)


def _answer() -> dict[str, object]:
    found = insight.cohorts(Unit.MONTH)
    answer = triangle.answer(found) if found else None
    told: dict[str, object] = {"answer": answer, "within": triangle.WITHIN}
    decline = insight.decline()
    return told | (staying.decline(decline) if decline else {})


def _triangle(request: StaffRequest, picture: Picture) -> dict[str, object]:
    unit, show = _unit(request), request.GET.get("show", "")
    show = show if show in triangle.SHOWS else "active"
    found = insight.cohorts(unit)
    assert found is not None
    return {
        "unit": unit.value,
        "units": [(one.value, label) for one, label in triangle.UNITS.items()],
        "show": show,
        "shows": triangle.SHOWS.items(),
        "few": triangle.FEW,
        "triangle": triangle.triangle(found, show, business_of(request).currency),
        "cohorts_said": staying.said(found.verdict),
    }


def _retention(request: StaffRequest, picture: Picture) -> dict[str, object]:
    unit = _unit(request)
    found = insight.retention(unit)
    return staying.overall(found) if found else {}


def _groups(request: StaffRequest, picture: Picture) -> dict[str, object]:
    if request.GET.get("by") == "segment":
        found = insight.segment_retention()
        return grouped.groups(found, "segment") if found else {}
    by = _trait(request, "by") or "channel"
    found = insight.retention(Unit.MONTH, by)
    return grouped.groups(found, by) if found else {}


def _survival(request: StaffRequest, picture: Picture) -> dict[str, object]:
    by = _trait(request, "curves")
    found = insight.survival(by)
    return staying.survival(found, by) if found else {}


def _cross(request: StaffRequest, picture: Picture) -> dict[str, object]:
    return crosstabs.shown(picture, speaker(request), request.GET)


PARTS: dict[str, Callable[[StaffRequest, Picture], dict[str, object]]] = {
    "triangle": _triangle, "retention": _retention, "groups": _groups, "survival": _survival, "cross": _cross,
}  # fmt: skip
"""Parts of the page by the id under which htmx asks for them, each with a template of its name."""


def _unit(request: StaffRequest) -> Unit:
    asked = request.GET.get("unit", "")
    return Unit(asked) if asked in {one.value for one in Unit} else Unit.MONTH


def _trait(request: StaffRequest, name: str) -> Trait | None:
    asked = request.GET.get(name, "")
    return next((one for one in staying.TRAITS if one == asked), None)


@requires("insight.export")
@require_POST
def export(request: StaffRequest, form: str) -> HttpResponseBase:
    """Every cohort and period with counts, shares, intervals and money, as CSV or XLSX; recorded."""
    if form not in downloads.FORMS:
        raise Http404
    asked = request.POST.get("unit", "")
    unit = Unit(asked) if asked in {one.value for one in Unit} else Unit.MONTH
    found = insight.cohorts(unit)
    if found is None:
        return redirect(PAGE)
    currency, rows = business_of(request).currency, sum(len(one.cells) for one in found.cohorts)
    detail = {"rows": rows, "format": form, "filter": ["cohorts", unit.value]}
    staff.record(by=request.actor, action="insight.export", at=timezone.now(), subject_kind="cohorts", detail=detail)
    name = f"cohorts-{unit.value}-{found.day}"
    return downloads.sent(name, form, triangle.heading(currency), triangle.rows_of(found, currency))


urlpatterns = [
    path("cohorts/", page, name=PAGE),
    path("cohorts/export/<str:form>/", export, name="cohorts_export"),
]
