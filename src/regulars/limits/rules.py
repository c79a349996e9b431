"""What a limit is: how much of what, by whom, within which time. Looks nothing up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from math import ceil
from typing import Final, NamedTuple

EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The bucket of limits without a window. Its row is also what a taker locks, whatever the window."""


class Kind(IntEnum):
    """What is counted, and who or what the subject is."""

    MESSAGES = 1
    """Promotional messages; the subject is the canonical customer who gets them."""

    CODE_GUESSES = 2
    """Codes that did not exist; the subject is who guessed, as `loyalty.coupons.rules.Guesser` numbers them."""

    COUPON_USES = 3
    """Uses of a coupon that stand; the subject is the coupon."""

    REWARD_STOCK = 4
    """Claims of a reward that stand; the subject is the reward."""

    RULE_BUDGET = 5
    """What an earning rule gave to all members together; the subject is the rule's budget."""

    SIGN_IN_ASKS = 8
    """Sign-in codes that were asked for; the subject is a hash of the address, or of the network that asked."""

    SIGN_IN_WRONG = 9
    """Wrong sign-in codes; the subjects as for `SIGN_IN_ASKS`."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `ceiling` within any span of `window`, or for ever (None).

    Uses are added up in buckets of `step`, which is the same for all limits of a kind. A bucket counts as long as any
    part of it may lie in the window, so a limit is never exceeded; room comes back at most one step late.

    Raises:
        ValueError: The ceiling is below zero, or the window is no whole number of steps.
    """

    kind: Kind
    ceiling: int
    window: timedelta | None = None
    step: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        if self.ceiling < 0 or self.step < timedelta(seconds=1) or (self.window is not None and self._is_uneven()):
            raise ValueError("A limit has a ceiling from 0, and a window of whole steps of at least a second.")

    def bucket(self, at: datetime) -> datetime:
        """The start of the step in which `at` lies; steps begin with 1970 in UTC."""
        return EVER if self.window is None else at - (at - EVER) % self.step

    def counts_from(self, at: datetime) -> datetime:
        """The first bucket that counts at this moment."""
        return EVER if self.window is None else self.bucket(at) - self.window

    def _is_uneven(self) -> bool:
        window = self.window or timedelta()
        return window < self.step or window % self.step != timedelta()


class Take(NamedTuple):
    """So much of what a limit leaves to a subject; `amount` is 1 or more."""

    limit: Limit
    subject: int
    amount: int = 1


Counted = tuple[int, int]
"""(kind, subject)."""


def decide(takes: Sequence[Take], used: Mapping[Limit, Mapping[int, int]]) -> list[bool]:
    """Which of these takes still find room, one after the other; a refused one takes nothing.

    Args:
        used: What counts already, by limit and subject.
    """
    taken: dict[Counted, int] = {}
    answers = []
    for limit, subject, amount in takes:
        if amount < 1:
            raise ValueError("A take is of one or more.")
        key = (limit.kind, subject)
        before = taken.get(key, 0)
        fits = used.get(limit, {}).get(subject, 0) + before + amount <= limit.ceiling
        if fits:
            taken[key] = before + amount
        answers.append(fits)
    return answers


def seconds_until_room(limit: Limit, buckets: Sequence[tuple[datetime, int]], at: datetime) -> int | None:
    """How long until one more finds room, in whole seconds; 0 at once, None never.

    Args:
        buckets: (start, used) of those that count at `at`, oldest first.
    """
    used = sum(amount for _, amount in buckets)
    if used < limit.ceiling:
        return 0
    if limit.window is None or limit.ceiling == 0:
        return None
    for start, amount in buckets:
        used -= amount
        if used < limit.ceiling:
            return max(1, ceil((start + limit.window + limit.step - at).total_seconds()))
    return None
