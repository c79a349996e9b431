"""The campaign that an address names."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.http import Http404
from django.utils.translation import gettext as _

from regulars.console import actors
from regulars.console.access import StaffRequest
from regulars.console.campaigns.words import channel, for_whom, state, terms
from regulars.console.condition_words import Speaker, speaker
from regulars.console.context import business_of
from regulars.console.reader import said
from regulars.core.bilingual import Text
from regulars.insight.segments import queries as segments
from regulars.insight.segments.queries import NoSegment
from regulars.loyalty.coupons import offers
from regulars.outreach import queries as outreach
from regulars.outreach.campaigns import queries
from regulars.outreach.campaigns.queries import NoCampaign
from regulars.outreach.campaigns.rules import CampaignView, State

DRAFT_STATES: Final = (State.DRAFT, State.APPROVED)


def campaign_or_404(campaign_id: int) -> CampaignView:
    """A campaign, or the page that says that there is none."""
    try:
        return queries.campaign(campaign_id)
    except NoCampaign as error:
        raise Http404(_("There is no such campaign any more.")) from error


def head(request: StaffRequest, view: CampaignView) -> dict[str, object]:
    """What stands at the head and the side of every page of a campaign: its plan in words, and who moved it on."""
    words, plan, business = speaker(request), view.plan, business_of(request)
    known = {}
    if plan.segment_id is not None:
        with suppress(NoSegment):
            known = {plan.segment_id: segments.segment(plan.segment_id)}
    segment = known.get(plan.segment_id or 0)
    offer = offers.offer(plan.offer_id) if plan.offer_id is not None else None
    label, tone = state(view)
    return {
        "campaign": view,
        "name": said(plan.name),
        "state": label,
        "tone": tone,
        "is_draft": view.state is State.DRAFT,
        "started": view.state not in DRAFT_STATES and view.started_at is not None,
        "for_whom": for_whom(plan, known, words),
        "segment": segment,
        "sentence": _sentence(view, words),
        "channel": channel(plan.channel),
        "offer": offer,
        "offer_terms": terms(offer.terms, business.currency) if offer else "",
        "held_out": f"{plan.held_out_percent.normalize():f}",
        "ends": view.started_at + timedelta(days=plan.window_days) if view.started_at else None,
        "moves": moves(view),
        "settings": outreach.settings(),
    }


def _sentence(view: CampaignView, words: Speaker) -> str:
    """Whom the segment means: the frozen version of a campaign that was approved, the latest of a draft."""
    if view.plan.segment_id is None:
        return ""
    known = segments.versions(view.plan.segment_id)
    wanted = view.segment_version or (known[0].number if known else 0)
    return next((words.say_json(one.tree) for one in known if one.number == wanted), "")


MOVED: Final = {
    ("", "draft"): Text("写了草稿", "wrote the draft"),
    ("draft", "approved"): Text("批准", "approved it"),
    ("approved", "draft"): Text("收回批准", "took the approval back"),
    ("approved", "running"): Text("开始发送", "started it"),
    ("running", "paused"): Text("暂停", "paused it"),
    ("paused", "running"): Text("继续", "resumed it"),
    ("running", "done"): Text("到期结束", "came to its end"),
}


def moves(view: CampaignView) -> list[dict[str, object]]:
    """Who brought it from state to state, the latest first."""
    found = queries.moves(view.id)
    names = actors.names_of(one.by for one in found)
    stopped = Text("停止", "stopped it")
    return [
        {
            "who": names[one.by],
            "what": said(MOVED.get((one.from_state, one.to_state), stopped)),
            "at": one.at,
            "reason": one.reason,
            "state": one.to_state,
        }
        for one in reversed(found)
    ]
