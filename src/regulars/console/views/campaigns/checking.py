"""The dry run: who would get what and who not, and what it could show, before anything leaves."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from regulars.console import fragments
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns import words as campaign_words
from regulars.console.campaigns.trace import OUTCOMES
from regulars.console.context import business_of
from regulars.console.kept import is_kept, kept
from regulars.console.lines import customer_url
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.console.views.campaigns.found import campaign_or_404, head
from regulars.core.errors import DomainError
from regulars.decisions.rules import Outcome
from regulars.experiments import power
from regulars.flows.preview_campaign import DryRun, preview_campaign
from regulars.insight import queries as insight
from regulars.insight.compute import listing
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.rules import OfferKind
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.rules import CampaignView, State
from regulars.outreach.campaigns.words import short_of

LARGE: Final = 20_000
"""From so many customers of the picture on the page comes first, and the dry run when it is there."""
TONES: Final = 6


@dataclass(frozen=True, slots=True)
class Part:
    """Customers about whom the same would be decided; `x` and `width` in percent of the bar."""

    label: str
    outcome: str
    outcome_tone: str
    customers: int
    share: float
    url: str
    tone: int
    x: float


@requires("campaigns.view")
@never_cache
def check(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The page; or only the dry run."""
    view = campaign_or_404(campaign_id)
    if view.state not in (State.DRAFT, State.APPROVED):
        return redirect("campaign_report", campaign_id)
    part = fragments.asked(request) == "dry-run"
    context: dict[str, object] = {"campaign": view} if part else head(request, view)
    again = request.GET.get("again") == "1"
    if not part and not again and _takes_long(view):
        context["later"] = True
    else:
        context |= _found(request, view, again=again)
    return fragments.shown(request, "campaigns/dry_run.html" if part else "campaigns/check.html", context)


def _place(view: CampaignView) -> tuple[object, ...]:
    picture = insight.picture()
    rounds = cache.get(_rounds(view), 0)
    return (view.id, view.revision, view.state, str(picture.file) if picture else "", rounds)


def _rounds(view: CampaignView) -> str:
    return f"campaign-check-rounds:{view.id}"


def _takes_long(view: CampaignView) -> bool:
    picture = insight.picture()
    if picture is None or view.plan.customers is not None or is_kept("campaign-check", *_place(view)):
        return False
    return listing.everybody(picture) >= LARGE


def dry_run(view: CampaignView, *, again: bool = False) -> DryRun:
    """The dry run, as it was some minutes ago at most; anew if asked.

    Raises:
        NoPicture, NoSegment, InvalidCondition: Nobody can tell who is in the segment.
    """
    if again:
        cache.set(_rounds(view), cache.get(_rounds(view), 0) + 1)
    return kept("campaign-check", *_place(view), make=lambda: preview_campaign(campaign_id=view.id, at=timezone.now()))


def _found(request: StaffRequest, view: CampaignView, *, again: bool) -> dict[str, object]:
    try:
        found = dry_run(view, again=again)
    except DomainError as error:
        return {"failure": explained(error)}
    currency, preview = business_of(request).currency, found.preview
    chosen = preview.total(Outcome.CHOSEN)
    return {
        "preview": preview,
        "chosen": chosen,
        "held": preview.total(Outcome.HELD_OUT),
        "suppressed": preview.total(Outcome.SUPPRESSED),
        "parts": _parts(view, preview),
        "prospect": campaign_words.verdict(found.prospect.verdict, currency),
        "too_few": found.prospect.verdict.code == "too_few",
        "why_held_out": said(power.why_held_out()),
        "at_most": _at_most(view, chosen),
        "samples": [(one, customer_url(one.customer_id)) for one in found.samples],
    }


def _parts(view: CampaignView, preview: Preview) -> list[Part]:
    found: list[Part] = []
    x, whole = 0.0, max(1, preview.considered)
    address = reverse("campaign_trace", args=[view.id])
    for place, one in enumerate(preview.counts):
        share = 100 * one.customers / whole
        label, tone = OUTCOMES[one.outcome]
        query = urlencode({"outcome": one.outcome.name.lower(), "reason": one.reason})
        found.append(
            Part(
                said(short_of(one.reason)), said(label), tone, one.customers, share, f"{address}?{query}",
                1 + place % TONES, x,
            )
        )  # fmt: skip
        x += share
    return found


def _at_most(view: CampaignView, chosen: int) -> int | None:
    """What the coupons cost at most, if everybody used theirs; None where that depends on what they buy."""
    if view.plan.offer_id is None:
        return None
    terms = offers.offer(view.plan.offer_id).terms
    if terms.kind is OfferKind.AMOUNT_OFF:
        return chosen * terms.value * terms.uses_most
    return chosen * terms.unit_cost_minor if terms.kind is OfferKind.GIFT and terms.unit_cost_minor else None


urlpatterns = [path("campaigns/<int:campaign_id>/check/", check, name="campaign_check")]
