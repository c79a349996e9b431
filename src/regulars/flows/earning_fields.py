"""What earning rules can ask about, with the choices that other rooms know: stores, tiers, products and segments."""

from collections.abc import Iterable, Mapping
from typing import Any

from regulars.catalogue import queries as catalogue
from regulars.core.bilingual import Text
from regulars.core.conditions import Choice
from regulars.core.conditions.fields import Field
from regulars.insight.segments import queries as segments
from regulars.loyalty.badges.rules import badges
from regulars.loyalty.coupons import offers as coupons
from regulars.loyalty.earning.badge import badge_name
from regulars.loyalty.earning.coupon import offer_name
from regulars.loyalty.earning.fields import FIELDS, as_agreed, with_choices

MOST_PRODUCTS = 300
"""More do not fit into a list that somebody chooses from; what rules name already is always among them."""


def earning_fields(terms: Mapping[str, Any]) -> dict[str, Field]:
    """Every field as rules of these terms see it now."""
    tiers = [Choice(tier["code"], _text(tier["names"], tier["code"])) for tier in terms.get("tiers", ())]
    stores = [Choice(str(key), Text(name, name)) for key, name in catalogue.store_names().items()]
    named = as_agreed([one.get("if") for one in (*terms.get("rules", ()), *terms.get("benefits", ()))])
    products = catalogue.products(most=MOST_PRODUCTS) | _names(str(one.value) for one in named["products"].choices)
    return with_choices(
        {
            "tier": [*tiers, *_gone(named["tier"], tiers)],
            "store": [*stores, *_gone(named["store"], stores)],
            "products": [Choice(sku, Text(name, name)) for sku, name in products.items()],
            "segments": _segments(named["segments"]),
        }
    )


def fields_for_members(terms: Mapping[str, Any]) -> dict[str, Field]:
    """The same where members may read it: they are not told what the shop calls its segments."""
    return earning_fields(terms) | {"segments": FIELDS["segments"]}


def product_names(terms: Mapping[str, Any], language: str) -> dict[str, str]:
    """Names by SKU of the products that rules of these terms give something for, and of the offers that they give."""
    rules = terms.get("rules", ())
    names = _names(sku for rule in rules for sku in rule["then"].get("products", ()))
    given = {rule["then"]["offer"] for rule in rules if "offer" in rule["then"]}
    names |= {badge_name(one.code): one.name.said(language) for one in badges(terms.get("badges", ())).values()}
    return names | (
        {offer_name(one): name for one, name in offer_names(language).items() if one in given} if given else {}
    )


def offer_names(language: str) -> dict[int, str]:
    """The offers whose coupons a rule can give, by id."""
    return {one.id: one.name.said(language) for one in coupons.offers()}


def _segments(named: Field) -> list[Choice]:
    """Those in use, and those put away that rules name."""
    asked = {one.value for one in named.choices}
    every = segments.segments(archived=True)
    found = [Choice(str(one.id), one.name) for one in every if one.archived_at is None or str(one.id) in asked]
    return [*found, *_gone(named, found)]


def _names(skus: Iterable[str]) -> dict[str, str]:
    wanted = set(skus)
    return {sku: sku for sku in sorted(wanted)} | catalogue.product_names(wanted)


def _gone(field: Field, known: Iterable[Choice]) -> list[Choice]:
    """What rules name and is not there any more."""
    values = {one.value for one in known}
    return [one for one in field.choices if one.value not in values]


def _text(names: Mapping[str, str], code: str) -> Text:
    some = names.get("zh") or names.get("en") or code
    return Text(names.get("zh") or some, names.get("en") or some)
