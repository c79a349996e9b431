"""The form in which a benefit is written: for which tiers, what it gives, how often, and from when until when."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console import reader
from regulars.console.programme.form import LARGEST_MAJOR
from regulars.core.bilingual import Text
from regulars.core.money import InvalidAmount, minor_digits, to_major, to_minor
from regulars.loyalty.benefits.kinds import OWN
from regulars.loyalty.benefits.kinds.birthday_gift import MOST_DAYS
from regulars.loyalty.benefits.kinds.early_access import MOST_DAYS as MOST_EARLY
from regulars.loyalty.benefits.reading import MOST_TIMES
from regulars.loyalty.benefits.rules import QuotaPeriod
from regulars.loyalty.benefits.words import KINDS

MONEY: Final = ("most_minor", "min_spend_minor", "least_minor")
BOTH: Final = {"fee_names": 40, "gift": 80, "about": 120}
"""Words in both languages, and how long they may be."""
COUNTED: Final = ("discount", "free_shipping", "fee_discount", "dedicated_service")
"""Kinds that can have a quota: the others hold by themselves, or are once a year."""
NEEDED: Final = {
    "discount": ("percent",), "fee_discount": ("percent", "fee"), "early_access": ("days",), "points": ("rule",),
}  # fmt: skip
PERIODS: Final = [
    (QuotaPeriod.DAY.value, _("a day")),
    (QuotaPeriod.WEEK.value, _("a week")),
    (QuotaPeriod.MONTH.value, _("a month")),
    (QuotaPeriod.QUARTER.value, _("a quarter")),
    (QuotaPeriod.YEAR.value, _("a year")),
    (QuotaPeriod.EVER.value, _("ever")),
]


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _money(label: Any, hint: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=0, max_value=LARGEST_MAJOR, help_text=hint)


class BenefitForm(forms.Form):
    """Everything of a benefit but its condition. `tier_<code>`: another number of times for members of that tier."""

    zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=60)
    en = forms.CharField(label=_("Name in English"), required=False, max_length=60)
    tiers = forms.MultipleChoiceField(
        label=_("Which tiers have it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(label=_("Kind of benefit"))
    percent = forms.IntegerField(
        label=_("Per cent off"), required=False, min_value=1, max_value=100,
        help_text=_("5 takes 5 per cent off; 100 waives a fee."),
    )  # fmt: skip
    most_minor = _money(_("At most so much each time"), _("Empty: without a cap."))
    min_spend_minor = _money(_("For orders from"), _("Empty: for every order."))
    fee = forms.CharField(
        label=_("Code of the fee"), required=False, max_length=60, help_text=_("As your system names it: transfer.")
    )
    fee_names_zh = forms.CharField(label=_("The fee in Chinese"), required=False, max_length=40)
    fee_names_en = forms.CharField(label=_("The fee in English"), required=False, max_length=40)
    least_minor = _money(_("Charged at least"), _("Empty: the fee may fall to nothing."))
    gift_zh = forms.CharField(label=_("The gift in Chinese"), required=False, max_length=80)
    gift_en = forms.CharField(label=_("The gift in English"), required=False, max_length=80)
    offer = forms.ChoiceField(label=_("A coupon on this offer"), required=False)
    whole_month = forms.BooleanField(label=_("In the whole month of the birthday"), required=False)
    days_before = forms.IntegerField(
        label=_("Days before the birthday"), required=False, min_value=0, max_value=MOST_DAYS
    )
    days_after = forms.IntegerField(label=_("Days after it"), required=False, min_value=0, max_value=MOST_DAYS)
    days = forms.IntegerField(label=_("Days before everybody else"), required=False, min_value=1, max_value=MOST_EARLY)
    about_zh = forms.CharField(label=_("The service in Chinese"), required=False, max_length=120)
    about_en = forms.CharField(label=_("The service in English"), required=False, max_length=120)
    rule = forms.ChoiceField(
        label=_("Which earning rule gives it"), required=False,
        help_text=_("Double points and member days are earning rules with a cap; here members read of them."),
    )  # fmt: skip
    times = forms.IntegerField(
        label=_("How often one member may use it"), required=False, min_value=0, max_value=MOST_TIMES,
        help_text=_("Empty: as often as they like."),
    )  # fmt: skip
    period = forms.ChoiceField(label=_("In which time"), choices=PERIODS, initial="month")
    starts = _day(_("Holds from"))
    ends = _day(_("Holds through"))
    alone = forms.BooleanField(label=_("Not together with coupons or other benefits"), required=False)

    def __init__(
        self, *args: Any, currency: str, tiers: Sequence[Mapping[str, Any]], rules: Mapping[str, str],
        offers: Mapping[int, Text], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.currency = currency
        called = {tier["code"]: _name(tier) for tier in tiers}
        self.codes = list(called)
        self._choose("tiers", list(called.items()))
        self._choose("kind", [(code, reader.said(name)) for code, name in KINDS.items()])
        self._choose("rule", [("", gettext("Choose…")), *rules.items()])
        self._choose("offer", [("", gettext("No coupon")), *((str(key), reader.said(n)) for key, n in offers.items())])
        for code, name in called.items():
            self.fields[f"tier_{code}"] = forms.IntegerField(
                label=name, required=False, min_value=0, max_value=MOST_TIMES
            )
        for name in MONEY:
            self.fields[name].widget.attrs.update({"step": "any", "inputmode": "decimal"})

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def by_tier(self) -> list[forms.BoundField]:
        """The fields of other numbers of times."""
        return [self[f"tier_{code}"] for code in self.codes]

    @property
    def has_by_tier(self) -> bool:
        """Whether some tier has a number of its own, or a mistake."""
        return any(field.value() not in (None, "") or field.errors for field in self.by_tier)

    def clean(self) -> dict[str, Any]:
        """What a kind needs, and that there is a name."""
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind", "")
        if not (cleaned.get("zh") or cleaned.get("en")):
            self.add_error("zh", gettext("Give it a name, in Chinese, in English, or both."))
        for name in NEEDED.get(kind, ()):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, gettext("This is needed."))
        if kind == "discount" and (cleaned.get("percent") or 0) > 99:
            self.add_error("percent", gettext("From 1 to 99 per cent."))
        if kind == "birthday_gift" and not any(cleaned.get(one) for one in ("gift_zh", "gift_en", "offer")):
            self.add_error("gift_zh", gettext("Name the gift, or choose an offer that a coupon is given on."))
        if kind == "dedicated_service" and not (cleaned.get("about_zh") or cleaned.get("about_en")):
            self.add_error("about_zh", gettext("Say what is done for the member."))
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", gettext("It ends before it starts."))
        others = any(cleaned.get(f"tier_{code}") is not None for code in self.codes)
        if kind in COUNTED and others and cleaned.get("times") is None and "times" not in self.errors:
            self.add_error("times", gettext("How often everybody else?"))
        self._minor(cleaned)
        return cleaned

    def _minor(self, cleaned: dict[str, Any]) -> None:
        """Amounts in minor units."""
        for name in MONEY:
            value: Decimal | None = cleaned.get(name)
            if value is not None:
                try:
                    cleaned[name] = to_minor(value, self.currency)
                except InvalidAmount:
                    self.add_error(name, gettext("This has more decimals than the currency."))

    def told(self, code: str) -> dict[str, Any]:
        """The benefit as terms keep it, but for its condition; what its kind does not ask is left out."""
        data = self.cleaned_data
        own = OWN[data["kind"]]
        told: dict[str, Any] = {
            "code": code,
            "names": {language: data[language] for language in ("zh", "en") if data[language]},
            "kind": data["kind"],
        }
        if data["tiers"]:
            told["tiers"] = [one for one in self.codes if one in data["tiers"]]
        for name in sorted(own):
            if name in BOTH:
                words = {
                    language: data[f"{name}_{language}"] for language in ("zh", "en") if data[f"{name}_{language}"]
                }
                told |= {name: words} if words else {}
            elif data.get(name):
                told[name] = int(data[name]) if name == "offer" else data[name]
        if told.get("whole_month"):
            told = {name: value for name, value in told.items() if name not in ("days_before", "days_after")}
        if data["kind"] in COUNTED and data["times"] is not None:
            told["quota"] = self._quota()
        for name in ("starts", "ends"):
            if data[name]:
                told[name] = data[name].isoformat()
        return told | ({"alone": True} if data["alone"] else {})

    def _quota(self) -> dict[str, Any]:
        data = self.cleaned_data
        others = {code: data[f"tier_{code}"] for code in self.codes if data.get(f"tier_{code}") is not None}
        quota = {"period": data["period"], "times": data["times"]}
        return {**quota, "by_tier": others} if others else quota


def start(benefit: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What stands in the form for a benefit of terms."""
    digits = minor_digits(currency)
    found: dict[str, Any] = {
        name: value for name, value in benefit.items() if name not in (*BOTH, *MONEY, "names", "quota", "if")
    }
    found |= {language: benefit.get("names", {}).get(language, "") for language in ("zh", "en")}
    for name in BOTH:
        found |= {f"{name}_{language}": benefit.get(name, {}).get(language, "") for language in ("zh", "en")}
    for name in MONEY:
        if minor := benefit.get(name):
            found[name] = f"{to_major(minor, currency):.{digits if minor % 10**digits else 0}f}"
    if quota := benefit.get("quota"):
        found |= {"times": quota["times"], "period": quota["period"]}
        found |= {f"tier_{code}": times for code, times in quota.get("by_tier", {}).items()}
    return found


def _name(tier: Mapping[str, Any]) -> str:
    names = tier["names"]
    first, second = ("zh", "en") if reader.is_zh() else ("en", "zh")
    return names.get(first) or names.get(second) or str(tier["code"])
