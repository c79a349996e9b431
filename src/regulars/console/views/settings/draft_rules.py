"""Writing the earning rules of a draft: a form for what a rule gives, the condition builder for when."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.builder import nodes, shown
from regulars.console.builder.nodes import Group
from regulars.console.condition_words import Speaker
from regulars.console.programme import drafting, limit_form, parts, rule_form
from regulars.console.programme.limit_form import LimitForms, Limits
from regulars.console.programme.rule_form import RuleForm
from regulars.console.reader import said
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.core.conditions import as_json
from regulars.core.errors import DomainError
from regulars.flows.earning_fields import earning_fields
from regulars.loyalty.badges.rules import badges
from regulars.loyalty.currencies import codes_of, counted_of
from regulars.loyalty.drafts_view import DraftView
from regulars.loyalty.earning.rules import InvalidRule

KIND = "rules"
PROBLEMS: dict[str, Promise] = {
    "if": _("What is no order can only be asked when and where it was, who the customer is, which tier they have, and "
            "how often they came."),
    "limits": _("There is one limit for this time already."),
    "products": _("These are too many products, or none where some are needed."),
}  # fmt: skip


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int, code: str = "") -> HttpResponse:
    """A rule of the draft; a new one where no code is named."""
    found = parts.opened(request, draft_id, KIND, code)
    if isinstance(found, HttpResponse):
        return found
    draft, kept = found
    words = parts.speaker(request, earning_fields(draft.terms))
    if request.method == "POST":
        return _save(request, draft, words, code)
    start = rule_form.start(kept, words.currency) if kept else None
    form = RuleForm(initial=start, currency=words.currency, own=_own(draft), badges=_badges(draft))
    limits = Limits(
        initial=limit_form.start(kept.get("limits", ()) if kept else ()), prefix="limits",
        form_kwargs={"tiers": draft.terms["tiers"]},
    )  # fmt: skip
    return _page(request, draft, words, (form, limits, parts.root_of(kept, words)), code)


def _save(request: StaffRequest, draft: DraftView, words: Speaker, code: str) -> HttpResponse:
    form = RuleForm(request.POST, currency=words.currency, own=_own(draft), badges=_badges(draft))
    limits = Limits(request.POST, prefix="limits", form_kwargs={"tiers": draft.terms["tiers"]})
    root = nodes.of_form(request.POST, words.fields)
    built = nodes.build(root, words.fields, words.currency)
    failure = "" if built.is_whole else gettext("Some conditions are not finished. See what stands beside them.")
    valid = form.is_valid() and limits.is_valid()
    if valid and not failure:
        told = form.told(code or parts.fresh_code(draft, KIND)) | {"limits": limit_form.told(limits)}
        told["if"] = as_json(built.tree)
        done = gettext("The rule is saved in the draft.")
        failure = parts.kept(request, draft, KIND, code, told, done, _problem)
        if not failure:
            return redirect("programme_draft", draft.id)
    return _page(request, draft, words, (form, limits, root), code, failure=failure, status=422)


def _own(draft: DraftView) -> list[tuple[str, str]]:
    """(code, name) of the currencies that rules of this draft can give beside points."""
    counted = counted_of(draft.terms)
    return [(code, said(counted[code].name)) for code in codes_of(draft.terms)]


def _badges(draft: DraftView) -> list[tuple[str, str]]:
    """(code, name) of the badges that rules of this draft can give."""
    return [(code, said(one.name)) for code, one in badges(draft.terms.get("badges", ())).items()]


def _problem(error: DomainError) -> str:
    field = str(error.context.get("field", ""))
    return str(PROBLEMS[field]) if isinstance(error, InvalidRule) and field in PROBLEMS else drafting.wrong(error)


@requires("programme.edit")
@require_POST
def remove(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """Take a rule out of the draft."""
    return parts.removed(request, draft_id, KIND, code, gettext("The rule is out of the draft."))


@requires("programme.edit")
@require_POST
def build(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The condition builder again, after a row came, went, or asks about something else."""
    draft = drafting.found(request, draft_id)
    if isinstance(draft, HttpResponse):
        return draft
    words = parts.speaker(request, earning_fields(draft.terms))
    root, focus = parts.after_change(request, words)
    return render(request, "segments/builder.html", _builder(draft, words, root, focus))


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
    path("settings/programme/drafts/<int:draft_id>/rules/new/", edit, name="programme_rule_new"),
    path("settings/programme/drafts/<int:draft_id>/rules/build/", build, name="programme_rule_build"),
    path("settings/programme/drafts/<int:draft_id>/rules/of/<str:code>/", edit, name="programme_rule"),
    path("settings/programme/drafts/<int:draft_id>/rules/of/<str:code>/remove/", remove, name="programme_rule_remove"),
]
