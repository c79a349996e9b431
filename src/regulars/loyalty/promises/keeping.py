"""How tiers are kept, in sentences: how long growth counts, how long a tier is held, and what happens then."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from regulars.loyalty import growth_words
from regulars.loyalty.keeping import Keeping
from regulars.loyalty.promises.speech import language


def is_plain(terms: Mapping[str, Any]) -> bool:
    """Whether a tier simply follows the growth inside a rolling window."""
    return Keeping.read(terms.get("keeping", {})).is_plain


def sentences(terms: Mapping[str, Any]) -> list[str]:
    """All of it, for the terms of a version."""
    keeping = Keeping.read(terms.get("keeping", {}))
    source = str(terms.get("growth_from", growth_words.SPEND))
    found = [growth_words.window_said(keeping, terms["window_months"], source, language())]
    if keeping.held == "window":
        year = gettext("Tiers change when a year ends, by what counted in it.")
        return [*found, year] if keeping.at_term else found
    if keeping.held == "months":
        text = ngettext(
            "A tier is held for %(n)d month, whatever happens.",
            "A tier is held for %(n)d months, whatever happens.",
            keeping.months,
        )
        found.append(text % {"n": keeping.months})
    else:
        found.append(gettext("A tier is held until the end of the next year, whatever happens."))
    if keeping.grace_days:
        text = ngettext(
            "Then there is %(n)d day of grace in which what is missing can still be earned.",
            "Then there are %(n)d days of grace in which what is missing can still be earned.",
            keeping.grace_days,
        )
        found.append(text % {"n": keeping.grace_days})
    if keeping.one_step:
        found.append(gettext("Who does not retain a tier goes down one step at a time."))
    else:
        said = gettext("Who does not retain a tier goes down to the one that their growth reaches.")
        found.append(growth_words.renamed(said, source, language()))
    if keeping.at_term:
        found.append(gettext("Tiers also go up only when a term ends, by what counts on its last day."))
    else:
        found.append(gettext("Tiers go up at once."))
    return found
