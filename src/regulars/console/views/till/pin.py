"""The number with which a manager allows at a till what is above a cashier's limit: set here, and never shown."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from regulars.console.access import StaffRequest, requires
from regulars.console.sayings import explained
from regulars.core.errors import DomainError
from regulars.staff.actions import pins


class PinForm(forms.Form):
    """The PIN twice, so that a slip is noticed; both empty takes it away."""

    pin = forms.CharField(
        label=_("New PIN"),
        required=False,
        max_length=pins.LONGEST,
        help_text=_("6 to 12 digits; not 111111 or 123456. Empty: no PIN any more."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New PIN once more"),
        required=False,
        max_length=pins.LONGEST,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )


@requires("till.allow")
@never_cache
@sensitive_post_parameters("pin", "again")
@require_http_methods(["GET", "POST"])
def pin(request: StaffRequest) -> HttpResponse:
    """Set it, or take it away; only its hash is kept."""
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["pin"] != given["again"]:
            form.add_error("again", gettext("The two are not the same."))
        else:
            try:
                pins.set_pin(user_id=request.member.id, pin=given["pin"], by=request.actor, at=timezone.now())
            except DomainError as error:
                form.add_error("pin", explained(error))
            else:
                messages.success(request, gettext("Saved."))
                return redirect("till_pin")
    status = 422 if request.method == "POST" else 200
    return render(request, "till/pin.html", {"form": form, "has_pin": request.member.has_pin}, status=status)


urlpatterns = [path("till/pin/", pin, name="till_pin")]
