"""What a flow's caller needs to know of the business: the programme's versions, the time zone, and which day it is."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date, zone
from regulars.facts import figures
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import Policies
from regulars.staff import queries as staff


def programme() -> tuple[Policies, ZoneInfo]:
    """The programme's versions and the business's time zone, as they are now."""
    in_zone = zone(staff.business().time_zone)
    return loyalty.policies(in_zone), in_zone


def today(at: datetime) -> date:
    """The business's day at an instant."""
    return business_date(at, zone(staff.business().time_zone))


def picture_day(at: datetime) -> date:
    """As of which day a picture made at an instant is: today, so that all of yesterday counts; for kept data their end.

    Whoever loads last year's orders wants to see who was leaving then, not that everybody is gone by now.
    """
    told = [day for day in (figures.newest_day(), figures.newest_contract_day()) if day is not None]
    return min([today(at), *([max(told) + timedelta(days=1)] if told else [])])
