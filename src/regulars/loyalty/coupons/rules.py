"""What an offer promises, what it takes off an order, and when a coupon may be used. Looks nothing up."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from regulars.core.bilingual import Text
from regulars.core.calendar import business_date, start_of_day
from regulars.core.errors import DomainError
from regulars.core.money import LARGEST_MINOR
from regulars.limits.rules import Kind, Limit, Take

GUESSES: Final = Limit(Kind.CODE_GUESSES, 5, timedelta(minutes=5), step=timedelta(seconds=1))
"""Wrong codes that one guesser may try: five in five minutes."""

ALARMING_AN_HOUR: Final = 30
"""So many wrong codes in an hour, from all together, are more than typing errors: a person should look."""

NO_GIFT: Final = Text("", "")
BY_FACT: Final = "fact:"
"""How the keys begin of uses that an order told of, not a till."""

UNDONE_BY_IMPORT: Final = "import"
"""Stands where somebody's name would, of a use that went with the import that told it; else why its order is gone."""

LONGEST_NAME: Final = 80
MOST_DAYS: Final = 3660
MOST_USES: Final = 1_000_000
MOST_IN_BATCH: Final = 1_000_000


class InvalidOffer(DomainError):
    """The terms contradict themselves; `field` in the context names what to correct."""

    code = "invalid_offer"


class CouponRefused(DomainError):
    """A coupon that exists cannot be used this way. Nothing was changed."""

    code = "coupon_refused"


class CouponVoided(CouponRefused):
    """The shop took the coupon back; `day` says when."""

    code = "coupon_voided"


class CouponNotYetValid(CouponRefused):
    """It begins later; `day` says when."""

    code = "coupon_not_yet_valid"


class CouponExpired(CouponRefused):
    """It ended; `day` is the last day on which it could be used."""

    code = "coupon_expired"


class CouponUsedUp(CouponRefused):
    """It was used as often as it may be; `day` and `store` (a name, '' if unknown) tell of the last time."""

    code = "coupon_used_up"


class CouponReserved(CouponRefused):
    """Another checkout holds its last use; `until` says how long at most."""

    code = "coupon_reserved"


class SomebodyElsesCoupon(CouponRefused):
    """It was issued to another customer than the one who is named."""

    code = "somebody_elses_coupon"


class SpendMissing(CouponRefused):
    """Without the order's total nobody can say what the coupon takes off, or whether the order is large enough."""

    code = "spend_missing"


class BelowMinimumSpend(CouponRefused):
    """The order is too small; `min_spend_minor` and `spend_minor` say how much."""

    code = "below_minimum_spend"


