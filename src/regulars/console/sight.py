"""What a page looks at: whose stores, which programme, and from which day 'recent' counts back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from regulars.catalogue import queries as catalogue
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.kept import kept
from regulars.core import calendar
from regulars.facts import figures as facts
from regulars.loyalty import membership
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import InvalidPolicy, Policies

FRESH_DAYS = 2
"""Data that end so recently are simply quiet; older ones are history, and pages say until when they reach."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the data go. `day` is what 'recent' counts back from; `since` and `until` are None without any data."""

    day: date
    since: date | None
    until: date | None

    @property
    def is_history(self) -> bool:
        """Whether the data end some time ago, so that 'recent' means before their end."""
        return self.until is not None and self.day == self.until and self.day < timezone.localdate()

    def instant(self, days_ago: int, zone: ZoneInfo) -> datetime:
        """The beginning of the day so many days before."""
        return calendar.start_of_day(self.day - timedelta(days=days_ago), zone)


def reach() -> Reach:
    """How far the data go, seen from today in the business's zone."""
    today = timezone.localdate()
    since, until = facts.days()
    is_history = until is not None and until < today - timedelta(days=FRESH_DAYS)
    return Reach(until if is_history and until else today, since, until)


def zone_of(request: StaffRequest) -> ZoneInfo:
    """The business's time zone."""
    return calendar.zone(business_of(request).time_zone)


def stores_of(request: StaffRequest) -> tuple[int, ...] | None:
    """The stores whose customers this person sees; None for all of them."""
    codes = request.member.store_codes
    return None if codes is None else catalogue.store_ids(codes)


def own_customers(request: StaffRequest) -> tuple[int, ...] | None:
    """The customers whom this person sees: everybody who ever ordered in their stores; None for all."""
    stores = stores_of(request)
    return None if stores is None else kept("own-customers", stores, make=lambda: membership.in_stores(stores))


def policies_of(request: StaffRequest) -> Policies | None:
    """The programme's versions, None before the first."""
    try:
        return loyalty.policies(zone_of(request))
    except InvalidPolicy:
        return None
