"""Making a reward and changing it; what was claimed before keeps its terms."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from regulars.catalogue import queries as stores
from regulars.console import actors, lines, sight
from regulars.console.access import StaffRequest, requires
from regulars.console.context import business_of
from regulars.console.reader import said
from regulars.console.rewards import reward_form
from regulars.console.rewards.reward_form import Typed
from regulars.console.sayings import explained
from regulars.console.typed import Mistakes, whole_number
from regulars.console.views.rewards.catalogue import PAGE, reward_or_404
from regulars.core.errors import DomainError
from regulars.flows import keep_rewards
from regulars.insight.segments import queries as segments
from regulars.loyalty.coupons import offers
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards import catalogue
from regulars.loyalty.rewards.refusals import InvalidReward, RewardChanged, RewardCodeTaken
from regulars.loyalty.rewards.rules import LONGEST_CODE, LONGEST_DESCRIPTION, LONGEST_NAME, Reward, Terms
from regulars.loyalty.rules import POINTS


@requires("rewards.edit")
@never_cache
def new(request: StaffRequest) -> HttpResponse:
    """A new reward."""
    if request.method == "POST":
        return _save(request, None)
    return _form(request, Typed(), None)


@requires("rewards.edit")
@never_cache
def edit(request: StaffRequest, reward_id: int) -> HttpResponse:
    """Other terms from now on."""
    one = reward_or_404(reward_id)
    if request.method == "POST":
        return _save(request, one)
    return _form(request, reward_form.of_reward(one, business_of(request).currency), one)


def _form(
    request: StaffRequest, typed: Typed, one: Reward | None, *, failure: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "typed": typed,
        "problems": typed.problems,
        "reward": one,
        "failure": failure,
        "longest_name": LONGEST_NAME,
        "longest_code": LONGEST_CODE,
        "longest_about": LONGEST_DESCRIPTION,
        "offers": [(str(each.id), said(each.name)) for each in reversed(offers.offers())],
        "periods": _periods(),
        "currencies": _currencies(request, typed.currency),
        "lists": _lists(request, typed),
        "title": said(catalogue.said_name(one.terms)) if one else _("New reward"),
        "back": reverse("reward", args=[one.id]) if one else reverse(PAGE),
    }
    return render(request, "rewards/edit.html", context, status=status)


def _currencies(request: StaffRequest, chosen: str) -> list[tuple[str, str]]:
    """(code, name) of what a reward may cost: what the programme of today gives, and what it costs already."""
    policies = sight.policies_of(request)
    own = policies.at(timezone.now()).currencies if policies is not None else {}
    found = [(POINTS, _("points")), *((code, said(one.name)) for code, one in own.items())]
    return found if any(code == chosen for code, _name in found) else [*found, (chosen, chosen)]


def _periods() -> list[tuple[str, str]]:
    return [
        (Period.EVER, _("ever")), (Period.DAY, _("a day")), (Period.WEEK, _("a week")), (Period.MONTH, _("a month")),
        (Period.YEAR, _("a year")),
    ]  # fmt: skip


def _lists(request: StaffRequest, typed: Typed) -> list[tuple[str, str, str, list[tuple[str, str, bool]]]]:
    """(name of the field, its label, what none means, its choices) for tiers, segments and stores, if there are any."""
    policies, today = sight.policies_of(request), timezone.localdate()
    tiers = policies.on(today).tiers if policies is not None else ()
    names = lines.tier_names(policies, today)
    found = [
        ("tiers", _("Only for these tiers"), _("None chosen: for all tiers."),
         [(tier.code, names[place].name or tier.code) for place, tier in enumerate(tiers)] if len(tiers) > 1 else []),
        ("segments", _("Only for these segments"), _("None chosen: for everybody. Who is in them changes every night."),
         [(str(one.id), said(one.name)) for one in segments.segments()]),
        ("stores", _("Only in these stores"), _("None chosen: in every store."),
         list(stores.store_codes().items())),
    ]  # fmt: skip
    return [
        (name, label, hint, [(value, told, value in getattr(typed, name)) for value, told in choices])
        for name, label, hint, choices in found
        if choices
    ]


def _save(request: StaffRequest, one: Reward | None) -> HttpResponse:
    typed = reward_form.read(request.POST)
    failure = _("Nearly there: have a look at what is marked below.")
    try:
        priced_in = [code for code, _name in _currencies(request, one.terms.currency if one else POINTS)]
        terms = reward_form.terms_of(typed, business_of(request).currency, priced_in)
        saved = _saved(request, one, terms, typed)
    except Mistakes as error:
        typed.problems = error.problems
    except InvalidReward as error:
        typed.problems = reward_form.problem_of(error)
    except RewardCodeTaken:
        typed.problems = {"code": reward_form.problem("code")}
    except RewardChanged as error:
        typed.after = str(reward_or_404(one.id).version) if one else "0"
        failure = explained(error)
    except DomainError as error:
        failure = explained(error)
    else:
        messages.success(request, _("The reward is saved."))
        return redirect("reward", saved)
    return _form(request, typed, one, failure=failure, status=422)


def _saved(request: StaffRequest, one: Reward | None, terms: Terms, typed: Typed) -> int:
    now, by, key = timezone.now(), request.actor, actors.key_of(request.actor)
    if one is None:
        code = reward_form.code_of(typed, len(catalogue.rewards(at=now)) + 1)
        return keep_rewards.create_reward(code=code, terms=terms, by=by, key=key, at=now)
    keep_rewards.change_reward(
        reward_id=one.id, terms=terms, after=whole_number(typed.after) or 0, by=by, key=key, at=now
    )  # fmt: skip
    return one.id


urlpatterns = [
    path("rewards/new/", new, name="reward_new"),
    path("rewards/<int:reward_id>/edit/", edit, name="reward_edit"),
]
