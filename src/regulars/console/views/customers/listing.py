"""The list of members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import overload
from urllib.parse import parse_qsl

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from regulars.console import lines, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.kept import kept
from regulars.console.lines import MemberLine, TierName
from regulars.console.wanted import ORDERS, SILENT, WITHIN, Wanted
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter, Totals
from regulars.staff import queries as staff

PAGE = "customers"
PER_PAGE = 25
SORT_LABELS: tuple[tuple[str, Promise], ...] = (
    ("recent", gettext_lazy("Last order, newest first")),
    ("silent", gettext_lazy("Last order, oldest first")),
    ("spent", gettext_lazy("Lifetime spend")),
    ("orders", gettext_lazy("Number of orders")),
    ("joined", gettext_lazy("Joined, newest first")),
    ("name", gettext_lazy("Name")),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter with a name over the list; `view_id` of one that somebody keeps, else ''."""

    label: str
    query: str
    members: int
    current: bool
    view_id: str = ""


class Found(Sequence[MemberLine]):
    """What a filter finds, read a page at a time."""

    def __init__(
        self, wanted: Filter, *, total: int, today: date, at: datetime, sort: str, tiers: list[TierName]
    ) -> None:
        self.wanted, self.total, self.today, self.at, self.sort, self.tiers = wanted, total, today, at, sort, tiers

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, place: int) -> MemberLine: ...
    @overload
    def __getitem__(self, place: slice) -> list[MemberLine]: ...
    def __getitem__(self, place: int | slice) -> MemberLine | list[MemberLine]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        first, last, _step = place.indices(self.total)
        found = membership.find(
            self.wanted, today=self.today, at=self.at, sort=self.sort, offset=first, most=last - first
        )
        return lines.member_lines(found, self.tiers)


@requires("customers.view")
@never_cache
def customers(request: StaffRequest) -> HttpResponse:
    """The page; for somebody who types or turns pages, only the part that changes."""
    reach, zone, stores = sight.reach(), sight.zone_of(request), sight.stores_of(request)
    tiers = lines.tier_names(sight.policies_of(request), reach.day)
    wanted = Wanted.read(request.GET)
    version = membership.version()
    chosen = wanted.filter(reach, zone, stores)

    def counted(what: Filter) -> Totals:
        return kept("totals", what, reach.day, make=lambda: membership.totals(what, today=reach.day), version=version)

    everybody = counted(Filter(store_ids=stores))
    totals = everybody if wanted.is_open else counted(chosen)
    found = Found(chosen, total=totals.members, today=reach.day, at=timezone.now(), sort=wanted.sort, tiers=tiers)
    page: Page[MemberLine] = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    tabs = _tabs(request, wanted, tiers, reach, version)
    context = {
        "wanted": wanted,
        "reach": reach,
        "page": page,
        "totals": totals,
        "share": 100 * totals.members / everybody.members if everybody.members else 0,
        "is_empty": not everybody.members,
        "tabs": tabs,
        "own_view": next((tab for tab in tabs if tab.current and tab.view_id), None),
        "tiers": [tier for tier in tiers if tier.name],
        "last_choices": _last_choices(),
        "order_choices": [(number, _("%(n)s orders or more") % {"n": number}) for number in ORDERS],
        "sorts": SORT_LABELS,
        "by_sort": {name: wanted.sorted_by(name).query for name, _label in SORT_LABELS},
    }
    part = request.headers.get("HX-Target")
    template = {"results": "customers/results.html", "members": "customers/members.html"}.get(part or "")
    response = render(request, template or "customers/page.html", context)
    if part == "results":
        response["HX-Replace-Url"] = f"{reverse(PAGE)}?{wanted.query}" if wanted.query else reverse(PAGE)
    response["Vary"] = "HX-Target"
    return response


def _last_choices() -> list[tuple[str, str]]:
    within = [(key, _("Ordered within %(n)s days") % {"n": days}) for key, days in WITHIN.items()]
    return within + [(key, _("No order for %(n)s days") % {"n": days}) for key, days in SILENT.items()]


def _tabs(
    request: StaffRequest, wanted: Wanted, tiers: list[TierName], reach: sight.Reach, version: tuple[object, ...]
) -> list[Tab]:
    """Four filters that everybody has, and those that this person keeps, each with how many it finds."""
    offered = [
        (_("All members"), Wanted(), ""),
        (_("Regulars gone quiet"), Wanted(last="silent60", orders="3"), ""),
        (_("New this month"), Wanted(joined="month"), ""),
    ]
    if len(tiers) > 1:
        offered.append((tiers[-1].name, Wanted(tier=str(tiers[-1].index)), ""))
    views = staff.saved_views(request.member.id, PAGE)
    offered += [(view.name, Wanted.read(dict(parse_qsl(view.query))), str(view.id)) for view in views]
    zone, stores = sight.zone_of(request), sight.stores_of(request)
    filters = tuple(one.filter(reach, zone, stores) for _label, one, _id in offered)
    members = kept(
        "tabs", filters, reach.day, make=lambda: membership.counts(filters, today=reach.day), version=version
    )
    return [
        Tab(label, one.query, number, one == wanted, view_id)
        for (label, one, view_id), number in zip(offered, members, strict=True)
    ]


urlpatterns = [path("customers/", customers, name=PAGE)]
