"""Customers whom another page hands over become a draft with a list: they stand in the database, not in an address."""

from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.console import actors, behind, figures
from regulars.console.access import StaffRequest
from regulars.console.campaigns.form import NEW
from regulars.console.condition_words import speaker
from regulars.console.picture import people_list
from regulars.console.sayings import explained
from regulars.console.typed import whole_number
from regulars.console.views.campaigns.beginning import begun
from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.customers.queries import canonicals
from regulars.insight import queries as insight
from regulars.insight.compute import listing
from regulars.outreach.campaigns import actions, ready
from regulars.outreach.campaigns.rules import LANGUAGES, LONGEST_NAME, MOST_LISTED, Plan
from regulars.staff import actions as staff


def handed_over(request: StaffRequest) -> HttpResponse:
    """A draft for the customers of a selection (`query`, as `people` has it) or for those named (`customers`, ids).

    `name_zh` and `name_en` say what to call it.
    """
    try:
        ids, title = _meant(request)
    except DomainError as error:
        messages.error(request, explained(error))
        return redirect("campaigns")
    if not ids:
        messages.error(request, _("There is nobody to write to here."))
        return redirect("campaign_new")
    if len(ids) > MOST_LISTED:
        where = request.POST.get("query", "")
        messages.info(
            request,
            _("%(n)s customers are too many for a list. Keep them as a segment, and write to that.")
            % {"n": figures.count(len(ids))},
        )
        return redirect(f"{reverse('segment_new')}?{where}")
    made = _made(request, ids, title)
    messages.success(request, _("This is a draft for %(n)s customers.") % {"n": figures.count(len(ids))})
    return redirect(f"{reverse('campaign_edit', args=[made])}?coupon={NEW}")


def _meant(request: StaffRequest) -> tuple[list[int], Text]:
    """Who is meant, each under who stands for the group, and what they are called together."""
    name = Text(*(request.POST.get(f"name_{code}", "").strip()[:LONGEST_NAME] for code in LANGUAGES))
    if "query" in request.POST:
        words, picture = speaker(request), insight.picture()
        selected = behind.read_selection(request, words.fields)
        ids = listing.ids(picture, people_list.chosen_of(selected, words)) if picture else []
        title = Text(*(people_list.title_of(selected, words.in_language(code)) for code in LANGUAGES))
        found = ready.name_for(title)
    else:
        told = [
            found for text in request.POST.getlist("customers") for found in map(whole_number, text.split(",")) if found
        ]
        ids = list(canonicals(told).values())
        found = ready.name_for(Text("手选的顾客", "chosen by hand"))
    return sorted(set(ids)), name if any(name) else Text(*(one[:LONGEST_NAME] for one in found))


@transaction.atomic
def _made(request: StaffRequest, ids: Sequence[int], name: Text) -> int:
    typed, now = begun(request, None, ids), timezone.now()
    plan = Plan(
        name=name,
        goal=typed.goal,
        channel=typed.channel,
        content={code: typed.message(code) for code in LANGUAGES},
        customers=tuple(ids),
        offer_id=typed.offer_id,
    )
    made = actions.create(plan=plan, actor=actors.key_of(request.actor), at=now)
    detail = {"rows": len(ids)}
    staff.record(
        by=request.actor, action="campaigns.create", at=now, subject_kind="campaign", subject_id=made, detail=detail
    )
    return made
