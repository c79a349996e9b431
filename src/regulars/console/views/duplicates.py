"""Duplicates: pairs that may be one person, side by side; merged on review, and undone."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from regulars.console import actors
from regulars.console.access import StaffRequest, requires
from regulars.console.lines import shown_phone
from regulars.console.pages import Counted
from regulars.console.programme import words as programme_words
from regulars.console.reader import said
from regulars.console.sayings import explain, explained
from regulars.console.typed import whole_number
from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.customers import actions, duplicates_view
from regulars.customers import queries as customers
from regulars.customers.duplicate_words import evidence_said
from regulars.customers.duplicates_view import NoPair, NotInPair, PairDecided, Proposal
from regulars.customers.rules import mask_email
from regulars.flows.merge_customers import keep_apart, merge_pair, part_again
from regulars.flows.settings import programme
from regulars.ledger import statements as ledger
from regulars.loyalty import membership
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import InvalidPolicy
from regulars.loyalty.tier_view import tiers_today

PAGE = 10
MERGES_PAGE = 30


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, as far as it helps to decide. `spent` in minor units; `phone` is masked."""

    id: str
    number: str
    name: str
    phone: str
    email: str
    joined: object
    birthday: object
    orders: int
    spent: int
    last_order_at: datetime | None
    tier: str
    tier_level: int
    points: int


@requires("customers.merge")
@require_safe
def duplicates(request: StaffRequest) -> HttpResponse:
    """Pairs to look at."""
    waiting = duplicates_view.open_count()
    shown = Paginator(Counted(waiting), PAGE).get_page(request.GET.get("page"))
    found = duplicates_view.open_proposals(offset=(shown.number - 1) * PAGE, most=PAGE)
    context = {
        "tab": "open",
        "pairs": _pairs(found),
        "page": shown,
        "waiting": waiting,
        "merged": duplicates_view.merge_count(),
    }
    return render(request, "duplicates/open.html", context)


@requires("customers.merge")
@require_safe
def merged(request: StaffRequest) -> HttpResponse:
    """Past merges, which can be undone."""
    count = duplicates_view.merge_count()
    shown = Paginator(Counted(count), MERGES_PAGE).get_page(request.GET.get("page"))
    found = duplicates_view.merges(offset=(shown.number - 1) * MERGES_PAGE, most=MERGES_PAGE)
    ids = {one.child_id for one in found} | {one.parent_id for one in found}
    people = actors.names_of(key for one in found for key in (one.merged_by, one.undone_by) if key)
    own_names = duplicates_view.own_names(ids)
    lines = [
        {
            "merge": one,
            "url_id": str(one.id),
            "child": own_names.get(one.child_id) or membership.number_of(one.child_id),
            "child_number": membership.number_of(one.child_id),
            "parent": own_names.get(one.parent_id) or membership.number_of(one.parent_id),
            "parent_number": membership.number_of(one.parent_id),
            "by": people.get(one.merged_by, ""),
            "undone_by": people.get(one.undone_by, ""),
        }
        for one in found
    ]
    waiting = duplicates_view.open_count()
    context = {"tab": "merged", "lines": lines, "page": shown, "waiting": waiting, "merged": count}
    return render(request, "duplicates/merged.html", context)


