"""What every fact is read against: the business's currency and zone, and the programme."""

import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from regulars.core.calendar import zone
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import Policies
from regulars.staff import queries as staff

FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Situation:
    """The business as it was at most a second ago; `worth_points` are worth `worth_minor`, 0 if nobody has said."""

    currency: str
    zone: ZoneInfo
    policies: Policies
    worth_points: int = 0
    worth_minor: int = 0


_kept: tuple[float, Situation] | None = None


def situation() -> Situation:
    """The situation; reading it for each order would take a fifth of the order's time, so it is kept for a second.

    Raises:
        InvalidPolicy: The programme is not set up yet.
    """
    global _kept
    kept, now = _kept, time.monotonic()
    if kept is None or now - kept[0] > FRESH_SECONDS:
        business = staff.business()
        in_zone = zone(business.time_zone)
        kept = _kept = (now, Situation(
            business.currency, in_zone, loyalty.policies(in_zone), business.worth_points, business.worth_minor
        ))  # fmt: skip
    return kept[1]


def forget() -> None:
    """Read everything afresh next time."""
    global _kept
    _kept = None
