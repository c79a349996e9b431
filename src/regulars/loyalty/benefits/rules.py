"""What a benefit is, who holds it, and what a bill is that it is used for. Pure; amounts of money in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple, Protocol

from regulars.core.bilingual import Text
from regulars.core.calendar import add_months
from regulars.core.conditions import EVERYBODY, Tree
from regulars.core.errors import DomainError

BIRTHDAY: Final = "birthday_gift"
"""The kind that there is one of a year, whatever it is called and whatever birthday the profile tells."""

BIRTHDAY_YEAR: Final = timedelta(days=365)


class InvalidBenefit(DomainError):
    """A benefit cannot be read or contradicts itself; `context["benefit"]` says which."""

    code = "invalid_benefit"


class BenefitRefused(DomainError):
    """A benefit cannot be used this way. Nothing was changed."""

    code = "benefit_refused"


class UnknownBenefit(BenefitRefused):
    """The version of that moment has no such benefit."""

    code = "unknown_benefit"


class MemberFrozen(BenefitRefused):
    """The account is frozen 账户冻结: nothing is used until it is released."""

    code = "account_frozen"


class OrderGone(BenefitRefused):
    """The order that it is for was cancelled or refunded already."""

    code = "order_gone"


class NotForThisTier(BenefitRefused):
    """The member's tier does not have it; `tier` says which they are in, `tiers` which have it."""

    code = "not_in_this_tier"


class QuotaUsedUp(BenefitRefused):
    """It was used as often as it may be; `day` is the first day with room again, missing if there is none."""

    code = "quota_used_up"


class NotNow(BenefitRefused):
    """It does not hold on this day; `day` is the next on which it does, if there is one."""

    code = "not_now"


class BirthdayUnknown(BenefitRefused):
    """A birthday benefit needs a birthday, and nobody told it."""

    code = "birthday_unknown"


class NotForThisOrder(BenefitRefused):
    """The benefit's own condition is not fulfilled."""

    code = "not_for_this_order"


class MinimumSpend(BenefitRefused):
    """The order is too small; `min_spend_minor` and `spend_minor` say how much."""

    code = "minimum_spend"


class AmountMissing(BenefitRefused):
    """Nobody said what the order, the freight or the fee comes to; `field` names what is missing."""

    code = "amount_missing"


class NothingToTakeOff(BenefitRefused):
    """There is no freight or no fee to pay, so nothing is used up."""

    code = "nothing_to_take_off"


class NothingToUse(BenefitRefused):
    """It holds by itself: points come with the order, and early access with the day."""

    code = "nothing_to_use"


class Part(StrEnum):
    """What of a bill a benefit takes something off."""

    ORDER = "order"
    SHIPPING = "shipping"
    FEE = "fee"
    NONE = "none"


