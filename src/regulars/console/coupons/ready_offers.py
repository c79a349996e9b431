"""Offers that are ready for a small shop: a part off, an amount off, something on the house, or nothing at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from regulars.core.bilingual import Text
from regulars.core.money import minor_digits
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.loyalty.coupons.words import terms_said
from regulars.staff.rules import BusinessProfile
from regulars.staff.trades import Trade

AMOUNTS: Final = {"CNY": 10, "HKD": 20, "TWD": 50, "JPY": 300, "KRW": 3000, "INR": 100, "THB": 50}
"""What is taken off in major units, about the price of a small coffee."""
USUAL_AMOUNTS: Final = {0: 1000, 2: 3, 3: 1}
"""The same in other money, by the digits of its minor unit."""
MIN_SPEND: Final = 3
"""An amount comes off from three times as much."""
OFTEN: Final = 6
"""Offers of the shop's own that are listed, the newest."""


@dataclass(frozen=True, slots=True)
class ReadyOffer:
    """An offer to choose. `offer_id` is None until it was made, `terms` None for 'no coupon'."""

    code: str
    words: Text
    terms: Terms | None
    offer_id: int | None = None


NOTHING: Final = ReadyOffer("none", Text("不送券，只问候一声", "No coupon, just a kind word"), None)


def usual(business: BusinessProfile, trade: Trade) -> ReadyOffer:
    """What a trade usually offers."""
    return choices(business, trade)[0]


def choices(business: BusinessProfile, trade: Trade, *, chosen: int | None = None) -> list[ReadyOffer]:
    """What can be offered, the usual first, then the shop's own offers, and nothing.

    Args:
        chosen: An offer that is always among them.
    """
    wanted = {
        "percent": Terms(OfferKind.PERCENT_OFF, trade.percent_off),
        "amount": amount_off(business.currency),
        "gift": Terms(OfferKind.GIFT, gift=trade.gift),
    }
    known = offers.offers()
    made = {one.terms: one.id for one in reversed(known)}
    ready = [
        ReadyOffer(code, terms_said(terms, business.currency), terms, made.get(terms)) for code, terms in wanted.items()
    ]
    own = [one for one in reversed(known) if one.terms not in wanted.values() and one.terms.uses_most == 1]
    kept = [one for place, one in enumerate(own) if place < OFTEN or one.id == chosen]
    return [
        *ready,
        *(ReadyOffer(f"offer-{one.id}", one.name, one.terms, one.id) for one in kept),
        NOTHING,
    ]


def amount_off(currency: str) -> Terms:
    """An amount off that is usual in this money."""
    digits = minor_digits(currency)
    amount = AMOUNTS.get(currency, USUAL_AMOUNTS[digits]) * 10**digits
    return Terms(OfferKind.AMOUNT_OFF, amount, min_spend_minor=MIN_SPEND * amount)


def offer_id(ready: ReadyOffer, *, actor: str, at: datetime) -> int | None:
    """The offer's id, made now if it is the first time; None for no coupon."""
    if ready.terms is None or ready.offer_id is not None:
        return ready.offer_id
    return coupons.create(name=ready.words, terms=ready.terms, actor=actor, at=at)


def code_of(offer_id: int | None, business: BusinessProfile, trade: Trade) -> str:
    """Which of the choices an offer is."""
    if offer_id is None:
        return NOTHING.code
    found = choices(business, trade, chosen=offer_id)
    return next((one.code for one in found if one.offer_id == offer_id), NOTHING.code)
