"""Who cheats and how, who is honest and looks odd all the same, and what they do besides ordering."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from regulars.facts.connectors.camellia.baskets import Basket

KINDS: Final[Mapping[str, str]] = {
    "staff_scans": "Somebody behind the counter scans their own card for guests' orders, on their shifts.",
    "refund_farming": "Buys, spends the points within the hour, brings all back days later; at last in a big way.",
    "velocity": "A burst of many small orders within minutes, cashed in the same day.",
    "split_orders": "One basket is rung up as three to five orders, visit after visit, for what each order brings.",
    "device_ring": "New accounts one after the other on one device, each for the gift of its first order.",
    "address_ring": "New accounts with numbers in a row, or with parcels to one address, each for the same gift.",
    "code_guessing": "Wrong coupon codes tried for hours, as fast as is allowed.",
    "event_floods": "Check-ins and reviews by the dozen, day after day, and hardly an order.",
}
"""The eight kinds."""


class ActKind(StrEnum):
    """What people do that is no fact."""

    REDEEM = "redeem"
    GUESS = "guess"


class Act(NamedTuple):
    """Somebody spends points (None: all that they can, else so many if they have them) or tries wrong codes."""

    at: datetime
    number: str
    kind: ActKind
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Cheat:
    """Somebody cheats: since when, and when they mean to have what they came for. Local times without a zone.

    `cash_in` for guessers: when their own script would have found a code.
    """

    number: str
    kind: str
    began: datetime
    cash_in: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account that was made for cheating."""

    number: str
    phone: str
    joined: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A check-in or a review."""

    at: datetime
    number: str
    event: str
    store: int
    key: str


@dataclass(slots=True)
class Story:
    """What some people did: orders, returns besides those in the baskets, events, and acts."""

    orders: list[tuple[str, Basket]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    cheats: list[Cheat] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)

    def add(self, other: "Story") -> None:
        """Take in what others did."""
        for name in ("orders", "said", "acts", "cheats", "newcomers"):
            getattr(self, name).extend(getattr(other, name))

    def redeem(self, number: str, at: datetime, amount: int | None = None) -> None:
        """Somebody spends points."""
        self.acts.append(Act(at, number, ActKind.REDEEM, amount))


def minutes(many: float) -> timedelta:
    """So many minutes."""
    return timedelta(seconds=int(60 * many))
