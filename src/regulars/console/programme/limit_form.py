"""Limits as rows of a form: at most so much in a period, and other ceilings for some tiers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console.programme.words import name_of

PERIODS = [
    ("order", _("for one order")),
    ("day", _("a day")),
    ("week", _("a week")),
    ("month", _("a month")),
    ("year", _("a year")),
    ("ever", _("ever")),
    ("budget", _("for all members together (a budget)")),
]
COUNTS = [("amount", _("points (or growth)")), ("times", _("times"))]
LARGEST = 10**9
ROWS = 2


class LimitForm(forms.Form):
    """One limit; without a number it is left out. `tier_<code>`: another ceiling for members of that tier."""

    most = forms.IntegerField(label=_("At most so many"), required=False, min_value=0, max_value=LARGEST)
    counts = forms.ChoiceField(label=_("Of what"), choices=COUNTS, required=False)
    period = forms.ChoiceField(label=_("In which time"), choices=PERIODS, initial="month")

    def __init__(
        self, *args: Any, tiers: Sequence[Mapping[str, Any]], only_amount: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if only_amount:
            del self.fields["counts"]
            self.fields["period"] = forms.ChoiceField(label=_("In which time"), choices=PERIODS[:-1], initial="month")
        self.codes = [tier["code"] for tier in tiers]
        for tier in tiers:
            self.fields[f"tier_{tier['code']}"] = forms.IntegerField(
                label=name_of(tier["names"]) or tier["code"], required=False, min_value=0, max_value=LARGEST
            )

    @property
    def by_tier(self) -> list[forms.BoundField]:
        """The fields of tiers."""
        return [self[f"tier_{code}"] for code in self.codes]

    @property
    def has_by_tier(self) -> bool:
        """Whether some tier has a ceiling of its own, or a mistake."""
        return any(field.value() not in (None, "") or field.errors for field in self.by_tier)

    def clean(self) -> dict[str, Any]:
        """Ceilings of tiers need one for everybody else."""
        cleaned = super().clean() or self.cleaned_data
        named = any(cleaned.get(f"tier_{code}") is not None for code in self.codes)
        if named and cleaned.get("most") is None and not self.errors:
            self.add_error("most", gettext("At most how much for everybody else?"))
        if named and cleaned.get("period") == "budget":
            self.add_error("period", gettext("A budget is for members of all tiers together."))
        return cleaned

    def told(self) -> dict[str, Any] | None:
        """The limit as terms keep it, None where there is none."""
        data = self.cleaned_data
        if data.get("most") is None:
            return None
        ceilings = {code: data[f"tier_{code}"] for code in self.codes if data.get(f"tier_{code}") is not None}
        limit = {"period": data["period"], "most": data["most"], "counts": data.get("counts") or "amount"}
        return {**limit, "by_tier": ceilings} if ceilings else limit


if TYPE_CHECKING:
    LimitForms = forms.BaseFormSet[LimitForm]
else:
    LimitForms = forms.BaseFormSet


class BaseLimits(LimitForms):
    """Some limits; one of a kind for a period."""

    def clean(self) -> None:
        """Two limits of a kind for a period contradict each other."""
        if any(self.errors):
            return
        seen = set()
        for form in self.forms:
            limit = form.told()
            if limit is None:
                continue
            kind = (limit["period"], limit["counts"] if limit["period"] != "budget" else "")
            if kind in seen:
                form.add_error("period", gettext("There is one limit for this time already."))
            seen.add(kind)


def told(limits: LimitForms) -> list[dict[str, Any]]:
    """All limits of valid rows, as terms keep them."""
    return [limit for form in limits.forms if (limit := form.told()) is not None]


Limits = forms.formset_factory(LimitForm, formset=BaseLimits, extra=0, max_num=6, validate_max=True)


def start(limits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What stands in the rows before somebody writes, with an empty one at the end."""
    rows = [
        {"most": one["most"], "counts": one.get("counts", "amount"), "period": one["period"]}
        | {f"tier_{code}": most for code, most in one.get("by_tier", {}).items()}
        for one in limits
    ]
    return [*rows, {}] if len(rows) < ROWS + 4 else rows
