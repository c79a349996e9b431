"""Codes that came to nothing: wrong ones of the last day and who tried them; those that orders told, and why not."""

from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from regulars.console.access import StaffRequest, requires
from regulars.console.coupons.guesses import lines
from regulars.console.reader import said
from regulars.loyalty.coupons.guesses import wrong_guesses
from regulars.loyalty.coupons.queries import unmatched
from regulars.loyalty.coupons.rules import ALARMING_AN_HOUR, GUESSES
from regulars.loyalty.coupons.words import unmatched_said

UNMATCHED_DAYS: Final = 30


@requires("campaigns.view")
@never_cache
def guesses(request: StaffRequest) -> HttpResponse:
    """The page."""
    now = timezone.now()
    found = wrong_guesses(at=now)
    untold = unmatched(since=now - timedelta(days=UNMATCHED_DAYS))
    reasons = [(said(unmatched_said(reason)), count) for reason, count in untold.items()]
    context = {
        "reasons": reasons,
        "days": UNMATCHED_DAYS,
        "found": found,
        "lines": lines(request, found),
        "alarming": ALARMING_AN_HOUR,
        "most": GUESSES.ceiling,
    }
    return render(request, "offers/guesses.html", context)


urlpatterns = [path("coupons/wrong-codes/", guesses, name="wrong_codes")]
