"""Giving a customer a tier by hand, and ending one that was given, each with a reason. Sent twice, it is done once."""

from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.programme.words import name_of
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.customer.found import profile_or_404
from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.flows.give_tiers import end_given_tier, give_tier
from regulars.flows.settings import programme
from regulars.loyalty.rules import Policies
from regulars.loyalty.tier_grants_view import GrantView
from regulars.staff import actions

LONGEST_REASON = 200


class TierForm(forms.Form):
    """Which tier, through which day, and why. The key comes with the form, so that a second click does nothing."""

    tier = forms.ChoiceField(label=gettext_lazy("Tier"))
    until = forms.DateField(
        label=gettext_lazy("Through"),
        help_text=gettext_lazy("The last day of it. Without one it has no end."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The reason stays with the entry, where colleagues read it."),
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.RegexField(r"^[\w-]{8,60}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, policies: Policies, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_tier_%s"  # the page has another form about this customer
        self.today = today
        above = policies.on(today).tiers[1:]
        self.fields["tier"].choices = [(one.code, name_of(one.names) or one.code) for one in above]  # type: ignore[attr-defined]
        self.fields["until"].widget.attrs["min"] = today.isoformat()
        self.fields["key"].initial = token_urlsafe(16)

    def clean_until(self) -> date | None:
        """Not over already."""
        until: date | None = self.cleaned_data["until"]
        if until is not None and not self.today <= until < date(9000, 1, 1):
            raise forms.ValidationError(_("Choose today or a later day."))
        return until


@requires("tiers.give")
@require_POST
def give(request: StaffRequest, number: str) -> HttpResponse:
    """Give it, or say kindly why not."""
    profile = profile_or_404(request, number)
    policies, zone = programme()
    now = timezone.now()
    form = TierForm(request.POST, policies=policies, today=business_date(now, zone))
    if form.is_valid():
        told = form.cleaned_data
        try:
            given = give_tier(
                customer_id=profile.customer_id, tier=told["tier"],
                until=told["until"] + timedelta(days=1) if told["until"] else None,
                key=f"console:{told['key']}", at=now, policies=policies, reason=told["reason"],
                actor=actors.key_of(request.actor),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, explained(error))
        else:
            _record(request, "tiers.give", profile.customer_id, given, given.at, now)
            messages.success(request, _("The tier is given."))
            return _done(request, number)
    return render(request, "customer/tier_form.html", {"tier_form": form, "number": number}, status=422)


@requires("tiers.give")
@require_POST
def end(request: StaffRequest, number: str) -> HttpResponse:
    """End one that was given, from today on."""
    profile = profile_or_404(request, number)
    policies, _zone = programme()
    now, grant_id = timezone.now(), whole_number(request.POST.get("grant", "")) or 0
    try:
        ended = end_given_tier(
            customer_id=profile.customer_id, grant_id=grant_id, key=f"console:tier-end:{grant_id}", at=now,
            policies=policies, reason=request.POST.get("reason", "").strip()[:LONGEST_REASON],
            actor=actors.key_of(request.actor),
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, explained(error))
    else:
        if ended.ended is not None:
            _record(request, "tiers.end", profile.customer_id, ended, ended.ended.at, now)
        messages.success(request, _("The given tier ends today."))
    return _done(request, number)


def _record(
    request: StaffRequest, action: str, customer_id: int, grant: GrantView, done_at: datetime, now: datetime
) -> None:
    if done_at < now:
        return  # the second click of two gets the first one's answer
    actions.record(
        by=request.actor, action=action, at=now, subject_kind="customer", subject_id=customer_id,
        detail={"tier": grant.tier},
    )  # fmt: skip


def _done(request: StaffRequest, number: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("customer", args=[number])})
    return redirect("customer", number)


urlpatterns = [
    path("customers/<str:number>/tier/", give, name="customer_tier"),
    path("customers/<str:number>/tier/end/", end, name="customer_tier_end"),
]
