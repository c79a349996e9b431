"""What a till asks for at the checkout, and what it is told. Pure; points are whole, money in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from regulars.core.errors import DomainError
from regulars.core.money import share_out
from regulars.facts.rules import Body
from regulars.loyalty.benefits.rules import AppliedBenefit
from regulars.loyalty.coupons.rules import CouponRefused, Promise
from regulars.loyalty.earning.rules import Earning
from regulars.loyalty.rules import ItemKind, Policy, Tier

MINUTES: Final = 15
"""How long a basket's points, coupons and benefits are held if nobody says."""
MOST_MINUTES: Final = 24 * 60
CONTINUED: Final = {
    ItemKind.CAPTURE: (ItemKind.HOLD,),
    ItemKind.RELEASE: (ItemKind.HOLD,),
    ItemKind.REVERSE: (ItemKind.CAPTURE, ItemKind.REDEEM),
}
"""What each step of a checkout goes on from. What staff took or deducted by hand is not for a till to give back."""


class HoldEnded(DomainError):
    """The time of the hold is over, and what was left of it can be spent again."""

    code = "hold_ended"


class NothingAsked(DomainError):
    """A step that is about no points, no coupon and no benefit."""

    code = "nothing_asked"


class NotInIt(DomainError):
    """The hold (or capture) has no such coupon or benefit, or it was given back or used already; `item` names it."""

    code = "not_in_it"


class NotTogether(DomainError):
    """The programme does not let these go together; `item` names what goes with nothing else, `most` how many may."""

    code = "not_together"


class NoPointsValue(DomainError):
    """Points cannot pay money: the business has not said what they are worth."""

    code = "no_points_value"


class TooManyPoints(DomainError):
    """Points may pay no more than a part of a basket; `most` in the context says how many."""

    code = "too_many_points"


class TooLate(DomainError):
    """A till may tell so late what it did while it was offline; `days` in the context says how late."""

    code = "too_late"


class TooFarAhead(DomainError):
    """A time that lies ahead: the till's clock is wrong."""

    code = "too_far_ahead"


class TooMuchDebt(DomainError):
    """What a till did while it was offline would make a member owe more than the programme allows."""

    code = "too_much_debt"


class LinesUnknown(DomainError):
    """Neither the capture nor its order says which lines were bought, so nothing can go back by line."""

    code = "lines_unknown"


class RefundAboveOrder(DomainError):
    """More money goes back than was paid for these lines."""

    code = "refund_above_order"


Lines = tuple[tuple[str, int], ...]
"""(line id, amount in minor units)."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What somebody is about to buy, as an order of that moment: `body` as Order Completed keeps it.

    `paid` is what it comes to before coupons and benefits; `shipping` the freight in it.
    """

    at: datetime
    paid: int
    body: Body
    store_id: int | None = None
    shipping: int = 0

    @property
    def lines(self) -> Lines:
        """Its lines with their amounts."""
        return tuple((str(line[0]), int(line[3])) for line in self.body["lines"])


