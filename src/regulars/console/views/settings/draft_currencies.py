"""Writing the currencies of a draft beside points: what they are called, how long they last, at most how many."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.programme import currency_form, drafting, limit_form, parts
from regulars.console.programme.currency_form import CurrencyForm
from regulars.console.programme.limit_form import LimitForms, Limits
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.loyalty.currencies import codes_of
from regulars.loyalty.drafts_view import DraftView

KIND = "currencies"


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int, code: str = "") -> HttpResponse:
    """A currency of the draft; a new one where no code is named."""
    found = parts.opened(request, draft_id, KIND, code)
    if isinstance(found, HttpResponse):
        return found
    draft, kept = found
    more = {"tiers": draft.terms["tiers"], "only_amount": True}
    if request.method == "POST":
        typed = (CurrencyForm(request.POST), Limits(request.POST, prefix="caps", form_kwargs=more))
        return _save(request, draft, code, typed)
    caps = Limits(initial=limit_form.start(kept.get("caps", ()) if kept else ()), prefix="caps", form_kwargs=more)
    return _page(request, draft, code, (CurrencyForm(initial=currency_form.start(kept)), caps))


def _save(request: StaffRequest, draft: DraftView, code: str, forms: tuple[CurrencyForm, LimitForms]) -> HttpResponse:
    form, caps = forms
    failure = ""
    if form.is_valid() and caps.is_valid():
        told = form.told(code or currency_form.code_of(form.cleaned_data["en"], codes_of(draft.terms)))
        if limits := limit_form.told(caps):
            told["caps"] = limits
        done = gettext("The currency is saved in the draft. Rules can give it now.")
        failure = parts.kept(request, draft, KIND, code, told, done)
        if not failure:
            return redirect("programme_draft", draft.id)
    return _page(request, draft, code, forms, failure=failure, status=422)


@requires("programme.edit")
@require_POST
def remove(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """Take a currency out of the draft; what members have of it stays theirs."""
    done = gettext("The currency is out of the draft. What members have of it stays theirs.")
    return parts.removed(request, draft_id, KIND, code, done)


def _page(
    request: StaffRequest, draft: DraftView, code: str, forms: tuple[CurrencyForm, LimitForms], failure: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = drafting.head(draft) | {
        "form": forms[0], "caps": forms[1], "code": code, "failure": failure, "after": str(draft.revision),
    }  # fmt: skip
    return page(request, "draft_currency", tab=TAB, context=context, status=status)


urlpatterns = [
    path("settings/programme/drafts/<int:draft_id>/currencies/new/", edit, name="programme_currency_new"),
    path("settings/programme/drafts/<int:draft_id>/currencies/of/<str:code>/", edit, name="programme_currency"),
    path(
        "settings/programme/drafts/<int:draft_id>/currencies/of/<str:code>/remove/", remove,
        name="programme_currency_remove",
    ),
]  # fmt: skip
