"""How a file is read: what each of its columns means, who numbered the orders, by which clock."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console import choices
from regulars.console.imports import words as import_words
from regulars.facts.reading.columns import Field, Mapping
from regulars.facts.reading.table import Table, text_of

EXAMPLES = 3
REGION_CODES = (
    "CN +86|HK +852|MO +853|TW +886|SG +65|MY +60|JP +81|KR +82|IN +91|TH +66|VN +84|ID +62|PH +63|AE +971|GB +44"
    "|DE +49|FR +33|CH +41|US +1|CA +1|MX +52|BR +55|AU +61|NZ +64|ZA +27"
)
REGIONS = [(entry[:2], entry) for entry in REGION_CODES.split("|")]
DAY_FIRST: dict[str, bool | None] = {"": None, "day": True, "month": False}


class ReadingForm(forms.Form):
    """Everything about a file besides its columns."""

    source = forms.CharField(
        label=_("Which system numbered these orders?"),
        max_length=100,
        help_text=_("The same name each time: an order that comes twice from one system counts once."),
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )
    time_zone = forms.ChoiceField(
        label=_("By which clock are the times?"),
        choices=choices.time_zones,
        help_text=_("Your own time zone is chosen. Change it if the system writes another one, such as UTC."),
    )
    channel = forms.ChoiceField(
        label=_("Where the file does not say, orders were made"),
        choices=[("store", _("in a shop")), ("online", _("online"))],
    )
    region = forms.ChoiceField(label=_("Phone numbers without a country belong to"), choices=REGIONS)
    day_first = forms.ChoiceField(
        label=_("Dates such as 05/01/2024"),
        required=False,
        choices=[
            ("", _("As the column shows")),
            ("day", _("The day comes first")),
            ("month", _("The month comes first")),
        ],
    )
    paid_per = forms.ChoiceField(
        label=_("What was paid stands"),
        required=False,
        choices=[("", _("As the file shows")), ("order", _("once for the order")), ("line", _("for each line"))],
    )

    def settings(self, currency: str) -> dict[str, Any]:
        """As an import keeps them."""
        data = self.cleaned_data
        return {
            "currency": currency,
            "region": data["region"],
            "day_first": DAY_FIRST[data["day_first"]],
            "paid_per": data["paid_per"],
            "channel": data["channel"],
        }

    @staticmethod
    def start(source: str, time_zone: str, settings: Dictionary[str, Any]) -> dict[str, Any]:
        """What stands in the form before somebody changes it."""
        told = {True: "day", False: "month", None: ""}[settings.get("day_first")]
        kept = {name: settings.get(name, "") for name in ("channel", "region", "paid_per")}
        return {"source": source, "time_zone": time_zone, "day_first": told, **kept}


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of the file: its name, some of its cells, and what it is taken to mean."""

    key: str
    name: str
    examples: list[str]
    meaning: str
    problem: str


def rows(table: Table, meanings: Dictionary[str, str], problems: Dictionary[str, str] | None = None) -> list[ColumnRow]:
    """Every column; `meanings` are fields by column name."""
    first = [row for _number, row in table.first_rows(60)]
    found = []
    for place, name in enumerate(table.names):
        texts = (text_of(row[place]).strip() for row in first)
        examples = list(dict.fromkeys(text[:60] for text in texts if text))[:EXAMPLES]
        found.append(
            ColumnRow(f"column-{place}", name, examples, meanings.get(name, ""), (problems or {}).get(name, ""))
        )
    return found


def options() -> list[tuple[Promise, list[tuple[str, Promise]]]]:
    """What a column may mean, in groups."""
    return [(group, [(str(field), label) for field, label in fields]) for group, fields in import_words.GROUPS]


def chosen(posted: QueryDict, names: Sequence[str]) -> tuple[Mapping, dict[str, str]]:
    """What somebody chose for each column, and what is wrong with it by column name."""
    columns: dict[Field, str] = {}
    problems: dict[str, str] = {}
    for place, name in enumerate(names):
        told = posted.get(f"column-{place}", "")
        if told not in import_words.FIELD_LABELS:
            continue
        field = Field(told)
        if field in columns:
            text = gettext("“%(other)s” is that already. Choose one of the two.")
            problems[name] = text % {"other": columns[field]}
        else:
            columns[field] = name
    return Mapping(columns), problems
