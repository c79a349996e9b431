"""What holds for every campaign: how often, when, with whose approval, what it costs, and who is never reached."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns.words import channel as channel_said
from regulars.console.context import business_of
from regulars.console.sayings import explained
from regulars.console.views.settings.tabs import page
from regulars.core.errors import DomainError
from regulars.core.money import minor_digits
from regulars.experiments import queries as experiments
from regulars.experiments import standing
from regulars.flows.change_outreach import change_outreach
from regulars.outreach import queries
from regulars.outreach.channels import CHANNELS
from regulars.outreach.rules import COST_DECIMALS, MOST_CAP, MOST_CAP_DAYS, OutreachSettings

TAB = "settings_outreach"
COST = "cost_"
WRONG: dict[str, Promise] = {"sends_from": _("The beginning comes before the end.")}


class OutreachForm(forms.Form):
    """The cap, the hours, who approves, the share of customers whom no campaign reaches, what a message costs.

    Costs are in major units of the business's currency, a field for each channel.
    """

    cap_most = forms.IntegerField(label=_("Messages that a guest gets at most"), min_value=1, max_value=MOST_CAP)
    cap_days = forms.IntegerField(label=_("Within so many days"), min_value=1, max_value=MOST_CAP_DAYS)
    sends_from = forms.TimeField(label=_("Messages leave from"), widget=forms.TimeInput(attrs={"type": "time"}))
    sends_until = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}))
    control_percent = forms.DecimalField(
        label=_("Standing control group, percent of all customers"),
        min_value=0,
        max_value=50,
        decimal_places=2,
        help_text=_(
            "They get no campaign at all, drawn by lot. Only so can anybody tell what all campaigns earn together. "
            "0: there is no such group; 2 to 5 suit a shop with some thousand customers."
        ),
    )
    approved_by_another = forms.BooleanField(
        label=_("A campaign is approved by somebody else than who wrote it"), required=False
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in CHANNELS:
            self.fields[f"{COST}{code}"] = forms.DecimalField(
                label=gettext("%(channel)s: one message costs (%(currency)s)")
                % {"channel": channel_said(code), "currency": currency},
                min_value=0, max_value=10_000, decimal_places=minor_digits(currency) + COST_DECIMALS, required=False,
            )  # fmt: skip
            self.fields[f"{COST}{code}"].widget.attrs.update({"inputmode": "decimal", "step": "any"})
        for name in ("cap_most", "cap_days"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"
        self.fields["control_percent"].widget.attrs.update({"inputmode": "decimal", "step": "any"})

    @property
    def costs(self) -> list[forms.BoundField]:
        """The fields of what a message costs."""
        return [self[f"{COST}{code}"] for code in CHANNELS]


def _form(request: StaffRequest, post: QueryDict | None = None) -> OutreachForm:
    currency = business_of(request).currency
    return OutreachForm(post, initial=_start(currency), currency=currency)


def _start(currency: str) -> dict[str, Any]:
    told: dict[str, Any] = asdict(queries.settings())
    for name in ("sends_from", "sends_until"):
        told[name] = f"{told[name]:%H:%M}"
    costs = queries.message_costs()
    for code in CHANNELS:
        told[f"{COST}{code}"] = _share(costs.get(code, Decimal(0)).scaleb(-minor_digits(currency)))
    return {**told, "control_percent": _share(standing.share_percent())}


def _share(percent: Decimal) -> str:
    """2.50 as people write it: 2.5."""
    return f"{percent.normalize():f}"


@requires("settings.view")
@require_safe
def show(request: StaffRequest) -> HttpResponse:
    """What holds, to read or to change."""
    return page(request, "outreach", tab=TAB, context=_context(_form(request)))


@requires("settings.edit")
@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Keep other settings; they count from the next message on."""
    form = _form(request, request.POST)
    if form.is_valid():
        given = dict(form.cleaned_data)
        share: Decimal = given.pop("control_percent")
        digits = minor_digits(business_of(request).currency)
        costs = {code: (given.pop(f"{COST}{code}") or Decimal(0)).scaleb(digits) for code in CHANNELS}
        try:
            change_outreach(
                told=OutreachSettings(**given), control_percent=share, costs=costs, by=request.actor,
                key=actors.key_of(request.actor), at=timezone.now(),
            )  # fmt: skip
        except DomainError as error:
            field = str(error.context.get("field", ""))
            form.add_error(field if field in form.fields else None, str(WRONG.get(field, explained(error))))
        else:
            messages.success(request, gettext("Saved."))
            return redirect(TAB)
    return page(request, "outreach", tab=TAB, context=_context(form), status=422)


def _context(form: OutreachForm) -> dict[str, Any]:
    told, running = queries.settings(), experiments.standing()
    share = _share(running.share_percent) if running else ""
    return {"form": form, "told": told, "control": running, "share": share}


urlpatterns = [
    path("settings/outreach/", show, name=TAB),
    path("settings/outreach/save/", save, name="settings_outreach_save"),
]
