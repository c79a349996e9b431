"""Rewards: what a member can have for points; claim it, hand it over, give it back."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import reward_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import LONGEST_STORE, Asked, answer, read, short
from regulars.api.checkout import KeyMissing
from regulars.core.errors import DomainError
from regulars.customers import queries as customers
from regulars.facts.kinds import fields
from regulars.facts.rules import MalformedFact
from regulars.flows import claim_rewards
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.coupons import codes as coupon_codes
from regulars.loyalty.coupons.offers import name_of
from regulars.loyalty.coupons.rules import last_day
from regulars.loyalty.rewards import catalogue, codes, queries
from regulars.loyalty.rewards.choosing import Choice
from regulars.loyalty.rewards.rules import LONGEST_CODE, Ask, Claim, Reward
from regulars.loyalty.rewards.words import STATES, Names, conditions_said, early_said, refusal_said

router = ScopedRouter(tags=["Rewards"])
LARGEST_ID: Final = 2**63 - 1
LONGEST_KEY: Final = 90
MOST_CLAIMS: Final = 100


@router.post("/list", auth=Scope(schemas.SCOPE), operation_id="list_rewards", openapi_extra=schemas.LIST)
def list_rewards(request: HttpRequest) -> HttpResponse:
    """Every reward in use; for a customer, what they can have now first, and why not where they cannot."""
    asked = read(request)
    told, store, who = asked.situation, asked.store(), asked.customer()
    names = claim_rewards.names(policies=told.policies, at=asked.at)
    if who is None:
        found = catalogue.rewards(at=asked.at, paused=False)
        return answer({"customer": {"known": False}, "rewards": [_reward(one, names, asked) for one in found]})
    seen = claim_rewards.choices(customer_id=who, policies=told.policies, at=asked.at, store=store or None)
    rewards = [
        {**_reward(one.reward, names, asked), **_early(one), **_refused(one.refused, names)} for one in seen.rewards
    ]
    return answer(
        {"customer": {"known": True, "spendable": seen.spendable, "balances": seen.balances}, "rewards": rewards}
    )


@router.post("/claims", auth=Scope(schemas.SCOPE), operation_id="list_claims", openapi_extra=schemas.CLAIMS)
def list_claims(request: HttpRequest) -> HttpResponse:
    """What a customer claimed, the latest first."""
    asked = read(request)
    group = list(customers.members([_customer(asked)]))
    return answer({"claims": [_claim(one, asked) for one in queries.of_customers(group, most=MOST_CLAIMS)]})


@router.post("/claim", auth=Scope(schemas.SCOPE), operation_id="claim_reward", openapi_extra=schemas.CLAIM)
def claim(request: HttpRequest) -> HttpResponse:
    """Claim a reward for points: the points are spent and one is set aside, both or neither."""
    asked = read(request)
    key, reward, store = _key(request, asked), short(asked.members, "reward", LONGEST_CODE), _store(asked)
    if not reward:
        raise MalformedFact("reward is missing: send the code of a reward.", field="reward")
    told = asked.situation
    ask = Ask(reward, _customer(asked), key, store, asked.actor)
    return answer(_claim(claim_rewards.claim(ask=ask, policies=told.policies, zone=told.zone, at=asked.at), asked))


@router.post("/collect", auth=Scope(schemas.SCOPE), operation_id="collect_reward", openapi_extra=schemas.COLLECT)
def collect(request: HttpRequest) -> HttpResponse:
    """Hand over what the code stands for, once."""
    asked = read(request)
    code = fields.text(asked.members, "code", required=True)
    found = claim_rewards.collect(
        code=code, guesser=asked.guesser, key=_key(request, asked), store=_store(asked), zone=asked.situation.zone,
        actor=asked.actor, at=asked.at,
    )  # fmt: skip
    return answer(_claim(found, asked))


@router.post("/cancel", auth=Scope(schemas.SCOPE), operation_id="cancel_claim", openapi_extra=schemas.CANCEL)
def cancel(request: HttpRequest) -> HttpResponse:
    """Give the points back for what was not collected; cancelled once, however often it is asked."""
    asked = read(request)
    claim_id, told = asked.members.get("claim_id"), asked.situation
    if type(claim_id) is not int or not 0 < claim_id <= LARGEST_ID:
        raise MalformedFact(f"claim_id must be a whole number from 1 to {LARGEST_ID}.", field="claim_id")
    found = claim_rewards.cancel(
        claim_id=claim_id, policies=told.policies, zone=told.zone, actor=asked.actor, at=asked.at
    )
    return answer(_claim(found, asked))


def _customer(asked: Asked) -> int:
    found = asked.customer()
    if found is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return found


def _store(asked: Asked) -> str:
    """Code of the shop: it is charged with what it gives, so it is always named."""
    store = short(asked.members, "store", LONGEST_STORE)
    if not store:
        raise MalformedFact("store is missing: send the code of the shop that is charged.", field="store")
    return store


def _key(request: HttpRequest, asked: Asked) -> str:
    """Keys are the source's own, as the numbers of orders are: two tills may both count from 1."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise KeyMissing("Send a key of your own as Idempotency-Key; the same key again is the same step.")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise MalformedFact(f"Idempotency-Key has 1 to {LONGEST_KEY} ASCII characters.", field="Idempotency-Key")
    return f"reward:{asked.source}:{key}"


def _reward(one: Reward, names: Names, asked: Asked) -> dict[str, Any]:
    terms = one.terms
    return {
        "code": one.code,
        "kind": terms.kind,
        "name": catalogue.said_name(terms)._asdict(),
        "description": name_of(terms.description)._asdict(),
        "points": terms.points,
        "currency": terms.currency,
        "left": one.left,
        "conditions": [said._asdict() for said in conditions_said(terms, names)],
    }


def _early(one: Choice) -> dict[str, Any]:
    """That the customer can have it before everybody else; nothing otherwise."""
    day = one.for_all_from
    return {} if day is None else {"early": {"for_all_from": day.isoformat(), "said": early_said(day)._asdict()}}


def _refused(error: DomainError | None, names: Names) -> dict[str, Any]:
    if error is None:
        return {"can_claim": True}
    said = refusal_said(error, names)
    words = said._asdict() if said else {"zh": str(error), "en": str(error)}
    return {"can_claim": False, "refused": {"code": error.code, "said": words}}


def _claim(one: Claim, asked: Asked) -> dict[str, Any]:
    zone = asked.situation.zone
    return {
        "claim_id": one.id,
        "reward": {"code": one.reward_code, "kind": one.kind, "name": one.name._asdict()},
        "state": one.state,
        "state_said": STATES[one.state]._asdict(),
        "points": one.points,
        "currency": one.currency,
        "spendable": one.spendable,
        "code": codes.shown(one.code) if one.code else None,
        "coupon": coupon_codes.shown(one.coupon_code) if one.coupon_code else None,
        "store": one.store,
        "claimed_at": one.at.astimezone(zone),
        "collect_until": last_day(one.collect_by, zone) if one.collect_by else None,
        "collected_at": one.collected_at.astimezone(zone) if one.collected_at else None,
        "ended_at": one.ended_at.astimezone(zone) if one.ended_at else None,
    }
