"""What a version of the programme promises, in sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from regulars.console import figures
from regulars.core.money import minor_digits


def name_of(names: Mapping[str, str]) -> str:
    """A name that staff typed, in the reader's language or the other one."""
    first, second = ("zh", "en") if figures.is_zh() else ("en", "zh")
    return names.get(first) or names.get(second) or ""


def short_money(minor: int, currency: str) -> str:
    """An amount without cents where there are none: ¥1, ¥0.50."""
    text = figures.money(minor, currency)
    return text if minor % 10 ** minor_digits(currency) else text.split(".")[0]


def sentences(terms: Mapping[str, Any], currency: str) -> list[str]:
    """What the terms promise, tiers last."""
    return [
        gettext("Every %(money)s paid earns 1 point.") % {"money": short_money(terms["minor_per_point"], currency)},
        _waiting("store", terms),
        _waiting("online", terms),
        _expiry(terms),
        gettext("Every %(money)s paid adds 1 to the growth value.")
        % {"money": short_money(terms["minor_per_growth"], currency)},
        ngettext(
            "Tiers look at the growth of the last %(n)d month.",
            "Tiers look at the growth of the last %(n)d months.",
            terms["window_months"],
        )
        % {"n": terms["window_months"]},
        *(_tier(tier) for tier in terms["tiers"]),
    ]


def examples(terms: Mapping[str, Any], currency: str) -> list[str]:
    """What the terms come to for an order, and what each tier takes."""
    spend = (120 if minor_digits(currency) else 12_000) * 10 ** minor_digits(currency)
    points = spend // terms["minor_per_point"]
    found = [
        ngettext(
            "An order of %(money)s earns %(points)s point.", "An order of %(money)s earns %(points)s points.", points
        )
        % {"money": short_money(spend, currency), "points": figures.count(points)}
    ]
    for tier in terms["tiers"][1:]:
        needed = tier["threshold"] * terms["minor_per_growth"]
        found.append(
            ngettext(
                "Who spends %(money)s within %(n)d month is %(tier)s.",
                "Who spends %(money)s within %(n)d months is %(tier)s.",
                terms["window_months"],
            )
            % {"money": short_money(needed, currency), "n": terms["window_months"], "tier": name_of(tier["names"])}
        )
    return found


def _waiting(channel: str, terms: Mapping[str, Any]) -> str:
    days = terms["pending_days"].get(channel, 0)
    if channel == "store":
        if not days:
            return gettext("Points from a shop can be spent at once.")
        text = ngettext(
            "Points from a shop can be spent after %(n)d day.",
            "Points from a shop can be spent after %(n)d days.",
            days,
        )
    else:
        if not days:
            return gettext("Points from orders online can be spent at once.")
        text = ngettext(
            "Points from orders online can be spent after %(n)d day.",
            "Points from orders online can be spent after %(n)d days.",
            days,
        )
    return text % {"n": days}


def _expiry(terms: Mapping[str, Any]) -> str:
    if terms["expiry"] == "never":
        return gettext("Points do not expire.")
    return gettext("Points expire at the end of the year after the one in which they were earned.")


def _tier(tier: Mapping[str, Any]) -> str:
    return gettext("%(tier)s from a growth value of %(threshold)s.") % {
        "tier": name_of(tier["names"]),
        "threshold": figures.count(tier["threshold"]),
    }
