"""Everybody whom a campaign considered, with the outcome and why; and why anybody did, or didn't, get it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import downloads, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns import trace as campaign_trace
from regulars.console.campaigns.trace import Counted, Decided, Line
from regulars.console.condition_words import Speaker, speaker
from regulars.console.lines import customer_url, shown_phone
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.campaigns.checking import dry_run
from regulars.console.views.campaigns.found import campaign_or_404, head
from regulars.core.errors import DomainError
from regulars.customers import queries as customers
from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter, Member
from regulars.outreach.campaigns import audience, trace
from regulars.outreach.campaigns.previews import Preview
from regulars.outreach.campaigns.rules import CampaignView, State, about
from regulars.outreach.campaigns.words import short_of
from regulars.staff import actions as staff

PER_PAGE: Final = 50
MOST_FOUND: Final = 8
PORTION: Final = 1_000
LONGEST_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is asked for."""

    outcome: Outcome | None = None
    reason: str | None = None
    after: int = 0
    words: str = ""

    @property
    def query(self) -> str:
        """As it stands in an address, without the place."""
        told = {"outcome": self.outcome.name.lower() if self.outcome else "", "reason": self.reason or ""}
        return urlencode({name: value for name, value in told.items() if value})

    def count(self, counts: Sequence[Counted]) -> int:
        """How many customers it means."""
        return sum(
            one.customers for one in counts if self.outcome in (None, one.outcome) and self.reason in (None, one.reason)
        )


@dataclass(frozen=True, slots=True)
class Tab:
    """Customers about whom the same was decided, and the address that lists them."""

    label: str
    customers: int
    query: str
    current: bool


def asked_of(told: dict[str, str]) -> Asked:
    """What an address asks for; what makes no sense is left open."""
    outcome = next((one for one in Outcome if one.name.lower() == told.get("outcome")), None)
    return Asked(
        outcome=outcome,
        reason=told.get("reason", "")[:40] or None,
        after=whole_number(told.get("after", "")) or 0,
        words=" ".join(told.get("q", "").replace("\x00", "").split())[:LONGEST_WORDS],
    )


