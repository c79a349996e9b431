"""The copy list: one name after the other, with a text to paste into WeChat."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.lines import customer_url, shown_phone
from regulars.console.sayings import explained
from regulars.console.toasts import carry
from regulars.console.typed import whole_number
from regulars.core.errors import DomainError
from regulars.flows.copy_list import show_next
from regulars.loyalty import queries as loyalty
from regulars.loyalty.membership import number_of
from regulars.outreach.deliveries import by_hand, copy_counts
from regulars.outreach.deliveries.by_hand import Line
from regulars.outreach.deliveries.copy_counts import DayOfList

PAGE = "copy_list"
AHEAD = 10
"""So many names are on the list at once: each holds a code that is running out."""
LISTED = 20
TEXT_ROWS = (4, 14)
LETTERS_A_ROW = 26


@dataclass(frozen=True, slots=True)
class Card:
    """A line of the list as its reader sees it: whom to look for, and why they are on it; the phone is masked."""

    line: Line
    name: str
    number: str
    url: str
    phone: str
    campaign: str
    last_at: datetime | None
    orders: int
    spent: int
    by: str

    @property
    def rows(self) -> int:
        """How high the text stands: a Chinese letter is as wide as two others."""
        lines = [sum(1 + (letter > "\u2e80") for letter in one) for one in self.line.text.split("\n")]
        low, high = TEXT_ROWS
        return min(high, max(low, sum(1 + wide // (2 * LETTERS_A_ROW) for wide in lines)))


@requires("campaigns.edit")
@never_cache
def copy_list(request: StaffRequest) -> HttpResponse:
    """The list as it stands; opening it puts nobody on it, since a code runs from then on."""
    return render(request, "copy_list/page.html", _shown(request))


@requires("campaigns.edit")
@require_POST
def begin(request: StaffRequest) -> HttpResponse:
    """Put the next names on the list."""
    came = _fill(request)
    if not came:
        messages.info(request, _("Nobody can come onto the list now."))
    return _answer(request)


@requires("campaigns.edit")
@require_POST
def answer(request: StaffRequest, delivery_id: int, verb: str) -> HttpResponse:
    """Sent, skipped, or taken back; said twice is said once. Then the next name comes."""
    now, actor = timezone.now(), actors.key_of(request.actor)
    try:
        if verb == "sent":
            by_hand.mark_sent(delivery_id=delivery_id, actor=actor, at=now)
        elif verb == "skip":
            by_hand.skip(delivery_id=delivery_id, actor=actor, at=now)
        elif verb == "undo":
            by_hand.undo(delivery_id=delivery_id, business=business_of(request), at=now)
        else:
            raise Http404
        if verb != "undo":
            _fill(request)
    except DomainError as error:
        messages.error(request, explained(error))
    return _answer(request, current=delivery_id if verb == "undo" else None)


def _fill(request: StaffRequest) -> int:
    return show_next(at=timezone.now(), campaign_id=_campaign(request), most=AHEAD)


def _answer(request: StaffRequest, current: int | None = None) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return carry(request, render(request, "copy_list/list.html", _shown(request, current) | {"moved": True}))
    campaign = _campaign(request)
    return redirect(reverse(PAGE) + (f"?campaign={campaign}" if campaign else ""))


def _shown(request: StaffRequest, current: int | None = None) -> dict[str, object]:
    business, now, campaign = business_of(request), timezone.now(), _campaign(request)
    days = copy_counts.today(business=business, at=now)
    here = [day for day in days if campaign is None or day.campaign_id == campaign]
    lines = by_hand.lines(business=business, at=now, campaign_id=campaign)
    done = by_hand.done_today(business=business, at=now, campaign_id=campaign, most=LISTED)
    cards = _cards([*lines, *done], days)
    asked = current or whole_number(request.GET.get("line", ""))
    standing = cards[: len(lines)]
    card = next((one for one in standing if one.line.delivery_id == asked), standing[0] if standing else None)
    answered, left = sum(day.done for day in here), sum(day.left for day in here)
    return {
        "card": card,
        "others": [one for one in standing if one is not card],
        "done": cards[len(lines) :],
        "days": days,
        "campaign": campaign,
        "campaigns": [day for day in days if day.campaign_id is not None],
        "answered": answered,
        "place": answered + 1,
        "total": answered + left,
        "waiting": sum(day.waiting for day in here),
        "sent": sum(day.sent for day in here),
        "skipped": sum(day.skipped for day in here),
        "ahead": AHEAD,
    }


def _cards(lines: list[Line], days: list[DayOfList]) -> list[Card]:
    names = {day.campaign_id: day.name.said(reader.language()) for day in days}
    bought = loyalty.standings(sorted({line.customer_id for line in lines}))
    people = actors.names_of(line.actor for line in lines if line.actor)
    found = []
    for line in lines:
        standing = bought.get(line.customer_id)
        purchases = standing.purchases if standing else None
        number = number_of(line.customer_id)
        found.append(
            Card(
                line, line.name or number, number, customer_url(line.customer_id),
                shown_phone(line.phone), names.get(line.campaign_id, ""),
                purchases.last_at if purchases else None, purchases.orders if purchases else 0,
                purchases.spent if purchases else 0, people.get(line.actor, ""),
            )
        )  # fmt: skip
    return found


def _campaign(request: StaffRequest) -> int | None:
    """The campaign whose list is looked at; None for all of them."""
    return whole_number(request.POST.get("campaign") or request.GET.get("campaign") or "")


urlpatterns = [
    path("copy-list/", copy_list, name=PAGE),
    path("copy-list/begin/", begin, name="copy_list_begin"),
    path("copy-list/<int:delivery_id>/<slug:verb>/", answer, name="copy_list_answer"),
]
