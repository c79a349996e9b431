"""The report: what a campaign brought, answered first, then with everything that the answer rests on."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import downloads, fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns import words as campaign_words
from regulars.console.campaigns.course import course
from regulars.console.campaigns.figures import arithmetic, arms, funnel, heading, not_sent
from regulars.console.context import business_of
from regulars.console.picture.interval_bar import interval_bar
from regulars.console.reader import said
from regulars.console.views.campaigns.found import campaign_or_404, head
from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.experiments import power
from regulars.experiments import queries as experiments
from regulars.experiments import words as experiment_words
from regulars.experiments.queries import OutcomeView
from regulars.experiments.rules import About
from regulars.experiments.uplift import Report
from regulars.flows import jobs
from regulars.loyalty.coupons import queries as coupons
from regulars.outreach.campaigns.rules import CampaignView, State, about, coupon_prefix
from regulars.outreach.channels import CHANNELS
from regulars.outreach.deliveries import queries as deliveries
from regulars.staff import actions as staff

if TYPE_CHECKING:
    from regulars.facts.connectors.camellia.truth import Planted

LEAST_LESS: Final = 0.01
"""A correction that takes out less of the noise is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is that runs: decided about, chosen, and its messages."""

    is_deciding: bool
    is_moving: bool
    decided: int
    held: int
    suppressed: int
    messages: int
    sent: int
    left: int
    ended: int


@requires("campaigns.view")
@never_cache
def campaign(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Where a campaign is looked at first: its draft, its dry run, or its report."""
    view = campaign_or_404(campaign_id)
    if view.state is State.DRAFT and "campaigns.edit" in request.capabilities:
        return redirect("campaign_edit", campaign_id)
    is_plan = view.state in (State.DRAFT, State.APPROVED)
    return redirect("campaign_check" if is_plan else "campaign_report", campaign_id)


@requires("campaigns.view")
@never_cache
def report(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The page; or only its progress, for a page that watches."""
    view = campaign_or_404(campaign_id)
    if view.state in (State.DRAFT, State.APPROVED):
        return redirect("campaign_check", campaign_id)
    progress = _progress(view)
    context: dict[str, object] = {"campaign": view, "progress": progress, "by_hand": _by_hand(view)}
    if fragments.asked(request) == "progress":
        # 286 tells htmx that there is nothing to watch any more.
        return fragments.shown(request, "campaigns/progress.html", context, status=200 if progress.is_moving else 286)
    context |= head(request, view)
    context |= _measured(request, view)
    context |= {
        "counts": (counts := deliveries.counts(campaign_id)),
        "funnel": funnel(view, counts),
        "not_sent": not_sent(counts),
        "coupons": coupons.tally_of_prefix(coupon_prefix(campaign_id)) if view.plan.offer_id is not None else None,
        "is_measuring": jobs.is_waiting(jobs.measure_campaign, campaign_id=campaign_id),
    }
    return fragments.shown(request, "campaigns/report.html", context)


def _by_hand(view: CampaignView) -> bool:
    return view.plan.channel in CHANNELS and CHANNELS[view.plan.channel].by_hand


def _progress(view: CampaignView) -> Progress:
    found, messages = decisions.arms(about(view.id)), deliveries.counts(view.id)
    left = messages.left if view.state in (State.RUNNING, State.PAUSED) else 0
    return Progress(
        is_deciding=view.is_being_queued,
        is_moving=view.state is State.RUNNING and (view.is_being_queued or (left > 0 and not _by_hand(view))),
        decided=sum(found.values()),
        held=found[Outcome.HELD_OUT],
        suppressed=found[Outcome.SUPPRESSED],
        messages=messages.total,
        sent=messages.states.get("sent", 0) + messages.states.get("unknown", 0),
        left=left,
        ended=messages.total - messages.left,
    )


def _measured(request: StaffRequest, view: CampaignView) -> dict[str, object]:
    """What was measured last, in words, figures and a picture."""
    outcome = latest(view)
    if outcome is None:
        return {"outcome": None}
    found, currency = outcome.report, business_of(request).currency
    gain = found.gain
    return {
        "outcome": outcome,
        "report": found,
        "said": campaign_words.verdict(found.verdict, currency),
        "answer": _answer(found, currency),
        "code": found.verdict.code,
        "bar": interval_bar(gain.low_minor, gain.net_minor, gain.high_minor, currency),
        "arms": arms(outcome, currency),
        "smallest": campaign_words.money(found.smallest_minor, currency),
        "cuped": _cuped(found),
        "ratio": campaign_words.verdict(found.ratio.verdict, currency),
        "contamination": campaign_words.verdict(found.contamination, currency),
        "incremental": campaign_words.money(gain.incremental.point, currency),
        "net": campaign_words.money(gain.net_minor, currency),
        "planted": _planted(view, found),
        "why_held_out": said(power.why_held_out()),
        "course": course(outcome.experiment_id, currency),
    }


def latest(view: CampaignView) -> OutcomeView | None:
    """What was measured of a campaign last."""
    known = experiments.experiment_of(About.CAMPAIGN, view.id)
    return experiments.latest_outcome(known.id) if known else None


def _answer(found: Report, currency: str) -> str:
    """The answer in two or three words."""
    net = campaign_words.money(abs(found.gain.net_minor), currency)
    answers = {
        "earned": _("It earned about %(money)s") % {"money": net},
        "lost": _("It lost about %(money)s") % {"money": net},
        "cannot_tell": _("Cannot tell yet"),
        "too_few": _("Too few to tell"),
        "running": _("Still counting"),
        "uneven": _("The figures do not count"),
        "no_hold_out": _("Nobody can tell"),
        "nobody": _("Nobody got it"),
    }
    return answers.get(found.verdict.code, "")


def _cuped(found: Report) -> str:
    if found.revenue.less < LEAST_LESS:
        return _("Spending before the campaign says nothing about spending in it here, so nothing was corrected by it.")
    return said(experiment_words.CUPED_HELPS).format(less_share=campaign_words.percent(found.revenue.less))


def _planted(view: CampaignView, found: Report) -> dict[str, object] | None:
    """What is true of the demo's own campaign, beside what was measured of it."""
    from regulars.facts.connectors.camellia.truth import planted_in

    told: Planted | None = planted_in(Path(settings.DATA_DIR), view.id)
    if told is None:
        return None
    one = found.conversion.difference
    return {
        "share": 100 * told.share,
        "brought": told.brought,
        "measured": 100 * one.point,
        "low": 100 * one.low,
        "high": 100 * one.high,
        "is_inside": one.low <= told.share <= one.high,
    }


@requires("campaigns.view")
@require_POST
def figures(request: StaffRequest, campaign_id: int, form: str) -> HttpResponseBase:
    """The arithmetic behind the report, step by step, as CSV or XLSX."""
    if form not in downloads.FORMS:
        raise Http404
    view = campaign_or_404(campaign_id)
    outcome = latest(view)
    if outcome is None:
        return redirect("campaign_report", campaign_id)
    staff.record(
        by=request.actor, action="campaigns.figures", at=timezone.now(), subject_kind="campaign",
        subject_id=campaign_id, detail={"format": form},
    )  # fmt: skip
    rows = arithmetic(outcome, business_of(request).currency)
    return downloads.sent(f"campaign-{campaign_id}-figures", form, heading(), rows)


urlpatterns = [
    path("campaigns/<int:campaign_id>/", campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/report/", report, name="campaign_report"),
    path("campaigns/<int:campaign_id>/figures/<str:form>/", figures, name="campaign_figures"),
]
