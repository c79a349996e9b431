"""Bring them back: one page between a group of customers and a note to each of them, with a coupon, ready to copy."""

from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, fragments, reader
from regulars.console.access import StaffRequest, requires
from regulars.console.behind import people_url
from regulars.console.changes import carry_out
from regulars.console.context import business_of
from regulars.console.coupons import ready_offers
from regulars.console.overview.shop_groups import LOOKS, trees
from regulars.console.sayings import explained
from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.decisions.rules import Outcome
from regulars.flows import copy_list, jobs
from regulars.flows.move_campaign import approve_campaign, stop_campaign
from regulars.flows.preview_campaign import who_would_get
from regulars.flows.start_campaign import queue_campaign, start_campaign
from regulars.outreach.campaigns import actions, queries, ready
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.queries import NoCampaign
from regulars.outreach.campaigns.rules import LANGUAGES, CampaignView, Message, Plan, State
from regulars.outreach.campaigns.samples import samples
from regulars.outreach.campaigns.words import short_of
from regulars.staff.trades import Trade, trade_of

CHANNEL: Final = "copy_list"
HELD_OUT: Final = Decimal(10)
EVERYBODY: Final = gettext_noop("The owner wants everybody to get it")
MOST_DRAWS: Final = 8
"""A lot may fall on four of ten; among so few it is drawn again, until about one in ten is left alone."""

