"""The page about one customer, and its timeline page by page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from regulars.console import fragments, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.customers import timeline
from regulars.console.customers.badges import badges_card
from regulars.console.customers.benefits import benefits_card
from regulars.console.customers.campaigns import campaigns_card
from regulars.console.customers.cards import consents_card, tasks_card
from regulars.console.customers.picture import scores
from regulars.console.customers.tags import words_of
from regulars.console.customers.tier_card import tier_card
from regulars.console.reader import said
from regulars.console.rewards.cards import rewards_card
from regulars.console.risk.cases import frozen_banner
from regulars.console.views.customer.contacts import contacts_of
from regulars.console.views.customer.found import profile_or_404
from regulars.console.views.customer.points import PointsForm
from regulars.console.views.customer.tier import TierForm
from regulars.customers.queries import Profile
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Balance, Currency
from regulars.loyalty import queries as loyalty
from regulars.loyalty.membership import number_of
from regulars.loyalty.memos import Purchases
from regulars.loyalty.rules import Policies


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
    may_adjust = policies is not None and "ledger.adjust" in request.capabilities
    may_give = policies is not None and "tiers.give" in request.capabilities and len(policies.on(today).tiers) > 1
    return {
        "profile": profile,
        "name": profile.name or _("No name yet"),
        "age": _age(profile.birthday, today),
        "others": [number_of(one) for one in profile.members if one != profile.customer_id],
        "contacts": contacts_of(profile, whole=False),
        "ladder": tier_card(request, profile.customer_id, policies, today, now),
        "tier_form": TierForm(policies=policies, today=today) if policies is not None and may_give else None,
        **_balances(profile.customer_id, policies, now),
        "maturing": ledger.maturing(profile.customer_id, at=now),
        "expiring": _last_days(ledger.expiring(profile.customer_id, at=now, most=4)),
        "bought": bought,
        "average": bought.spent // bought.orders if bought.orders else None,
        "scores": scores(request, profile.customer_id),
        "words": words_of(request, profile.customer_id),
        **badges_card(request, profile.customer_id, policies),
        **benefits_card(request, profile.customer_id, policies),
        **campaigns_card(request, profile.customer_id),
        **rewards_card(request, profile, policies),
        **consents_card(profile.customer_id),
        **tasks_card(request, profile.customer_id),
        "frozen": frozen_banner(profile.customer_id),
        "form": PointsForm(policies=policies) if may_adjust else None,
    }


@dataclass(frozen=True, slots=True)
class OtherBalance:
    """What a customer has of a currency of the programme's own, and when some of it expires next."""

    name: str
    balance: Balance
    expiring: list[tuple[date, int]]


def _balances(customer_id: int, policies: Policies | None, now: datetime) -> dict[str, object]:
    """The balance in points, and in every other currency that the programme gives or the customer still has."""
    held = ledger.balances_by_currency([customer_id], at=now)[customer_id]
    given = policies.at(now).currencies if policies is not None else {}
    others = [
        OtherBalance(
            said(one.name),
            held.get(one.number, ledger.NOTHING),
            _last_days(ledger.expiring(customer_id, at=now, most=1, currency=one.number)) if one.number in held else [],
        )
        for code, one in (policies.currencies if policies is not None else {}).items()
        if code in given or one.number in held
    ]
    return {"balance": held[Currency.POINTS], "other_balances": others}


def _last_days(expiring: list[tuple[datetime, int]]) -> list[tuple[date, int]]:
    """The last day on which these points can be spent, for each instant at which they no longer can."""
    return [(timezone.localtime(at - timedelta(microseconds=1)).date(), points) for at, points in expiring]


def _age(birthday: date | None, today: date) -> int | None:
    if birthday is None or birthday > today:
        return None
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


urlpatterns = [path("customers/<str:number>/", customer, name="customer")]
