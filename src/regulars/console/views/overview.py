"""The overview: how the shop is doing with its members, whether the books balance, and what to do next."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.console import figures as writing
from regulars.console import fragments, lines, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of, has_small_menu
from regulars.console.kept import kept
from regulars.console.overview import books, first_steps
from regulars.console.overview import figures as overview_figures
from regulars.console.overview.figures import PERIODS, QUIET_DAYS, QUIET_ORDERS, Figures
from regulars.console.overview.insight import first_insight
from regulars.console.overview.work import work
from regulars.console.picture import value_groups
from regulars.console.picture.state import picture_state
from regulars.core.money import minor_digits, to_major
from regulars.flows import jobs
from regulars.insight import queries as insight
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Purpose
from regulars.loyalty.rules import Policies
from regulars.webhooks import queries as webhooks

USUAL_DAYS = 30
NEWEST = 6
MAP_WIDTH, MAP_HEIGHT = 500.0, 310.0
SHOWN_PURPOSES = tuple(purpose for purpose in Purpose if purpose != Purpose.MATURE)


@dataclass(frozen=True, slots=True)
class TierBar:
    """A tier's members, and what share of all they are (percent)."""

    tier: lines.TierName
    members: int
    share: float
    url: str


@requires("overview.view")
def overview(request: StaffRequest) -> HttpResponse:
    """The page, or only its figures for another period. A small shop opens with Today, unless it asks for figures."""
    if "days" not in request.GET and has_small_menu(request.member, business_of(request)):
        return redirect("today")
    reach = sight.reach()
    policies = sight.policies_of(request)
    context: dict[str, object] = {"reach": reach, "periods": PERIODS, "is_new": reach.until is None}
    if reach.until is None:
        context["steps"] = first_steps.steps(request.capabilities, business_of(request))
    else:
        context |= _figures(request, reach, policies)
        context |= _picture(request) | work(request)
    if "webhooks.manage" in request.capabilities:
        context["webhooks_off"] = webhooks.switched_off()
    part = fragments.asked(request) == "figures"
    return fragments.shown(request, "overview/figures.html" if part else "overview/page.html", context)


def _figures(request: StaffRequest, reach: sight.Reach, policies: Policies | None) -> dict[str, object]:
    days = _days(request)
    stores, among = sight.stores_of(request), sight.own_customers(request)
    quiet_since = reach.instant(QUIET_DAYS, sight.zone_of(request))
    counted = kept(
        "overview",
        days,
        reach,
        stores,
        make=lambda: overview_figures.count(
            days=days, reach=reach, quiet_since=quiet_since, stores=stores, among=among, at=timezone.now()
        ),
    )
    newest = ledger.newest(most=NEWEST, purposes=SHOWN_PURPOSES) if stores is None else []
    tiers = lines.tier_names(policies, reach.day)
    return {
        "days": days,
        "figures": counted,
        "quiet_days": QUIET_DAYS,
        "quiet_orders": QUIET_ORDERS,
        "quiet_url": f"{reverse('customers')}?last=silent{QUIET_DAYS}&orders={QUIET_ORDERS}",
        "member_days": [day.members for day in counted.daily],
        "rate": None if (rate := counted.buyers.repurchase_rate) is None else 100 * rate,
        "tiers": _tier_bars(counted, tiers),
        "entries": lines.entry_lines(request, newest, policies, explained=False),
        "books": books.state(),
        "shows_points": stores is None,
        "revenue_chart": _chart(counted, business_of(request).currency),
        "revenue_rows": _rows(counted),
    }


def _picture(request: StaffRequest) -> dict[str, object]:
    """What the picture adds: one insight with its action, the map of RFM groups, and how fresh they are."""
    if "insight.view" not in request.capabilities:
        return {}
    state = picture_state(request)
    good = insight.last_good()
    if good is None:
        return state
    system = value_groups.usual_system()
    column = value_groups.SYSTEMS[system][0]
    groups = kept(
        "overview-map", good.set_name, column, version=(),
        make=lambda: value_groups.known(insight.counts_by([column], sums=["spent_365_minor", "value_minor"])),
    )  # fmt: skip
    return {
        **state,
        "insight": first_insight(request),
        "lines": value_groups.mapped(groups, system, width=MAP_WIDTH, height=MAP_HEIGHT),
        "map": (MAP_WIDTH, MAP_HEIGHT),
        "buyers": sum(group.customers for group in groups),
    }


def _days(request: StaffRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in PERIODS} else USUAL_DAYS


def _tier_bars(counted: Figures, tiers: list[lines.TierName]) -> list[TierBar]:
    members = [0] * len(tiers)
    for index, number in counted.tiers.items():
        members[lines.tier_at(tiers, index).index] += number
    whole = sum(members) or 1
    return [
        TierBar(
            tier, members[tier.index], 100 * members[tier.index] / whole, f"{reverse('customers')}?tier={tier.index}"
        )
        for tier in reversed(tiers)
    ]


def _chart(counted: Figures, currency: str) -> dict[str, object]:
    def major(amounts: list[int]) -> list[float]:
        return [float(to_major(amount, currency)) for amount in amounts]

    series: list[dict[str, object]] = [
        {"name": _("Members"), "data": major([day.members for day in counted.daily]), "tone": "primary", "area": True},
        {"name": _("Non-members"), "data": major([day.others for day in counted.daily]), "tone": "secondary"},
    ]
    if counted.has_earlier:
        earlier = major([day.members for day in counted.earlier])
        series.append({"name": _("Members, previous period"), "data": earlier, "tone": "mute", "dash": True})
    return {
        "x": [date_format(day.day, _("j M")) for day in counted.daily],
        "series": series,
        "prefix": writing.symbol(currency),
        "digits": minor_digits(currency),
    }


def _rows(counted: Figures) -> list[tuple[date, int, int, int | None]]:
    earlier: list[int | None] = [day.members for day in counted.earlier]
    earlier = earlier or [None] * len(counted.daily)
    rows = [(day.day, day.members, day.others, before) for day, before in zip(counted.daily, earlier, strict=True)]
    return rows[::-1]


@requires("ledger.adjust")
@require_POST
def verify(request: StaffRequest) -> HttpResponse:
    """Start checking the books; what is found shows when it is done."""
    jobs.start(jobs.verify_now)
    if request.headers.get("HX-Request"):
        return render(request, "overview/books.html", {"books": books.state()})
    return redirect("ledger")


@requires("overview.view")
def books_state(request: StaffRequest) -> HttpResponse:
    """How the books stand, for a page that waits for a check to end."""
    return render(request, "overview/books.html", {"books": books.state()})


urlpatterns = [
    path("", overview, name="overview"),
    path("books/", books_state, name="books"),
    path("books/verify/", verify, name="verify_books"),
]
