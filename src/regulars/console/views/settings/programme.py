"""The programme: what it promises now, what it promised before, and writing the next version."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.programme import form as programme_form
from regulars.console.programme import words as programme_words
from regulars.console.programme.form import ProgrammeForm, TierForms, Tiers
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.core.money import minor_digits
from regulars.flows import jobs
from regulars.flows.change_settings import change_programme
from regulars.loyalty import programme_view
from regulars.loyalty.programme_view import Version
from regulars.loyalty.rules import preset_terms


@requires("settings.view")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """The programme in words, and its history."""
    currency = business_of(request).currency
    versions = programme_view.versions()
    names = actors.names_of(version.created_by for version in versions)
    history = [
        {
            "version": version,
            "number": str(version.number),
            "by": names[version.created_by],
            "changes": _changes(version, versions[place + 1] if place + 1 < len(versions) else None, currency),
        }
        for place, version in enumerate(versions)
    ]
    context: dict[str, Any] = {"history": history, "terms": None}
    if versions:
        terms = versions[0].terms
        tiers = [{"name": programme_words.name_of(t["names"]), "from": t["threshold"]} for t in terms["tiers"]]
        promises = programme_words.sentences(terms, currency)[: -len(tiers)]
        examples = programme_words.examples(terms, currency)[:1]
        context |= {"terms": terms, "tiers": tiers, "promises": promises, "examples": examples}
    return page(request, "programme", tab="settings_programme", context=context)


def _changes(version: Version, earlier: Version | None, currency: str) -> list[str]:
    """What a version says that the one before did not; nothing for the first one."""
    if earlier is None:
        return []
    before = set(programme_words.sentences(earlier.terms, currency))
    changed = [said for said in programme_words.sentences(version.terms, currency) if said not in before]
    fewer = len(earlier.terms["tiers"]) - len(version.terms["tiers"])
    if fewer > 0 and not changed:
        changed.append(gettext("There are fewer tiers."))
    zone, zone_before = version.terms.get("time_zone"), earlier.terms.get("time_zone")
    if zone != zone_before:
        changed.append(gettext("Days begin by the clock of %(zone)s.") % {"zone": zone})
    return changed


@requires("settings.edit")
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest) -> HttpResponse:
    """Write the next version and put it live."""
    currency = business_of(request).currency
    current = programme_view.current()
    if request.method != "POST":
        terms: Mapping[str, Any] = current.terms if current else preset_terms(minor_digits(currency))
        fields, rows = programme_form.start(terms, currency)
        form = ProgrammeForm(initial=fields | {"after": current.id if current else None}, currency=currency)
        return _form_page(request, form, Tiers(initial=rows, prefix="tiers"), current, terms)
    form, tiers = ProgrammeForm(request.POST, currency=currency), Tiers(request.POST, prefix="tiers")
    if form.is_valid() and tiers.is_valid():
        try:
            return _save(request, form, tiers, current)
        except DomainError as error:
            form.add_error(None, explained(error))
    return _form_page(request, form, tiers, current, None, status=422)


def _save(request: StaffRequest, form: ProgrammeForm, tiers: TierForms, current: Version | None) -> HttpResponse:
    terms = programme_form.terms_of(form, tiers)
    if current is not None and {k: v for k, v in current.terms.items() if k != "time_zone"} == terms:
        messages.info(request, gettext("Nothing was changed."))
        return redirect("settings_programme")
    with transaction.atomic():
        change_programme(
            terms=terms, after=form.cleaned_data["after"], by=request.actor, key=actors.key_of(request.actor),
            at=timezone.now(),
        )  # fmt: skip
        jobs.start(jobs.rate_again)
    messages.success(request, gettext("The new terms are live. Tiers are being worked out again."))
    return redirect("settings_programme")


def _form_page(
    request: StaffRequest,
    form: ProgrammeForm,
    tiers: TierForms,
    current: Version | None,
    terms: Mapping[str, Any] | None,
    status: int = 200,
) -> HttpResponse:
    examples = programme_words.examples(terms, form.currency) if terms else []
    context = {
        "form": form,
        "tiers": tiers,
        "examples": examples,
        "unused": programme_view.is_unused(),
        "next_number": str((current.number if current else 0) + 1),
        "old_number": str(current.number) if current else "",
    }
    return page(request, "programme_edit", tab="settings_programme", context=context, status=status)


@requires("settings.edit")
@require_POST
def example(request: StaffRequest) -> HttpResponse:
    """What the terms in the form would come to, while they are being written."""
    currency = business_of(request).currency
    form, tiers = ProgrammeForm(request.POST, currency=currency), Tiers(request.POST, prefix="tiers")
    valid = form.is_valid() and tiers.is_valid()
    found = programme_words.examples(programme_form.terms_of(form, tiers), currency) if valid else []
    return render(request, "settings/examples.html", {"examples": found})


urlpatterns = [
    path("settings/programme/", show, name="settings_programme"),
    path("settings/programme/edit/", edit, name="settings_programme_edit"),
    path("settings/programme/example/", example, name="settings_programme_example"),
]
