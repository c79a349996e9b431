"""Writing a campaign: one page with few decisions; two tabs lose nothing to each other."""

from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.campaigns import form as campaign_form
from regulars.console.campaigns.form import LIST, NEW, Typed
from regulars.console.condition_words import speaker
from regulars.console.context import business_of
from regulars.console.reader import language, said
from regulars.console.sayings import explained
from regulars.console.typed import Mistakes, whole_number
from regulars.console.views.campaigns.beginning import begun, offers_context, suggest_coupon
from regulars.console.views.campaigns.found import campaign_or_404
from regulars.console.views.campaigns.handing import handed_over
from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.insight.segments import queries as segments
from regulars.insight.segments.queries import SegmentView
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import offers
from regulars.loyalty.coupons.rules import Terms
from regulars.loyalty.coupons.words import terms_said
from regulars.outreach import queries as outreach
from regulars.outreach.campaigns import actions, content, queries, ready
from regulars.outreach.campaigns.actions import CampaignChanged
from regulars.outreach.campaigns.rules import GOALS, LANGUAGES, LONGEST_NAME, CampaignView, State
from regulars.outreach.campaigns.words import GOALS as GOAL_WORDS
from regulars.outreach.channels import CHANNELS
from regulars.staff import actions as staff

FIRST_PRESETS = ("not_seen", "win_back", "say_hello", "came_once")
"""Segments that a win-back is for, the best first."""


@requires("campaigns.edit")
@never_cache
def new(request: StaffRequest) -> HttpResponse:
    """A new campaign, for a segment or for customers whom another page hands over."""
    if request.method == "POST" and "revision" not in request.POST:
        return handed_over(request)
    known = segments.segments()
    if request.method == "POST":
        return _save(request, None, known)
    typed = begun(request, _chosen(request, known))
    return render(request, "campaigns/edit.html", _context(request, typed, None, known))


@requires("campaigns.edit")
@never_cache
def edit(request: StaffRequest, campaign_id: int) -> HttpResponse:
    """Write a draft on."""
    view = campaign_or_404(campaign_id)
    if view.state is not State.DRAFT:
        messages.info(request, _("Only a draft can be written on. Copy this campaign to change something."))
        return redirect("campaign", campaign_id)
    known = segments.segments()
    if request.method == "POST":
        return _save(request, view, known)
    typed = campaign_form.of_view(view)
    if request.GET.get("coupon") == NEW and not typed.has_offer:
        suggest_coupon(request, typed)
    return render(request, "campaigns/edit.html", _context(request, typed, view, known))


def _chosen(request: StaffRequest, known: list[SegmentView]) -> SegmentView | None:
    """The segment that the address names, else the one that a win-back is for most likely."""
    asked = whole_number(request.GET.get("segment", ""))
    if asked is not None and (found := next((one for one in known if one.id == asked), None)):
        return found
    presets = {one.preset: one for one in known if one.members}
    return next((presets[code] for code in FIRST_PRESETS if code in presets), next(iter(known), None))


def _context(
    request: StaffRequest, typed: Typed, view: CampaignView | None, known: list[SegmentView], **more: object
) -> dict[str, object]:
    words = speaker(request)
    return {
        **campaign_form.context(typed),
        **offers_context(request, typed),
        "campaign": view,
        "listed": len(view.plan.customers) if view and view.plan.customers is not None else 0,
        "segments": [(str(one.id), words.text(one.name), one.members) for one in known],
        "channels": [(one.code, said(one.name), one.by_hand) for one in CHANNELS.values()],
        "goals": [(code, said(GOAL_WORDS[code])) for code in GOALS],
        "languages": _languages(typed),
        "longest_name": LONGEST_NAME,
        "longest": content.LONGEST,
        "settings": outreach.settings(),
        "live_url": reverse("campaign_live") + (f"?campaign={view.id}" if view else ""),
        "back": reverse("campaign", args=[view.id]) if view and view.revision > 1 else reverse("campaigns"),
        **more,
    }


def _languages(typed: Typed) -> list[dict[str, object]]:
    """The two messages, the reader's language first, each with the words that can be clicked into it."""
    codes = sorted(LANGUAGES, key=lambda code: code != language())
    names = {"zh": _("Chinese"), "en": _("English")}
    return [
        {
            "code": code,
            "name": names[code],
            "subject": typed.message(code).subject,
            "body": typed.message(code).body,
            "subject_problem": typed.problems.get(f"subject_{code}", ""),
            "body_problem": typed.problems.get(f"body_{code}", ""),
            "variables": [
                (name, said(meaning), name in content.OF_OFFER) for name, meaning in content.VARIABLES.items()
            ],
        }
        for code in codes
    ]


