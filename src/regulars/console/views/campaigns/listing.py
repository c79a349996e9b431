"""The list of campaigns, and what those that have ended say together."""

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns import words as campaign_words
from regulars.console.condition_words import Speaker, speaker
from regulars.console.context import business_of
from regulars.console.picture.interval_bar import interval_bar
from regulars.console.reader import said
from regulars.experiments import pooled, power
from regulars.experiments import queries as experiments
from regulars.experiments.queries import OutcomeView
from regulars.insight.segments import queries as segments
from regulars.insight.segments.queries import SegmentView
from regulars.outreach.campaigns import listing, queries
from regulars.outreach.campaigns.listing import Sent
from regulars.outreach.campaigns.rules import CampaignView, State
from regulars.outreach.past import queries as past

PAGE: Final = "campaigns"
PER_PAGE: Final = 20
TABS: Final = {
    "": tuple(State),
    "drafts": (State.DRAFT, State.APPROVED),
    "running": (State.RUNNING, State.PAUSED),
    "ended": (State.DONE, State.STOPPED),
}
SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign in the list."""

    view: CampaignView
    url: str
    name: str
    for_whom: str
    channel: str
    state: str
    tone: str
    sent: Sent
    result: str
    result_tone: str


@requires("campaigns.view")
@never_cache
def campaigns(request: StaffRequest) -> HttpResponse:
    """The page."""
    tab = request.GET.get("state", "")
    everything = queries.campaigns()
    chosen = [one for one in everything if one.state in TABS.get(tab, TABS[""])]
    page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    outcomes = {one.about_id: one for one in experiments.finished_campaigns()}
    context: dict[str, object] = {
        "page": page,
        "lines": _lines(request, list(page.object_list), outcomes),
        "has_any": bool(everything),
        "tab": tab if tab in TABS else "",
        "tabs": [(code, sum(one.state in states for one in everything)) for code, states in TABS.items()],
        "has_past": bool(past.sources()),
        **_together(request, list(outcomes.values())),
    }
    return render(request, "campaigns/list.html", context)


def _lines(
    request: StaffRequest, views: list[CampaignView], outcomes: dict[int, OutcomeView]
) -> list[Line]:  # fmt: skip
    words, currency = speaker(request), business_of(request).currency
    known = {one.id: one for one in segments.segments(archived=True)}
    sent = listing.sent([one.id for one in views])
    return [_line(one, known, words, sent.get(one.id, Sent()), outcomes.get(one.id), currency) for one in views]


def _line(
    view: CampaignView,
    known: dict[int, SegmentView],
    words: Speaker,
    sent: Sent,
    outcome: OutcomeView | None,
    currency: str,
) -> Line:
    state, tone = campaign_words.state(view)
    result, result_tone = campaign_words.result(view, outcome, currency)
    return Line(
        view=view,
        url=reverse("campaign", args=[view.id]),
        name=words.text(view.plan.name),
        for_whom=campaign_words.for_whom(view.plan, known, words),
        channel=campaign_words.channel(view.plan.channel),
        state=state,
        tone=tone,
        sent=sent,
        result=result,
        result_tone=result_tone,
    )


def _together(request: StaffRequest, outcomes: list[OutcomeView]) -> dict[str, object]:
    """What several campaigns say together; nothing as long as there are not several."""
    found = pooled.pool([pooled.measured_of(one.about_id, one.report) for one in outcomes])
    if len(found.weights) < SEVERAL:
        return {}
    currency, mean = business_of(request).currency, found.mean
    return {
        "pooled": found,
        "pooled_said": campaign_words.verdict(found.verdict, currency),
        "pooled_assumes": said(found.assumes),
        "pooled_bar": interval_bar(mean.low, mean.point, mean.high, currency),
        "why_held_out": said(power.why_held_out()),
    }


urlpatterns = [path("campaigns/", campaigns, name=PAGE)]
