"""The form in which a coupon's terms are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulars.console.campaigns.words import offer_problem
from regulars.console.coupons.ready_offers import amount_off
from regulars.console.typed import Mistakes, TypedForm, whole_number
from regulars.core.bilingual import Text
from regulars.core.money import InvalidAmount, to_major, to_minor
from regulars.loyalty.coupons.offers import OfferView
from regulars.loyalty.coupons.rules import NO_GIFT, InvalidOffer, OfferKind, Terms, checked

LONGEST: Final = 200


@dataclass(slots=True)
class Typed(TypedForm):
    """Every field of the form; amounts in major units."""

    zh: str = ""
    en: str = ""
    kind: str = "amount_off"
    value: str = ""
    gift_zh: str = ""
    gift_en: str = ""
    min_spend: str = ""
    unit_cost: str = ""
    days_valid: str = "14"
    uses_most: str = "1"
    after: str = "0"


def read(post: Mapping[str, str]) -> Typed:
    """What a browser sent."""
    return Typed().take(post, lambda _name, text: " ".join(text.split())[:LONGEST])


def suggested(currency: str) -> Typed:
    """A first coupon that a shop may well give."""
    terms = amount_off(currency)
    return Typed(value=major(terms.value, currency), min_spend=major(terms.min_spend_minor, currency))


def of_offer(offer: OfferView, currency: str) -> Typed:
    """An offer as it stands."""
    terms = offer.terms
    is_amount = terms.kind is OfferKind.AMOUNT_OFF
    return Typed(
        zh=offer.name.zh,
        en=offer.name.en if offer.name.en != offer.name.zh else "",
        kind=terms.kind,
        value=major(terms.value, currency) if is_amount else str(terms.value or ""),
        gift_zh=terms.gift.zh,
        gift_en=terms.gift.en,
        min_spend=major(terms.min_spend_minor, currency),
        unit_cost=major(terms.unit_cost_minor, currency),
        days_valid=str(terms.days_valid),
        uses_most=str(terms.uses_most),
        after=str(offer.version),
    )


def major(minor: int, currency: str) -> str:
    """An amount as people type it; '' for nothing."""
    return f"{to_major(minor, currency).normalize():f}" if minor else ""


def terms_of(typed: Typed, currency: str) -> Terms:
    """The terms that it comes to.

    Raises:
        Mistakes: They cannot be so.
    """
    problems: dict[str, str] = {}
    kind = OfferKind(typed.kind) if typed.kind in tuple(OfferKind) else OfferKind.AMOUNT_OFF
    is_gift = kind is OfferKind.GIFT
    if kind is OfferKind.AMOUNT_OFF:
        value = _amount(typed.value, "value", currency, problems)
    else:
        value = 0 if is_gift else _whole(typed.value, "value", problems)
    found = Terms(
        kind=kind,
        value=value,
        gift=Text(typed.gift_zh, typed.gift_en) if is_gift else NO_GIFT,
        min_spend_minor=_amount(typed.min_spend, "min_spend", currency, problems),
        unit_cost_minor=_amount(typed.unit_cost, "unit_cost", currency, problems) if is_gift else 0,
        days_valid=_whole(typed.days_valid, "days_valid", problems),
        uses_most=_whole(typed.uses_most, "uses_most", problems),
    )
    if not problems:
        try:
            return checked(found)
        except InvalidOffer as error:
            where = str(error.context.get("field", "value")).removesuffix("_minor")
            problems[{"gift": "gift_zh"}.get(where, where)] = offer_problem(where)
    raise Mistakes(problems)


def _amount(text: str, name: str, currency: str, problems: dict[str, str]) -> int:
    try:
        found = to_minor(text.replace(",", "").lstrip("¥$€£") or "0", currency)
    except InvalidAmount:
        found = -1
    if found < 0:
        problems[name] = offer_problem(name)
    return max(0, found)


def _whole(text: str, name: str, problems: dict[str, str]) -> int:
    if (found := whole_number(text, most_digits=8)) is not None:
        return found
    problems[name] = offer_problem(name)
    return 1
