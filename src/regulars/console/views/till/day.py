"""The day of a shop at its tills, for who manages it."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from regulars.console import sight
from regulars.console.access import StaffRequest, requires
from regulars.console.till.day_shown import day_of, store_names_of
from regulars.core.calendar import business_date


@requires("till.day")
@never_cache
@require_safe
def day(request: StaffRequest) -> HttpResponse:
    """Totals by person, what looks odd, and every step; of today, or of a day before."""
    today = business_date(timezone.now(), sight.zone_of(request))
    asked = min(_asked(request.GET.get("day", "")) or today, today)
    context = {
        "found": day_of(request, asked),
        "shops": store_names_of(request),
        "before": (asked - timedelta(days=1)).isoformat(),
        "after": (asked + timedelta(days=1)).isoformat() if asked < today else "",
        "is_today": asked == today,
    }
    return render(request, "till/day.html", context)


def _asked(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


urlpatterns = [path("till/day/", day, name="till_day")]
