"""What a member has, as their pages say it: points and what becomes of them, tier, stamps, rewards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format

from regulars.flows import claim_rewards
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Balance, Currency
from regulars.loyalty import tier_words
from regulars.loyalty.promises.speech import name_of
from regulars.loyalty.rewards.catalogue import said_name
from regulars.loyalty.rewards.choosing import Choices
from regulars.loyalty.rules import POINTS, Policies
from regulars.loyalty.tier_view import TierView, tier_view
from regulars.loyalty.wording import Wording
from regulars.portal.access import Visit

MOST_CIRCLES: Final = 20
"""A stamp card with more places than this is a number and a bar."""
SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ending:
    """So many points that can be used through a day; `soon` if that is within a month."""

    amount: int
    day: date
    soon: bool


@dataclass(frozen=True, slots=True)
class Stamps:
    """A currency of the programme's own. `circles` says of each place whether it has a stamp, none if too many.

    `full` whole cards stand besides; `of` is what the cheapest reward takes (0: none is to be had), called `reward`.
    """

    code: str
    name: str
    amount: str
    have: int
    of: int
    full: int
    reward: str
    circles: Sequence[bool]
    pending: int
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier, what lies ahead in sentences, and the way to the next one for a bar (`goal` 0: there is none)."""

    name: str
    rung: int
    ahead: list[str]
    value: int
    goal: int
    next: str


def wording_of(visit: Visit) -> Wording:
    """How sentences are written for this member."""
    return Wording(visit.words, visit.business.currency, visit.zone)


def tier_of(visit: Visit, policies: Policies) -> Tier | None:
    """Where they stand; None where the programme has one tier only."""
    today = timezone.localdate(visit.now)
    tiers = policies.on(today).tiers
    if len(tiers) < 2:
        return None
    view = tier_view(visit.customer_id, policies, today, visit.now)
    after = name_of(tiers[view.tier + 1].names) if view.threshold is not None else ""
    return Tier(
        name_of(tiers[view.tier].names), view.tier, ahead_said(view, policies, today, wording_of(visit)),
        min(view.growth, view.threshold or 0), view.threshold or 0, after,
    )  # fmt: skip


def ahead_said(view: TierView, policies: Policies, today: date, wording: Wording) -> list[str]:
    """The way up, and what keeps the tier."""
    rise, fall = view.ahead.rise, view.ahead.fall
    return [
        *([tier_words.rise_said(rise, policies, today, wording)] if rise else []),
        *(tier_words.fall_said(fall, view.ahead.tier, policies, today, wording) if fall else []),
    ]


def endings(visit: Visit, *, most: int = 4, currency: int = Currency.POINTS) -> list[Ending]:
    """What expires when, the soonest first."""
    found = ledger.expiring(visit.customer_id, at=visit.now, most=most, currency=currency)
    return [Ending(amount, last_day(at), at - visit.now <= SOON) for at, amount in found]


def stamps(visit: Visit, policies: Policies, held: dict[int, Balance], choices: Choices) -> list[Stamps]:
    """Every currency of the programme's own that it gives now or the member still has."""
    given = policies.at(visit.now).currencies
    return [
        _card(visit, policies, code, held.get(one.number, ledger.NOTHING), choices)
        for code, one in policies.currencies.items()
        if code in given or one.number in held
    ]


def _card(visit: Visit, policies: Policies, code: str, held: Balance, choices: Choices) -> Stamps:
    one = policies.currencies[code]
    priced = [choice.reward.terms for choice in choices.rewards if choice.reward.terms.currency == code]
    cheapest = min(priced, key=lambda terms: terms.points, default=None)
    of, have = (cheapest.points if cheapest else 0), max(0, held.spendable)
    on_it = have - have // of * of if of else have
    circles = [place < on_it for place in range(of)] if 0 < of <= MOST_CIRCLES else []
    ending = endings(visit, most=1, currency=one.number) if have else []
    return Stamps(
        code, one.name.said(visit.words), one.counted.of(have).said(visit.words), on_it, of, have // of if of else 0,
        said_name(cheapest).said(visit.words) if cheapest else "", circles, held.pending, ending[0] if ending else None,
    )  # fmt: skip


def choices_of(visit: Visit, policies: Policies) -> Choices:
    """Every reward in use, and why not where they cannot have it."""
    return claim_rewards.choices(customer_id=visit.customer_id, policies=policies, at=visit.now)


def last_day(at: datetime) -> date:
    """The last day before an instant."""
    return timezone.localtime(at - timedelta(microseconds=1)).date()


def day_said(day: date) -> str:
    """A day as the reader writes it."""
    return str(date_format(day, "SHORT_DATE_FORMAT"))


__all__ = ["POINTS", "Ending", "Stamps", "Tier", "choices_of", "day_said", "endings", "last_day", "stamps", "tier_of"]
