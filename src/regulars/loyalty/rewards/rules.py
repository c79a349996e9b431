"""What a reward is, who may claim it, and when a claim is collected or ends. Looks nothing up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from regulars.core.bilingual import Text
from regulars.core.calendar import business_date
from regulars.ledger.rules import InsufficientPoints
from regulars.limits.rules import Kind, Limit, Take
from regulars.loyalty.coupons.rules import end_of, last_day
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards.refusals import (
    AlreadyCollected,
    ClaimCollected,
    ClaimEnded,
    ClaimLapsed,
    NotForThisSegment,
    NotForThisTier,
    NothingToCollect,
    RewardEnded,
    RewardLimitReached,
    RewardNotYet,
    RewardPaused,
    SoldOut,
    WrongStore,
)
from regulars.loyalty.rules import POINTS

LONGEST_CODE: Final = 40
LONGEST_NAME: Final = 80
LONGEST_DESCRIPTION: Final = 400
MOST_POINTS: Final = 10**9
MOST_STOCK: Final = 10**9
MOST_EACH: Final = 1000
MOST_DAYS: Final = 366
MOST_LISTED: Final = 500
NO_WORDS: Final = Text("", "")
PERIODS: Final = (Period.EVER, Period.DAY, Period.WEEK, Period.MONTH, Period.YEAR)


class RewardKind(StrEnum):
    """What a member gets: an item that is handed over, or a coupon of an offer, issued at once."""

    ITEM = "item"
    COUPON = "coupon"


class ClaimState(StrEnum):
    """Where a claim stands. ISSUED is a coupon that was given; LAPSED was not collected in time."""

    CLAIMED = "claimed"
    COLLECTED = "collected"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a reward is to be had.

    `points` is its price in the programme's `currency` (a code), `worth_minor` what one costs the shop (minor units).
    `stock` counts all there ever were, those claimed included; None is unlimited. A member takes it `each_most` times
    in an `each_period` (None: without limit). `tiers` (codes), `segments` (ids; one is enough) and `stores` (codes) are
    empty where all are meant. Days are the business's own, `ends_on` included. An item is collected within
    `collect_days` whole days after the claim.
    """

    name: Text
    kind: RewardKind
    points: int
    description: Text = NO_WORDS
    offer_id: int | None = None
    worth_minor: int = 0
    stock: int | None = None
    each_most: int | None = None
    each_period: Period = Period.EVER
    tiers: tuple[str, ...] = ()
    segments: tuple[int, ...] = ()
    stores: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    collect_days: int | None = None
    currency: str = POINTS


