"""The catalogue of rewards, kept by a program: what each costs, who may have it, how many there are; retired."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import reward_term_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.api.once import once_of
from regulars.api.taking import day, maybe_whole, money, one_of, texts, whole, words
from regulars.core.bilingual import Text
from regulars.facts.rules import MalformedFact
from regulars.flows import keep_rewards
from regulars.loyalty.earning.rules import Period
from regulars.loyalty.rewards import catalogue
from regulars.loyalty.rewards.refusals import InvalidReward, RewardChanged
from regulars.loyalty.rewards.rules import (
    LONGEST_CODE,
    MOST_EACH,
    MOST_LISTED,
    MOST_POINTS,
    MOST_STOCK,
    PERIODS,
    Reward,
    RewardKind,
    Terms,
)
from regulars.loyalty.rewards.terms import checked

router = ScopedRouter(tags=["Catalogue of rewards"])
NEW: Final = Terms(Text("", ""), RewardKind.ITEM, 0, collect_days=30)
LARGEST: Final = 2**31 - 1


@router.post("/catalogue", auth=Scope(schemas.SCOPE), operation_id="list_catalogue", openapi_extra=schemas.CATALOGUE)
def list_catalogue(request: HttpRequest) -> HttpResponse:
    """Every reward on its terms, retired ones too, with how many were claimed."""
    asked = read(request)
    return answer({"rewards": [_told(one, asked) for one in catalogue.rewards(at=asked.at)]})


@router.post("/create", auth=Scope(schemas.SCOPE), operation_id="create_reward", openapi_extra=schemas.CREATE)
def create(request: HttpRequest) -> HttpResponse:
    """A new reward, to be claimed at once if its terms allow."""
    asked = read(request)
    once, code = once_of(request, asked), short(asked.members, "code", LONGEST_CODE)
    wanted = _terms(asked, NEW)
    made = _named(
        lambda: keep_rewards.create_reward(
            code=code, terms=wanted, by=asked.caller.actor, key=asked.actor, at=asked.at, once=once
        )
    )
    return answer({"reward": _told(catalogue.reward(made, at=asked.at), asked)})


@router.post("/change", auth=Scope(schemas.SCOPE), operation_id="change_reward", openapi_extra=schemas.CHANGE)
def change(request: HttpRequest) -> HttpResponse:
    """Other terms from now on; what is not named stays. What was claimed keeps its price and its terms."""
    asked = read(request)
    one, version = _found(asked), whole(asked, "version", most=LARGEST)
    wanted = _terms(asked, one.terms)
    try:
        _named(
            lambda: keep_rewards.change_reward(
                reward_id=one.id, terms=wanted, after=version, by=asked.caller.actor, key=asked.actor, at=asked.at
            )
        )
    except RewardChanged:
        # The answer to the first try was lost: it is on these terms already.
        if one.terms != checked(wanted):
            raise
    return answer({"reward": _told(_found(asked), asked)})


@router.post("/retire", auth=Scope(schemas.SCOPE), operation_id="retire_reward", openapi_extra=schemas.RETIRE)
def retire(request: HttpRequest) -> HttpResponse:
    """Nobody can claim it any more; what was claimed can still be collected."""
    asked = read(request)
    if (one := _found(asked)).paused_at is None:
        keep_rewards.retire_reward(reward_id=one.id, by=asked.caller.actor, at=asked.at)
    return answer({"reward": _told(_found(asked), asked)})


@router.post("/bring_back", auth=Scope(schemas.SCOPE), operation_id="bring_back_reward", openapi_extra=schemas.BACK)
def bring_back(request: HttpRequest) -> HttpResponse:
    """It can be claimed again."""
    asked = read(request)
    if (one := _found(asked)).paused_at is not None:
        keep_rewards.bring_back_reward(reward_id=one.id, by=asked.caller.actor, at=asked.at)
    return answer({"reward": _told(_found(asked), asked)})


def _named(step: Callable[[], int]) -> int:
    """Do it; what is wrong with the terms is told by the name that the request has for it."""
    try:
        return step()
    except InvalidReward as error:
        if error.context.get("field") == "worth_minor":
            error.context["field"] = "cost"
        raise


def _found(asked: Asked) -> Reward:
    return catalogue.reward_with_code(short(asked.members, "code", LONGEST_CODE), at=asked.at)


def _terms(asked: Asked, before: Terms) -> Terms:
    """The terms with what the request names in the place of what was there; null takes a limit away."""
    told: dict[str, Any] = {}
    if "kind" in asked.members:
        told["kind"] = RewardKind(one_of(asked, "kind", tuple(RewardKind)) or before.kind)
    if "each_period" in asked.members:
        told["each_period"] = Period(one_of(asked, "each_period", tuple(PERIODS)) or Period.EVER)
    if "currency" in asked.members:
        told["currency"] = short(asked.members, "currency", 30)
    if "cost" in asked.members:
        told["worth_minor"] = money(asked, "cost")
    if "points" in asked.members:
        told["points"] = whole(asked, "points", most=MOST_POINTS)
    for name, most in (("stock", MOST_STOCK), ("each_most", MOST_EACH), ("collect_days", 366), ("offer_id", None)):
        if name in asked.members:
            told[name] = maybe_whole(asked, name, least=0, **({} if most is None else {"most": most}))
    told |= {name: words(asked, name) for name in ("name", "description") if name in asked.members}
    told |= {name: day(asked, name) for name in ("starts_on", "ends_on") if name in asked.members}
    told |= {name: texts(asked, name, most=MOST_LISTED) for name in ("tiers", "stores") if name in asked.members}
    if "segments" in asked.members:
        told["segments"] = _segments(asked)
    if told.get("kind") is RewardKind.COUPON and "collect_days" not in told:
        told["collect_days"] = None
    return replace(before, **told)


def _segments(asked: Asked) -> tuple[int, ...]:
    found = asked.members["segments"]
    if not isinstance(found, list) or not all(type(one) is int and 0 < one < 2**62 for one in found):
        raise MalformedFact("segments is a list of their numbers.", field="segments")
    return tuple(found[: MOST_LISTED + 1])


def _told(one: Reward, asked: Asked) -> dict[str, Any]:
    terms = one.terms
    return {
        "code": one.code,
        "version": one.version,
        "retired": one.paused_at is not None,
        "kind": terms.kind,
        "name": terms.name._asdict(),
        "description": terms.description._asdict(),
        "offer_id": terms.offer_id,
        "points": terms.points,
        "currency": terms.currency,
        "cost": asked.money(terms.worth_minor),
        "stock": terms.stock,
        "claimed": one.taken,
        "left": one.left,
        "each_most": terms.each_most,
        "each_period": terms.each_period,
        "tiers": list(terms.tiers),
        "segments": list(terms.segments),
        "stores": list(terms.stores),
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
        "collect_days": terms.collect_days,
    }
