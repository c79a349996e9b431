"""Writing the benefits of a draft: a form for what one gives, the condition builder for when."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console import actors, figures, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.builder import nodes, shown
from regulars.console.builder.nodes import Group
from regulars.console.changes import carry_out
from regulars.console.condition_words import Speaker
from regulars.console.context import business_of
from regulars.console.programme import benefit_form, drafting
from regulars.console.programme.benefit_form import BenefitForm
from regulars.console.programme.words import name_of
from regulars.console.typed import whole_number
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.core.conditions import InvalidCondition, as_json, read
from regulars.core.errors import DomainError
from regulars.flows.draft_programme import change_draft
from regulars.flows.earning_fields import earning_fields
from regulars.insight.compute.fields import formatter
from regulars.loyalty import programme_view
from regulars.loyalty.benefits import reading
from regulars.loyalty.coupons.offers import offers
from regulars.loyalty.drafts_view import DraftView


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, draft_id: int) -> HttpResponse:
    """A new benefit."""
    return _edit(request, draft_id, "")


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """A benefit that is there already."""
    return _edit(request, draft_id, code)


def _edit(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    kept = next((one for one in draft.terms.get("benefits", ()) if one["code"] == code), None)
    if not draft.is_open or (code and kept is None):
        return redirect("programme_draft", draft.id)
    words = _speaker(request, draft)
    if request.method == "POST":
        return _save(request, draft, words, code)
    start = benefit_form.start(kept, words.currency) if kept else None
    return _page(request, draft, words, (_form(draft, words, initial=start), _root(kept, words)), code)


def _form(draft: DraftView, words: Speaker, data: Any = None, **more: Any) -> BenefitForm:
    rules = {rule["code"]: name_of(rule.get("names", {})) or rule["code"] for rule in draft.terms.get("rules", ())}
    return BenefitForm(
        data, currency=words.currency, tiers=draft.terms["tiers"], rules=rules,
        offers={one.id: one.name for one in offers()}, **more,
    )  # fmt: skip


def _root(benefit: Mapping[str, Any] | None, words: Speaker) -> Group:
    if benefit is None or "if" not in benefit:
        return Group(nodes.ROOT)
    try:
        return nodes.of_tree(read(benefit["if"], words.fields), words.fields, words.currency)
    except InvalidCondition:
        return Group(nodes.ROOT, parts=[nodes.Fixed(2, dict(benefit["if"]))])


def _save(request: StaffRequest, draft: DraftView, words: Speaker, code: str) -> HttpResponse:
    form = _form(draft, words, request.POST)
    root = nodes.of_form(request.POST, words.fields)
    built = nodes.build(root, words.fields, words.currency)
    failure = "" if built.is_whole else gettext("Some conditions are not finished. See what stands beside them.")
    if form.is_valid() and not failure:
        told = form.told(code or _fresh_code(draft)) | {"if": as_json(built.tree)}
        try:
            _checked(told, draft, words)
            _keep(request, draft, code, told)
        except DomainError as error:
            failure = drafting.wrong(error)
        else:
            messages.success(request, gettext("The benefit is saved in the draft."))
            return redirect("programme_draft", draft.id)
    return _page(request, draft, words, (form, root), code, failure=failure, status=422)


def _checked(told: Mapping[str, Any], draft: DraftView, words: Speaker) -> None:
    """What somebody chooses now must be there now; what was chosen long ago may be gone."""
    tiers = [tier["code"] for tier in draft.terms["tiers"]]
    rules = [rule["code"] for rule in draft.terms.get("rules", ())]
    reading.benefits([told], tiers=tiers, rules=rules, fields=words.fields)


def _keep(request: StaffRequest, draft: DraftView, code: str, told: dict[str, Any] | None) -> None:
    """Put a benefit in the place of the one with this code, at the end where there is none; None takes it out."""
    found = [told if one["code"] == code else one for one in draft.terms.get("benefits", ())]
    if told is not None and not code:
        found.append(told)
    change_draft(
        draft_id=draft.id, terms={**draft.terms, "benefits": [one for one in found if one is not None]},
        after=whole_number(request.POST.get("after", ""), most_digits=8) or 0,
        by=request.actor, key=actors.key_of(request.actor), at=timezone.now(),
    )  # fmt: skip


def _fresh_code(draft: DraftView) -> str:
    versions = [version.terms for version in programme_view.versions()]
    used = {one["code"] for terms in (*versions, draft.terms) for one in terms.get("benefits", ())}
    return benefit_form.fresh_code(used)


@requires("programme.edit")
@require_POST
def remove(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """Take a benefit out of the draft."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    carry_out(request, lambda: _keep(request, draft, code, None), gettext("The benefit is out of the draft."))
    return redirect("programme_draft", draft_id)


@requires("programme.edit")
@require_POST
def build(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The condition builder again, after a row came, went, or asks about something else."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    words = _speaker(request, draft)
    root = nodes.of_form(request.POST, words.fields)
    focus = nodes.change(root, request.POST, words.fields)
    nodes.build(root, words.fields, words.currency)
    return render(request, "segments/builder.html", _builder(draft, words, root, focus))


def _speaker(request: StaffRequest, draft: DraftView) -> Speaker:
    currency = business_of(request).currency
    written = formatter(lambda minor: figures.money(minor, currency))
    known = earning_fields(draft.terms)
    return Speaker({name: known[name] for name in reading.FIELDS}, reader.language(), currency, written)


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
    path(f"{BENEFITS}/new/", add, name="programme_benefit_new"),
    path(f"{BENEFITS}/build/", build, name="programme_benefit_build"),
    path(f"{BENEFITS}/of/<str:code>/", edit, name="programme_benefit"),
    path(f"{BENEFITS}/of/<str:code>/remove/", remove, name="programme_benefit_remove"),
]