@dataclass(frozen=True, slots=True)
class Known:
    """What terms may name: codes of currencies, tiers and stores, ids of segments."""

    currencies: frozenset[str]
    tiers: frozenset[str]
    segments: frozenset[int]
    stores: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward as it stands, on its latest terms; `taken` counts the claims that stand, collected ones included."""

    id: int
    code: str
    version_id: int
    version: int
    terms: Terms
    paused_at: datetime | None
    taken: int

    @property
    def left(self) -> int | None:
        """How many can still be claimed; None without limit."""
        return None if self.terms.stock is None else max(0, self.terms.stock - self.taken)


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who wants a reward, as far as its terms ask.

    `tier` is a code; `segments` are ids, as of the last picture. `had`: reward id → business days of the claims that
    stand, of the whole group. `spendable`: currency code → what they can spend, None where that is checked when it is
    taken. `days_early`: so many days before everybody else they may have what opens later.
    """

    tier: str
    segments: frozenset[int] = frozenset()
    had: Mapping[int, Sequence[date]] = field(default_factory=dict)
    spendable: Mapping[str, int] | None = None
    days_early: int = 0

    def opens(self, terms: Terms) -> date | None:
        """The first day on which they can claim a reward; None if it was never closed."""
        return None if terms.starts_on is None else terms.starts_on - timedelta(days=self.days_early)

    def taken(self, reward: Reward, day: date) -> int:
        """How often this reward was claimed in the period that `day` lies in."""
        first = reward.terms.each_period.starts(day)
        return sum(claimed >= first for claimed in self.had.get(reward.id, ()))


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands. `points` is the price at which it was taken, in `currency`; `worth_minor` its cost then.

    `code` is what the member shows ('' for a coupon), `coupon_code` the coupon that was issued ('' for an item).
    `store` and `collected_store` are codes, '' if nobody said. `collect_by` is when it lapses, None for never.
    """

    id: int
    reward_id: int
    reward_code: str
    name: Text
    kind: RewardKind
    customer_id: int
    points: int
    worth_minor: int
    command_id: int
    spendable: int
    code: str
    coupon_id: int | None
    coupon_code: str
    store: str
    stores: tuple[str, ...]
    at: datetime
    collect_by: datetime | None
    actor: str
    collected_at: datetime | None
    collected_by: str
    collected_store: str
    ended_at: datetime | None
    ended_by: str
    ended_why: str
    currency: str = POINTS

    @property
    def state(self) -> ClaimState:
        """Where it stands."""
        if self.ended_why:
            return ClaimState(self.ended_why)
        if self.collected_at is not None:
            return ClaimState.COLLECTED
        return ClaimState.ISSUED if self.kind is RewardKind.COUPON else ClaimState.CLAIMED

    @property
    def stands(self) -> bool:
        """Whether the points are spent and the stock is taken."""
        return self.ended_at is None

    def is_over(self, at: datetime) -> bool:
        """Whether it waits no longer to be collected, though nobody has given the points back yet."""
        return self.state is ClaimState.CLAIMED and self.collect_by is not None and at >= self.collect_by


@dataclass(frozen=True, slots=True)
class Ask:
    """A claim that somebody asks for.

    Attributes:
        reward: The reward's code.
        key: The caller's own key: the same key and request gives the same answer.
        store: Code of the shop that is charged, '' if there is none; as told, so that the same request is told.
    """

    reward: str
    customer_id: int
    key: str
    store: str = ""
    actor: str = ""

    @property
    def digest(self) -> bytes:
        """Tells this request from others. Without the customer, who may be merged before a till asks again."""
        return blake2b(f"{self.reward}|{self.store}".encode(), digest_size=16).digest()


def check(reward: Reward, who: Claimant, *, day: date, store: str | None) -> None:
    """Whether somebody may claim a reward now, or a refusal that says why not.

    Args:
        day: The business's day.
        store: Code of the shop; None if it is not decided yet, so that it is not asked.
    Raises:
        RewardRefused: In one of its kinds.
        InsufficientPoints: As it says.
    """
    terms = reward.terms
    if reward.paused_at is not None:
        raise RewardPaused("This reward is paused; nobody can claim it now.")
    if (opens := who.opens(terms)) is not None and day < opens:
        early = {"days_early": who.days_early} if who.days_early else {}
        raise RewardNotYet(f"This reward can be claimed from {opens} on.", day=opens, **early)
    if terms.ends_on is not None and day > terms.ends_on:
        raise RewardEnded(f"This reward could be claimed until {terms.ends_on}.", day=terms.ends_on)
    if store is not None and terms.stores and store not in terms.stores:
        raise WrongStore("This store does not have this reward.", stores=terms.stores)
    if terms.tiers and who.tier not in terms.tiers:
        raise NotForThisTier("This reward is for members of other tiers.", tiers=terms.tiers)
    if terms.segments and who.segments.isdisjoint(terms.segments):
        raise NotForThisSegment("This reward is for other members.", segments=terms.segments)
    if terms.each_most is not None and who.taken(reward, day) >= terms.each_most:
        why = f"A member can claim this {terms.each_most} times ({terms.each_period}), and this one has."
        raise RewardLimitReached(why, most=terms.each_most, period=terms.each_period)
    if reward.left == 0:
        raise sold_out()
    if who.spendable is not None and (has := who.spendable.get(terms.currency, 0)) < terms.points:
        why = f"Only {has} {terms.currency} can be spent; this takes {terms.points}."
        raise InsufficientPoints(why, spendable=has, points=terms.points, currency=terms.currency)


def sold_out() -> SoldOut:
    """The refusal of a reward of which none is left."""
    return SoldOut("None of this reward is left.")


def check_collect(claim: Claim, *, at: datetime, zone: ZoneInfo, store: str) -> None:
    """Whether an item may be handed over now.

    Raises:
        ClaimEnded, ClaimLapsed, AlreadyCollected, NothingToCollect, WrongStore: As they say.
    """
    if claim.ended_at is not None:
        day = business_date(claim.ended_at, zone)
        raise ClaimEnded(f"This claim ended on {day}, and the points went back.", day=day, why=claim.ended_why)
    if claim.kind is RewardKind.COUPON:
        raise NothingToCollect("This reward is a coupon, which the member has already.")
    if claim.collected_at is not None:
        day = business_date(claim.collected_at, zone)
        where = f" at {claim.collected_store}" if claim.collected_store else ""
        raise AlreadyCollected(f"This was handed over on {day}{where}.", day=day, store=claim.collected_store)
    if claim.collect_by is not None and at >= claim.collect_by:
        day = last_day(claim.collect_by, zone)
        raise ClaimLapsed(f"This could be collected until {day}; the points go back.", day=day)
    if claim.stores and store not in claim.stores:
        raise WrongStore("This store does not have this reward.", stores=claim.stores)


def check_cancel(claim: Claim, *, zone: ZoneInfo) -> None:
    """Whether the points may still go back.

    Raises:
        ClaimCollected: It was handed over.
    """
    if claim.collected_at is not None:
        day = business_date(claim.collected_at, zone)
        raise ClaimCollected(f"This was handed over on {day}; take that back first.", day=day)


def collect_by(terms: Terms, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When a claim made now lapses; None for never."""
    return None if terms.collect_days is None else end_of(at, terms.collect_days, zone)


def one_of(reward: Reward) -> Take:
    """One piece of a reward, for `limits`."""
    return Take(Limit(Kind.REWARD_STOCK, MOST_STOCK if reward.terms.stock is None else reward.terms.stock), reward.id)
