"""Who the business is: name, time zone, currency, language."""

from typing import Any

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

from regulars.console import actors, choices
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.flows import jobs
from regulars.flows.change_settings import change_business
from regulars.loyalty import programme_view
from regulars.staff.rules import BusinessProfile

FIELD_OF = {
    "currency_fixed": "currency",
    "unknown_currency": "currency",
    "unknown_time_zone": "time_zone",
    "unknown_language": "language",
}


class BusinessForm(forms.Form):
    """Who the business is."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Stands above every page."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=choices.time_zones,
        help_text=_("Days begin and points expire by this clock. A change counts from today on."),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=choices.currencies)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=choices.LANGUAGES,
        help_text=_("For notices and for people who did not choose one."),
    )
    programme_by_another = forms.BooleanField(
        label=_("A change of the programme is approved by somebody else than who wrote it"), required=False
    )

    def __init__(self, *args: Any, fixed_currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.fields["currency"]
        if fixed_currency:
            currency.disabled = True
            currency.required = False
            currency.help_text = _("It stays as it is, since orders have been recorded in it.")
        else:
            currency.help_text = _("It can be changed until the first order is recorded.")


def _start(business: BusinessProfile) -> dict[str, Any]:
    return {
        "name": business.name,
        "time_zone": business.time_zone,
        "currency": business.currency,
        "language": business.language,
        "programme_by_another": business.programme_by_another,
    }


@requires("settings.view")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """Who the business is, to read or to change."""
    business = business_of(request)
    fixed = "" if programme_view.is_unused() else business.currency
    form = BusinessForm(initial=_start(business), fixed_currency=fixed)
    return page(request, "business", tab="settings", context={"form": form, "business": business})


@requires("settings.edit")
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Change who the business is."""
    business = business_of(request)
    fixed = "" if programme_view.is_unused() else business.currency
    form = BusinessForm(request.POST, initial=_start(business), fixed_currency=fixed)
    if form.is_valid():
        try:
            with transaction.atomic():
                again = change_business(
                    by=request.actor, key=actors.key_of(request.actor), at=timezone.now(), **form.cleaned_data
                )
                if again:
                    jobs.start(jobs.rate_again, in_seconds=jobs.SEEN_BY_ALL_S)
        except DomainError as error:
            form.add_error(FIELD_OF.get(error.code), explained(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("settings")
    return page(request, "business", tab="settings", context={"form": form, "business": business}, status=422)


urlpatterns = [
    path("settings/", show, name="settings"),
    path("settings/business/", save, name="settings_business"),
]
