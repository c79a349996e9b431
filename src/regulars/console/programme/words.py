"""What a version of the programme promises, in sentences, as the console writes money and names."""

from collections.abc import Mapping
from typing import Any

from regulars.console import figures
from regulars.core.conditions import Field
from regulars.core.money import minor_digits
from regulars.flows.earning_fields import product_names
from regulars.insight.compute.fields import formatter
from regulars.loyalty.earning.fields import FIELDS
from regulars.loyalty.promises import words as promises
from regulars.loyalty.promises.benefits import BenefitWords
from regulars.loyalty.promises.speech import Speech, name_of
from regulars.loyalty.promises.words import (
    Difference,
    RuleWords,
    caps,
    growth_name,
    tier_names,
    usual_spend,
)

__all__ = [
    "benefits", "caps", "differences", "examples", "growth_name", "name_of", "rules", "sentences", "short_money",
    "tier_names", "usual_spend",
]  # fmt: skip


def short_money(minor: int, currency: str) -> str:
    """An amount without cents where there are none: ¥1, ¥0.50."""
    text = figures.money(minor, currency)
    return text if minor % 10 ** minor_digits(currency) else text.split(".")[0]


def sentences(terms: Mapping[str, Any], currency: str) -> list[str]:
    """What the terms promise but for rules and tiers."""
    return promises.sentences(terms, _speech(currency))


def rules(
    terms: Mapping[str, Any],
    currency: str,
    fields: Mapping[str, Field] = FIELDS,
    used: Mapping[str, int] | None = None,
) -> list[RuleWords]:
    """The rules in the order in which they are looked at.

    Args:
        fields: With the names of the shop's stores, tiers and products.
        used: What the budgets of live rules have given, by rule code; None where nothing is live.
    """
    return promises.rules(terms, _speech(currency, fields), used)


def benefits(terms: Mapping[str, Any], currency: str, fields: Mapping[str, Field] = FIELDS) -> list[BenefitWords]:
    """What tiers have besides points."""
    return promises.benefits(terms, _speech(currency, fields))


def differences(
    earlier: Mapping[str, Any], later: Mapping[str, Any], currency: str, fields: Mapping[str, Field] = FIELDS
) -> list[Difference]:
    """What two terms say differently, what went first."""
    return promises.differences(earlier, later, _speech(currency, fields))


def examples(terms: Mapping[str, Any], currency: str) -> list[str]:
    """What the base comes to for an order, and what each tier takes."""
    return promises.examples(terms, _speech(currency))


def _speech(currency: str, fields: Mapping[str, Field] = FIELDS) -> Speech:
    def money(minor: int) -> str:
        return figures.money(minor, currency)

    return Speech(currency, money, fields, product_names, formatter(money))
