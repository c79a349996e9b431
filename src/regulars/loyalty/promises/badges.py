"""The badges of a version in words, as the people who write and read its terms see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from regulars.loyalty.badges import rules
from regulars.loyalty.promises.speech import colon, said


@dataclass(frozen=True, slots=True)
class BadgeWords:
    """A badge: its name, what it says, its picture; `ruled`: a rule of these terms gives it; how many have it now."""

    code: str
    name: str
    says: str
    icon: str
    ruled: bool
    members: int


def badges(terms: Mapping[str, Any], counts: Mapping[str, int]) -> list[BadgeWords]:
    """The badges of terms.

    Args:
        counts: How many members have each by now, by code.
    """
    given = {rule["then"].get("badge") for rule in terms.get("rules", ()) if rule["then"].get("kind") == "badge"}
    return [
        BadgeWords(one.code, said(one.name), said(one.says), one.icon, one.code in given, counts.get(one.code, 0))
        for one in rules.badges(terms.get("badges", ())).values()
    ]


def sentences(terms: Mapping[str, Any]) -> list[str]:
    """Each badge in a sentence."""
    label = gettext("Badge")
    return [f"{label}{colon()}{' · '.join(filter(None, (one.name, one.says)))}" for one in badges(terms, {})]
