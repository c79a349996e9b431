"""One import on its way: checked, ready, posted, done, undone. Every step looks at the state under lock."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of, has_small_menu
from regulars.console.imports import words as import_words
from regulars.console.sayings import explain, explained
from regulars.core.errors import DomainError
from regulars.facts import actions as facts
from regulars.facts import imports_view
from regulars.facts.imports_view import ImportView
from regulars.flows import jobs
from regulars.loyalty import programme_view
from regulars.staff import actions as staff

JOBS = {"checking": jobs.check_import, "posting": jobs.post_import, "undoing": jobs.undo_import}


@requires("imports.view")
@never_cache
@require_safe
def show(request: StaffRequest, import_id: int) -> HttpResponse:
    """How an import stands, and what can be done next."""
    view = _found(import_id)
    if view.status == "mapping" and "imports.run" in request.capabilities:
        return redirect("import_columns", view.id)
    return render(request, "imports/show.html", _context(request, view))


@requires("imports.view")
@never_cache
@require_safe
def progress(request: StaffRequest, import_id: int) -> HttpResponse:
    """The part of the page that changes while a job works; in a small shop it ends with who the guests are."""
    view = _found(import_id)
    response = render(request, "imports/panel.html", _context(request, view))
    if view.status == "done" and has_small_menu(request.member, business_of(request)):
        response["HX-Redirect"] = reverse("today")
    return response


@requires("imports.run")
@require_POST
def post(request: StaffRequest, import_id: int) -> HttpResponse:
    """Import what was checked: confirmed once, whoever presses the button twice."""
    if programme_view.current() is None:
        messages.error(request, gettext("Set up the programme first, so that orders can earn points."))
        return redirect("settings_programme")
    return _move(request, import_id, to="posting", allowed=["ready"], action="imports.post")


@requires("imports.undo")
@require_POST
def undo(request: StaffRequest, import_id: int) -> HttpResponse:
    """Take back everything that an import told."""
    return _move(request, import_id, to="undoing", allowed=["done"], action="imports.undo")


@requires("imports.run")
@require_POST
def discard(request: StaffRequest, import_id: int) -> HttpResponse:
    """Give an import up; the file is deleted."""
    allowed = ["mapping", "ready", "failed"]
    _move(request, import_id, to="discarded", allowed=allowed, action="imports.discard")
    return redirect("imports")


@requires("imports.run")
@require_POST
def go_on(request: StaffRequest, import_id: int) -> HttpResponse:
    """Queue the work again when it has stopped."""
    view = _found(import_id)
    if view.under_way and not _is_at_work(view):
        jobs.start(JOBS[view.status], import_id=view.id)
    return redirect("import", view.id)


def _move(request: StaffRequest, import_id: int, *, to: str, allowed: list[str], action: str) -> HttpResponse:
    view, at = _found(import_id), timezone.now()
    try:
        with transaction.atomic():
            facts.move_to(
                import_id=view.id, status=to, allowed=allowed, at=at if to == "discarded" else None,
                actor=actors.key_of(request.actor),
            )  # fmt: skip
            staff.record(by=request.actor, action=action, at=at, subject_kind="import", subject_id=view.id)
            if to in JOBS:
                jobs.start(JOBS[to], import_id=view.id)
    except DomainError as error:
        messages.info(request, explained(error))
    return redirect("import", view.id)


def _found(import_id: int) -> ImportView:
    view = imports_view.get(import_id)
    if view is None:
        raise Http404
    return view


def _is_at_work(view: ImportView) -> bool:
    return jobs.is_waiting(JOBS[view.status], import_id=view.id) or imports_view.is_held(view.id)


def _context(request: StaffRequest, view: ImportView) -> dict[str, Any]:
    label, tone = import_words.STATES[view.status]
    names = actors.names_of([view.created_by, view.undone_by])
    counts = view.counts
    context: dict[str, Any] = {
        "view": view,
        "url_id": str(view.id),
        "panel": f"imports/panels/{view.status}.html",
        "state": label,
        "tone": tone,
        "by": names[view.created_by],
        "undone_by": names[view.undone_by],
        "own_zone": business_of(request).time_zone,
        "counts": counts,
        "can_choose": bool(view.upload),
    }
    if view.under_way:
        context |= {"stopped": not _is_at_work(view), **_how_far(view)}
    if view.status in ("ready", "done", "undone", "posting", "undoing"):
        rows_of = view.report.get("rows_of", {})
        context |= {
            "findings": import_words.notices(counts, rows_of),
            "first_at": _moment(view.report.get("first_at")),
            "last_at": _moment(view.report.get("last_at")),
            "given_back": counts.get("refunds", 0) + counts.get("cancellations", 0),
            "paid_per": view.report.get("paid_per", ""),
            "has_programme": programme_view.current() is not None,
        }
        kinds = imports_view.problem_kinds(view.id) if counts.get("rows_refused") else []
        context["problems"] = [
            {
                "reason": import_words.reason_of(kind.code, kind.found, kind.column),
                "column": kind.column,
                "count": kind.count,
                "rows": ", ".join(map(str, kind.rows)),
                "more": kind.count > len(kind.rows),
            }
            for kind in kinds
        ]
    if view.status == "failed":
        context["failure"] = explain(view.failure_code, view.failure)
    return context


def _how_far(view: ImportView) -> dict[str, Any]:
    """How much is done, of how much, where that is known; as texts, since a template would group their digits."""
    if view.status == "posting":
        done, whole = view.posted, view.staged
    elif view.status == "undoing":
        done, whole = view.step, view.counts.get("recorded", 0)
    else:
        done, whole = view.step, int(view.sample.get("rows") or 0)
    known = whole > 0
    return {
        "done": done,
        "whole": whole if known else None,
        "bar_value": str(min(done, whole)) if known else "",
        "bar_max": str(whole) if known else "",
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


urlpatterns = [
    path("imports/<int:import_id>/", show, name="import"),
    path("imports/<int:import_id>/progress/", progress, name="import_progress"),
    path("imports/<int:import_id>/post/", post, name="import_post"),
    path("imports/<int:import_id>/undo/", undo, name="import_undo"),
    path("imports/<int:import_id>/discard/", discard, name="import_discard"),
    path("imports/<int:import_id>/go-on/", go_on, name="import_go_on"),
]
