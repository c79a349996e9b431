"""What a till asks for at the checkout, and what it is told. Pure; points are whole, money in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from regulars.core.errors import DomainError
from regulars.facts.rules import Body
from regulars.loyalty.coupons.rules import CouponRefused, Promise
from regulars.loyalty.earning.rules import Earning
from regulars.loyalty.rules import ItemKind, Policy, Tier

MINUTES: Final = 15
"""How long points are held if nobody says."""
MOST_MINUTES: Final = 24 * 60
CONTINUED: Final = {
    ItemKind.CAPTURE: ItemKind.HOLD,
    ItemKind.RELEASE: ItemKind.HOLD,
    ItemKind.REVERSE: ItemKind.CAPTURE,
}
"""What each step of a checkout goes on from. What staff took or deducted by hand is not for a till to give back."""


class HoldEnded(DomainError):
    """The time of the hold is over, and what was left of it can be spent again."""

    code = "hold_ended"


@dataclass(frozen=True, slots=True)
class Ask:
    """One step that a till asks for.

    Attributes:
        kind: HOLD, CAPTURE, RELEASE or REVERSE.
        key: The till's own key: the same key and request gives the same answer.
        points: None for all that is left; a hold names its points.
        customer_id: Whose points are held; otherwise None, since a hold knows its customer.
        refers_to: The hold that is captured or released, the capture that is refunded.
        minutes: How long a hold lasts.
        store: Code of the shop, '' if nobody says; as the request tells it, so that the same request is told.
    """

    kind: ItemKind
    key: str
    points: int | None
    customer_id: int | None = None
    refers_to: int | None = None
    minutes: int = 0
    store: str = ""
    actor: str = ""

    @property
    def digest(self) -> bytes:
        """Tells this request from others. Without the customer, who may be merged before a till asks again."""
        told = f"{self.kind}|{self.points}|{self.refers_to}|{self.minutes}|{self.store}"
        return blake2b(told.encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken.

    `left` is what was left of the hold (of the capture, for a refund) and `spendable` what the customer could spend
    right afterwards. `ends_at` is when a hold ends by itself.
    """

    id: int
    kind: ItemKind
    refers_to: int | None
    points: int
    left: int
    spendable: int
    at: datetime
    ends_at: datetime | None
    store: str


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody is about to buy, as an order of that moment: `body` as Order Completed keeps it."""

    at: datetime
    paid: int
    body: Body
    store_id: int | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a basket would earn, from when on the points could be spent, and until when; None: nothing, or no end."""

    earning: Earning
    usable_at: datetime | None
    expires_at: datetime | None
    policy: Policy


@dataclass(frozen=True, slots=True)
class Offered:
    """A coupon of the customer: what it would take off this basket, or why it cannot be used for it."""

    promise: Promise
    discount_minor: int
    refused: CouponRefused | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer before anything is done; nothing of it is reserved.

    `tier` and `spendable` as of the basket; of somebody unknown, as of a new customer.
    """

    customer_id: int | None
    tier: Tier
    spendable: int
    prospect: Prospect
    coupons: tuple[Offered, ...]

    @property
    def best(self) -> Offered | None:
        """The coupon that takes most off; among equals, the one that ends first. A gift if there is nothing else."""
        return best_of(self.coupons)


def best_of(coupons: Sequence[Offered]) -> Offered | None:
    """See `Quote.best`."""
    good = [one for one in coupons if one.refused is None]
    return min(good, key=lambda one: (-one.discount_minor, one.promise.expires_at, one.promise.coupon_id), default=None)


def worth_minor(points: int, worth_points: int, worth_minor_units: int) -> int | None:
    """What so many points are worth in money, rounded down; None if the business has set no value."""
    return points * worth_minor_units // worth_points if worth_points else None