@requires("customers.merge")
@require_POST
def merge(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """The two are one person; the one that the form names stands for both."""
    lead = whole_number(request.POST.get("lead", ""), most_digits=18) or 0
    try:
        policies, _zone = programme()
        merge_pair(
            proposal_id=proposal_id, lead=lead, by=request.actor, actor=actors.key_of(request.actor),
            policies=policies, at=timezone.now(),
        )  # fmt: skip
    except (NoPair, PairDecided, NotInPair) as error:
        messages.info(request, explained(error))
    except DomainError as error:
        messages.error(request, explained(error))
    else:
        messages.success(request, gettext("Merged. Orders, points and tier now stand together."))
    return redirect("duplicates")


@requires("customers.merge")
@require_POST
def apart(request: StaffRequest, proposal_id: int) -> HttpResponse:
    """The two are different people; the pair is not proposed again."""
    try:
        keep_apart(proposal_id=proposal_id, by=request.actor, actor=actors.key_of(request.actor), at=timezone.now())
    except (NoPair, PairDecided) as error:
        messages.info(request, explained(error))
    else:
        messages.success(request, gettext("Kept apart. This pair is not proposed again."))
    return redirect("duplicates")


@requires("customers.merge")
@require_POST
def undo(request: StaffRequest, merge_id: int) -> HttpResponse:
    """Part two customers again."""
    try:
        policies, _zone = programme()
        part_again(
            merge_id=merge_id, by=request.actor, actor=actors.key_of(request.actor), policies=policies,
            at=timezone.now(),
        )  # fmt: skip
    except DomainError as error:
        messages.info(request, explain(error.code))
    else:
        messages.success(request, gettext("Undone. Each has their own orders, points and tier again."))
    return redirect("duplicates_merged")


@requires("customers.merge")
@require_POST
def look(request: StaffRequest) -> HttpResponse:
    """Look for duplicates now instead of tonight."""
    found = actions.propose_duplicates(at=timezone.now())
    if found:
        text = ngettext("%(n)d new pair to look at.", "%(n)d new pairs to look at.", found) % {"n": found}
        messages.success(request, text)
    else:
        messages.info(request, gettext("Nothing new was found."))
    return redirect("duplicates")


def _pairs(found: list[Proposal]) -> list[dict[str, object]]:
    ids = sorted({pk for pair in found for pk in (pair.first, pair.second)})
    sides = _sides(ids)
    return [
        {
            "url_id": str(pair.id),
            "evidence": [said(evidence_said(code)) for code in pair.evidence],
            "sides": _lead_first(sides[pair.first], sides[pair.second]),
        }
        for pair in found
        if pair.first in sides and pair.second in sides
    ]


def _lead_first(first: Side, second: Side) -> list[Side]:
    """The one who is better known first: more orders, else known for longer."""
    return [second, first] if second.orders > first.orders else [first, second]


def _sides(ids: list[int]) -> dict[int, Side]:
    at = timezone.now()
    balances, phones, standings = ledger.balances(ids, at=at), customers.phones(ids), loyalty.standings(ids)
    try:
        policies, zone = programme()
    except InvalidPolicy:
        return {}
    today = business_date(at, zone)
    tiers, levels = policies.on(today).tiers, tiers_today(ids, today)
    found = {}
    for pk in ids:
        profile = customers.profile(pk)
        if profile is None:
            continue
        standing = standings.get(pk)
        level = min(levels[pk], len(tiers) - 1)
        found[pk] = Side(
            id=str(pk),
            number=membership.number_of(pk),
            name=profile.name or membership.number_of(pk),
            phone=shown_phone(phones.get(pk, "")),
            email=next((mask_email(one.value) for one in profile.identities if one.kind == 7), ""),
            joined=profile.joined_on,
            birthday=profile.birthday,
            orders=standing.purchases.orders if standing else 0,
            spent=standing.purchases.spent if standing else 0,
            last_order_at=standing.purchases.last_at if standing else None,
            tier=programme_words.name_of(tiers[level].names),
            tier_level=level + 1,
            points=balances[pk].total,
        )
    return found


urlpatterns = [
    path("duplicates/", duplicates, name="duplicates"),
    path("duplicates/merged/", merged, name="duplicates_merged"),
    path("duplicates/look/", look, name="duplicates_look"),
    path("duplicates/<int:proposal_id>/merge/", merge, name="duplicates_merge"),
    path("duplicates/<int:proposal_id>/apart/", apart, name="duplicates_apart"),
    path("duplicates/merges/<int:merge_id>/undo/", undo, name="duplicates_undo"),
]
