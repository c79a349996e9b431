"""What an experiment is: arms, shares, and what came of it, as dataclasses. Statistics stand in the topics beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError

LEVEL: Final = 0.95
"""Of all intervals here."""
WHOLE_BASIS: Final = 10_000
"""Shares are counted in hundredths of a percent."""
LARGEST_SHARE: Final = Decimal(50)
"""Percent: leaving out more than half would be a campaign for the hold-out."""


class Arm(StrEnum):
    """What an experiment does with a customer: the campaign reaches them, or they are left alone."""

    TREATED = "treated"
    HELD_OUT = "held_out"


class About(StrEnum):
    """What an experiment belongs to. There is at most one standing control group at a time."""

    CAMPAIGN = "campaign"
    STANDING = "standing"


class InvalidShare(DomainError):
    """A share is a percentage from 0 to 50 with at most two decimals."""

    code = "invalid_share"


def basis_points(share_percent: Decimal) -> int:
    """A share in hundredths of a percent.

    Raises:
        InvalidShare: Out of range, or finer than that.
    """
    if not share_percent.is_finite() or not 0 <= share_percent <= LARGEST_SHARE:
        raise InvalidShare(f"{share_percent} is not a share from 0 to {LARGEST_SHARE} percent.")
    points = share_percent * 100
    if points != int(points):
        raise InvalidShare(f"{share_percent} has more than two decimals.")
    return int(points)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the figures say: a code for machines, words for a shop owner, numbers for the words.

    Numbers that end in `_minor` are money in minor units and have to be written in the shop's currency, those that
    end in `_share` are from 0 to 1.
    """

    code: str
    words: Text
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its 95 % interval, and how likely chance alone makes one as large (p)."""

    point: float
    low: float
    high: float
    p: float

    @property
    def is_effect(self) -> bool:
        """Whether nought lies outside."""
        return self.low > 0 or self.high < 0
