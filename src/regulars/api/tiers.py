"""Tiers of a member: where they stand and what lies ahead; giving one for some time, and ending that."""

from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from regulars.api import tier_schemas as schemas
from regulars.api.access import Scope, ScopedRouter
from regulars.api.asked import Asked, answer, read, short
from regulars.core.bilingual import Text
from regulars.core.calendar import business_date
from regulars.facts.kinds import fields
from regulars.facts.rules import MalformedFact
from regulars.flows.give_tiers import end_given_tier, give_tier
from regulars.loyalty import growth_words, tier_words
from regulars.loyalty.actions.commands import UnknownCustomer
from regulars.loyalty.projection import Fall, Need, Rise
from regulars.loyalty.rules import Policies
from regulars.loyalty.tier_grants_view import GrantView
from regulars.loyalty.tier_view import TierView, tier_view
from regulars.loyalty.wording import Wording

router = ScopedRouter(tags=["Tiers"])
LONGEST_KEY: Final = 150
LONGEST_REASON: Final = 300


@router.post("/of", auth=Scope(schemas.READ), operation_id="tier_of_member", openapi_extra=schemas.OF)
def of(request: HttpRequest) -> HttpResponse:
    """The tier of a member, what reaches the next one and by when, the next fall and what keeps the tier."""
    asked = read(request)
    return answer(_told(_who(asked), asked))


@router.post("/give", auth=Scope(schemas.WRITE), operation_id="give_tier", openapi_extra=schemas.GIVE)
def give(request: HttpRequest) -> HttpResponse:
    """Give a tier for some days: the higher of it and what growth reaches counts. The same key is the same gift."""
    asked, customer_id = _of(request)
    through = _day(asked, "through")
    source = short(asked.members, "kind", 20) or "manual"
    if source not in schemas.KINDS:
        raise MalformedFact("kind is manual or paid.", field="kind")
    given = give_tier(
        customer_id=customer_id, tier=fields.text(asked.members, "tier", required=True),
        until=through + timedelta(days=1) if through else None, starts=_day(asked, "from"), key=_key(asked, "give"),
        at=asked.at, policies=asked.situation.policies, source=source,
        reason=short(asked.members, "reason", LONGEST_REASON), actor=asked.actor,
    )  # fmt: skip
    return answer(_told(customer_id, asked) | {"grant_id": given.id})


@router.post("/end", auth=Scope(schemas.WRITE), operation_id="end_given_tier", openapi_extra=schemas.END)
def end(request: HttpRequest) -> HttpResponse:
    """End a given tier today. What was earned in it stays earned."""
    asked, customer_id = _of(request)
    grant_id = asked.members.get("grant_id")
    if type(grant_id) is not int or not 0 < grant_id < 2**62:
        raise MalformedFact("grant_id is the number that giving the tier answered.", field="grant_id")
    ended = end_given_tier(
        customer_id=customer_id, grant_id=grant_id, key=_key(asked, "end"), at=asked.at,
        policies=asked.situation.policies, reason=short(asked.members, "reason", LONGEST_REASON), actor=asked.actor,
    )  # fmt: skip
    return answer(_told(customer_id, asked) | {"grant_id": ended.id})


def _of(request: HttpRequest) -> tuple[Asked, int]:
    asked = read(request)
    return asked, _who(asked)


def _who(asked: Asked) -> int:
    customer_id = asked.customer()
    if customer_id is None:
        raise UnknownCustomer("Nobody is known by these ids and contacts.")
    return customer_id


def _key(asked: Asked, verb: str) -> str:
    """Keys are the source's own, as the numbers of orders are."""
    key = fields.text(asked.members, "key", required=True)
    whole = f"tier:{verb}:{asked.source}:{key}"
    if len(key) > LONGEST_KEY or len(whole) > 200:
        raise MalformedFact(f"key is longer than {LONGEST_KEY} characters, or too long with this source.", field="key")
    return whole


def _day(asked: Asked, name: str) -> date | None:
    told = short(asked.members, name, 40)
    try:
        found = date.fromisoformat(told) if told else None
    except ValueError as error:
        raise MalformedFact(f"{name} must be a day such as 2027-06-30.", field=name) from error
    if found is not None and found.year > 9000:
        raise MalformedFact(f"{name} lies too far ahead.", field=name)
    return found


def _told(customer_id: int, asked: Asked) -> dict[str, Any]:
    """Everything about a member's tier; names and sentences in both languages."""
    policies, zone = asked.situation.policies, asked.situation.zone
    today = business_date(asked.at, zone)
    view = tier_view(customer_id, policies, today, asked.at)
    written = [Wording(language, asked.situation.currency, zone) for language in ("zh", "en")]
    zh, en = (tier_words.sentences(view.ahead, policies, today, one) for one in written)
    return {
        "tier": {
            **_tier(view.tier, policies, today),
            "since": view.since,
            "growth": view.growth,
            "growth_name": growth_words.growth_name(view.growth_from)._asdict(),
            "next": _next(view.ahead.rise, view, policies, today, asked),
            "falls": _falls(view.ahead.fall, policies, today, asked),
            "given": [_given(one) for one in view.given_now(today)],
            "said": [{"zh": one, "en": other} for one, other in zip(zh, en, strict=True)],
        },
        "currency": asked.situation.currency,
    }


def _tier(place: int, policies: Policies, day: date) -> dict[str, Any]:
    tiers = policies.on(day).tiers
    tier = tiers[min(place, len(tiers) - 1)]
    zh, en = tier.names.get("zh", ""), tier.names.get("en", "")
    return {"code": tier.code, "name": Text(zh or en or tier.code, en or zh or tier.code)._asdict()}


def _next(rise: Rise | None, view: TierView, policies: Policies, today: date, asked: Asked) -> dict[str, Any] | None:
    if rise is None:
        return None
    told = _tier(rise.tier, policies, rise.on if rise.need is None and rise.on else today)
    return {**told, "threshold": view.threshold, "need": _need(rise.need, asked), "on": rise.on}


def _falls(fall: Fall | None, policies: Policies, today: date, asked: Asked) -> dict[str, Any] | None:
    if fall is None:
        return None
    to = _tier(fall.tier, policies, fall.on)
    return {"to": to, "on": fall.on, "keep": _need(fall.keep, asked), "grace": _need(fall.grace, asked)}


def _need(need: Need | None, asked: Asked) -> dict[str, Any] | None:
    if need is None:
        return None
    spend = asked.money(need.spend_minor) if need.spend_minor is not None else None
    return {"growth": need.growth, "spend": spend, "from": need.since, "by": need.by}


def _given(grant: GrantView) -> dict[str, Any]:
    until = grant.grant.until_day
    through = until - timedelta(days=1) if until else None
    return {
        "grant_id": grant.id, "tier": grant.tier, "from": grant.from_day, "through": through, "kind": grant.source,
        "reason": grant.reason,
    }  # fmt: skip
