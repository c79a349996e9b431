"""The form in which a programme's terms are written."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.core.money import InvalidAmount, minor_digits, to_major, to_minor

MOST_TIERS = 6
LARGEST_MAJOR = 1_000_000


class ProgrammeForm(forms.Form):
    """Everything but the tiers. `after` is the version that the change is written upon."""

    money_per_point = forms.DecimalField(label=_("Money for one point"), min_value=0, max_value=LARGEST_MAJOR)
    money_per_growth = forms.DecimalField(label=_("Money for 1 growth value"), min_value=0, max_value=LARGEST_MAJOR)
    pending_store = forms.IntegerField(
        label=_("Days until points from a shop can be spent"), min_value=0, max_value=365
    )
    pending_online = forms.IntegerField(
        label=_("Days until points from orders online can be spent"),
        min_value=0,
        max_value=365,
        help_text=_("As long as goods may be sent back."),
    )
    window_months = forms.IntegerField(label=_("Months of growth that tiers look at"), min_value=1, max_value=60)
    expiry = forms.ChoiceField(
        label=_("When points expire"),
        choices=[("end_of_next_year", _("At the end of the next year")), ("never", _("Never"))],
    )
    restore_days = forms.IntegerField(
        label=_("Days for points that come back after their end"),
        min_value=1,
        max_value=365,
        help_text=_("When something is returned that was paid with points which have expired meanwhile."),
    )
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in ("money_per_point", "money_per_growth"):
            self.fields[name].widget.attrs.update({"step": "any", "inputmode": "decimal"})

    def clean_money_per_point(self) -> int:
        """In minor units."""
        return self._minor("money_per_point")

    def clean_money_per_growth(self) -> int:
        """In minor units."""
        return self._minor("money_per_growth")

    def _minor(self, name: str) -> int:
        value: Decimal = self.cleaned_data[name]
        try:
            minor = to_minor(value, self.currency)
        except InvalidAmount as error:
            raise forms.ValidationError(gettext("This has more decimals than the currency.")) from error
        if minor < 1:
            raise forms.ValidationError(gettext("This must be above zero."))
        return minor


class TierForm(forms.Form):
    """One tier; without a name it is left out."""

    code = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=20)
    en = forms.CharField(label=_("Name in English"), required=False, max_length=20)
    threshold = forms.IntegerField(label=_("From growth value"), required=False, min_value=0, max_value=10**12)

    @property
    def is_left_out(self) -> bool:
        """Whether this row is no tier."""
        return not (self.cleaned_data.get("zh") or self.cleaned_data.get("en"))

    def clean(self) -> dict[str, Any]:
        """A tier with a name needs a threshold."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("zh") or cleaned.get("en")) and cleaned.get("threshold") is None and not self.errors:
            self.add_error("threshold", gettext("From which growth value?"))
        return cleaned


if TYPE_CHECKING:
    TierForms = forms.BaseFormSet[TierForm]
else:
    TierForms = forms.BaseFormSet  # Django's own class takes no parameter


class BaseTiers(TierForms):
    """All tiers, lowest first."""

    def clean(self) -> None:
        """Tiers start at 0 and rise."""
        if any(self.errors):
            return
        kept = [form for form in self.forms if not form.is_left_out]
        if not kept:
            raise forms.ValidationError(gettext("Name at least one tier."))
        wanted = [form.cleaned_data["threshold"] for form in kept]
        if wanted[0] != 0:
            kept[0].add_error("threshold", gettext("The lowest tier starts at 0, since everybody has it."))
        for form, (lower, upper) in zip(kept[1:], pairwise(wanted), strict=True):
            if upper <= lower:
                form.add_error("threshold", gettext("Each tier takes more than the one before."))


Tiers = forms.formset_factory(TierForm, formset=BaseTiers, extra=0, max_num=MOST_TIERS, validate_max=True)


def start(terms: Mapping[str, Any], currency: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What stands in the form, and in the rows of the tiers, before somebody writes."""

    def plain(minor: int) -> str:
        return (
            f"{to_major(minor, currency):f}"
            if minor % 10 ** minor_digits(currency)
            else f"{to_major(minor, currency):.0f}"
        )

    fields = {
        "money_per_point": plain(terms["minor_per_point"]),
        "money_per_growth": plain(terms["minor_per_growth"]),
        "pending_store": terms["pending_days"].get("store", 0),
        "pending_online": terms["pending_days"].get("online", 0),
        "window_months": terms["window_months"],
        "expiry": terms["expiry"],
        "restore_days": terms["restore_days"],
    }
    tiers = [
        {
            "code": tier["code"],
            "zh": tier["names"].get("zh", ""),
            "en": tier["names"].get("en", ""),
            "threshold": tier["threshold"],
        }
        for tier in terms["tiers"]
    ]
    return fields, tiers + [{}] * max(0, min(1, MOST_TIERS - len(tiers)))


def terms_of(form: ProgrammeForm, tiers: TierForms) -> dict[str, Any]:
    """The terms that two valid forms say together."""
    data = form.cleaned_data
    rows = [row.cleaned_data for row in tiers.forms if not row.is_left_out]
    used = {row["code"] for row in rows if row["code"]}
    fresh = (code for number in range(1, 100) if (code := f"tier{number}") not in used)
    return {
        "minor_per_point": data["money_per_point"],
        "minor_per_growth": data["money_per_growth"],
        "pending_days": {"store": data["pending_store"], "online": data["pending_online"]},
        "tiers": [
            {
                "code": row["code"] or next(fresh),
                "threshold": row["threshold"],
                "names": {name: row[name] for name in ("zh", "en") if row[name]},
            }
            for row in rows
        ],
        "window_months": data["window_months"],
        "expiry": data["expiry"],
        "restore_days": data["restore_days"],
    }
