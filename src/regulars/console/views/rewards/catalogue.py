"""The catalogue: what is left of every reward, who takes it, what it costs; and one reward with all its claims."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from regulars.console import actors, figures, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.changes import carry_out
from regulars.console.context import business_of
from regulars.console.programme.words import short_money
from regulars.console.reader import said
from regulars.console.rewards.words import claim_lines, gives_back, names_of
from regulars.console.typed import whole_number
from regulars.flows import keep_rewards
from regulars.loyalty.coupons.offers import name_of
from regulars.loyalty.rewards import catalogue, queries
from regulars.loyalty.rewards.catalogue import VersionView
from regulars.loyalty.rewards.queries import Tally
from regulars.loyalty.rewards.refusals import NoReward
from regulars.loyalty.rewards.rules import Reward, Terms
from regulars.loyalty.rewards.words import Names, conditions_said

PAGE: Final = "rewards"
LATELY: Final = timedelta(days=30)
PER_PAGE: Final = 50
FEW_LEFT: Final = 5
MOST_WAITING: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A reward in the list: its name and conditions in words, what is left, and what came of its claims."""

    reward: Reward
    name: str
    price: str
    conditions: list[str]
    tally: Tally
    ended: bool

    @property
    def few(self) -> bool:
        """Whether so few are left that somebody should order more."""
        return self.reward.left is not None and self.reward.left <= FEW_LEFT


@dataclass(frozen=True, slots=True)
class Version:
    """Terms that held from a day on, in a sentence, and who wrote them."""

    number: int
    at: datetime
    who: str
    terms: str


@requires("campaigns.view")
@never_cache
def rewards(request: StaffRequest) -> HttpResponse:
    """All rewards: in use first, then those that are paused or over."""
    now, names = timezone.now(), names_of(request)
    tallies, lately = queries.tallies(), queries.tallies(since=now - LATELY)
    today = timezone.localdate()
    lines = [_line(one, tallies.get(one.id, Tally()), names, today) for one in catalogue.rewards(at=now)]
    waiting = queries.page(most=MOST_WAITING, waiting=True)
    context = {
        "lines": sorted(
            lines, key=lambda one: (one.ended or one.reward.paused_at is not None, one.reward.terms.points)
        ),
        "waiting_count": sum(one.waiting for one in tallies.values()),
        "claimed": sum(one.standing for one in lately.values()),
        "points": sum(one.points for one in lately.values()),
        "cost": sum(one.cost_minor for one in lately.values()),
        "claims": claim_lines(request, waiting, names),
    }
    return render(request, "rewards/list.html", context)


def _line(one: Reward, tally: Tally, names: Names, today: date) -> Line:
    conditions = [said(words) for words in conditions_said(one.terms, names)]
    ended = one.terms.ends_on is not None and today > one.terms.ends_on
    price = said(names.price(one.terms.points, one.terms.currency))
    return Line(one, said(catalogue.said_name(one.terms)), price, conditions, tally, ended)


@requires("campaigns.view")
@never_cache
def reward(request: StaffRequest, reward_id: int) -> HttpResponse:
    """One reward: its terms, what came of it, every claim, and what its terms were before."""
    one, names = reward_or_404(reward_id), names_of(request)
    before = whole_number(request.GET.get("before", ""))
    found = queries.page(most=PER_PAGE + 1, before=before, reward_id=reward_id)
    tally = queries.tallies().get(reward_id, Tally())
    versions = catalogue.versions(reward_id)
    context = {
        "line": _line(one, tally, names, timezone.localdate()),
        "about": said(name_of(one.terms.description)),
        "gives_back": _gives_back(request, one),
        "claims": claim_lines(request, found[:PER_PAGE], names),
        "more": found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        "is_first": before is None,
        "versions": _versions(request, versions, names),
    }
    return render(request, "rewards/page.html", context)


def _gives_back(request: StaffRequest, one: Reward) -> dict[str, str] | None:
    """In money and per cent, by the programme of today: the first thing that a finance person asks."""
    policies, currency = sight.policies_of(request), business_of(request).currency
    found = gives_back(one.terms, policies.at(timezone.now()).minor_per_point) if policies is not None else None
    if found is None:
        return None
    spend, percent = found
    return {"spend": short_money(spend, currency), "percent": f"{percent:.1f}%"}


def _versions(request: StaffRequest, versions: list[VersionView], names: Names) -> list[Version]:
    people = actors.names_of({one.created_by for one in versions})
    currency = business_of(request).currency
    return [
        Version(one.number, one.created_at, people[one.created_by], _terms(one.terms, names, currency))
        for one in versions
    ]


def _terms(terms: Terms, names: Names, currency: str) -> str:
    stock = _("no limit") if terms.stock is None else _("%(n)s in all") % {"n": figures.count(terms.stock)}
    told = [said(catalogue.said_name(terms)), said(names.price(terms.points, terms.currency)), stock]
    if terms.worth_minor:
        told.append(_("costs %(amount)s") % {"amount": short_money(terms.worth_minor, currency)})
    return " · ".join([*told, *(said(words) for words in conditions_said(terms, names))])


def reward_or_404(reward_id: int) -> Reward:
    """The reward with this id.

    Raises:
        Http404: There is none.
    """
    try:
        return catalogue.reward(reward_id, at=timezone.now())
    except NoReward as error:
        raise Http404(_("There is no such reward any more.")) from error


@requires("rewards.edit")
@require_POST
def pause(request: StaffRequest, reward_id: int) -> HttpResponse:
    """Nobody can claim it for now; what was claimed can be collected."""
    carry_out(
        request, lambda: keep_rewards.retire_reward(reward_id=reward_id, by=request.actor, at=timezone.now()),
        _("The reward is paused. What was claimed can still be collected."),
    )  # fmt: skip
    return redirect("reward", reward_id)


@requires("rewards.edit")
@require_POST
def resume(request: StaffRequest, reward_id: int) -> HttpResponse:
    """It can be claimed again."""
    carry_out(
        request, lambda: keep_rewards.bring_back_reward(reward_id=reward_id, by=request.actor, at=timezone.now()),
        _("The reward can be claimed again."),
    )  # fmt: skip
    return redirect("reward", reward_id)


urlpatterns = [
    path("rewards/", rewards, name=PAGE),
    path("rewards/<int:reward_id>/", reward, name="reward"),
    path("rewards/<int:reward_id>/pause/", pause, name="reward_pause"),
    path("rewards/<int:reward_id>/resume/", resume, name="reward_resume"),
]
