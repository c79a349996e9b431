"""The page about one customer, and its timeline page by page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from regulars.console import fragments, lines, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.customers import timeline
from regulars.console.customers.campaigns import campaigns_card
from regulars.console.customers.cards import consents_card, tasks_card
from regulars.console.customers.picture import scores
from regulars.console.customers.tags import words_of
from regulars.console.lines import TierName
from regulars.console.views.customer.contacts import contacts_of
from regulars.console.views.customer.found import profile_or_404
from regulars.console.views.customer.points import PointsForm
from regulars.customers.queries import Profile
from regulars.ledger import statements as ledger
from regulars.loyalty import membership
from regulars.loyalty import queries as loyalty
from regulars.loyalty.membership import number_of
from regulars.loyalty.memos import Purchases
from regulars.loyalty.rules import Policies


@dataclass(frozen=True, slots=True)
class Ladder:
    """A member on the ladder of tiers: where they stand, and the way up, which is `left` growth long."""

    tier: TierName
    since: date | None
    growth: int
    next: TierName | None
    threshold: int
    left: int
    falls_on: date | None
    falls_to: TierName | None
    to_keep: int | None


@requires("customers.view")
@never_cache
def customer(request: StaffRequest, number: str) -> HttpResponse:
    """The page; or the next part of its timeline."""
    profile = profile_or_404(request, number)
    if number != number_of(profile.customer_id):
        return redirect("customer", number_of(profile.customer_id))
    policies, before = sight.policies_of(request), request.GET.get("before", "")
    story = timeline.tell(request, profile, policies, before=before)
    context: dict[str, object] = {"number": number, "timeline": story}
    if fragments.asked(request) == "earlier":
        return fragments.shown(request, "customer/events.html", context)
    context |= _head(request, profile, policies)
    return fragments.shown(request, "customer/page.html", context)


def _head(request: StaffRequest, profile: Profile, policies: Policies | None) -> dict[str, object]:
    now, today = timezone.now(), timezone.localdate()
    standing = loyalty.standings([profile.customer_id]).get(profile.customer_id)
    bought = standing.purchases if standing else Purchases()
    return {
        "profile": profile,
        "name": profile.name or _("No name yet"),
        "age": _age(profile.birthday, today),
        "others": [number_of(one) for one in profile.members if one != profile.customer_id],
        "contacts": contacts_of(profile, whole=False),
        "ladder": _ladder(profile.customer_id, policies, today),
        "balance": ledger.balances([profile.customer_id], at=now)[profile.customer_id],
        "maturing": ledger.maturing(profile.customer_id, at=now),
        "expiring": _last_days(ledger.expiring(profile.customer_id, at=now, most=4)),
        "bought": bought,
        "average": bought.spent // bought.orders if bought.orders else None,
        "scores": scores(request, profile.customer_id),
        "words": words_of(request, profile.customer_id),
        **campaigns_card(request, profile.customer_id),
        **consents_card(profile.customer_id),
        **tasks_card(request, profile.customer_id),
        "form": PointsForm() if policies is not None and "ledger.adjust" in request.capabilities else None,
    }


def _last_days(expiring: list[tuple[datetime, int]]) -> list[tuple[date, int]]:
    """The last day on which these points can be spent, for each instant at which they no longer can."""
    return [(timezone.localtime(at - timedelta(microseconds=1)).date(), points) for at, points in expiring]


def _ladder(customer_id: int, policies: Policies | None, today: date) -> Ladder | None:
    if policies is None:
        return None
    view = membership.tier_view(customer_id, policies, today)
    names = lines.tier_names(policies, today)
    upward = view.tier + 1 if view.next_threshold is not None else None
    return Ladder(
        tier=lines.tier_at(names, view.tier),
        since=view.since,
        growth=view.growth,
        next=names[upward] if upward is not None else None,
        threshold=view.next_threshold or 0,
        left=max(0, (view.next_threshold or 0) - view.growth),
        falls_on=view.falls_on,
        falls_to=lines.tier_at(names, view.falls_to) if view.falls_to is not None else None,
        to_keep=view.to_keep,
    )


def _age(birthday: date | None, today: date) -> int | None:
    if birthday is None or birthday > today:
        return None
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


urlpatterns = [path("customers/<str:number>/", customer, name="customer")]
