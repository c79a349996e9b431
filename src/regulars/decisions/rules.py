"""What a decision is: about what, for whom, with which outcome, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

NO_NUMBERS: Final[Mapping[str, Any]] = {}


class AboutKind(IntEnum):
    """What decisions can be about. A code is never given to anything else, since decisions are kept for ever."""

    CAMPAIGN = 1
    STANDING = 2
    """The company-wide control group."""

    ALERT = 3


class Outcome(IntEnum):
    """What was decided for one customer."""

    CHOSEN = 1
    HELD_OUT = 2
    """Would have been chosen, and is left alone so that the effect can be measured."""

    SUPPRESSED = 3
    """Not to be chosen; the reason says why."""


@dataclass(frozen=True, slots=True)
class About:
    """What a decision is about: campaign 7, the standing control group 1."""

    kind: AboutKind
    id: int


class NewDecision(NamedTuple):
    """For one customer: the outcome, a reason (a code of whoever decided), and the numbers that its words need.

    A tuple, since a campaign makes a million of them.
    """

    customer_id: int
    outcome: Outcome
    reason: str
    numbers: Mapping[str, Any] = NO_NUMBERS