FEW: Final = 100
AT_ONCE: Final = 2_000
"""So many customers are decided about while the page waits; more of them by the worker."""
ON_LIST: Final = 10
MEANT: Final = {
    ready.NOT_SEEN: Text("请好久没来的老顾客回来", "Bring back who was not here for long"),
    ready.CAME_ONCE: Text("请只来过一次的顾客再来", "Ask who came once to come again"),
    ready.REGULARS: Text("谢谢熟客", "Thank our regulars"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What the page says when it is sent: the notes by language, the offer's code, whether some are left alone."""

    notes: dict[str, str]
    offer: str
    holds_out: bool


@requires("campaigns.edit")
@require_POST
def begin(request: StaffRequest, group: str) -> HttpResponse:
    """A draft for one of the groups, with everything said already; one that waits is taken up again."""
    if group not in LOOKS:
        raise Http404
    segment_id, _tree = trees(request)[group]
    if segment_id is None:
        messages.info(request, _("One moment: this group is still being counted."))
        return redirect("today")
    trade = trade_of(business_of(request).trade)
    try:
        campaign_id = _waiting(segment_id) or _draft(_plan(request, group, segment_id, trade), request)
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect("today")
    return redirect("bring_back", campaign_id)


def _waiting(segment_id: int) -> int | None:
    """A draft of this kind that nobody started yet."""
    drafts = queries.campaigns(states=(State.DRAFT,))
    return next((one.id for one in drafts if one.plan.segment_id == segment_id and one.plan.channel == CHANNEL), None)


def _draft(plan: Plan, request: StaffRequest) -> int:
    campaign_id = actions.create(plan=plan, actor=actors.key_of(request.actor), at=timezone.now())
    for _draw in range(MOST_DRAWS):
        seen = who_would_get(campaign_id=campaign_id, at=timezone.now())
        chosen, held_out = seen.total(Outcome.CHOSEN), seen.total(Outcome.HELD_OUT)
        wanted = round((chosen + held_out) * HELD_OUT / 100)
        if chosen + held_out > FEW or abs(held_out - wanted) <= 1:
            break
        actions.draw_again(campaign_id=campaign_id)
    return campaign_id


def _plan(request: StaffRequest, group: str, segment_id: int, trade: Trade) -> Plan:
    usual = ready_offers.usual(business_of(request), trade)
    offer_id = ready_offers.offer_id(usual, actor=actors.key_of(request.actor), at=timezone.now())
    notes = {language: ready.note(group, language, inviting=trade.inviting) for language in LANGUAGES}
    return Plan(
        name=MEANT[group],
        goal=ready.GOALS[group],
        channel=CHANNEL,
        content=_content(notes, group, has_offer=offer_id is not None),
        segment_id=segment_id,
        offer_id=offer_id,
        held_out_percent=HELD_OUT,
        window_days=trade.window_days,
        sends_from=time(0),
        sends_until=time(23, 59, 59),  # a person sends each note and knows what time it is
    )


def _content(notes: dict[str, str], group: str, *, has_offer: bool) -> dict[str, Message]:
    return {
        language: ready.message(note, language, group=group, has_offer=has_offer) for language, note in notes.items()
    }


@requires("campaigns.edit")
@never_cache
def bring_back(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The one page: who gets it, what it says, the coupon, and whether some are left alone; then it starts."""
    campaign = _found(campaign_id)
    if campaign.state is not State.DRAFT:
        return redirect(_list_url(campaign_id))
    try:
        if request.method == "POST":
            campaign = _saved(request, campaign, _read(request))
            if request.POST.get("do") == "start":
                return _start(request, campaign)
        return _page(request, campaign)
    except DomainError as error:
        messages.error(request, explained(error))
        if request.method == "POST":
            return redirect("bring_back", campaign_id)
        return redirect("today")


def _read(request: StaffRequest) -> Written:
    notes = {language: request.POST.get(f"note_{language}", "").replace("\r\n", "\n") for language in LANGUAGES}
    return Written(notes, request.POST.get("offer", ""), request.POST.get("holds_out") == "yes")


def _saved(request: StaffRequest, campaign: CampaignView, told: Written) -> CampaignView:
    """The draft as the page says it now."""
    business, at, actor = business_of(request), timezone.now(), actors.key_of(request.actor)
    offered = {one.code: one for one in ready_offers.choices(business, trade_of(business.trade))}
    chosen = offered.get(told.offer)
    offer_id = ready_offers.offer_id(chosen, actor=actor, at=at) if chosen else None
    group = _group_of(request, campaign)
    before = {language: ready.written(message, language) for language, message in campaign.plan.content.items()}
    notes = {language: told.notes[language].strip() or before.get(language, "") for language in LANGUAGES}
    plan = replace(
        campaign.plan,
        content=_content({one: text for one, text in notes.items() if text}, group, has_offer=offer_id is not None),
        offer_id=offer_id,
        held_out_percent=HELD_OUT if told.holds_out else Decimal(0),
        no_hold_out_reason="" if told.holds_out else _(EVERYBODY),
    )
    actions.change(campaign_id=campaign.id, plan=plan, after=campaign.revision, actor=actor, at=at)
    return queries.campaign(campaign.id)


def _start(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    """Approve and start; a list that a person works through is ready when the page opens."""
    if "campaigns.approve" not in request.capabilities:
        messages.info(request, _("It is saved. Somebody who may approve campaigns has to start it."))
        return redirect("today")
    by, key = request.actor, actors.key_of(request.actor)
    approve_campaign(campaign_id=campaign.id, revision=campaign.revision, by=by, key=key, at=timezone.now())
    start_campaign(campaign_id=campaign.id, by=by, key=key, at=timezone.now())
    if who_would_get(campaign_id=campaign.id, at=timezone.now()).considered <= AT_ONCE:
        for _done in queue_campaign(campaign_id=campaign.id, clock=timezone.now):
            pass
        copy_list.show_next(at=timezone.now(), campaign_id=campaign.id, most=ON_LIST)
    else:
        jobs.start(jobs.queue_campaign, campaign_id=campaign.id)
    messages.success(request, _("It is on its way: copy the first note, paste it, and say that it is sent."))
    return redirect(_list_url(campaign.id))


def _list_url(campaign_id: int) -> str:
    return f"{reverse('copy_list')}?campaign={campaign_id}"


def _page(request: StaffRequest, campaign: CampaignView) -> HttpResponse:
    business, at = business_of(request), timezone.now()
    trade, language = trade_of(business.trade), reader.language()
    seen = who_would_get(campaign_id=campaign.id, at=at)
    first = [business.language[:2], *(one for one in LANGUAGES if one != business.language[:2])]
    group = _group_of(request, campaign)
    context = {
        "campaign": campaign,
        "group": group,
        "title": MEANT[group].said(language),
        "chosen": seen.total(Outcome.CHOSEN),
        "held_out": seen.total(Outcome.HELD_OUT),
        "left_out": _left_out(seen, language),
        "people_url": people_url(trees(request)[group][1]),
        "notes": [
            (one, ready.written(campaign.plan.content[one], one) if one in campaign.plan.content else "")
            for one in first
        ],
        "languages": seen.languages,
        "offers": ready_offers.choices(business, trade, chosen=campaign.plan.offer_id),
        "offer": ready_offers.code_of(campaign.plan.offer_id, business, trade),
        "holds_out": campaign.plan.held_out_percent > 0,
        "percent": f"{HELD_OUT:f}",
        "window_days": campaign.plan.window_days,
        "sample": next(iter(samples(campaign, seen)), None),
        "can_start": "campaigns.approve" in request.capabilities,
    }
    part = fragments.asked(request) == "effect"
    return fragments.shown(request, "bring_back/effect.html" if part else "bring_back/page.html", context)


def _left_out(seen: Preview, language: str) -> list[tuple[str, int]]:
    """Why others of the group get nothing, and how many."""
    return [
        (short_of(one.reason).said(language), one.customers) for one in seen.counts if one.outcome is Outcome.SUPPRESSED
    ]


def _group_of(request: StaffRequest, campaign: CampaignView) -> str:
    """Which group a draft is for."""
    known = {segment_id: code for code, (segment_id, _tree) in trees(request).items()}
    return known.get(campaign.plan.segment_id, ready.NOT_SEEN)


def _found(campaign_id: int) -> CampaignView:
    try:
        return queries.campaign(campaign_id)
    except NoCampaign as error:
        raise Http404 from error


@requires("campaigns.edit")
@require_POST
def stop(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Stop: nothing more leaves, and what was sent stays good."""
    _found(campaign_id)

    def stop_it() -> None:
        key = actors.key_of(request.actor)
        stop_campaign(campaign_id=campaign_id, by=request.actor, key=key, at=timezone.now())
        jobs.start(jobs.close_campaign, campaign_id=campaign_id)

    carry_out(request, stop_it, _("Stopped. Nobody else gets it; coupons that were sent stay good."))
    return redirect("today")


urlpatterns = [
    path("bring-back/<str:group>/begin/", begin, name="bring_back_begin"),
    path("bring-back/<int:campaign_id>/", bring_back, name="bring_back"),
    path("bring-back/<int:campaign_id>/stop/", stop, name="bring_back_stop"),
]