def _save(request: StaffRequest, view: CampaignView | None, known: list[SegmentView]) -> HttpResponse:
    typed = campaign_form.read(request.POST)
    typed.settle_texts()
    failure, status = "", 422
    try:
        saved = _saved(request, typed, view, known)
    except Mistakes as error:
        typed.problems = error.problems
        failure = _("Nearly there: have a look at what is marked below.")
    except CampaignChanged:
        assert view is not None
        now = queries.campaign(view.id)
        typed.revision = str(now.revision)
        who = actors.names_of([now.changed_by])[now.changed_by]
        failure = _(
            "%(who)s saved this draft while you were writing. Nothing that you typed is lost: it all stands below. "
            "Look at their version first if you like; when you save again, yours takes its place."
        ) % {"who": who}
        return render(
            request,
            "campaigns/edit.html",
            _context(request, typed, now, known, failure=failure, theirs=now),
            status=409,
        )
    except DomainError as error:
        failure = explained(error)
    else:
        return redirect("campaign_check" if request.POST.get("do") != "stay" else "campaign_edit", saved)
    return render(request, "campaigns/edit.html", _context(request, typed, view, known, failure=failure), status=status)


@transaction.atomic
def _saved(request: StaffRequest, typed: Typed, view: CampaignView | None, known: list[SegmentView]) -> int:
    """The campaign's id, saved, with its coupon if that is new."""
    terms = _looked_at(request, typed, view, known)
    plan = campaign_form.plan_of(typed, view, _name(typed, view, known))
    now, actor = timezone.now(), actors.key_of(request.actor)
    if terms is not None:
        plan = replace(plan, offer_id=_made(request, terms))
    elif plan.offer_id is not None:
        offers.offer(plan.offer_id)
    if view is None:
        saved = actions.create(plan=plan, actor=actor, at=now)
    else:
        saved = view.id
        if plan == view.plan and typed.revision == str(view.revision):
            return saved
        actions.change(campaign_id=saved, plan=plan, after=whole_number(typed.revision) or 0, actor=actor, at=now)
    staff.record(
        by=request.actor, action="campaigns.create" if view is None else "campaigns.change", at=now,
        subject_kind="campaign", subject_id=saved,
    )  # fmt: skip
    messages.success(request, _("The draft is saved."))
    return saved


def _looked_at(
    request: StaffRequest, typed: Typed, view: CampaignView | None, known: list[SegmentView]
) -> Terms | None:
    """The terms of a new coupon; everything that is wrong at once, so that it is corrected in one go."""
    problems: dict[str, str] = {}
    terms = None
    if typed.offer == NEW:
        try:
            terms = campaign_form.terms_of(typed, business_of(request).currency)
            if "coupons.edit" not in request.capabilities:
                problems["offer"] = _("You may choose a coupon, and somebody else has to make new ones.")
        except Mistakes as error:
            problems |= error.problems
    if typed.for_whom != LIST and typed.segment_id not in {one.id for one in known} | _kept(view):
        problems["for_whom"] = _("Say whom it is for.")
    if problems:
        try:
            campaign_form.plan_of(typed, view, Text(typed.name, typed.name))
        except Mistakes as error:
            problems = {**error.problems, **problems}
        raise Mistakes(problems)
    return terms


def _kept(view: CampaignView | None) -> set[int]:
    """A segment that was put away stays good for the draft that has it."""
    return {view.plan.segment_id} if view and view.plan.segment_id else set()


def _name(typed: Typed, view: CampaignView | None, known: list[SegmentView]) -> Text:
    """The name in both languages where it was guessed, and in the reader's where they typed it."""
    segment = next((one for one in known if one.id == typed.segment_id), None)
    if segment is not None and typed.name == said(guess := ready.name_for(segment.name)):
        return guess
    if view is not None and typed.name == said(view.plan.name):
        return view.plan.name
    return Text(typed.name, typed.name)


def _made(request: StaffRequest, terms: Terms) -> int:
    """A new coupon, called by what it promises."""
    now = timezone.now()
    name = terms_said(terms, business_of(request).currency)
    made = coupons.create(name=name, terms=terms, actor=actors.key_of(request.actor), at=now)
    staff.record(by=request.actor, action="coupons.create", at=now, subject_kind="offer", subject_id=made)
    return made


urlpatterns = [
    path("campaigns/new/", new, name="campaign_new"),
    path("campaigns/<int:campaign_id>/edit/", edit, name="campaign_edit"),
]
