"""What holds for every campaign and channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Final

from regulars.core.errors import DomainError

MOST_CAP: Final = 100
MOST_CAP_DAYS: Final = 90
MOST_COST_MINOR: Final = Decimal(1_000_000)
COST_DECIMALS: Final = 4
"""Of minor units, which is how exactly the cost of a message is kept: an SMS costs 4.5 分."""


class InvalidSettings(DomainError):
    """A setting of reaching out is out of range; `context` names the `field`."""

    code = "invalid_outreach_settings"


@dataclass(frozen=True, slots=True)
class OutreachSettings:
    """What holds for every campaign.

    Attributes:
        cap_most: Messages that reach a customer in `cap_days` days at most.
        sends_from: Nothing leaves earlier by the business's clock, nor from `sends_until` on.
        approved_by_another: A campaign is approved by somebody else than who wrote it.
    """

    cap_most: int = 2
    cap_days: int = 7
    sends_from: time = time(8)
    sends_until: time = time(21)
    approved_by_another: bool = False

    @property
    def cap_window(self) -> timedelta:
        """The length of time over which the frequency cap counts."""
        return timedelta(days=self.cap_days)


def checked(told: OutreachSettings) -> OutreachSettings:
    """The settings themselves, when they can be so.

    Raises:
        InvalidSettings: One is out of range.
    """
    right = {
        "cap_most": 1 <= told.cap_most <= MOST_CAP,
        "cap_days": 1 <= told.cap_days <= MOST_CAP_DAYS,
        "sends_from": told.sends_from < told.sends_until,
    }
    for name, holds in right.items():
        if not holds:
            raise InvalidSettings(f"{name} is out of range.", field=name)
    return told


def checked_costs(costs: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What a message costs by channel, minor units, as exactly as it is kept.

    Raises:
        InvalidSettings: One is below nought or absurdly large; `field` is cost_ and the channel.
    """
    for channel, minor in costs.items():
        if not minor.is_finite() or not 0 <= minor <= MOST_COST_MINOR:
            raise InvalidSettings("A message costs nothing or more.", field=f"cost_{channel}")
    return {channel: round(minor, COST_DECIMALS) for channel, minor in costs.items()}
