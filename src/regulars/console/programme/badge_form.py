"""The form in which a badge is written: what it is called, what it says, its picture."""

import re
from collections.abc import Collection, Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.console.reader import said
from regulars.loyalty.badges.rules import CODE, ICONS, LONGEST_NAME, LONGEST_SAYING


class BadgeForm(forms.Form):
    """Everything of a badge but its code."""

    zh = forms.CharField(label=_("Name in Chinese"), required=False, max_length=LONGEST_NAME)
    en = forms.CharField(label=_("Name in English"), required=False, max_length=LONGEST_NAME)
    icon = forms.ChoiceField(label=_("Icon"))
    says_zh = forms.CharField(label=_("What it is for, in Chinese"), required=False, max_length=LONGEST_SAYING)
    says_en = forms.CharField(
        label=_("What it is for, in English"), required=False, max_length=LONGEST_SAYING,
        help_text=_("Members read it: for ten visits."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        icons = [(icon, said(name)) for icon, name in ICONS.items()]
        cast("forms.ChoiceField", self.fields["icon"]).choices = icons

    def clean(self) -> dict[str, Any]:
        """There is a name."""
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("zh") or cleaned.get("en")):
            self.add_error("zh", gettext("Give it a name, in Chinese, in English, or both."))
        return cleaned

    def told(self, code: str) -> dict[str, Any]:
        """The badge as terms keep it."""
        data = self.cleaned_data
        says = {language: data[f"says_{language}"] for language in ("zh", "en") if data[f"says_{language}"]}
        return {
            "code": code,
            "names": {language: data[language] for language in ("zh", "en") if data[language]},
            **({"says": says} if says else {}),
            "icon": data["icon"],
        }


def start(told: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands in the form."""
    one = told or {}
    return {
        **{language: one.get("names", {}).get(language, "") for language in ("zh", "en")},
        **{f"says_{language}": one.get("says", {}).get(language, "") for language in ("zh", "en")},
        "icon": one.get("icon", "award"),
    }


def code_of(english: str, used: Collection[str]) -> str:
    """What programs call it, out of its English name."""
    wanted = re.sub(r"[^a-z0-9]+", "-", english.lower()).strip("-")[:20].strip("-")
    if CODE.fullmatch(wanted) and wanted not in used:
        return wanted
    return next(code for number in range(1, 100) if (code := f"badge{number}") not in used)
