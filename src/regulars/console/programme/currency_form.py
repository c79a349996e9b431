"""The form in which a currency of the programme's own is written: what it is called, and how long it lasts."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.loyalty.currencies import CODE, LONGEST_NAME
from regulars.loyalty.earning.rules import Earns


class CurrencyForm(forms.Form):
    """Everything of a currency but what a member earns of it at most."""

    zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=LONGEST_NAME)
    en = forms.CharField(
        label=_("Name in English"), required=False, max_length=LONGEST_NAME, help_text=_("Of many: stamps.")
    )
    one = forms.CharField(
        label=_("One of it in English"), required=False, max_length=LONGEST_NAME, help_text=_("Of a single one: stamp.")
    )
    expiry = forms.ChoiceField(
        label=_("When they expire"),
        choices=[
            ("rolling", _("So many months after they were earned")),
            ("end_of_next_year", _("At the end of the next year")),
            ("never", _("Never")),
        ],
    )
    expiry_months = forms.IntegerField(
        label=_("Months that they last"), min_value=1, max_value=120, required=False,
        help_text=_("Only where they expire after so many months."),
    )  # fmt: skip
    store = forms.IntegerField(label=_("Days until those from a shop can be spent"), min_value=0, max_value=365)
    online = forms.IntegerField(
        label=_("Days until those from orders online can be spent"), min_value=0, max_value=365,
        help_text=_("As long as goods may be sent back."),
    )  # fmt: skip
    restore_days = forms.IntegerField(
        label=_("Days for those that come back after their end"), min_value=1, max_value=365
    )

    def clean(self) -> dict[str, Any]:
        """There is a name, and a number of months where they are asked for."""
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("zh") or cleaned.get("en")):
            self.add_error("zh", gettext("Give it a name, in Chinese, in English, or both."))
        missing = cleaned.get("expiry") == "rolling" and not cleaned.get("expiry_months")
        if missing and "expiry_months" not in self.errors:
            self.add_error("expiry_months", gettext("How many months?"))
        return cleaned

    def told(self, code: str) -> dict[str, Any]:
        """The currency as terms keep it, but for its caps."""
        data = self.cleaned_data
        told = {
            "code": code,
            "names": {name: data[name] for name in ("zh", "en", "one") if data[name]},
            "pending_days": {"store": data["store"], "online": data["online"]},
            "expiry": data["expiry"],
            "restore_days": data["restore_days"],
        }
        return told | ({"expiry_months": data["expiry_months"]} if data["expiry"] == "rolling" else {})


def start(told: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands in the form: a currency of terms, or what a new one mostly is."""
    one = told or {"expiry": "rolling", "expiry_months": 12}
    days = one.get("pending_days", {})
    return {
        **{name: one.get("names", {}).get(name, "") for name in ("zh", "en", "one")},
        "expiry": one.get("expiry", "end_of_next_year"),
        "expiry_months": one.get("expiry_months", ""),
        "store": days.get("store", 0),
        "online": days.get("online", 0),
        "restore_days": one.get("restore_days", 14),
    }


def code_of(english: str, used: Collection[str]) -> str:
    """What programs and earlier versions call it, out of its English name: who brings a name back has what it was."""
    wanted = re.sub(r"[^a-z0-9]+", "-", english.lower()).strip("-")[:20]
    taken = {*used, *Earns}
    if CODE.fullmatch(wanted) and wanted not in taken:
        return wanted
    return next(code for number in range(1, 100) if (code := f"currency{number}") not in taken)