class QuotaPeriod(StrEnum):
    """How long a quota counts, in business days; a week starts on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"

    def starts(self, day: date) -> date:
        """The first day of the period that `day` lies in; for EVER the first day there is."""
        match self:
            case QuotaPeriod.WEEK:
                return day - timedelta(days=day.weekday())
            case QuotaPeriod.MONTH:
                return day.replace(day=1)
            case QuotaPeriod.QUARTER:
                return day.replace(month=day.month - (day.month - 1) % 3, day=1)
            case QuotaPeriod.YEAR:
                return day.replace(month=1, day=1)
            case QuotaPeriod.EVER:
                return date.min
        return day

    def ends(self, day: date) -> date | None:
        """The first day of the next period; None for EVER."""
        first = self.starts(day)
        match self:
            case QuotaPeriod.DAY:
                return first + timedelta(days=1)
            case QuotaPeriod.WEEK:
                return first + timedelta(days=7)
            case QuotaPeriod.EVER:
                return None
        return add_months(first, {QuotaPeriod.MONTH: 1, QuotaPeriod.QUARTER: 3, QuotaPeriod.YEAR: 12}[self])


@dataclass(frozen=True, slots=True)
class Quota:
    """One member uses it so many times in a period.

    Args:
        by_tier: Other numbers for some tiers, by tier code.
    """

    period: QuotaPeriod
    times: int
    by_tier: Mapping[str, int] = field(default_factory=dict)

    def ceiling(self, tier: str) -> int:
        """How often a member of this tier may use it."""
        return self.by_tier.get(tier, self.times)


@dataclass(frozen=True, slots=True)
class Bill:
    """What somebody is about to pay; None where nobody said.

    Attributes:
        total_minor: The goods, before benefits and coupons, without freight and fees.
        shipping_minor: The freight.
        fees: Fees by their code 费用 ('transfer': 300).
        store: Id of the shop as text, as conditions name it; None if nobody says.
    """

    total_minor: int | None = None
    shipping_minor: int | None = None
    fees: Mapping[str, int] = field(default_factory=dict)
    channel: str = "store"
    store: str | None = None


class TakenOff(NamedTuple):
    """So much off a part that comes to so much, minor units; None: a benefit that takes nothing off."""

    part_minor: int | None
    off_minor: int


@dataclass(frozen=True, slots=True)
class Names:
    """What sentences about benefits need to know: the currency, and what offers, rules and tiers are called."""

    currency: str
    offers: Mapping[int, Text] = field(default_factory=dict)
    rules: Mapping[str, Text] = field(default_factory=dict)
    tiers: Mapping[str, Text] = field(default_factory=dict)


class Effect(Protocol):
    """What a benefit gives; a kind of benefit is one file with one of these."""

    kind: ClassVar[str]
    part: ClassVar[Part]
    is_used: ClassVar[bool]

    def takes_off(self, bill: Bill) -> TakenOff:
        """What it takes off this bill.

        Raises:
            BenefitRefused: The bill is too small, says too little, or has nothing that it could be taken off.
        """

    def said(self, names: Names) -> Text:
        """The benefit in words, as a member reads it."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit of one version.

    Attributes:
        tiers: Codes of the tiers that have it; empty: all.
        quota: How often one member may use it; None: as often as they like.
        starts, ends: The business days on which it holds, both inclusive; None: without an end.
        condition: Over the order and the member at that moment.
        alone: Not together with another benefit or a coupon that takes something off the same part.
    """

    code: str
    names: Mapping[str, str]
    effect: Effect
    tiers: tuple[str, ...] = ()
    quota: Quota | None = None
    starts: date | None = None
    ends: date | None = None
    condition: Tree = EVERYBODY
    alone: bool = False

    @property
    def kind(self) -> str:
        """The code of its kind."""
        return self.effect.kind

    def is_for(self, tier: str) -> bool:
        """Whether members of this tier have it."""
        return not self.tiers or tier in self.tiers


@dataclass(frozen=True, slots=True)
class Holder:
    """A member as benefits know them at one moment.

    Attributes:
        customer_id: Who stands for the group.
        tier: Code of the tier on that day.
        birthday: What the profile tells now.
        used: Uses that stand in the quota's period of that day, over the whole group, by the benefit's code.
        birthday_again: The first day on which there may be another birthday benefit; None if there was none.
        frozen: The account is frozen.
    """

    customer_id: int
    tier: str
    birthday: date | None = None
    used: Mapping[str, int] = field(default_factory=dict)
    birthday_again: date | None = None
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class AppliedBenefit:
    """What a benefit comes to for one bill, or why it cannot be used.

    Attributes:
        taken: What it takes off which part (`benefit.effect.part`); nothing if it is refused.
        left: How often it may still be used in this period; None: without a limit.
        again: The first day of the next period, if `left` is 0 and there is one.
        refused: Why not, if not.
    """

    benefit: Benefit
    taken: TakenOff
    left: int | None
    again: date | None = None
    refused: BenefitRefused | None = None

    @property
    def off_minor(self) -> int:
        """What it takes off."""
        return self.taken.off_minor


Told = Mapping[str, Any]
"""A benefit or a part of it as JSON."""