class OfferKind(StrEnum):
    """What a coupon does to an order."""

    AMOUNT_OFF = "amount_off"
    PERCENT_OFF = "percent_off"
    GIFT = "gift"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an offer.

    `value` is minor units for amount_off, whole per cent for percent_off (15 is 15 % off, 8.5折), 0 for a gift. `gift`
    names what is given, `unit_cost_minor` what one costs the shop. A coupon may be used `uses_most` times, through
    `days_valid` days after the day on which it begins.
    """

    kind: OfferKind
    value: int = 0
    gift: Text = NO_GIFT
    min_spend_minor: int = 0
    unit_cost_minor: int = 0
    days_valid: int = 14
    uses_most: int = 1


class OrderKey(NamedTuple):
    """The order in which a coupon is used: the id of the system that numbered it, and its number there."""

    source_id: int
    key: str


class GuesserKind(IntEnum):
    """Who can present a code."""

    STAFF = 1
    API_KEY = 2
    MEMBER = 3


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who presents codes: the id of a staff user, an API key or a member."""

    kind: GuesserKind
    id: int

    @property
    def subject(self) -> int:
        """One number for each guesser, for `limits`."""
        return self.id * 4 + self.kind

    @classmethod
    def of(cls, subject: int) -> Self:
        """The guesser whose number this is."""
        return cls(GuesserKind(subject % 4), subject // 4)


@dataclass(frozen=True, slots=True)
class Promise:
    """A coupon as it stands: its terms, whose it is (who stands for the group; None for whoever has it), its time.

    `used` counts the uses that stand, with those that a checkout holds: `reserved` so many, the first of them until
    `reserved_until`. `ended` were held for a time that is over: they count no more, and whoever uses the coupon next
    writes that down. `last_used_at` and `last_store` tell of the last use.
    """

    coupon_id: int
    code: str
    offer_id: int
    name: Text
    terms: Terms
    customer_id: int | None
    valid_from: datetime
    expires_at: datetime
    voided_at: datetime | None
    used: int
    last_used_at: datetime | None = None
    last_store: str = ""
    reserved: int = 0
    reserved_until: datetime | None = None
    ended: int = 0

    @property
    def uses_left(self) -> int:
        """How often it may still be used."""
        return max(0, self.terms.uses_most - self.used)

    def used_once_more(self, at: datetime) -> "Promise":
        """The same after another use."""
        return replace(self, used=self.used + 1, last_used_at=at)


def checked(terms: Terms) -> Terms:
    """The terms, with names trimmed.

    Raises:
        InvalidOffer: They contradict themselves.
    """
    gift = Text(*(" ".join(words.split()) for words in terms.gift))
    if terms.kind is OfferKind.GIFT:
        _demand(
            any(gift) and max(map(len, gift)) <= LONGEST_NAME, "gift", f"Name the gift in 1 to {LONGEST_NAME} letters."
        )
        _demand(terms.value == 0, "value", "A gift takes nothing off; leave the value empty.")
    else:
        _demand(not any(gift), "gift", "Only a gift names a gift.")
        most = 99 if terms.kind is OfferKind.PERCENT_OFF else LARGEST_MINOR
        why = "1 to 99 per cent" if terms.kind is OfferKind.PERCENT_OFF else "an amount above zero"
        _demand(0 < terms.value <= most, "value", f"Say what it takes off: {why}.")
    for name in ("min_spend_minor", "unit_cost_minor"):
        _demand(0 <= getattr(terms, name) <= LARGEST_MINOR, name, "This amount is below zero or too large.")
    _demand(1 <= terms.days_valid <= MOST_DAYS, "days_valid", f"It is valid for 1 to {MOST_DAYS} days.")
    _demand(1 <= terms.uses_most <= MOST_USES, "uses_most", f"A coupon is used 1 to {MOST_USES:,} times.")
    return replace(terms, gift=gift)


def _demand(holds: bool, field: str, why: str) -> None:
    if not holds:
        raise InvalidOffer(why, field=field)


def end_of(valid_from: datetime, days_valid: int, zone: ZoneInfo) -> datetime:
    """The instant at which a coupon ends: `days_valid` whole days follow the day on which it begins (领取后 N 天有效).

    So one for 7 days, issued on a Monday, is good through the next Monday, until midnight where the shop is.
    """
    return start_of_day(business_date(valid_from, zone) + timedelta(days=days_valid + 1), zone)


def last_day(expires_at: datetime, zone: ZoneInfo) -> date:
    """The last day on which a coupon can be used."""
    return business_date(expires_at - timedelta(microseconds=1), zone)


def discount_minor(terms: Terms, spend_minor: int | None) -> int:
    """What the terms take off an order, minor units; never more than the order.

    Per cent are rounded half up to a whole minor unit. A gift takes nothing off.

    Args:
        spend_minor: What the order comes to before the coupon, >= 0; None if nobody says.
    Raises:
        SpendMissing: The answer depends on it.
    """
    if terms.kind is OfferKind.GIFT:
        return 0
    if spend_minor is None:
        if terms.kind is OfferKind.PERCENT_OFF:
            raise SpendMissing("Say what the order comes to: this coupon takes a part of it off.")
        return terms.value
    off = terms.value if terms.kind is OfferKind.AMOUNT_OFF else (spend_minor * terms.value + 50) // 100
    return min(off, spend_minor)


def check(promise: Promise, *, at: datetime, zone: ZoneInfo, spend_minor: int | None, customer_id: int | None) -> int:
    """What the coupon takes off now, minor units, or a refusal that says why not.

    Whoever has the code may use it, also one that was issued to somebody: at the till of a café nobody asks for names,
    and a coupon that is handed on brings a friend. Only where the shop names the customer, it has to be the right one.

    Args:
        customer_id: Who stands for the group of the customer at the till; None if nobody was named.
    Raises:
        CouponRefused: In one of its kinds.
    """
    if promise.voided_at is not None:
        day = business_date(promise.voided_at, zone)
        raise CouponVoided(f"This coupon was taken back on {day}.", day=day)
    if promise.uses_left == 0:
        if promise.used - promise.reserved < promise.terms.uses_most:
            until = promise.reserved_until
            raise CouponReserved("Another checkout holds this coupon; it may be free again later.", until=until)
        raise _used_up(promise, zone)
    if at < promise.valid_from:
        day = business_date(promise.valid_from, zone)
        raise CouponNotYetValid(f"This coupon begins on {day}.", day=day)
    if at >= promise.expires_at:
        day = last_day(promise.expires_at, zone)
        raise CouponExpired(f"This coupon could be used until {day}.", day=day)
    if None not in (customer_id, promise.customer_id) and customer_id != promise.customer_id:
        raise SomebodyElsesCoupon("This coupon was issued to another customer.")
    least = promise.terms.min_spend_minor
    if least and spend_minor is None:
        raise SpendMissing("Say what the order comes to: this coupon asks for a minimum.", min_spend_minor=least)
    if spend_minor is not None and spend_minor < least:
        why = "The order is too small for this coupon."
        raise BelowMinimumSpend(why, min_spend_minor=least, spend_minor=spend_minor)
    return discount_minor(promise.terms, spend_minor)


def _used_up(promise: Promise, zone: ZoneInfo) -> CouponUsedUp:
    day = business_date(promise.last_used_at, zone) if promise.last_used_at else None
    when = f" on {day}" if day else ""
    where = f" at {promise.last_store}" if promise.last_store else ""
    often = "already" if promise.terms.uses_most == 1 else f"{promise.terms.uses_most} times, last"
    return CouponUsedUp(f"This coupon was used {often}{when}{where}.", day=day, store=promise.last_store)


def spend_before(paid_minor: int, told_discount_minor: int, terms: Terms) -> int:
    """What an order came to before its coupon, when only what was paid is known for certain, minor units.

    The shop's own figure counts where it tells one; else what was paid is what the coupon left over. What is left of
    percent_off is paid = spend × (1 - p), so the spend is paid ÷ (1 - p), rounded half up.
    """
    if told_discount_minor or terms.kind is OfferKind.GIFT:
        return paid_minor + told_discount_minor
    if terms.kind is OfferKind.AMOUNT_OFF:
        return paid_minor + terms.value
    rest = 100 - terms.value
    return (paid_minor * 100 + rest // 2) // rest


def use_of(promise: Promise) -> Take:
    """One use of a coupon, for `limits`."""
    return Take(Limit(Kind.COUPON_USES, promise.terms.uses_most), promise.coupon_id)
