"""The list of members."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from regulars.console import fragments, lines, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.customers import picture as customer_picture
from regulars.console.customers.wanted import ORDERS, SILENT, WITHIN, Wanted
from regulars.console.kept import kept
from regulars.console.lines import MemberLine, TierName
from regulars.console.typed import whole_number
from regulars.loyalty import membership
from regulars.loyalty.membership import Filter, Member, Totals
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
    """What a filter finds: one page of it, and how many there are in all."""

    def __init__(self, page: list[MemberLine], total: int) -> None:
        self.page, self.total = page, total

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, place: int) -> MemberLine: ...
    @overload
    def __getitem__(self, place: slice) -> list[MemberLine]: ...
    def __getitem__(self, place: int | slice) -> MemberLine | list[MemberLine]:
        return self.page if isinstance(place, slice) else self.page[place]


@requires("customers.view")
@never_cache
def customers(request: StaffRequest) -> HttpResponse:
    """The page; for somebody who types or turns pages, only the part that changes."""
    wanted, look = Wanted.read(request.GET), _look(request)
    number = _number(request)
    request.GET = QueryDict(wanted.query)  # the links of the page carry on only what makes sense
    page, totals, everybody = _page(wanted, look, number)
    tabs = _tabs(request, wanted, look)
    shown = list(page)
    short = customer_picture.short(request, [line.customer_id for line in shown])
    context = {
        "wanted": wanted,
        "reach": look.reach,
        "page": page,
        "rows": [(line, short.get(line.customer_id)) for line in shown],
        "has_picture": bool(short),
        "totals": totals,
        "share": 100 * totals.members / everybody.members if everybody.members else 0,
        "is_empty": not everybody.members,
        "tabs": tabs,
        "own_view": next((tab for tab in tabs if tab.current and tab.view_id), None),
        "tiers": [tier for tier in look.tiers if tier.name],
        "last_choices": _last_choices(),
        "order_choices": [(number, _("%(n)s orders or more") % {"n": number}) for number in ORDERS],
        "sorts": SORT_LABELS,
        "by_sort": {name: wanted.sorted_by(name).query for name, _label in SORT_LABELS},
    }
    part = fragments.asked(request)
    template = {"results": "customers/results.html", "members": "customers/members.html"}.get(part)
    response = fragments.shown(request, template or "customers/page.html", context)
    if part == "results":
        response["HX-Replace-Url"] = f"{reverse(PAGE)}?{wanted.query}" if wanted.query else reverse(PAGE)
    return response


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks and from when: the reach of the data, whose customers, the tiers, and the state of the data."""

    reach: sight.Reach
    zone: ZoneInfo
    stores: tuple[int, ...] | None
    among: tuple[int, ...] | None
    tiers: list[TierName]
    version: tuple[object, ...]


def _look(request: StaffRequest) -> Look:
    reach = sight.reach()
    return Look(
        reach=reach,
        zone=sight.zone_of(request),
        stores=sight.stores_of(request),
        among=sight.own_customers(request),
        tiers=lines.tier_names(sight.policies_of(request), reach.day),
        version=membership.version(),
    )


def _page(wanted: Wanted, look: Look, number: int) -> tuple[Page[MemberLine], Totals, Totals]:
    """A page of those who are wanted, how many they are, and how many there are in all."""
    today, at = look.reach.day, timezone.now()
    chosen = wanted.filter(look.reach, look.zone, look.among)

    def search(number: int) -> tuple[list[Member], Totals]:
        offset = (number - 1) * PER_PAGE
        return membership.search(chosen, today=today, at=at, sort=wanted.sort, offset=offset, most=PER_PAGE)

    everybody = kept(
        "totals",
        look.stores,
        make=lambda: membership.totals(Filter(among=look.among), today=today),
        version=look.version,
    )
    if wanted.is_open:
        totals, last = everybody, max(1, -(-everybody.members // PER_PAGE))
        offset = (min(number, last) - 1) * PER_PAGE
        found = membership.find(chosen, today=today, at=at, sort=wanted.sort, offset=offset, most=PER_PAGE)
    else:
        found, totals = search(number)
        last = max(1, -(-totals.members // PER_PAGE))
        if number > last:
            found, totals = search(last)
    lined = Found(lines.member_lines(found, look.tiers), totals.members)
    return Paginator(lined, PER_PAGE).page(min(number, last)), totals, everybody


def _number(request: StaffRequest) -> int:
    return max(1, whole_number(request.GET.get("page", ""), most_digits=8) or 1)


def _last_choices() -> list[tuple[str, str]]:
    within = [(key, _("Ordered within %(n)s days") % {"n": days}) for key, days in WITHIN.items()]
    return within + [(key, _("No order for %(n)s days") % {"n": days}) for key, days in SILENT.items()]


def _tabs(request: StaffRequest, wanted: Wanted, look: Look) -> list[Tab]:
    """Four filters that everybody has, and those that this person keeps, each with how many it finds."""
    offered = [
        (_("All members"), Wanted(), ""),
        (_("Regulars gone quiet"), Wanted(last="silent60", orders="3"), ""),
        (_("New this month"), Wanted(joined="month"), ""),
    ]
    if len(look.tiers) > 1:
        offered.append((look.tiers[-1].name, Wanted(tier=str(look.tiers[-1].index)), ""))
    views = staff.saved_views(request.member.id, PAGE)
    offered += [(view.name, Wanted.read(dict(parse_qsl(view.query))), str(view.id)) for view in views]
    asked = tuple(one.query for _label, one, _id in offered)
    members = kept(
        "tabs",
        asked,
        look.reach.day,
        look.stores,
        make=lambda: membership.counts(
            [one.filter(look.reach, look.zone, None) for _label, one, _id in offered],
            today=look.reach.day,
            among=look.among,
        ),
        version=look.version,
    )
    return [
        Tab(label, one.query, number, one == wanted, view_id)
        for (label, one, view_id), number in zip(offered, members, strict=True)
    ]


urlpatterns = [path("customers/", customers, name=PAGE)]
