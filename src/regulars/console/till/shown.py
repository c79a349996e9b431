"""The guest's screen: who they are, their cards, what they may have, and what a step earns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from secrets import token_urlsafe
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.console import lines, sight
from regulars.console.access import StaffRequest
from regulars.console.lines import TierName
from regulars.console.reader import said
from regulars.console.rewards.words import refusal
from regulars.console.till.finding import Guest
from regulars.console.till_store import store_of
from regulars.core.calendar import business_date
from regulars.customers.particulars import particulars
from regulars.flows import claim_rewards
from regulars.loyalty import queries as loyalty
from regulars.loyalty.earning.rules import Counted
from regulars.loyalty.rewards.catalogue import said_name
from regulars.loyalty.rewards.choosing import Choice, Choices
from regulars.loyalty.rewards.words import Names
from regulars.loyalty.rules import POINTS, Policies
from regulars.loyalty.till import stamps
from regulars.loyalty.till.stamps import StampCard

NEAR: Final = timedelta(days=7)
"""A birthday so close is worth a word."""
REWARDS: Final = 12


@dataclass(frozen=True, slots=True)
class Card:
    """A stamp card as it is shown: its fields, and what is written under them."""

    card: StampCard
    field: str
    name: str
    words: str
    label: str


@dataclass(frozen=True, slots=True)
class Prize:
    """A reward: what it costs, and why it cannot be had now, '' if it can. `is_card`: a full stamp card pays for it."""

    code: str
    name: str
    price: str
    refused: str
    is_card: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything about one guest; `key` is this screen's own, so that what it sends is done once."""

    guest: Guest
    key: str
    tier: TierName
    points: int
    birthday: str
    frozen: bool
    cards: list[Card] = field(default_factory=list)
    prizes: list[Prize] = field(default_factory=list)
    later: list[Prize] = field(default_factory=list)


def screen(request: StaffRequest, guest: Guest, policies: Policies, *, key: str = "") -> Screen:
    """The screen of a guest, ready for the next step."""
    now, zone = timezone.now(), sight.zone_of(request)
    today, store = business_date(now, zone), store_of(request)
    found = claim_rewards.choices(customer_id=guest.customer_id, policies=policies, at=now, store=store or None)
    names = claim_rewards.names(policies=policies, at=now)
    kept = cards_of(found, policies, now)
    prizes = [_prize(one, names, kept) for one in found.rewards[:REWARDS]]
    intervals = loyalty.tier_intervals([guest.customer_id]).get(guest.customer_id, [])
    tier = next((one.tier for one in intervals if one.from_date <= today < (one.to_date or date.max)), 0)
    standing = loyalty.standings([guest.customer_id]).get(guest.customer_id)
    return Screen(
        guest=guest,
        key=key or token_urlsafe(12),
        tier=lines.tier_at(lines.tier_names(policies, today), tier),
        points=found.spendable,
        birthday=_birthday(guest.customer_id, today),
        frozen=standing is not None and standing.frozen,
        cards=[_card(one, policies.counted, number) for number, one in enumerate(kept)],
        prizes=[one for one in prizes if not one.refused],
        later=[one for one in prizes if one.refused],
    )


def cards_of(found: Choices, policies: Policies, at: datetime) -> list[StampCard]:
    """The stamp cards of the programme with what a guest has on them."""
    return stamps.cards(policies.at(at), found.balances, [one.reward for one in found.rewards])


def _card(one: StampCard, counted: Mapping[str, Counted], number: int) -> Card:
    what = counted.get(one.currency) or counted[POINTS]
    if one.rewards:
        words = _("Full: a reward is ready")
        if one.rewards > 1:
            words = _("%(n)s rewards are ready") % {"n": one.rewards}
    elif one.goal:
        words = _("%(n)s to go") % {"n": one.goal - one.on_card}
    else:
        words = ""
    label = (
        _("%(has)s of %(goal)s") % {"has": one.on_card, "goal": one.goal} if one.goal else said(what.of(one.balance))
    )
    return Card(one, f"stamps-{number}", said(what.name), words, label)


def _prize(one: Choice, names: Names, kept: list[StampCard]) -> Prize:
    reward = one.reward
    price = said(names.price(reward.terms.points, reward.terms.currency))
    is_card = any(card.reward is not None and card.reward.code == reward.code for card in kept)
    why = refusal(one.refused, names) if one.refused else ""
    return Prize(reward.code, said(said_name(reward.terms)), price, why, is_card)


def _birthday(customer_id: int, today: date) -> str:
    """A word about a birthday that is near, without the year."""
    known = particulars([customer_id]).get(customer_id)
    if known is None or known.birthday is None:
        return ""
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            day = known.birthday.replace(year=year)
        except ValueError:  # 29 February
            day = date(year, 3, 1)
        if day == today:
            return _("Birthday today")
        if abs(day - today) <= NEAR:
            return _("Birthday on %(day)s") % {"day": date_format(day, _("j M"))}
    return ""
