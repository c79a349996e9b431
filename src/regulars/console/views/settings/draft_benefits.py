"""Writing the benefits of a draft: a form for what one gives, the condition builder for when."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.builder import nodes, shown
from regulars.console.builder.nodes import Group
from regulars.console.condition_words import Speaker
from regulars.console.programme import benefit_form, drafting, parts
from regulars.console.programme.benefit_form import BenefitForm
from regulars.console.programme.words import name_of
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.core.conditions import Field, as_json
from regulars.flows.earning_fields import earning_fields
from regulars.loyalty.benefits import reading
from regulars.loyalty.coupons.offers import offers
from regulars.loyalty.drafts_view import DraftView

KIND = "benefits"


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int, code: str = "") -> HttpResponse:
    """A benefit of the draft; a new one where no code is named."""
    found = parts.opened(request, draft_id, KIND, code)
    if isinstance(found, HttpResponse):
        return found
    draft, kept = found
    words = parts.speaker(request, _fields(draft))
    if request.method == "POST":
        return _save(request, draft, words, code)
    start = benefit_form.start(kept, words.currency) if kept else None
    return _page(request, draft, words, (_form(draft, words, initial=start), parts.root_of(kept, words)), code)


def _form(draft: DraftView, words: Speaker, data: Any = None, **more: Any) -> BenefitForm:
    rules = {rule["code"]: name_of(rule.get("names", {})) or rule["code"] for rule in draft.terms.get("rules", ())}
    return BenefitForm(
        data, currency=words.currency, tiers=draft.terms["tiers"], rules=rules,
        offers={one.id: one.name for one in offers()}, **more,
    )  # fmt: skip


def _save(request: StaffRequest, draft: DraftView, words: Speaker, code: str) -> HttpResponse:
    form = _form(draft, words, request.POST)
    root = nodes.of_form(request.POST, words.fields)
    built = nodes.build(root, words.fields, words.currency)
    failure = "" if built.is_whole else gettext("Some conditions are not finished. See what stands beside them.")
    if form.is_valid() and not failure:
        told = form.told(code or parts.fresh_code(draft, KIND)) | {"if": as_json(built.tree)}
        failure = parts.kept(request, draft, KIND, code, told, gettext("The benefit is saved in the draft."))
        if not failure:
            return redirect("programme_draft", draft.id)
    return _page(request, draft, words, (form, root), code, failure=failure, status=422)


def _fields(draft: DraftView) -> dict[str, Field]:
    known = earning_fields(draft.terms)
    return {name: known[name] for name in reading.FIELDS}


@requires("programme.edit")
@require_POST
def remove(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """Take a benefit out of the draft."""
    return parts.removed(request, draft_id, KIND, code, gettext("The benefit is out of the draft."))


@requires("programme.edit")
@require_POST
def build(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The condition builder again, after a row came, went, or asks about something else."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    words = parts.speaker(request, _fields(draft))
    root, focus = parts.after_change(request, words)
    return render(request, "segments/builder.html", _builder(draft, words, root, focus))


def _builder(draft: DraftView, words: Speaker, root: Group, focus: int | None = None) -> dict[str, Any]:
    return {
        "root": shown.row(root, words, focus=focus),
        "build_url": reverse("programme_benefit_build", args=[draft.id]),
        "of_what": gettext("It can be used when"),
        "nothing": gettext("No conditions: it can be used for everything."),
    }


def _page(
    request: StaffRequest, draft: DraftView, words: Speaker, forms: tuple[BenefitForm, Group], code: str,
    failure: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    form, root = forms
    context = drafting.head(draft) | {
        "form": form,
        "code": code,
        "failure": failure,
        "families": shown.families(words),
        "after": str(draft.revision),
        **_builder(draft, words, root),
    }
    return page(request, "draft_benefit", tab=TAB, context=context, status=status)


BENEFITS = "settings/programme/drafts/<int:draft_id>/benefits"
urlpatterns = [
    path(f"{BENEFITS}/new/", edit, name="programme_benefit_new"),
    path(f"{BENEFITS}/build/", build, name="programme_benefit_build"),
    path(f"{BENEFITS}/of/<str:code>/", edit, name="programme_benefit"),
    path(f"{BENEFITS}/of/<str:code>/remove/", remove, name="programme_benefit_remove"),
]
