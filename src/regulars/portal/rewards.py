"""Rewards: what a member can have now, taking one, and the code with which it is handed over."""

from dataclasses import dataclass, replace
from datetime import date
from secrets import token_urlsafe

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from regulars.core import drawn_codes
from regulars.core.errors import DomainError
from regulars.customers import consents
from regulars.flows import claim_rewards
from regulars.loyalty.coupons.codes import shown as coupon_shown
from regulars.loyalty.rewards import codes, queries
from regulars.loyalty.rewards.catalogue import said_name
from regulars.loyalty.rewards.choosing import Choice
from regulars.loyalty.rewards.refusals import NotForThisSegment
from regulars.loyalty.rewards.rules import Ask, Claim, ClaimState
from regulars.loyalty.rewards.words import STATES, Names, conditions_said, early_said, refusal_said
from regulars.loyalty.rules import POINTS
from regulars.portal.access import Visit, member_does, member_reads
from regulars.portal.shown import shown
from regulars.portal.standing import choices_of, day_said, last_day

ACTOR = "member"
MOST_TAKEN = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """A reward: what it takes, on which conditions, and why it cannot be had, '' if it can.

    `stores` are to be chosen from, where only some have it; `missing` how far the member is, in per cent.
    """

    code: str
    name: str
    about: str
    price: str
    conditions: list[str]
    refused: str
    stores: dict[str, str]
    reached: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A claim: its code while it waits to be handed over."""

    id: int
    name: str
    price: str
    code: str
    state: str
    waits: bool
    day: date | None
    on: date


@member_reads
def rewards(visit: Visit) -> HttpResponse:
    """What they can have first, then what they save for; and what they took."""
    policies = visit.policies()
    names = claim_rewards.names(policies=policies, at=visit.now) if policies else Names()
    taken = [_taken(visit, one, names) for one in _claims(visit)]
    context: dict[str, object] = {
        "key": token_urlsafe(12),
        "waiting": [one for one in taken if one.waits],
        "taken": [one for one in taken if not one.waits],
        "problem": visit.request.GET.get("why", ""),
    }
    if policies is not None:
        found = choices_of(visit, policies)
        context["spendable"] = names.price(found.spendable, POINTS).said(visit.words)
        context["offered"] = [_offered(visit, one, names, found.balances.get(one.reward.terms.currency, 0))
                              for one in found.rewards]  # fmt: skip
    return shown(visit, "rewards", context, tab="rewards")


@member_does
def claim(visit: Visit) -> HttpResponse:
    """Take one for points, once, however often the form is sent; or say kindly why not."""
    policies, told = visit.policies(), visit.request.POST
    if policies is None:
        raise Http404
    code, key = told.get("reward", "")[:40], told.get("key", "")[:40]
    ask = Ask(code, visit.customer_id, f"portal:{visit.customer_id}:{key}:{code}", told.get("store", "")[:100], ACTOR)
    try:
        made = claim_rewards.claim(ask=ask, policies=policies, zone=visit.zone, at=visit.now)
    except DomainError as error:
        names = claim_rewards.names(policies=policies, at=visit.now)
        return shown(visit, "refused", {"why": _refusal(visit, error, names)}, tab="rewards", status=409)
    return HttpResponseRedirect(resolve_url("member_claim", made.id), status=303)


@member_reads
def claimed(visit: Visit, claim_id: int) -> HttpResponse:
    """One that they took: the code, large, for whoever hands it over."""
    policies = visit.policies()
    names = claim_rewards.names(policies=policies, at=visit.now) if policies else Names()
    found = next((one for one in _claims(visit, most=500) if one.id == claim_id), None)
    if found is None:
        raise Http404
    one = _taken(visit, found, names)
    drawn = drawn_codes.qr(one.code.replace("-", ""), name=_("The code of your reward")) if one.code else ""
    return shown(visit, "claimed", {"one": one, "drawn": drawn}, tab="rewards")


def _claims(visit: Visit, *, most: int = MOST_TAKEN) -> list[Claim]:
    return queries.of_customers(consents.group(visit.customer_id), most=most)


def _offered(visit: Visit, one: Choice, names: Names, has: int) -> Offered:
    terms = one.reward.terms
    early = []
    if one.for_all_from is not None:  # which says the first day already
        early, terms = [early_said(day_said(one.for_all_from))], replace(terms, starts_on=None)
    # Which segments a shop has is its own affair: a member reads that it is for them, or not for them.
    told = conditions_said(replace(terms, segments=()), names)
    stores = {code: names.stores.get(code, code) for code in terms.stores}
    return Offered(
        one.reward.code, said_name(terms).said(visit.words), terms.description.said(visit.words),
        names.price(terms.points, terms.currency).said(visit.words),
        [words.said(visit.words) for words in (*early, *told)],
        _refusal(visit, one.refused, names) if one.refused else "", stores if len(stores) > 1 else {},
        min(100, 100 * has // terms.points) if terms.points else 100,
    )  # fmt: skip


def _refusal(visit: Visit, error: DomainError, names: Names) -> str:
    if isinstance(error, NotForThisSegment):
        return _("This reward is for other members.")
    context = dict(error.context)
    if isinstance(day := context.get("day"), date):
        context["day"] = day_said(day)
    words = refusal_said(type(error)(str(error), **context), names)
    return words.said(visit.words) if words else _("This cannot be done now. Please ask in the shop.")


def _taken(visit: Visit, one: Claim, names: Names) -> Taken:
    waits = one.state is ClaimState.CLAIMED and not one.is_over(visit.now)
    state = ClaimState.LAPSED if one.state is ClaimState.CLAIMED and not waits else one.state
    code = codes.shown(one.code) if waits and one.code else ""
    if one.state is ClaimState.ISSUED and one.coupon_code:
        code = coupon_shown(one.coupon_code)
    return Taken(
        one.id, one.name.said(visit.words), names.price(one.points, one.currency).said(visit.words), code,
        STATES[state].said(visit.words), waits, last_day(one.collect_by) if one.collect_by and waits else None,
        visit.today(one.at),
    )  # fmt: skip
