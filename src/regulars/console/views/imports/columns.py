"""Choosing what the columns of a file mean, with the first rows as they would be recorded."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.imports import column_form
from regulars.console.imports import words as import_words
from regulars.console.imports.column_form import ReadingForm
from regulars.console.lines import shown_phone
from regulars.console.sayings import explain, explained
from regulars.core.errors import DomainError
from regulars.customers.rules import mask_email
from regulars.facts import actions as facts
from regulars.facts import imports_view
from regulars.facts.actions.imports import CHOOSING
from regulars.facts.checking import settings_of
from regulars.facts.connectors.orders_file import MappingIncomplete
from regulars.facts.connectors.orders_file.settings import require_columns
from regulars.facts.imports_view import ImportView
from regulars.facts.kinds import order_cancelled, order_completed
from regulars.facts.reading.columns import Mapping, fingerprint
from regulars.facts.reading.samples import sampled_table
from regulars.facts.rules import IdentityKind
from regulars.flows import jobs
from regulars.flows.preview_import import Preview, PreviewLine, preview_import
from regulars.flows.settings import programme
from regulars.loyalty.rules import InvalidPolicy

MOST_REASONS = 3


@requires("imports.run")
@require_http_methods(["GET", "POST"])
def columns(request: StaffRequest, import_id: int) -> HttpResponse:
    """Say how the file is read, then have it checked whole."""
    view = choosable(import_id)
    if view is None:
        return redirect("import", import_id)
    table = sampled_table(view.sample)
    if request.method != "POST":
        form = ReadingForm(
            initial=ReadingForm.start(view.source or _usual_source(request, view), view.time_zone, view.settings)
        )
        return _page(request, view, form, Mapping.from_json(view.mapping), {})
    form = ReadingForm(request.POST)
    mapping, problems = column_form.chosen(request.POST, table.names)
    try:
        require_columns(mapping)
    except MappingIncomplete as error:
        form.add_error(None, explained(error))
    if not form.is_valid() or problems:
        return _page(request, view, form, mapping, problems, status=422)
    data = form.cleaned_data
    try:
        with transaction.atomic():
            facts.choose(
                import_id=view.id, source=data["source"].strip(), time_zone=data["time_zone"],
                mapping=mapping.to_json(), settings=form.settings(business_of(request).currency),
            )  # fmt: skip
            facts.keep_mapping(
                fingerprint=fingerprint(table.names), mapping=mapping.to_json(), source=data["source"].strip(),
                time_zone=data["time_zone"],
            )  # fmt: skip
            jobs.start(jobs.check_import, import_id=view.id)
    except DomainError as error:
        messages.info(request, explained(error))
    return redirect("import", view.id)


@requires("imports.run")
@require_POST
def preview(request: StaffRequest, import_id: int) -> HttpResponse:
    """What the first rows would become under what is chosen so far."""
    view = choosable(import_id)
    if view is None:
        return HttpResponse(status=204)
    form = ReadingForm(request.POST)
    mapping, _problems = column_form.chosen(request.POST, view.sample["names"])
    return render(request, "imports/preview.html", _preview(request, view, form, mapping))


def choosable(import_id: int) -> ImportView | None:
    """The import, if its columns can still be chosen; None when it has moved on."""
    view = imports_view.get(import_id)
    if view is None:
        raise Http404
    return view if view.status in CHOOSING and view.upload and view.sample else None


def _usual_source(request: StaffRequest, view: ImportView) -> str:
    """The name used for such a file before, else the one used last, else the business's own."""
    kept = imports_view.kept_mapping(fingerprint(view.sample["names"]))
    if kept is not None:
        return kept.source
    return next(iter(imports_view.source_names()), "") or business_of(request).name


def _page(
    request: StaffRequest,
    view: ImportView,
    form: ReadingForm,
    mapping: Mapping,
    problems: dict[str, str],
    status: int = 200,
) -> HttpResponse:
    table = sampled_table(view.sample)
    meanings = {name: str(field) for field, name in mapping.columns.items()}
    context = {
        "view": view,
        "url_id": str(view.id),
        "form": form,
        "rows": column_form.rows(table, meanings, problems),
        "options": column_form.options(),
        "sources": imports_view.source_names(),
        "kept": imports_view.kept_mapping(fingerprint(table.names)) is not None,
        "total": view.sample.get("rows"),
        "failure": explain(view.failure_code, view.failure) if view.status == "failed" else "",
        "open_more": bool(
            view.failure_code == "ambiguous_dates" or set(form.errors) & {"day_first", "paid_per", "region"}
        ),
    }
    return render(request, "imports/columns.html", context | _preview(request, view, form, mapping), status=status)


def _preview(request: StaffRequest, view: ImportView, form: ReadingForm, mapping: Mapping) -> dict[str, Any]:
    """The first rows as they would be recorded; a form that is not complete yet counts as far as it goes."""
    business = business_of(request)
    if form.is_bound:
        form.is_valid()
        data = {name: value for name, value in getattr(form, "cleaned_data", {}).items() if value not in ("", None)}
        shown = replace(view, source=data.get("source", "?"), time_zone=data.get("time_zone", view.time_zone))
        if not form.errors.keys() & {"day_first", "paid_per", "channel", "region"}:
            shown = replace(shown, settings=form.settings(business.currency))
    else:
        shown = replace(view, source=str(form.initial["source"]) or "?")
    try:
        policies, zone = programme()
    except InvalidPolicy:
        return {"preview": None}
    settings = replace(settings_of(shown, timezone.now()), currency=business.currency)
    found = preview_import(sample=dict(view.sample), mapping=mapping, settings=settings, policies=policies, zone=zone)
    return {"preview": _told(found), "zone": shown.time_zone, "own_zone": business.time_zone}


def _told(found: Preview) -> dict[str, Any]:
    refused = [(code, count) for code, count in found.report.problem_counts.most_common(MOST_REASONS)]
    first = {problem.code: problem for problem in reversed(found.report.problems)}
    return {
        "error": explained(found.error) if found.error else "",
        "lines": [_line(line) for line in found.lines],
        "rows": found.report.rows,
        "refused": found.report.rows_refused,
        "reasons": [
            {
                "text": import_words.reason_of(code, first[code].found, first[code].column),
                "row": str(first[code].row),
                "count": count,
            }
            for code, count in refused
            if code in first
        ],
        "notices": import_words.notices(found.report.found, found.report.samples),
    }


def _line(line: PreviewLine) -> dict[str, Any]:
    fact = line.fact
    if fact.kind == order_completed.CODE:
        kind = "order"
    else:
        kind = "cancelled" if fact.kind == order_cancelled.CODE else "refund"
    phone = next((one.value for one in fact.identities if one.kind == IdentityKind.PHONE), "")
    other = next((one.value for one in fact.identities if one.kind not in (IdentityKind.PHONE, IdentityKind.EMAIL)), "")
    email = next((one.value for one in fact.identities if one.kind == IdentityKind.EMAIL), "")
    who = [
        str(fact.profile.get("name") or ""),
        other,
        shown_phone(phone),
        mask_email(email) if email else "",
    ]
    return {
        "kind": kind,
        "at": line.at,
        "key": fact.subject or ("" if fact.key.startswith("#") else fact.key),
        "who": " · ".join(word for word in who if word),
        "known": bool(fact.identities),
        "amount": fact.amount,
        "points": line.points,
    }


urlpatterns = [
    path("imports/<int:import_id>/columns/", columns, name="import_columns"),
    path("imports/<int:import_id>/preview/", preview, name="import_preview"),
]
