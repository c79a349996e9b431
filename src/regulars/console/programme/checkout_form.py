"""The part of the programme's form about the checkout: what goes together, and what a till may do alone."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.loyalty.checkout.terms import MOST_COUPONS, MOST_OFFLINE_DAYS, MOST_OFFLINE_DEBT, USUAL

NAMES = tuple(asdict(USUAL))


class CheckoutFields(forms.Form):
    """What is left empty is as usual."""

    coupons = forms.IntegerField(
        label=_("Coupons that one order may use"), min_value=0, max_value=MOST_COUPONS, required=False
    )
    with_benefits = forms.ChoiceField(
        label=_("Coupons and benefits of a tier"),
        choices=[
            ("yes", _("Go together, but for benefits that stand alone")),
            ("no", _("Never go together on the price of the goods")),
        ],
        required=False,
    )
    points_percent = forms.IntegerField(
        label=_("The most that points may pay, in per cent"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("Of what is left to pay after coupons and benefits."),
    )
    offline_days = forms.IntegerField(
        label=_("Days in which an offline till may tell what it did"),
        min_value=0,
        max_value=MOST_OFFLINE_DAYS,
        required=False,
        help_text=_("0: never."),
    )
    offline_debt = forms.IntegerField(
        label=_("The most points that a member may owe because of it"),
        min_value=0,
        max_value=MOST_OFFLINE_DEBT,
        required=False,
    )

    @property
    def has_checkout(self) -> bool:
        """Whether anything is otherwise than usual, or wrong."""
        usual = {name: str(value) for name, value in start({}).items()}
        return any(self[name].errors or str(self[name].value() or "") not in ("", usual[name]) for name in NAMES)

    def checkout(self) -> dict[str, Any]:
        """The terms of the checkout, as far as they are otherwise than usual."""
        usual = asdict(USUAL)
        told = {name: self.cleaned_data.get(name) for name in NAMES}
        told["with_benefits"] = told["with_benefits"] != "no"
        return {name: value for name, value in told.items() if value is not None and value != usual[name]}


def start(told: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the fields before somebody writes."""
    terms = {**asdict(USUAL), **told}
    return {**terms, "with_benefits": "yes" if terms["with_benefits"] else "no"}
