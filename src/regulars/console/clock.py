"""The business's own time zone for everything that a page shows."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from regulars.console.access import MEMBER, PUBLIC, required_capability
from regulars.core import calendar
from regulars.staff import queries


class BusinessClock:
    """Puts the business on the request and its time zone into force, for pages that show something of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Leave the zone as it was, since the thread serves another request next."""
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        """Only views of the console take a capability; the API pays nothing, and health checks need no database.

        Pages of members put the clock right themselves.
        """
        if required_capability(view) in (None, PUBLIC, MEMBER):
            return
        business = queries.business()
        request.business = business  # type: ignore[attr-defined]
        timezone.activate(calendar.zone(business.time_zone))
