"""Writing a draft's terms but for its rules: points, tiers, how tiers are kept, and what a member earns at most."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.programme import drafting, limit_form
from regulars.console.programme import form as programme_form
from regulars.console.programme import words as programme_words
from regulars.console.programme.form import ProgrammeForm, TierForms, Tiers
from regulars.console.programme.limit_form import LimitForms, Limits
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.flows.draft_programme import change_draft
from regulars.loyalty.drafts_view import DraftView

Forms = tuple[ProgrammeForm, TierForms, LimitForms]


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Write the terms; they are kept in the draft and hold for nobody yet."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    if not draft.is_open:
        return redirect("programme_draft", draft.id)
    forms = _forms(request, draft)
    if request.method != "POST":
        return _page(request, draft, forms, draft.terms)
    if all(form.is_valid() for form in forms):
        try:
            return _save(request, draft, forms)
        except DomainError as error:
            forms[0].add_error(None, drafting.wrong(error))
    return _page(request, draft, forms, None, status=422)


def _forms(request: StaffRequest, draft: DraftView) -> Forms:
    currency, terms = business_of(request).currency, draft.terms
    fields, rows = programme_form.start(terms, currency)
    caps = limit_form.start(terms.get("caps", ()))
    more = {"tiers": terms["tiers"], "only_amount": True}
    if request.method == "POST":
        return (
            ProgrammeForm(request.POST, currency=currency),
            Tiers(request.POST, prefix="tiers"),
            Limits(request.POST, prefix="caps", form_kwargs=more),
        )
    return (
        ProgrammeForm(initial=fields | dict(draft.names) | {"after": draft.revision}, currency=currency),
        Tiers(initial=rows, prefix="tiers"),
        Limits(initial=caps, prefix="caps", form_kwargs=more),
    )


def _save(request: StaffRequest, draft: DraftView, forms: Forms) -> HttpResponse:
    form, tiers, caps = forms
    terms = programme_form.terms_of(form, tiers, caps, draft.terms)
    revision = change_draft(
        draft_id=draft.id, terms=terms, names={name: form.cleaned_data[name] for name in ("zh", "en")},
        after=form.cleaned_data["after"] or 0, by=request.actor, key=actors.key_of(request.actor), at=timezone.now(),
    )  # fmt: skip
    if revision == draft.revision:
        messages.info(request, gettext("Saved. The terms are what they were."))
    else:
        messages.success(request, gettext("Saved in the draft. They hold for nobody until you put them live."))
    return redirect("programme_draft", draft.id)


def _page(
    request: StaffRequest, draft: DraftView, forms: Forms, terms: Mapping[str, Any] | None, status: int = 200
) -> HttpResponse:
    form, tiers, caps = forms
    context = drafting.head(draft) | {
        "form": form,
        "tiers": tiers,
        "caps": caps,
        "examples": _said(terms, form.currency) if terms else [],
    }
    return page(request, "draft_terms", tab=TAB, context=context, status=status)


def _said(terms: Mapping[str, Any], currency: str) -> list[str]:
    """What orders would earn, and what no member earns more of."""
    return [*programme_words.examples(terms, currency), *programme_words.caps(terms)]


@requires("programme.edit")
@require_POST
def example(request: StaffRequest, draft_id: int) -> HttpResponse:
    """What the terms in the form would come to, while they are being written."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    form, tiers, caps = _forms(request, draft)
    found = []
    if form.is_valid() and tiers.is_valid() and caps.is_valid():
        terms = programme_form.terms_of(form, tiers, caps, draft.terms)
        found = _said(terms, form.currency)
    return render(request, "settings/examples.html", {"examples": found})


urlpatterns = [
    path("settings/programme/drafts/<int:draft_id>/terms/", edit, name="programme_draft_terms"),
    path("settings/programme/drafts/<int:draft_id>/terms/example/", example, name="programme_draft_example"),
]
