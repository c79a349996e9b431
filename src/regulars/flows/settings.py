"""What a flow's caller needs to know of the business: the programme's versions and the time zone."""

from zoneinfo import ZoneInfo

from regulars.core.calendar import zone
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import Policies
from regulars.staff import queries as staff


def programme() -> tuple[Policies, ZoneInfo]:
    """The programme's versions and the business's time zone, as they are now."""
    in_zone = zone(staff.business().time_zone)
    return loyalty.policies(in_zone), in_zone
