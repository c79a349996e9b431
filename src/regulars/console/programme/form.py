"""The form in which a programme's terms are written, but for its rules."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console.programme import checkout_form, limit_form
from regulars.console.programme.checkout_form import CheckoutFields
from regulars.console.programme.limit_form import LimitForms
from regulars.core.money import InvalidAmount, minor_digits, to_major, to_minor
from regulars.loyalty.shape import MOST_TIERS

LARGEST_MAJOR = 1_000_000


class ProgrammeForm(CheckoutFields):
    """Everything but tiers, caps and rules. `after` is the revision of the draft that the change is written upon."""

    money_per_point = forms.DecimalField(
        label=_("Money for one point"), min_value=0, max_value=LARGEST_MAJOR, help_text=_("0: only rules give points.")
    )
    rounding = forms.ChoiceField(
        label=_("How what an order earns is rounded"), required=False,
        choices=[("down", _("Down: what is left over earns nothing")),
                 ("nearest", _("To the nearest: a half counts as one")),
                 ("up", _("Up: what is left over counts as one"))],
    )  # fmt: skip
    growth_from = forms.ChoiceField(
        label=_("What tiers look at"),
        choices=[
            ("spend", _("Growth value: from spend, and from rules")),
            ("amount", _("Spend")),
            ("visits", _("Visits: days with a paid order")),
            ("points", _("Points that were earned")),
        ],
        required=False,
    )
    money_per_growth = forms.DecimalField(
        label=_("Money for 1 growth value"), min_value=0, max_value=LARGEST_MAJOR,
        help_text=_("0: only rules add growth."),
    )  # fmt: skip
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
        choices=[
            ("end_of_next_year", _("At the end of the next year")),
            ("rolling", _("So many months after they were earned")),
            ("never", _("Never")),
        ],
    )
    expiry_months = forms.IntegerField(
        label=_("Months that points last"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=_("Only where they expire after so many months."),
    )
    restore_days = forms.IntegerField(
        label=_("Days for points that come back after their end"),
        min_value=1,
        max_value=365,
        help_text=_("When something is returned that was paid with points which have expired meanwhile."),
    )
    window = forms.ChoiceField(
        label=_("Which growth counts"),
        choices=[
            ("rolling", _("Of the last so many months")),
            ("calendar_year", _("Of the calendar year")),
            ("member_year", _("Of the member's own year")),
        ],
        required=False,
    )
    held = forms.ChoiceField(
        label=_("How long a tier is held"),
        choices=[
            ("window", _("As long as the growth counts")),
            ("months", _("For so many months")),
            ("end_of_next_year", _("Until the end of the next year")),
        ],
        required=False,
    )
    held_months = forms.IntegerField(label=_("Months that a tier is held"), min_value=1, max_value=60, required=False)
    grace_days = forms.IntegerField(label=_("Days of grace then"), min_value=0, max_value=365, required=False)
    one_step = forms.BooleanField(label=_("Down one step at a time"), required=False)
    at_term = forms.BooleanField(label=_("Up only when a term or year ends"), required=False)
    zh = forms.CharField(label=_("Name of the draft in Chinese"), required=False, max_length=60)
    en = forms.CharField(label=_("Name of the draft in English"), required=False, max_length=60)
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
        return minor

    def clean(self) -> dict[str, Any]:
        """Grace and steps need a term that a tier is held for."""
        cleaned = super().clean() or self.cleaned_data
        if (
            cleaned.get("expiry") == "rolling"
            and not cleaned.get("expiry_months")
            and "expiry_months" not in self.errors
        ):
            self.add_error("expiry_months", gettext("How many months?"))
        held = cleaned.get("held") or "window"
        if held == "months" and not cleaned.get("held_months") and "held_months" not in self.errors:
            self.add_error("held_months", gettext("How many months?"))
        if held == "window" and (cleaned.get("grace_days") or cleaned.get("one_step")):
            self.add_error("held", gettext("Grace and steps need a term that a tier is held for."))
        if held == "window" and cleaned.get("at_term") and (cleaned.get("window") or "rolling") == "rolling":
            self.add_error("window", gettext("A rolling window has no end at which tiers could go up: choose a year."))
        return cleaned

    @property
    def has_keeping(self) -> bool:
        """Whether tiers are kept in another way than by growth inside a rolling window, or something is wrong there."""
        fields = [self[name] for name in ("window", "held", "held_months", "grace_days", "one_step", "at_term")]
        return any(field.errors or field.value() not in (None, "", False, "rolling", "window") for field in fields)

    def keeping(self) -> dict[str, Any]:
        """How tiers are kept, as terms keep it; nothing where a tier follows the growth inside a rolling window."""
        data = self.cleaned_data
        told: dict[str, Any] = {"window": data.get("window") or "rolling", "held": data.get("held") or "window"}
        if told["held"] == "months":
            told["months"] = data["held_months"]
        if told["held"] != "window":
            told |= {"grace_days": data.get("grace_days") or 0, "one_step": data["one_step"]}
        told["at_term"] = data["at_term"]
        plain = {"window": "rolling", "held": "window", "grace_days": 0, "one_step": False, "at_term": False}
        return {name: value for name, value in told.items() if plain.get(name) != value}


class TierForm(forms.Form):
    """One tier; without a name it is left out."""

    code = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=20)
    en = forms.CharField(label=_("Name in English"), required=False, max_length=20)
    threshold = forms.IntegerField(label=_("From how much of it"), required=False, min_value=0, max_value=10**12)

    @property
    def is_left_out(self) -> bool:
        """Whether this row is no tier."""
        return not (self.cleaned_data.get("zh") or self.cleaned_data.get("en"))

    def clean(self) -> dict[str, Any]:
        """A tier with a name needs a threshold."""
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("zh") or cleaned.get("en")) and cleaned.get("threshold") is None and not self.errors:
            self.add_error("threshold", gettext("From how much?"))
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
        "rounding": terms.get("rounding", "down"),
        "growth_from": terms.get("growth_from", "spend"),
        "money_per_growth": plain(terms["minor_per_growth"]),
        "pending_store": terms["pending_days"].get("store", 0),
        "pending_online": terms["pending_days"].get("online", 0),
        "window_months": terms["window_months"],
        "expiry": terms["expiry"],
        "expiry_months": terms.get("expiry_months", 24) if terms["expiry"] == "rolling" else "",
        "restore_days": terms["restore_days"],
        **_start_keeping(terms.get("keeping", {})),
        **checkout_form.start(terms.get("checkout", {})),
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


def _start_keeping(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "window": told.get("window", "rolling"),
        "held": told.get("held", "window"),
        "held_months": told.get("months", 12) if told.get("held") == "months" else "",
        "grace_days": told.get("grace_days") or "",
        "one_step": told.get("one_step", False),
        "at_term": told.get("at_term", False),
    }


def terms_of(form: ProgrammeForm, tiers: TierForms, caps: LimitForms, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """The terms that valid forms say together; what they do not ask, such as the rules, stays as it was.

    Args:
        earlier: The draft's terms until now.
    """
    data = form.cleaned_data
    rows = [row.cleaned_data for row in tiers.forms if not row.is_left_out]
    used = {row["code"] for row in rows if row["code"]} | {tier["code"] for tier in earlier.get("tiers", ())}
    fresh = (code for number in range(1, 100) if (code := f"tier{number}") not in used)
    told = {
        **{
            name: value
            for name, value in earlier.items()
            if name not in ("keeping", "caps", "expiry_months", "growth_from", "checkout", "rounding")
        },
        "minor_per_point": data["money_per_point"],
        "minor_per_growth": data["money_per_growth"],
        "pending_days": {
            **earlier.get("pending_days", {}),
            "store": data["pending_store"],
            "online": data["pending_online"],
        },
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
    if (rounding := data.get("rounding") or "down") != "down":
        told["rounding"] = rounding
    if (growth_from := data.get("growth_from") or "spend") != "spend":
        told["growth_from"] = growth_from
    if data["expiry"] == "rolling":
        told["expiry_months"] = data["expiry_months"]
    if keeping := form.keeping():
        told["keeping"] = keeping
    if checkout := form.checkout():
        told["checkout"] = checkout
    if limits := limit_form.told(caps):
        told["caps"] = limits
    return told
