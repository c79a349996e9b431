"""Writing the badges of a draft, which its rules can give."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.console.access import StaffRequest, requires
from regulars.console.programme import badge_form, drafting, parts
from regulars.console.programme.badge_form import BadgeForm
from regulars.console.views.settings.drafts import TAB
from regulars.console.views.settings.tabs import page
from regulars.loyalty.drafts_view import DraftView

KIND = "badges"


@requires("programme.edit")
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: StaffRequest, draft_id: int, code: str = "") -> HttpResponse:
    """A badge of the draft; a new one where no code is named."""
    found = parts.opened(request, draft_id, KIND, code)
    if isinstance(found, HttpResponse):
        return found
    draft, kept = found
    if request.method != "POST":
        return _page(request, draft, code, BadgeForm(initial=badge_form.start(kept)))
    form, failure = BadgeForm(request.POST), ""
    if form.is_valid():
        used = [str(one["code"]) for one in draft.terms.get(KIND, ())]
        told = form.told(code or badge_form.code_of(form.cleaned_data["en"], used))
        failure = parts.kept(
            request, draft, KIND, code, told, gettext("The badge is saved in the draft. Rules can give it now.")
        )
        if not failure:
            return redirect("programme_draft", draft.id)
    return _page(request, draft, code, form, failure=failure, status=422)


@requires("programme.edit")
@require_POST
def remove(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """Take a badge out of the draft; who has it keeps it."""
    return parts.removed(
        request, draft_id, KIND, code, gettext("The badge is out of the draft. Members who have it keep it.")
    )


def _page(
    request: StaffRequest, draft: DraftView, code: str, form: BadgeForm, failure: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = drafting.head(draft) | {
        "form": form, "code": code, "failure": failure, "after": str(draft.revision),
    }  # fmt: skip
    return page(request, "draft_badge", tab=TAB, context=context, status=status)


urlpatterns = [
    path("settings/programme/drafts/<int:draft_id>/badges/new/", edit, name="programme_badge_new"),
    path("settings/programme/drafts/<int:draft_id>/badges/of/<str:code>/", edit, name="programme_badge"),
    path(
        "settings/programme/drafts/<int:draft_id>/badges/of/<str:code>/remove/", remove, name="programme_badge_remove"
    ),
]
