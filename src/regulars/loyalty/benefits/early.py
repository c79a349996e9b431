"""Early access 优先购: how long before everybody else a member may have what opens later. Pure: it looks nothing up."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.core.conditions import EVERYBODY, predicate
from regulars.loyalty.benefits.kinds.early_access import EarlyAccess
from regulars.loyalty.benefits.rules import Benefit


def days_early(benefits: Sequence[Benefit], *, tier: str, at: datetime, zone: ZoneInfo) -> int:
    """How many days before everybody a member of this tier comes, by the benefit that gives most; 0 without one.

    A condition can ask when it is; nobody buys anything yet, so what it asks about an order is missing.

    Args:
        benefits: `policies.at(at).benefits`.
        zone: The version's zone, `policies.at(at).zone`.
    """
    day, local = business_date(at, zone), at.astimezone(zone)
    values = {
        "weekday": local.isoweekday(), "day_of_month": local.day, "month": local.month, "hour": local.hour,
        "tier": tier, "paid": None, "channel": None, "store": None,
    }  # fmt: skip
    found = 0
    for one in benefits:
        if not isinstance(one.effect, EarlyAccess) or not one.is_for(tier):
            continue
        if (one.starts and day < one.starts) or (one.ends and day > one.ends):
            continue
        if one.condition == EVERYBODY or predicate(one.condition, day=day)(values):
            found = max(found, one.effect.days)
    return found
