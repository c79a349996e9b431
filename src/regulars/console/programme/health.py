"""How the programme does, as its page shows it."""

from typing import Any

from django.utils.translation import gettext as _

from regulars.console import reader
from regulars.console.programme.words import name_of
from regulars.core.money import minor_digits, to_major
from regulars.loyalty.health.rules import FEW_MEMBERS, SUGGESTIONS, Finding, Health, findings
from regulars.loyalty.rules import Policies

LEADS_TO: dict[Finding, tuple[str, str]] = {
    Finding.COST: ("settings_programme", "settings.view"),
    Finding.USE: ("rewards", "campaigns.view"),
    Finding.LAPSE: ("settings_programme", "settings.view"),
    Finding.PARTICIPATION: ("customers", "customers.view"),
    Finding.ACTIVITY: ("churn", "insight.view"),
    Finding.ONE_TIER: ("settings_programme", "settings.view"),
}
"""The page where something can be done about a finding, and what it takes to open it."""


def shown(found: Health, policies: Policies, currency: str) -> dict[str, Any]:
    """Everything that the page says."""
    tiers = policies.versions[-1][1].tiers
    return {
        "found": found,
        "percent": {
            name: _percent(getattr(found, name)) for name in ("participation", "activity", "use", "burn", "cost")
        },
        "is_small": found.buyers < FEW_MEMBERS,
        "few": FEW_MEMBERS,
        "months": list(reversed(found.months)),
        "tiers": [
            (name_of(tier.names) or tier.code, count, _percent(count / found.members if found.members else None), place)
            for place, (tier, count) in enumerate(zip(tiers, found.tiers, strict=False))
        ],
        "suggestions": [(reader.said(SUGGESTIONS[one]), *LEADS_TO[one]) for one in findings(found)],
        "points_chart": _points_chart(found),
        "people_chart": _people_chart(found),
        "sales_chart": _sales_chart(found, currency),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _points_chart(found: Health) -> dict[str, Any]:
    return {
        "x": [f"{one.month:%Y-%m}" for one in found.months],
        "series": [
            {"name": _("Earned"), "tone": "primary", "data": [one.earned for one in found.months]},
            {"name": _("Used"), "tone": "warning", "data": [one.used for one in found.months]},
            {"name": _("Expired"), "tone": "mute", "data": [one.expired for one in found.months]},
        ],
    }


def _people_chart(found: Health) -> dict[str, Any]:
    return {
        "x": [f"{one.month:%Y-%m}" for one in found.months],
        "series": [
            {"name": _("Bought"), "tone": "primary", "data": [one.buyers for one in found.months], "area": True},
            {"name": _("Used points"), "tone": "warning", "data": [one.users for one in found.months]},
        ],
    }


def _sales_chart(found: Health, currency: str) -> dict[str, Any]:
    def money(minor: int) -> float:
        return float(to_major(minor, currency))

    return {
        "x": [f"{one.month:%Y-%m}" for one in found.months],
        "digits": minor_digits(currency),
        "stacked": True,
        "series": [
            {"name": _("Members"), "tone": "primary", "data": [money(one.members_sales) for one in found.months]},
            {
                "name": _("Others"),
                "tone": "mute",
                "data": [money(one.sales - one.members_sales) for one in found.months],
            },
        ],
    }
