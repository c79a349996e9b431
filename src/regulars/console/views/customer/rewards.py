"""What a member can have for their points now, in which store, and what they took."""

from dataclasses import dataclass, replace
from secrets import token_urlsafe

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.reader import said
from regulars.console.rewards.words import claim_lines, names_of, refusal
from regulars.console.till_store import keep_store, store_of, stores_of
from regulars.console.views.customer.found import profile_or_404
from regulars.core.errors import DomainError
from regulars.flows import claim_rewards
from regulars.flows.settings import programme
from regulars.loyalty.coupons.codes import shown as coupon_shown
from regulars.loyalty.rewards import codes, queries
from regulars.loyalty.rewards.catalogue import said_name
from regulars.loyalty.rewards.choosing import Choice
from regulars.loyalty.rewards.rules import Ask, Claim, Reward
from regulars.loyalty.rewards.words import Names, conditions_said, early_said
from regulars.loyalty.rules import POINTS
from regulars.staff import actions as staff

MOST_TAKEN = 50


@dataclass(frozen=True, slots=True)
class Offered:
    """A reward for this member: its name and conditions, and why they cannot have it, '' if they can."""

    reward: Reward
    name: str
    price: str
    conditions: list[str]
    refused: str


@requires("customers.view")
@never_cache
def rewards(request: StaffRequest, number: str) -> HttpResponse:
    """Every reward in use: what this member can have first, and why not where they cannot."""
    profile = profile_or_404(request, number)
    policies = sight.policies_of(request)
    keep_store(request, request.GET.get("store"))
    store, stores, names = store_of(request), stores_of(request), names_of(request)
    context: dict[str, object] = {
        "number": number,
        "name": profile.name or _("No name yet"),
        "stores": [(code, told, code == store) for code, told in stores.items()] if len(stores) > 1 else [],
        "needs_store": bool(stores) and not store,
        "store": store,
        "key": token_urlsafe(12),
        "taken": claim_lines(request, queries.of_customers(profile.members, most=MOST_TAKEN), names),
    }
    if policies is not None:
        found = claim_rewards.choices(
            customer_id=profile.customer_id, policies=policies, at=timezone.now(), store=store or None
        )
        context["spendable"] = found.spendable
        context["others"] = [
            said(names.price(left, code)) for code, left in found.balances.items() if code != POINTS and left
        ]
        context["offered"] = [_offered(one, names) for one in found.rewards]
    return render(request, "customer/rewards.html", context)


def _offered(one: Choice, names: Names) -> Offered:
    terms = one.reward.terms
    early = []
    if one.for_all_from is not None:  # which says the first day already
        early, terms = [early_said(date_format(one.for_all_from, "SHORT_DATE_FORMAT"))], replace(terms, starts_on=None)
    conditions = [said(words) for words in (*early, *conditions_said(terms, names))]
    price = said(names.price(terms.points, terms.currency))
    refused = refusal(one.refused, names) if one.refused else ""
    return Offered(one.reward, said(said_name(terms)), price, conditions, refused)


@requires("rewards.claim")
@require_POST
def claim(request: StaffRequest, number: str) -> HttpResponse:
    """Claim one for this member, or say kindly why not. Sent twice, it is done once."""
    profile, now = profile_or_404(request, number), timezone.now()
    keep_store(request, request.POST.get("store"))
    store = store_of(request)
    if stores_of(request) and not store:
        messages.error(request, _("Choose the store first: it is charged with the reward."))
        return redirect("customer_rewards", number)
    code, key = request.POST.get("reward", "")[:40], request.POST.get("key", "")[:40]
    ask = Ask(
        code, profile.customer_id, f"console:{request.member.id}:{key}:{code}", store, actors.key_of(request.actor)
    )
    try:
        policies, zone = programme()
        made = claim_rewards.claim(ask=ask, policies=policies, zone=zone, at=now)
    except DomainError as error:
        messages.error(request, refusal(error, names_of(request)))
        return redirect("customer_rewards", number)
    _record(request, made)
    shown = codes.shown(made.code) if made.code else coupon_shown(made.coupon_code)
    told = (
        _("%(reward)s is claimed. The code is %(code)s.") if made.code else _("%(reward)s is claimed: coupon %(code)s.")
    )
    messages.success(request, told % {"reward": said(made.name), "code": shown})
    return redirect("customer_rewards", number)


def _record(request: StaffRequest, made: Claim) -> None:
    staff.record(
        by=request.actor, action="rewards.claim", at=timezone.now(), subject_kind="claim", subject_id=made.id,
        detail={"points": made.points, **({} if made.currency == POINTS else {"currency": made.currency})},
    )  # fmt: skip


urlpatterns = [
    path("customers/<str:number>/rewards/", rewards, name="customer_rewards"),
    path("customers/<str:number>/rewards/claim/", claim, name="customer_claim"),
]
