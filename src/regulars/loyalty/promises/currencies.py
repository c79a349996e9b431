"""A programme's own currencies in words, as the people who write and read its terms see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from regulars.loyalty.currencies import counted_of
from regulars.loyalty.earning import reading
from regulars.loyalty.earning.rules import Counted
from regulars.loyalty.earning.words import limit_said
from regulars.loyalty.promises.speech import language, said


@dataclass(frozen=True, slots=True)
class CurrencyWords:
    """A currency: what it is called, and how long it lasts in a sentence."""

    code: str
    name: str
    sentence: str


def currencies(terms: Mapping[str, Any], tiers: Mapping[str, str]) -> list[CurrencyWords]:
    """What can be spent beside points.

    Args:
        tiers: Names by tier code.
    """
    counted = counted_of(terms)
    return [
        CurrencyWords(one["code"], said(counted[one["code"]].name), _sentence(one, counted[one["code"]], tiers))
        for one in terms.get("currencies", ())
    ]


def _sentence(told: Mapping[str, Any], what: Counted, tiers: Mapping[str, str]) -> str:
    parts = [_expiry(told)]
    days = told.get("pending_days", {})
    for channel, where in (("store", gettext("from a shop")), ("online", gettext("from orders online"))):
        if number := days.get(channel, 0):
            text = ngettext("%(where)s spendable after %(n)s day", "%(where)s spendable after %(n)s days", number)
            parts.append(text % {"where": where, "n": number})
    limits = reading.caps(told.get("caps", ()), tiers=list(tiers))
    parts += [limit_said(limit, what, language(), tiers=tiers) for limit in limits]
    return ("；" if language() == "zh" else "; ").join(parts) + ("。" if language() == "zh" else ".")


def _expiry(told: Mapping[str, Any]) -> str:
    expiry = told.get("expiry", "end_of_next_year")
    if expiry == "never":
        return gettext("They do not expire")
    if expiry == "rolling":
        months = told.get("expiry_months", 24)
        return ngettext("They last %(n)s month", "They last %(n)s months", months) % {"n": months}
    return gettext("They last until the end of the next year")
