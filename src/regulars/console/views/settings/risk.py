"""Risk control: from which score on somebody looks, from which an account is frozen, and when two people decide."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from regulars.console import reader
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.loyalty.risk.detection import RISK_RULES
from regulars.staff import actions
from regulars.staff.actions.business import MINUTES_OF_A_DAY, MOST_WORTH
from regulars.staff.rules import NEVER_FREEZES, BusinessProfile

TAB: Final = "settings_risk"


class RiskForm(forms.Form):
    """Two scores and a limit."""

    risk_review_score = forms.IntegerField(
        label=_("Somebody looks from this score on"),
        min_value=1,
        max_value=100,
        help_text=_("Lower finds more, and more honest people among them."),
    )
    risk_freeze_score = forms.IntegerField(
        label=_("The account is frozen at once from this score on"),
        min_value=1,
        max_value=100,
        required=False,
        help_text=_("Leave it empty, and only people freeze. Whoever is frozen earns on, and spends nothing."),
    )
    second_person_points = forms.IntegerField(
        label=_("Above so many points a second person decides"),
        min_value=0,
        max_value=MOST_WORTH,
        required=False,
        help_text=_("For points granted, deducted or taken back by hand, and for releasing an account. Empty: never."),
    )
    till_points = forms.IntegerField(
        label=_("At the till, above so many points a manager enters their PIN"),
        min_value=0,
        max_value=MOST_WORTH,
        required=False,
        help_text=_("For points that a sale earns, a reward takes, or an undo moves. Empty: never."),
    )
    till_undo_minutes = forms.IntegerField(
        label=_("Minutes in which a cashier can undo their last step"),
        min_value=1,
        max_value=MINUTES_OF_A_DAY,
        required=False,
    )


def _start(business: BusinessProfile) -> dict[str, Any]:
    freezes = business.risk_freeze_score < NEVER_FREEZES
    return {
        "risk_review_score": business.risk_review_score,
        "risk_freeze_score": business.risk_freeze_score if freezes else None,
        "second_person_points": business.second_person_points or None,
        "till_points": business.till_points or None,
        "till_undo_minutes": business.till_undo_minutes,
    }


@requires("settings.view")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """What holds, and which rules look on."""
    return page(request, "risk", tab=TAB, context=_context(request, RiskForm(initial=_start(business_of(request)))))


@requires("settings.edit")
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Change it; what was found before stays as it was."""
    form = RiskForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            with transaction.atomic():
                actions.change_business(
                    by=request.actor, at=timezone.now(), risk_review_score=told["risk_review_score"],
                    risk_freeze_score=told["risk_freeze_score"] or NEVER_FREEZES,
                    second_person_points=told["second_person_points"] or 0, till_points=told["till_points"] or 0,
                    till_undo_minutes=told["till_undo_minutes"] or business_of(request).till_undo_minutes,
                )  # fmt: skip
        except DomainError as error:
            form.add_error(None, explained(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect(TAB)
    return page(request, "risk", tab=TAB, context=_context(request, form), status=422)


def _context(request: StaffRequest, form: RiskForm) -> dict[str, Any]:
    return {
        "form": form,
        "told": business_of(request),
        "freezes": business_of(request).risk_freeze_score < NEVER_FREEZES,
        "rules": [reader.said(rule.name) for rule in RISK_RULES.values()],
    }


urlpatterns = [
    path("settings/risk/", show, name=TAB),
    path("settings/risk/save/", save, name="settings_risk_save"),
]
