"""Granting and deducting points by hand, with a reason. Sent twice, it is done once."""

from secrets import token_urlsafe
from typing import Any, cast

from django import forms
from django.contrib import messages
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
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.console.views.customer.found import profile_or_404
from regulars.core.errors import DomainError
from regulars.flows.adjust_points import adjust_points
from regulars.flows.settings import programme
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.currencies import POINTS as POINTS_NUMBER
from regulars.loyalty.currencies import Spendable
from regulars.loyalty.risk.rules import MOST_BY_HAND, Adjustment
from regulars.loyalty.rules import POINTS, Policies


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
        max_value=MOST_BY_HAND,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The reason stays with the entry, where colleagues read it."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Which currency"), required=False)
    key = forms.RegexField(r"^[\w-]{8,60}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, policies: Policies | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currencies = policies.currencies if policies is not None else {}
        names = [(code, said(one.name)) for code, one in self.currencies.items()]
        cast("forms.ChoiceField", self.fields["currency"]).choices = [(POINTS, _("points")), *names]
        if self.currencies:
            self.fields["amount"].label = _("How many")
        self.fields["key"].initial = token_urlsafe(16)

    @property
    def chosen(self) -> Spendable | None:
        """The currency of the programme's own that was chosen; None for points."""
        return self.currencies.get(str(self.cleaned_data.get("currency", "")))


@requires("ledger.adjust")
@require_POST
def adjust(request: StaffRequest, number: str) -> HttpResponse:
    """Do it, or say kindly why not."""
    profile = profile_or_404(request, number)
    policies, _zone = programme()
    form = PointsForm(request.POST, policies=policies)
    if form.is_valid():
        try:
            done = adjust_points(
                wanted=_wanted(request, profile.customer_id, form), by=request.actor, policies=policies,
                at=timezone.now(), alone_up_to=business_of(request).second_person_points, proposing=True,
            )  # fmt: skip
        except InsufficientPoints as error:
            form.add_error("amount", _too_few(int(str(error.context["spendable"])), form.chosen))
        except DomainError as error:
            form.add_error(None, explained(error))
        else:
            return _waits(request, number) if done.proposal is not None else _done(request, number, form)
    return render(request, "customer/points_form.html", {"form": form, "number": number}, status=422)


def _too_few(left: int, what: Spendable | None) -> str:
    if what is None:
        return _("Only %(points)s points can be spent.") % {"points": figures.count(left)}
    return _("Only %(amount)s can be spent.") % {"amount": said(what.counted.of(left))}


def _wanted(request: StaffRequest, customer_id: int, form: PointsForm) -> Adjustment:
    told = form.cleaned_data
    return Adjustment(
        kind=str(told["what"]), customer_id=customer_id, amount=told["amount"], note=told["note"],
        key=f"console:{told['key']}", actor=actors.key_of(request.actor),
        currency=form.chosen.number if form.chosen is not None else POINTS_NUMBER,
    )  # fmt: skip


def _waits(request: StaffRequest, number: str) -> HttpResponse:
    """So many points are a second person's to decide as well."""
    messages.success(request, _("So many points need a second person: it waits on the page of risk control."))
    return _back(request, number)


def _done(request: StaffRequest, number: str, form: PointsForm) -> HttpResponse:
    told, what = form.cleaned_data, form.chosen
    if what is None:
        done = _("%(points)s points granted.") if told["what"] == "grant" else _("%(points)s points deducted.")
        done = done % {"points": figures.count(told["amount"])}
    else:
        done = _("Granted: %(amount)s.") if told["what"] == "grant" else _("Deducted: %(amount)s.")
        done = done % {"amount": said(what.counted.of(told["amount"]))}
    messages.success(request, done)
    return _back(request, number)


def _back(request: StaffRequest, number: str) -> HttpResponse:
    """The customer's page, whole."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("customer", args=[number])})
    return redirect("customer", number)


urlpatterns = [path("customers/<str:number>/points/", adjust, name="customer_points")]
