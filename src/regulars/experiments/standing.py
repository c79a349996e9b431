"""The standing control group as its setting: how many of all customers no campaign reaches."""

from datetime import datetime
from decimal import Decimal

from regulars.experiments.actions import change_standing_share, end_standing, start_standing
from regulars.experiments.queries import standing

WINDOW_DAYS = 30
"""How long a stretch is compared at a time."""


def share_percent() -> Decimal:
    """How many percent of all customers are left alone now; 0 while there is no such group."""
    running = standing()
    return running.share_percent if running else Decimal(0)


def set_share(*, share_percent: Decimal, actor: str, at: datetime) -> None:
    """Begin the group, change its share, or (0) end it; the same again changes nothing.

    Raises:
        InvalidShare: Not from 0 to 50 percent.
    """
    running = standing()
    if running is None and share_percent:
        start_standing(share_percent=share_percent, window_days=WINDOW_DAYS, actor=actor, at=at)
    elif running is not None and share_percent:
        change_standing_share(share_percent=share_percent, actor=actor, at=at)
    elif running is not None:
        end_standing(at=at)
