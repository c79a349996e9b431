"""Writing the earning rules of a draft: a form for what a rule gives, the condition builder for when."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console import actors, figures, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.builder import nodes, shown
from regulars.console.builder.nodes import Group
from regulars.console.condition_words import Speaker
from regulars.console.context import business_of
from regulars.console.programme import drafting, limit_form, rule_form
from regulars.console.programme.limit_form import LimitForms, Limits
from regulars.console.programme.rule_form import RuleForm
from regulars.console.typed import whole_number
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.core.conditions import InvalidCondition, as_json, read
from regulars.core.errors import DomainError
from regulars.flows.draft_programme import change_draft
from regulars.flows.earning_fields import earning_fields
from regulars.insight.compute.fields import formatter
from regulars.loyalty import programme_view
from regulars.loyalty.drafts_view import DraftView
from regulars.loyalty.earning import reading
from regulars.loyalty.earning.rules import InvalidRule

PROBLEMS: dict[str, Promise] = {
    "if": _("What is no order can only be asked when and where it was, which tier the customer has, and how often "
            "they came."),
    "limits": _("There is one limit for this time already."),
    "products": _("These are too many products, or none where some are needed."),
}  # fmt: skip


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: StaffRequest, draft_id: int) -> HttpResponse:
    """A new rule."""
    return _edit(request, draft_id, "")


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """A rule that is there already."""
    return _edit(request, draft_id, code)


def _edit(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    kept = next((rule for rule in draft.terms.get("rules", ()) if rule["code"] == code), None)
    if not draft.is_open or (code and kept is None):
        return redirect("programme_draft", draft.id)
    words = _speaker(request, draft)
    if request.method == "POST":
        return _save(request, draft, words, code)
    form = RuleForm(initial=rule_form.start(kept, words.currency) if kept else None, currency=words.currency)
    limits = Limits(
        initial=limit_form.start(kept.get("limits", ()) if kept else ()), prefix="limits",
        form_kwargs={"tiers": draft.terms["tiers"]},
    )  # fmt: skip
    return _page(request, draft, words, (form, limits, _root(kept, words)), code)


def _root(rule: Mapping[str, Any] | None, words: Speaker) -> Group:
    if rule is None or "if" not in rule:
        return Group(nodes.ROOT)
    try:
        return nodes.of_tree(read(rule["if"], words.fields), words.fields, words.currency)
    except InvalidCondition:
        return Group(nodes.ROOT, parts=[nodes.Fixed(2, dict(rule["if"]))])


def _save(request: StaffRequest, draft: DraftView, words: Speaker, code: str) -> HttpResponse:
    form = RuleForm(request.POST, currency=words.currency)
    limits = Limits(request.POST, prefix="limits", form_kwargs={"tiers": draft.terms["tiers"]})
    root = nodes.of_form(request.POST, words.fields)
    built = nodes.build(root, words.fields, words.currency)
    failure = "" if built.is_whole else gettext("Some conditions are not finished. See what stands beside them.")
    valid = form.is_valid() and limits.is_valid()
    if valid and not failure:
        told = form.told(code or _fresh_code(draft)) | {"limits": limit_form.told(limits)}
        told["if"] = as_json(built.tree)
        try:
            _checked(told, draft, words)
            _keep(request, draft, code, told)
        except DomainError as error:
            failure = _problem(error)
        else:
            messages.success(request, gettext("The rule is saved in the draft."))
            return redirect("programme_draft", draft.id)
    return _page(request, draft, words, (form, limits, root), code, failure=failure, status=422)


def _checked(told: Mapping[str, Any], draft: DraftView, words: Speaker) -> None:
    """What somebody chooses now must be there now; what was chosen long ago may be gone."""
    reading.rules([told], tiers=[tier["code"] for tier in draft.terms["tiers"]], fields=words.fields)


def _problem(error: DomainError) -> str:
    field = str(error.context.get("field", ""))
    return str(PROBLEMS[field]) if isinstance(error, InvalidRule) and field in PROBLEMS else drafting.wrong(error)


def _keep(request: StaffRequest, draft: DraftView, code: str, told: dict[str, Any] | None) -> None:
    """Put a rule in the place of the one with this code, at the end where there is none; None takes it out."""
    rules = [told if rule["code"] == code else rule for rule in draft.terms.get("rules", ())]
    if told is not None and not code:
        rules.append(told)
    change_draft(
        draft_id=draft.id, terms={**draft.terms, "rules": [rule for rule in rules if rule is not None]},
        after=whole_number(request.POST.get("after", ""), most_digits=8) or 0,
        by=request.actor, key=actors.key_of(request.actor), at=timezone.now(),
    )  # fmt: skip


def _fresh_code(draft: DraftView) -> str:
    versions = [version.terms for version in programme_view.versions()]
    return rule_form.fresh_code({rule["code"] for terms in (*versions, draft.terms) for rule in terms.get("rules", ())})


@requires("programme.edit")
@require_POST
def remove(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """Take a rule out of the draft."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    try:
        _keep(request, draft, code, None)
    except DomainError as error:
        messages.error(request, drafting.wrong(error))
    else:
        messages.success(request, gettext("The rule is out of the draft."))
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
    return Speaker(earning_fields(draft.terms), reader.language(), currency, written)


def _builder(draft: DraftView, words: Speaker, root: Group, focus: int | None = None) -> dict[str, Any]:
    return {
        "root": shown.row(root, words, focus=focus),
        "build_url": reverse("programme_rule_build", args=[draft.id]),
        "of_what": gettext("It counts when"),
        "nothing": gettext("No conditions yet: it always counts."),
    }


def _page(
    request: StaffRequest, draft: DraftView, words: Speaker, forms: tuple[RuleForm, LimitForms, Group], code: str,
    failure: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    form, limits, root = forms
    context = drafting.head(draft) | {
        "form": form,
        "limits": limits,
        "code": code,
        "failure": failure,
        "families": shown.families(words),
        "after": str(draft.revision),
        **_builder(draft, words, root),
    }
    return page(request, "draft_rule", tab=TAB, context=context, status=status)


urlpatterns = [
    path("settings/programme/drafts/<int:draft_id>/rules/new/", add, name="programme_rule_new"),
    path("settings/programme/drafts/<int:draft_id>/rules/build/", build, name="programme_rule_build"),
    path("settings/programme/drafts/<int:draft_id>/rules/of/<str:code>/", edit, name="programme_rule"),
    path("settings/programme/drafts/<int:draft_id>/rules/of/<str:code>/remove/", remove, name="programme_rule_remove"),
]
