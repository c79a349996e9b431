"""What a cashier does at the till, and what stands in the way. Pure; points are whole, money in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from regulars.core.errors import DomainError
from regulars.core.money import LARGEST_MINOR
from regulars.loyalty.rules import Policies

SOURCE: Final = "till"
"""The system that numbers what is sold here."""
STAMP: Final = "Stamp Given"
"""The event that staff confirm for a paid cup; a second card has its own, `Stamp Given: tea`."""
MOST_STAMPS: Final = 20
"""More than so many at once nobody pays for; the programme's own limits are usually lower."""
LONGEST_KEY: Final = 64
SKEW: Final = timedelta(minutes=5)
"""So far may a till's clock run ahead."""


class NothingToRecord(DomainError):
    """Neither an amount nor a stamp."""

    code = "nothing_to_record"


class TooManyStamps(DomainError):
    """More stamps than are given at once; `most` in the context says how many are."""

    code = "too_many_stamps"


class NoSuchStamp(DomainError):
    """The programme gives nothing for this stamp now."""

    code = "no_such_stamp"


class TillKeyMissing(DomainError):
    """A step without a key of its own could be done twice."""

    code = "till_key_missing"


class ManagerNeeded(DomainError):
    """Above the limit a manager allows it with their PIN; `most` and `points` in the context say the limit and this."""

    code = "manager_needed"


class NothingToUndo(DomainError):
    """Only the last step can be undone, by who did it, for some minutes."""

    code = "nothing_to_undo"


class OffChanged(DomainError):
    """What coupons and benefits take off is different by now."""

    code = "off_changed"


class StepKind(StrEnum):
    """What a step is."""

    SALE = "sale"
    REWARD = "reward"


@dataclass(frozen=True, slots=True)
class Shop:
    """What holds where the till stands: the programme, the zone, the money; above `limit` points a manager allows it.

    The last step can be undone for `minutes`.
    """

    policies: Policies
    zone: ZoneInfo
    currency: str
    limit: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Serve:
    """What a cashier does for a guest.

    Attributes:
        key: The screen's own: whatever is sent again with it is the same step.
        amount: What the bill comes to before coupons and benefits; None where none was typed.
        stamps: So many by event.
        coupons, benefits: Codes of what is used with the sale.
        reward: Code of the reward that is handed over; then there is no sale.
        store: Code of the shop, '' if nobody says.
        at: When it happened; `told_late`: a till without network says so now.
        allowed_by: Who allowed it with their PIN, '' where nobody had to.
    """

    key: str
    customer_id: int
    actor: str
    at: datetime
    amount: int | None = None
    stamps: Mapping[str, int] = field(default_factory=dict)
    coupons: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()
    reward: str = ""
    store: str = ""
    told_late: bool = False
    allowed_by: str = ""

    @property
    def kind(self) -> StepKind:
        """What it is."""
        return StepKind.REWARD if self.reward else StepKind.SALE

    @property
    def digest(self) -> bytes:
        """Tells this step from others. Without who and when: a guest may be merged before a till asks again."""
        stamps = sorted(self.stamps.items())
        told = f"{self.kind}|{self.amount}|{stamps}|{self.coupons}|{self.benefits}|{self.reward}"
        return blake2b(told.encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken; fields as in the table. `given` by the currency's code, below zero for what it took."""

    id: int
    key: str
    kind: StepKind
    customer_id: int
    actor: str
    allowed_by: str
    store: str
    at: datetime
    recorded_at: datetime
    is_late: bool
    amount: int | None
    off_minor: int
    stamps: Mapping[str, int]
    given: Mapping[str, int]
    facts: tuple[int, ...]
    claim_id: int | None
    checkout_id: int | None
    undone_at: datetime | None
    undone_by: str

    @property
    def paid(self) -> int | None:
        """What was paid, after what was taken off."""
        return None if self.amount is None else self.amount - self.off_minor

    @property
    def stamped(self) -> int:
        """How many stamps were confirmed, whatever the programme gave for them."""
        return sum(self.stamps.values())


def check(serve: Serve, *, events: Mapping[str, object]) -> None:
    """Whether a step can be meant.

    Args:
        events: What the programme rewards at that moment, by event.
    Raises:
        TillKeyMissing, NothingToRecord, TooManyStamps, NoSuchStamp: As they say.
    """
    if not 0 < len(serve.key) <= LONGEST_KEY or not serve.key.isascii():
        raise TillKeyMissing(f"A step has a key of 1 to {LONGEST_KEY} letters, so that it is done once.")
    if serve.reward:
        return
    if any(times < 1 for times in serve.stamps.values()) or sum(serve.stamps.values()) > MOST_STAMPS:
        raise TooManyStamps(f"At most {MOST_STAMPS} stamps at once.", most=MOST_STAMPS)
    if unknown := [event for event in serve.stamps if not is_stamp(event) or event not in events]:
        raise NoSuchStamp(f"The programme gives nothing for {unknown[0]!r} now.")
    if serve.amount is None and not serve.stamps:
        raise NothingToRecord("Type an amount, or give a stamp.")
    if serve.amount is not None and not 0 <= serve.amount <= LARGEST_MINOR:
        raise NothingToRecord("The amount is below zero or too large.")


def is_stamp(event: str) -> bool:
    """Whether staff confirm this event at the till."""
    return event == STAMP or event.startswith(f"{STAMP}: ")


def needs_manager(points: int, limit: int) -> bool:
    """Whether so many points, earned or taken, are above what a cashier moves alone; a limit of 0 asks for nobody."""
    return 0 < limit < abs(points)


def may_undo(step: Step, *, actor: str, at: datetime, minutes: int) -> bool:
    """Whether this person may still take this step back."""
    fresh = at - step.recorded_at <= timedelta(minutes=minutes)
    return step.actor == actor and step.undone_at is None and fresh
