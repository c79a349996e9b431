"""Claims of rewards: all of them or those that wait, handed over or given back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.rewards.words import claim_lines, names_of, refusal
from regulars.console.typed import whole_number
from regulars.core.errors import DomainError
from regulars.flows import claim_rewards
from regulars.flows.settings import programme
from regulars.loyalty.rewards import queries
from regulars.loyalty.rewards.rules import Claim
from regulars.staff import actions as staff
from regulars.staff.rules import may_see_store

PER_PAGE = 50


@requires("campaigns.view")
@never_cache
def claims(request: StaffRequest) -> HttpResponse:
    """Who claimed what, the latest first; those that wait to be collected alone, if wanted."""
    waiting = request.GET.get("all") != "1"
    before = whole_number(request.GET.get("before", ""))
    found = queries.page(most=PER_PAGE + 1, before=before, waiting=waiting)
    context = {
        "claims": claim_lines(request, found[:PER_PAGE], names_of(request)),
        "more": found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        "is_first": before is None,
        "waiting": waiting,
    }
    return render(request, "rewards/claims.html", context)


@requires("rewards.claim")
@require_POST
def collect(request: StaffRequest, claim_id: int) -> HttpResponse:
    """Hand over what somebody sees in the list, in the store that was charged."""
    zone, actor, now = sight.zone_of(request), actors.key_of(request.actor), timezone.now()

    def hand_over() -> Claim:
        store = _visible_or_404(request, claim_id).store
        return claim_rewards.collect_claim(
            claim_id=claim_id, key=f"console:{claim_id}:{now.timestamp()}", store=store, zone=zone, actor=actor, at=now
        )

    return _done(request, hand_over, "rewards.collect", claim_id, _("Handed over."))


@requires("rewards.claim")
@require_POST
def cancel(request: StaffRequest, claim_id: int) -> HttpResponse:
    """Give the points back."""
    zone, actor, now = sight.zone_of(request), actors.key_of(request.actor), timezone.now()

    def give_back() -> Claim:
        _visible_or_404(request, claim_id)
        policies, _zone = programme()
        return claim_rewards.cancel(claim_id=claim_id, policies=policies, zone=zone, actor=actor, at=now)

    return _done(request, give_back, "rewards.cancel", claim_id, _("Cancelled. The points are back."))


@requires("rewards.claim")
@require_POST
def put_back(request: StaffRequest, claim_id: int) -> HttpResponse:
    """It was not handed over after all."""

    def undo() -> Claim:
        _visible_or_404(request, claim_id)
        return claim_rewards.put_back(claim_id=claim_id)

    return _done(request, undo, "rewards.put_back", claim_id, _("Taken back. It waits to be collected again."))


def _visible_or_404(request: StaffRequest, claim_id: int) -> Claim:
    """The claim, for whoever may see the store that it was made in."""
    claim = queries.of_id(claim_id).claim
    if not may_see_store(request.member.store_codes, claim.store):
        raise Http404
    return claim


def _done(request: StaffRequest, act: Callable[[], Claim], action: str, claim_id: int, said: str) -> HttpResponse:
    """Do it and say so, or say kindly why not. What was done is in the audit; a flow has its own transactions."""
    try:
        act()
    except DomainError as error:
        messages.error(request, refusal(error, names_of(request)))
    else:
        staff.record(by=request.actor, action=action, at=timezone.now(), subject_kind="claim", subject_id=claim_id)
        messages.success(request, said)
    back = request.POST.get("back", "")
    allowed = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if allowed and back.startswith("/") else reverse("reward_claims"))


urlpatterns = [
    path("rewards/claims/", claims, name="reward_claims"),
    path("rewards/claims/<int:claim_id>/collect/", collect, name="claim_collect"),
    path("rewards/claims/<int:claim_id>/cancel/", cancel, name="claim_cancel"),
    path("rewards/claims/<int:claim_id>/put-back/", put_back, name="claim_put_back"),
]
