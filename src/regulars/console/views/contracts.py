"""Contracts: which may end, which end soon, why, and how far that can be believed."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from regulars.console import fragments, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.customers.picture import plain_speaker
from regulars.console.pages import Counted
from regulars.console.picture import contract_lines
from regulars.console.picture.contract_lines import LEVELS, SORT_LABELS, Asked
from regulars.console.picture.state import picture_state
from regulars.insight import contracts as insight
from regulars.insight import queries
from regulars.insight.compute.contract_files import SOON_DAYS, Contracts
from regulars.insight.compute.pictures import Picture

PAGE, PER_PAGE = "contracts", 20
SHOWN_REASONS = 3


@requires("insight.view")
@never_cache
def contracts(request: StaffRequest) -> HttpResponse:
    """The page; for somebody who filters, sorts or turns pages, only the list."""
    picture = queries.picture()
    told = insight.contracts(picture) if picture else None
    if picture is None or told is None:
        return redirect("churn")
    context = _list(request, picture, told)
    part = fragments.asked(request) == "contracts"
    if not part:
        context |= picture_state(request) | _answer(told)
    return fragments.shown(request, "contracts/list.html" if part else "contracts/page.html", context)


def _answer(told: Contracts) -> dict[str, object]:
    """What the page says first: how many, how soon, and what the risk was tested on."""
    cards = [card for card in queries.cards() if card.purpose == "contract"]
    serving = next((card for card in cards if card.verdict.serves), None)
    refused = None if serving or not cards else cards[min(1, len(cards) - 1)]
    language = reader.language()
    page = reverse(PAGE)
    return {
        "told": told,
        "high": told.counts.get("high", 0),
        "medium": told.counts.get("medium", 0),
        "ended": told.counts.get("ended", 0),
        "ending_soon": told.ending[SOON_DAYS[0]],
        "soon_days": SOON_DAYS[0],
        "urls": {
            "high": f"{page}?{Asked(level='high').query}",
            "medium": f"{page}?{Asked(level='medium').query}",
            "soon": f"{page}?{Asked(within=str(SOON_DAYS[0]), sort='ends').query}",
            "high_people": Asked(level="high").people_url,
        },
        "gate": refused.verdict.words.said(language, **refused.verdict.numbers) if refused else "",
    }


def _list(request: StaffRequest, picture: Picture, told: Contracts) -> dict[str, object]:
    asked = Asked.read(request.GET)
    count = insight.count(picture, asked.wanted)
    page = Paginator(Counted(count), PER_PAGE).get_page(request.GET.get("page"))
    rows = insight.page(
        picture, asked.wanted, sort=asked.sort, limit=PER_PAGE, offset=(page.number - 1) * PER_PAGE
    )  # fmt: skip
    tabs = ("high", "medium", "low") if told.tested_on else ("unknown",)
    return {
        "asked": asked,
        "count": count,
        "page": page,
        "lines": contract_lines.lines(rows, told, picture.day, plain_speaker(request)),
        "shown_reasons": SHOWN_REASONS,
        "tabs": [("", told.running, not asked.level, asked.changed(level="").query)]
        + [(LEVELS[one], told.counts.get(one, 0), one == asked.level, asked.changed(level=one).query) for one in tabs],
        "soon": [(str(days), told.ending[days]) for days in SOON_DAYS],
        "sorts": list(SORT_LABELS.items()),
    }


urlpatterns = [path("churn/contracts/", contracts, name=PAGE)]