@dataclass(frozen=True, slots=True)
class Ask:
    """One step that a till asks for.

    Attributes:
        kind: HOLD, CAPTURE, RELEASE or REVERSE; REDEEM spends at once what was not held.
        key: The till's own key: the same key and request gives the same answer.
        points: None for all that is left, where nothing else is named; a hold names its points.
        customer_id: Whose points are held; otherwise None, since a hold knows its customer.
        refers_to: The hold that is captured or released, the capture that is refunded.
        minutes: How long a hold lasts.
        store: Code of the shop, '' if nobody says; as the request tells it, so that the same request is told.
        pay_minor: The money that the points shall pay, where money was asked for and not points.
        coupons, benefits: Their codes; None: nobody said, () none.
        basket: What is bought, where the till tells it.
        lines: Of a refund: the lines that go back, with the money for each.
        order: The system that numbered the order, and its number there.
        told_at: When it happened, where the till was offline then.
    """

    kind: ItemKind
    key: str
    points: int | None
    customer_id: int | None = None
    refers_to: int | None = None
    minutes: int = 0
    store: str = ""
    actor: str = ""
    pay_minor: int | None = None
    coupons: tuple[str, ...] | None = None
    benefits: tuple[str, ...] | None = None
    basket: Basket | None = None
    lines: Lines = ()
    order: tuple[str, str] | None = None
    told_at: datetime | None = None

    @property
    def digest(self) -> bytes:
        """Tells this request from others. Without the customer, who may be merged before a till asks again."""
        points = None if self.pay_minor is not None else self.points
        told = f"{int(self.kind)}|{points}|{self.refers_to}|{self.minutes}|{self.store}"
        basket = (self.basket.paid, self.basket.shipping, self.basket.lines) if self.basket else None
        more = (self.pay_minor, self.coupons, self.benefits, basket, self.lines, self.order, self.told_at)
        if any(one not in (None, ()) for one in more):
            told += f"|{more}"
        return blake2b(told.encode(), digest_size=16).digest()

    @property
    def names_parts(self) -> bool:
        """Whether it says which part it is about; otherwise it is about all that is left."""
        return bool(self.lines) or (self.points, self.coupons, self.benefits) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Used:
    """A coupon or benefit of a step: its code, what it takes off in minor units, and the use that stands for it."""

    code: str
    off_minor: int
    use_id: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken.

    `left` is how many points were left of the hold (of the capture, for a refund) and `spendable` what the customer
    could spend right afterwards. `ends_at` is when a hold ends by itself. `goes_on` is the hold or capture before.
    `not_counted` are coupons and benefits that an offline till used and that were not there any more: (code, why).
    """

    id: int
    kind: ItemKind
    goes_on: int | None
    points: int
    left: int
    spendable: int
    at: datetime
    ends_at: datetime | None
    store: str
    coupons: tuple[Used, ...] = ()
    benefits: tuple[Used, ...] = ()
    not_counted: tuple[tuple[str, str], ...] = ()

    @property
    def answer(self) -> dict[str, Any]:
        """What is kept of it as JSON."""
        return {
            "points": self.points,
            "left": self.left,
            "spendable": self.spendable,
            "coupons": [[one.code, one.off_minor, one.use_id] for one in self.coupons],
            "benefits": [[one.code, one.off_minor, one.use_id] for one in self.benefits],
            "not_counted": [list(one) for one in self.not_counted],
        }


def back_by_line(points: int, lines: Lines, refunds: Sequence[Lines]) -> tuple[int, bool]:
    """Points that go back for what was refunded so far, and whether all of it was.

    The points are divided over the lines once, by largest remainder, in proportion to what each came to; of a line goes
    back floor(its points x refunded so far / its amount), all of it when the whole line is refunded.

    Raises:
        RefundAboveOrder: More goes back than a line came to, or a line that was not bought; `item` names it.
    """
    amounts = dict(lines)
    back = dict.fromkeys(amounts, 0)
    for line, amount in (one for refund in refunds for one in refund):
        if line not in amounts or back[line] + amount > amounts[line]:
            left = amounts.get(line, 0) - back.get(line, 0)
            raise RefundAboveOrder("So much was not paid for this line.", item=line, left_minor=left)
        back[line] += amount
    if refunds and back == amounts:
        return points, True
    own = share_out(points, list(amounts.values()))
    return sum(p * back[line] // m for p, (line, m) in zip(own, amounts.items(), strict=True) if m), False


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


def best_of(coupons: Sequence[Offered]) -> Offered | None:
    """The coupon that takes most off; among equals, the one that ends first. A gift if there is nothing else."""
    good = [one for one in coupons if one.refused is None]
    return min(good, key=lambda one: (-one.discount_minor, one.promise.expires_at, one.promise.coupon_id), default=None)


@dataclass(frozen=True, slots=True)
class Worth:
    """So many points are worth so much, minor units; 0 points: the business has not said it."""

    points: int = 0
    minor: int = 0

    def pays(self, points: int) -> int | None:
        """What so many points pay, rounded down; None if nobody has said what they are worth."""
        return points * self.minor // self.points if self.points and self.minor else None

    def needs(self, minor: int) -> int:
        """The fewest points that pay so much.

        Raises:
            NoPointsValue: Nobody has said what points are worth.
        """
        if not self.points or not self.minor:
            raise NoPointsValue("Nobody has said what points are worth (Settings → Business).")
        return -(-minor * self.points // self.minor)

    def most(self, due_minor: int, percent: int) -> int:
        """The most points that may pay a part of what is due, none of them for nothing."""
        payable = due_minor * percent // 100
        full = self.pays(self.needs(payable)) or 0
        # Where one point is worth more than a minor unit, the last one may pay more than there is to pay.
        return self.needs(payable) if full <= payable else payable * self.points // self.minor


NO_WORTH: Final = Worth()


@dataclass(frozen=True, slots=True)
class Pay:
    """How many points could pay how much of what is due after coupons and benefits, minor units."""

    points: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a basket comes to when it is paid in a certain way: the points and the growth that it earns then."""

    points: int
    growth: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best of all combinations that are allowed: what it takes off, and what is then left to pay.

    `why` says of each coupon and benefit that is left out why it is: by its code, a code of `words.LEFT_OUT`.
    """

    coupons: tuple[tuple[str, int], ...] = ()
    benefits: tuple[tuple[str, int], ...] = ()
    off_minor: int = 0
    due_minor: int = 0
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer before anything is done; nothing of it is reserved.

    `tier` and `spendable` as of the basket; of somebody unknown, as of a new customer. `prospect` is what the basket
    earns as it is told, `earns` what it earns with the best combination, `earns_after_pay` if points pay the rest as
    far as they can.
    """

    customer_id: int | None
    tier: Tier
    spendable: int
    prospect: Prospect
    coupons: tuple[Offered, ...]
    benefits: tuple[AppliedBenefit, ...]
    best: Chosen
    pay: Pay
    earns: Outcome
    earns_after_pay: Outcome
    frozen: bool = False
