"""What customers choose for themselves, on a page that they reach from any message without signing in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.customers import actions as customers
from regulars.customers import consents
from regulars.customers.actions import Word
from regulars.customers.consents import GRANTED, PROMOTION, SERVICE, Needs
from regulars.customers.rules import mask_email
from regulars.outreach.deliveries import queries
from regulars.outreach.deliveries.queries import DeliveryView

WORDING: Final = "preferences-1"
"""The version of the page's words; a new one when what people agree to reads differently."""

CHOICES: Final = ((PROMOTION, "email"), (PROMOTION, "copy_list"), (SERVICE, "email"))
"""What can be chosen: (purpose, channel)."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody gets at present, and in which language ('' if they chose none); `email` is masked."""

    customer_id: int
    language: str
    email: str
    allowed: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Preferences(Wishes):
    """The same of somebody who came by a message, which `came_as` is."""

    came_as: DeliveryView


def of_token(token: UUID) -> Preferences | None:
    """The preferences behind a message's address; None if there is no such message."""
    delivery = queries.by_token(token)
    if delivery is None:
        return None
    found = of_customer(delivery.customer_id)
    return Preferences(found.customer_id, found.language, found.email, found.allowed, delivery)


def of_customer(customer_id: int) -> Wishes:
    """What a customer gets at present."""
    address = consents.addresses([customer_id], "email").get(customer_id)
    chosen = consents.languages([customer_id]).get(customer_id, "")
    allowed = frozenset(choice for choice in CHOICES if _is_allowed(customer_id, *choice))
    return Wishes(customer_id, chosen, mask_email(address.value) if address else "", allowed)


def choose(*, preferences: Wishes, allowed: Collection[tuple[str, str]], language: str, at: datetime) -> int:
    """Keep what somebody chose; returns how many entries of their history it made.

    Args:
        allowed: Those of CHOICES that may come.
        language: 'zh-hans' or 'en'; anything else leaves it as it is.
    Raises:
        TooManyChanges: Often enough today to be a program.
    """
    words = [
        Word(preferences.customer_id, *choice, choice in allowed, at, "page", wording=WORDING)
        for choice in CHOICES
        if (choice in allowed) != (choice in preferences.allowed)
    ]
    if language in ("zh-hans", "en") and language != preferences.language:
        customers.choose_language(customer_id=preferences.customer_id, language=language)
    return customers.say(words)


def unsubscribe(*, preferences: Preferences, one_click: bool, at: datetime) -> bool:
    """No more messages like the one that somebody came by; True when that is news. Never refused, however often."""
    came = preferences.came_as
    source = "one_click" if one_click else "page"
    word = Word(preferences.customer_id, came.purpose, came.channel, False, at, source, wording=WORDING)
    return customers.say([word]) > 0


def _is_allowed(who: int, purpose: str, channel: str) -> bool:
    said = consents.states([who], purpose, channel).get(who)
    if said is None:
        return consents.needed(purpose, channel) is not Needs.GRANTED
    return said == GRANTED
