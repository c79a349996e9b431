"""How the programme does: who takes part, who uses points, what it costs, and what to look at."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.kept import is_kept, kept
from regulars.console.programme import health as figures
from regulars.console.sight import zone_of
from regulars.flows.settings import programme
from regulars.loyalty import queries as loyalty
from regulars.loyalty.health import queries
from regulars.loyalty.health.rules import Health
from regulars.loyalty.liability import queries as liability

PAGE = "programme_health"


@requires("insight.view")
@never_cache
@require_safe
def health(request: StaffRequest) -> HttpResponse:
    """The page. Adding everything up takes a while in large books, so its body may come by itself."""
    return render(request, "health/page.html", _body(request) if is_kept(PAGE, *_parts()) else {})


@requires("insight.view")
@never_cache
@require_safe
def body(request: StaffRequest) -> HttpResponse:
    """What the page says, added up now."""
    return render(request, "health/body.html", _body(request))


def _parts() -> tuple[object, ...]:
    """What the figures depend on besides the books."""
    return timezone.localdate(), liability.worth()


def _body(request: StaffRequest) -> dict[str, object]:
    if not loyalty.has_programme():
        return {"found": None}
    policies, _ = programme()

    def make() -> Health:
        return queries.health(policies=policies, zone=zone_of(request), at=timezone.now())

    return figures.shown(kept(PAGE, *_parts(), make=make), policies, business_of(request).currency)


urlpatterns = [
    path("programme/", health, name=PAGE),
    path("programme/body/", body, name="programme_health_body"),
]
