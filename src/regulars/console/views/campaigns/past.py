"""Campaigns of another system: how their redemptions fit with the orders, and no word about causes."""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from regulars.console import sight
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns import words as campaign_words
from regulars.console.context import business_of
from regulars.console.kept import kept
from regulars.console.lines import customer_url
from regulars.console.reader import said
from regulars.console.typed import whole_number
from regulars.customers import queries as customers
from regulars.loyalty.membership import number_of
from regulars.outreach.past import queries
from regulars.outreach.past.own_test import own_test
from regulars.outreach.past.queries import RedemptionView
from regulars.outreach.past.rules import NO_CAUSE, WORDS, Match

PER_PAGE: Final = 50
ORDER: Final = (Match.BOUGHT, *(one for one in Match if one is not Match.BOUGHT))
TONES: Final = 6


@dataclass(frozen=True, slots=True)
class Part:
    """Redemptions that fit in one way; `x` and `share` in percent of the bar."""

    label: str
    count: int
    share: float
    x: float
    tone: int
    url: str


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption in the list."""

    view: RedemptionView
    name: str
    number: str
    url: str
    match: str
    is_match: bool


@requires("campaigns.view")
@never_cache
def past(request: StaffRequest) -> HttpResponse:
    """The page."""
    sources = queries.sources()
    if not sources:
        raise Http404
    source = sources[0]
    by_match = queries.by_match(source)
    whole = sum(by_match.values())
    match = next((one for one in Match if one.value == request.GET.get("match")), None)
    key = request.GET.get("campaign", "")[:100] or None
    after = whole_number(request.GET.get("after", "")) or 0
    found = queries.redemptions(
        source, most=PER_PAGE + 1, match=match, campaign_key=key, after=after,
    )  # fmt: skip
    context = {
        "source": source,
        "campaigns": queries.past_campaigns(source),
        "whole": whole,
        "matched": by_match[Match.BOUGHT],
        "parts": _parts({one: by_match[one] for one in ORDER}, whole),
        "no_cause": said(NO_CAUSE),
        "own_test": _own_test(request),
        "redemptions": _redemptions(found[:PER_PAGE]),
        "more": found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        "chosen": said(WORDS[match]) if match else "",
        "chosen_campaign": key or "",
        "query": urlencode({name: told for name, told in (("match", match or ""), ("campaign", key or "")) if told}),
        "is_first": not after,
    }
    return render(request, "campaigns/past.html", context)


def _parts(by_match: dict[Match, int], whole: int) -> list[Part]:
    found, x = [], 0.0
    for place, (match, count) in enumerate(one for one in by_match.items() if one[1]):
        share = 100 * count / max(1, whole)
        url = f"{reverse('campaigns_past')}?{urlencode({'match': match.value})}#redemptions"
        found.append(Part(said(WORDS[match]), count, share, x, 1 + place % TONES, url))
        x += share
    return found


def _redemptions(found: list[RedemptionView]) -> list[Redemption]:
    names = customers.names(one.customer_id for one in found if one.customer_id is not None)
    return [_redemption(one, names) for one in found]


def _redemption(one: RedemptionView, names: dict[int, tuple[int, str]]) -> Redemption:
    who, name = names.get(one.customer_id or 0, (one.customer_id, ""))
    return Redemption(
        one, name or _("No name yet"), number_of(who) if who else "", customer_url(who) if who else "",
        said(WORDS[one.match]), one.match is Match.BOUGHT,
    )  # fmt: skip


def _own_test(request: StaffRequest) -> str:
    """What the test of our own statistics found, in a sentence; '' without data."""
    reach = sight.reach()
    if reach.until is None:
        return ""
    at = reach.instant(0, sight.zone_of(request))
    found = kept("campaigns-own-test", at.isoformat(), make=lambda: own_test(at=at))
    return campaign_words.verdict(found.verdict, business_of(request).currency) if found else ""


urlpatterns = [path("campaigns/past/", past, name="campaigns_past")]
