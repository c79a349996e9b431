"""Granting and deducting points by hand, with a reason. Sent twice, it is done once."""

from secrets import token_urlsafe
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from regulars.console import actors, figures
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.customer.found import profile_or_404
from regulars.core.errors import DomainError
from regulars.flows.command_points import command_points
from regulars.flows.settings import programme
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.risk import actions as risk
from regulars.loyalty.risk.rules import needs_second
from regulars.loyalty.rules import ItemKind
from regulars.staff import actions

MOST_POINTS = 1_000_000
KINDS = {"grant": ItemKind.GRANT, "deduct": ItemKind.DEDUCT}


class PointsForm(forms.Form):
    """How many points, which way, and why. The key comes with the form, so that a second click does nothing."""

    what = forms.ChoiceField(
        choices=[("grant", gettext_lazy("Grant")), ("deduct", gettext_lazy("Deduct"))],
        initial="grant",
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Points"),
        min_value=1,
        max_value=MOST_POINTS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The reason stays with the entry, where colleagues read it."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    key = forms.RegexField(r"^[\w-]{8,60}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = token_urlsafe(16)


@requires("ledger.adjust")
@require_POST
def adjust(request: StaffRequest, number: str) -> HttpResponse:
    """Do it, or say kindly why not."""
    profile = profile_or_404(request, number)
    form = PointsForm(request.POST)
    if form.is_valid():
        try:
            if needs_second(form.cleaned_data["amount"], business_of(request).second_person_points):
                return _propose(request, number, profile.customer_id, form.cleaned_data)
            _command(request, profile.customer_id, form.cleaned_data)
        except InsufficientPoints as error:
            left = figures.count(int(str(error.context["spendable"])))
            form.add_error("amount", _("Only %(points)s points can be spent.") % {"points": left})
        except DomainError as error:
            form.add_error(None, explained(error))
        else:
            return _done(request, number, form.cleaned_data)
    return render(request, "customer/points_form.html", {"form": form, "number": number}, status=422)


def _command(request: StaffRequest, customer_id: int, told: dict[str, Any]) -> None:
    policies, _zone = programme()
    now, what = timezone.now(), str(told["what"])
    receipt = command_points(
        kind=KINDS[what],
        customer_id=customer_id,
        amount=told["amount"],
        key=f"console:{told['key']}",
        at=now,
        policies=policies,
        actor=actors.key_of(request.actor),
        note=told["note"],
    )
    if receipt.at >= now:  # the second click of two gets the first one's receipt
        actions.record(
            by=request.actor,
            action="ledger.adjust",
            at=now,
            subject_kind="customer",
            subject_id=customer_id,
            detail={"points": told["amount"] if what == "grant" else -told["amount"]},
        )


def _propose(request: StaffRequest, number: str, customer_id: int, told: dict[str, Any]) -> HttpResponse:
    """So many points are a second person's to decide as well."""
    now = timezone.now()
    with transaction.atomic():
        risk.propose(
            kind=str(told["what"]), customer_id=customer_id, amount=told["amount"], note=told["note"],
            key=f"console:{told['key']}", actor=actors.key_of(request.actor), at=now,
        )  # fmt: skip
        actions.record(
            by=request.actor, action="risk.propose", at=now, subject_kind="customer", subject_id=customer_id,
            detail={"points": told["amount"] if told["what"] == "grant" else -told["amount"]},
        )  # fmt: skip
    messages.success(request, _("So many points need a second person: it waits on the page of risk control."))
    return _back(request, number)


def _done(request: StaffRequest, number: str, told: dict[str, Any]) -> HttpResponse:
    points = figures.count(told["amount"])
    said = _("%(points)s points granted.") if told["what"] == "grant" else _("%(points)s points deducted.")
    messages.success(request, said % {"points": points})
    return _back(request, number)


def _back(request: StaffRequest, number: str) -> HttpResponse:
    """The customer's page, whole."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("customer", args=[number])})
    return redirect("customer", number)


urlpatterns = [path("customers/<str:number>/points/", adjust, name="customer_points")]