@requires("campaigns.view")
@never_cache
def people(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """The page."""
    view, asked = campaign_or_404(campaign_id), asked_of(request.GET.dict())
    context = head(request, view) | {"asked": asked, "is_plan": _is_plan(view)}
    try:
        preview = dry_run(view).preview if _is_plan(view) else None
        counts = _counts(view, preview)
        found = _page(view, preview, asked, after=asked.after, most=PER_PAGE + 1)
        context |= {
            "tabs": _tabs(counts, asked),
            "lines": campaign_trace.lines(view, found[:PER_PAGE]),
            "more": found[PER_PAGE - 1].customer_id if len(found) > PER_PAGE else None,
            "shown": asked.count(counts),
        }
        if asked.words:
            context["answers"] = _answers(request, view, asked.words, preview)
    except DomainError as error:
        context["failure"] = explained(error)
    return render(request, "campaigns/people.html", context)


def _is_plan(view: CampaignView) -> bool:
    """Whether nothing is decided yet, so that what a start would decide is shown."""
    return view.state in (State.DRAFT, State.APPROVED)


def _counts(view: CampaignView, preview: Preview | None) -> Sequence[Counted]:
    return preview.counts if preview else decisions.counts(about(view.id))


def _page(
    view: CampaignView, preview: Preview | None, asked: Asked, *, after: int, most: int
) -> Sequence[Decided]:  # fmt: skip
    if preview is not None:
        return preview.page(outcome=asked.outcome, reason=asked.reason, after=after, most=most)
    return decisions.page(about(view.id), outcome=asked.outcome, reason=asked.reason, after=after, most=most)


def _tabs(counts: Sequence[Counted], asked: Asked) -> list[Tab]:
    found = [Tab(_("All"), sum(one.customers for one in counts), "", asked.query == "")]
    for one in counts:
        meant = Asked(one.outcome, one.reason)
        found.append(Tab(said(short_of(one.reason)), one.customers, meant.query, asked.query == meant.query))
    return found


def _answers(request: StaffRequest, view: CampaignView, words: str, preview: Preview | None) -> list[Line]:
    """Why the customers whom these words find did or did not get it."""
    wanted = Filter(words=words, among=sight.own_customers(request))
    found = membership.find(
        wanted, today=timezone.localdate(), at=timezone.now(), sort="recent", offset=0, most=MOST_FOUND
    )
    decided, reasons = _decided(view, [one.customer_id for one in found], preview, speaker(request))
    lines = dict(zip(decided, campaign_trace.lines(view, list(decided.values())), strict=True))
    rest = [one for one in found if one.customer_id not in lines]
    phones = customers.phones(one.customer_id for one in rest) if rest else {}
    not_among = _("Would not be looked at: this customer is not among those it is for.")
    lines |= {
        one.customer_id: _not_considered(one, phones.get(one.customer_id, ""), reasons.get(one.customer_id, not_among))
        for one in rest
    }
    return [lines[one.customer_id] for one in found]


def _decided(
    view: CampaignView, ids: list[int], preview: Preview | None, speaks: Speaker
) -> tuple[dict[int, Decided], dict[int, str]]:
    """What was, or would be, decided about these customers; and why not about the others, as far as it is known."""
    if preview is not None:
        return {one.customer_id: one for one in preview.of(ids)}, {}
    told = trace.why(view, ids, picture=audience.picture_of(view), fields=speaks.fields, written=speaks.written)
    decided: dict[int, Decided] = {who: one.decision for who, one in told.items() if one.decision}
    return decided, {who: speaks.text(one.why) for who, one in told.items()}


def _not_considered(one: Member, phone: str, why: str) -> Line:
    return Line(
        one.customer_id, customer_url(one.customer_id), one.number, one.name or _("No name yet"), shown_phone(phone),
        _("Not considered"), "mute", why,
    )  # fmt: skip


@requires("insight.export")
@require_POST
def export(request: StaffRequest, campaign_id: int, form: str) -> HttpResponseBase:
    """The list as it is shown, as CSV or XLSX; phones are whole only for those who may see them."""
    if form not in downloads.FORMS:
        raise Http404
    view, asked = campaign_or_404(campaign_id), asked_of(dict(parse_qsl(request.POST.get("query", ""))))
    try:
        preview = dry_run(view).preview if _is_plan(view) else None
    except DomainError:
        return redirect("campaign_check", campaign_id)
    whole = "customers.reveal" in request.capabilities
    detail = {
        "rows": asked.count(_counts(view, preview)),
        "format": form,
        "phones": "whole" if whole else "masked",
    }
    staff.record(
        by=request.actor, action="campaigns.export", at=timezone.now(), subject_kind="campaign",
        subject_id=campaign_id, detail=detail,
    )  # fmt: skip
    heading = [_("Member number"), _("Name"), _("Phone"), _("Outcome"), _("Why"), _("Message")]
    return downloads.sent(f"campaign-{campaign_id}-people", form, heading, _rows(view, preview, asked, whole=whole))


def _rows(
    view: CampaignView, preview: Preview | None, asked: Asked, *, whole: bool
) -> Iterator[list[downloads.Cell]]:  # fmt: skip
    for portion in _portions(view, preview, asked):
        for line in campaign_trace.lines(view, portion, whole=whole):
            ended = f"{line.ended} {line.ended_why}".strip()
            yield [line.number, line.name, line.phone, line.outcome, line.why, ended]


def _portions(
    view: CampaignView, preview: Preview | None, asked: Asked
) -> Iterator[Sequence[Decided]]:  # fmt: skip
    after = 0
    while True:
        found = _page(view, preview, asked, after=after, most=PORTION)
        if not found:
            return
        yield found
        after = found[-1].customer_id


urlpatterns = [
    path("campaigns/<int:campaign_id>/people/", people, name="campaign_trace"),
    path("campaigns/<int:campaign_id>/people/export/<str:form>/", export, name="campaign_people_export"),
]
