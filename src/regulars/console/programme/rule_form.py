"""The form in which an earning rule is written: when, what it gives, how long, and beside which others."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console import reader
from regulars.console.programme.form import LARGEST_MAJOR
from regulars.core.money import InvalidAmount, to_major, to_minor
from regulars.flows.earning_fields import offer_names
from regulars.loyalty.earning.reading import ORDER
from regulars.loyalty.earning.taking import LARGEST, MOST_PRODUCTS
from regulars.loyalty.earning.words import EVENTS

OTHER = "other"
KINDS = [
    ("multiply", _("the points of the order so many times")),
    ("per_amount", _("1 more for each so much money")),
    ("per_item", _("so many for each piece of a product")),
    ("fixed", _("so many each time")),
    ("coupon", _("a coupon")),
    ("badge", _("a badge")),
]
FOR_ANY_EVENT = ("fixed", "coupon", "badge")
NEEDED = {
    "multiply": "times", "per_amount": "money", "per_item": "amount", "fixed": "amount", "coupon": "offer",
    "badge": "badge",
}  # fmt: skip
"""The field that says how much, by what a rule gives."""
COMMAS = ",，、;；\n\t "


class RuleForm(forms.Form):
    """Everything of a rule but its condition and its limits."""

    zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=60)
    en = forms.CharField(label=_("Name in English"), required=False, max_length=60)
    on = forms.ChoiceField(label=_("What it rewards"))
    event = forms.CharField(
        label=_("Name of the event"), required=False, max_length=100,
        help_text=_("As your system calls it when it tells us."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("What it gives"), choices=KINDS)
    times = forms.DecimalField(
        label=_("How many times"), required=False, min_value=Decimal("1.01"), max_value=100, decimal_places=2,
        help_text=_("2 is double points."),
    )  # fmt: skip
    money = forms.DecimalField(label=_("Money for 1 more"), required=False, min_value=0, max_value=LARGEST_MAJOR)
    amount = forms.IntegerField(label=_("How many"), required=False, min_value=1, max_value=LARGEST)
    offer = forms.TypedChoiceField(label=_("Which coupon"), required=False, coerce=int, empty_value=None)
    badge = forms.ChoiceField(
        label=_("Which badge"),
        required=False,
        help_text=_("Each member has it once. Add badges on the page of the draft."),
    )
    products = forms.CharField(
        label=_("Only for these products"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Product numbers, with commas between them."),
    )  # fmt: skip
    earns = forms.ChoiceField(
        label=_("In which currency"), choices=[("points", _("Points")), ("growth", _("Growth value"))]
    )
    starts = forms.DateField(
        label=_("Holds from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends = forms.DateField(
        label=_("Holds through"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    priority = forms.IntegerField(
        label=_("Priority"), required=False, min_value=-1000, max_value=1000,
        help_text=_("Higher ones are looked at first."),
    )  # fmt: skip
    group = forms.CharField(
        label=_("Group"), required=False, max_length=60,
        help_text=_("Of the rules of a group only the first that applies gives anything."),
    )  # fmt: skip
    alone = forms.BooleanField(label=_("Where it applies, no rule after it does"), required=False)

    def __init__(
        self, *args: Any, currency: str, own: Sequence[tuple[str, str]] = (), badges: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """For a business whose money is `currency`.

        Args:
            own, badges: (code, name) of the programme's own currencies, and of its badges.
        """
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.own = [code for code, _name in own]
        earns = self.fields["earns"]
        assert isinstance(earns, forms.ChoiceField)
        earns.choices = [("points", gettext("Points")), ("growth", gettext("Growth value")), *own]
        language = reader.language()
        events = [(name, text.said(language)) for name, text in EVENTS.items()]
        on = self.fields["on"]
        assert isinstance(on, forms.ChoiceField)
        on.choices = [(ORDER, gettext("an order")), *events, (OTHER, gettext("another event"))]
        offer = self.fields["offer"]
        assert isinstance(offer, forms.TypedChoiceField)
        offer.choices = [
            ("", gettext("Choose an offer")),
            *((str(one), name) for one, name in offer_names(language).items()),
        ]
        badge = self.fields["badge"]
        assert isinstance(badge, forms.ChoiceField)
        badge.choices = [("", gettext("Choose a badge")), *badges]
        for name in ("times", "money"):
            self.fields[name].widget.attrs.update({"step": "any", "inputmode": "decimal"})

    @property
    def has_more(self) -> bool:
        """Whether something of what is rarely wanted is filled in, or wrong."""
        return any(self[name].value() or self[name].errors for name in ("priority", "group", "alone"))

    def clean(self) -> dict[str, Any]:
        """What a kind of rule needs, and that there is a name."""
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("zh") or cleaned.get("en")):
            self.add_error("zh", gettext("Give it a name, in Chinese, in English, or both."))
        if cleaned.get("on") == OTHER and not cleaned.get("event"):
            self.add_error("event", gettext("What is the event called?"))
        kind = cleaned.get("kind", "")
        needed = NEEDED.get(kind)
        if needed and not cleaned.get(needed) and needed not in self.errors:
            self.add_error(needed, gettext("Which one?") if needed in ("offer", "badge") else gettext("How much?"))
        if kind == "per_item" and not cleaned.get("products") and "products" not in self.errors:
            self.add_error("products", gettext("For which products?"))
        if cleaned.get("on") != ORDER and kind and kind not in FOR_ANY_EVENT:
            self.add_error(
                "kind", gettext("Only an order has an amount to count from. Give so many each time, or a coupon.")
            )
        if kind == "multiply" and cleaned.get("earns") in self.own:
            self.add_error("earns", gettext("Nothing of it comes without a rule, so there is nothing to multiply."))
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", gettext("It ends before it starts."))
        return cleaned

    def clean_money(self) -> int | None:
        """In minor units."""
        value: Decimal | None = self.cleaned_data["money"]
        if value is None:
            return None
        try:
            return to_minor(value, self.currency)
        except InvalidAmount as error:
            raise forms.ValidationError(gettext("This has more decimals than the currency.")) from error

    def clean_products(self) -> list[str]:
        """Product numbers, each once."""
        text = self.cleaned_data["products"]
        for comma in COMMAS:
            text = text.replace(comma, "\n")
        found = list(dict.fromkeys(one for one in text.split("\n") if one))
        if len(found) > MOST_PRODUCTS:
            raise forms.ValidationError(gettext("These are too many products for one rule."))
        return found

    def told(self, code: str) -> dict[str, Any]:
        """The rule as terms keep it, but for condition and limits."""
        data = self.cleaned_data
        told: dict[str, Any] = {
            "code": code,
            "names": {language: data[language] for language in ("zh", "en") if data[language]},
            "on": data["event"] if data["on"] == OTHER else data["on"],
            "then": self._then(),
            "earns": data["kind"] if data["kind"] in ("coupon", "badge") else data["earns"],
        }
        for name in ("starts", "ends"):
            if data[name]:
                told[name] = data[name].isoformat()
        return told | {name: data[name] for name in ("priority", "group", "alone") if data[name]}

    def _then(self) -> dict[str, Any]:
        data = self.cleaned_data
        then: dict[str, Any] = {"kind": data["kind"]}
        if data["kind"] == "coupon":
            return then | {"offer": data["offer"], "amount": data["amount"] or 1}
        if data["kind"] == "badge":
            return then | {"badge": data["badge"]}
        if data["kind"] == "multiply":
            return then | {"percent": int(data["times"] * 100)}
        if data["kind"] == "per_amount":
            then |= {"minor": data["money"]}
        else:
            then |= {"amount": data["amount"]}
        return then | {"products": data["products"]} if data["products"] and data["kind"] != "fixed" else then


def start(rule: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What stands in the form for a rule of terms."""
    then, on = rule["then"], rule.get("on") or ORDER
    known = on == ORDER or on in EVENTS
    percent = then.get("percent")
    return {
        "zh": rule.get("names", {}).get("zh", ""),
        "en": rule.get("names", {}).get("en", ""),
        "on": on if known else OTHER,
        "event": "" if known else on,
        "kind": then["kind"],
        "times": _plain(Decimal(percent) / 100) if percent else "",
        "money": _plain(to_major(then["minor"], currency)) if "minor" in then else "",
        "amount": then.get("amount", ""),
        "products": ", ".join(then.get("products", ())),
        **{name: rule.get(name, "") for name in ("starts", "ends", "group", "alone")},
        "offer": str(then.get("offer", "")),
        "badge": then.get("badge", ""),
        "earns": rule.get("earns", "points") if then["kind"] not in ("coupon", "badge") else "points",
        "priority": rule.get("priority") or "",
    }


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
