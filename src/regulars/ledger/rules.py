"""The ledger's words: accounts, purposes, lots and transfers, and what moves between them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple

from regulars.core.errors import DomainError


class Account(IntEnum):
    """Where points can be. Below 10: a customer's own; above: the house's, which keep no stored balance.

    What passes from one customer to another goes through TRANSIT, which is zero after every posting.
    """

    PENDING = 1
    AVAILABLE = 2
    HELD = 3
    DEBT = 4
    EARNED = 5
    ISSUED = 11
    REDEEMED = 12
    BREAKAGE = 13
    REVOKED = 14
    TRANSIT = 15


CUSTOMER_ACCOUNTS = [1, 2, 3, 4, 5]
HOUSE_ACCOUNTS = [11, 12, 13, 14, 15]


class Currency(IntEnum):
    """What is counted in every programme. Points can be spent; growth value only adds up.

    Other numbers are currencies that a programme names itself (loyalty.currencies); all of them can be spent.
    """

    POINTS = 1
    GROWTH = 2


class OriginKind(IntEnum):
    """What a transfer comes from."""

    FACT = 1
    COMMAND = 2


class Purpose(IntEnum):
    """Why points moved; the statement's words hang on it."""

    EARN = 1
    MATURE = 2
    EXPIRE = 3
    CLAWBACK = 4
    REPAY = 5
    REDEEM = 6
    HOLD = 7
    CAPTURE = 8
    RELEASE = 9
    RESTORE = 10
    GRANT = 11
    DEDUCT = 12
    TAKE_OVER = 13


class InsufficientPoints(DomainError):
    """The customer has fewer points to spend than this takes; `spendable` in the context says how many."""

    code = "insufficient_points"


class LotKey(NamedTuple):
    """A lot by where it came from: the same in every fold over the same history, unlike a row id."""

    origin_kind: int
    origin_id: int
    currency: int
    ordinal: int = 0


@dataclass(slots=True)
class Lot:
    """Points earned together: issued = remaining + held + used + expired + revoked, none negative.

    Remaining points are pending until `matured`. `effective_at` <= t < `expires_at` is when they may be spent; while
    the account is `frozen`, pending ones do not mature.
    """

    key: LotKey
    customer_id: int
    issued: int
    effective_at: datetime
    expires_at: datetime | None
    matured: bool
    remaining: int = 0
    held: int = 0
    used: int = 0
    expired: int = 0
    revoked: int = 0
    frozen: bool = False

    @property
    def counters(self) -> tuple[int, int, int, int, int]:
        """(remaining, held, used, expired, revoked)."""
        return (self.remaining, self.held, self.used, self.expired, self.revoked)

    def settled(self, at: datetime) -> "Lot":
        """The lot once everything due by date at an instant is posted: matured, and expired."""
        gone = self.remaining if self.expires_at is not None and self.expires_at <= at else 0
        return replace(
            self,
            matured=self.matured or (self.effective_at <= at and not self.frozen),
            remaining=self.remaining - gone,
            expired=self.expired + gone,
        )


@dataclass(slots=True)
class Transfer:
    """`amount` > 0 from `source` to `target`, for one customer in one currency."""

    customer_id: int
    currency: int
    source: int
    target: int
    amount: int
    lot: LotKey | None
    at: datetime
    origin_kind: int
    origin_id: int
    purpose: int
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer has in points at an instant, by date and not by job.

    `spendable` is available less what is owed; `owed` >= 0.
    """

    pending: int
    available: int
    held: int
    owed: int

    @property
    def total(self) -> int:
        """Everything the customer has, also what cannot be spent yet, less what is owed."""
        return self.pending + self.available + self.held - self.owed

    @property
    def spendable(self) -> int:
        """What may be redeemed now, >= 0."""
        return max(0, self.available - self.owed)


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened to all customers' points in a month, in points; what came back is taken off where it had gone.

    `earned` is what was issued, `used` redeemed, `expired` not used in time, `revoked` taken back after refunds or
    deducted by hand. `taken_over` came from another programme, less what it took the place of. `month` is its first
    day.
    """

    month: date
    opening: int
    earned: int
    used: int
    expired: int
    revoked: int
    taken_over: int = 0

    @property
    def closing(self) -> int:
        """What customers have at its end: pending, available and held, less what they owe."""
        return self.opening + self.earned + self.taken_over - self.used - self.expired - self.revoked


@dataclass(frozen=True, slots=True)
class LotVintage:
    """The lots that became spendable in one month and can be used for the last time in another, in points.

    `restored` are points that came back after they had expired and got a few days more. `used` is told by the month
    in which it happened, `due` has expired by date and is not posted yet.
    """

    month: date
    last_month: date | None
    restored: bool
    issued: int
    used: Mapping[date, int]
    expired: int
    revoked: int
    held: int
    due: int

    @property
    def left(self) -> int:
        """What customers still have of it, by date: held points included, expired ones not."""
        return self.issued - sum(self.used.values()) - self.expired - self.revoked - self.due


@dataclass(frozen=True, slots=True)
class PointsBooks:
    """The house's view of all points: month by month, and by vintage.

    `happened` tells the movement by when things happened, `booked` by when they were written. `wallets` is what the
    customers' accounts hold together now. `owed` is what customers owe, which no lot knows.
    """

    happened: tuple[Movement, ...]
    booked: tuple[Movement, ...]
    vintages: tuple[LotVintage, ...]
    owed: int
    wallets: int
