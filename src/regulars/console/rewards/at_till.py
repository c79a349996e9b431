"""A reward before the till: what the code stands for, whose it is (masked), and handing it over."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from regulars.console import actors, sight
from regulars.console.access import StaffRequest
from regulars.console.lines import shown_phone
from regulars.console.reader import said
from regulars.console.till_store import store_of
from regulars.core.calendar import business_date, start_of_day
from regulars.customers import queries as customers
from regulars.flows import claim_rewards
from regulars.loyalty.coupons.rules import Guesser, GuesserKind
from regulars.loyalty.rewards import actions, codes, queries
from regulars.loyalty.rewards.rules import Claim, check_collect
from regulars.loyalty.rewards.words import Names

LISTED = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim whose code was shown: what it is, whose, since when, and until when it is kept."""

    claim: Claim
    code: str
    name: str
    price: str
    whose: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Handed:
    """Something that this person handed over today."""

    claim: Claim
    name: str


def look(request: StaffRequest, code: str) -> Waiting:
    """What a code stands for; a wrong one counts as a guess.

    Raises:
        DomainError: There is none, or it cannot be handed over here and now.
    """
    now, zone = timezone.now(), sight.zone_of(request)
    claim = queries.of_id(actions.look_up(code=code, guesser=_guesser(request), at=now)).claim
    check_collect(claim, at=now, zone=zone, store=store_of(request))
    until = (timezone.localtime(claim.collect_by) - timedelta(microseconds=1)).date() if claim.collect_by else None
    policies = sight.policies_of(request)
    names = Names(currencies=policies.counted) if policies is not None else Names()
    price = said(names.price(claim.points, claim.currency))
    return Waiting(claim, codes.shown(claim.code), said(claim.name), price, masked(claim.customer_id), until)


def hand_over(request: StaffRequest, code: str, key: str) -> Claim:
    """Hand it over; the same key again is the same.

    Raises:
        DomainError: As `look` would, or somebody was faster.
    """
    return claim_rewards.collect(
        code=code, guesser=_guesser(request), key=f"console:{request.member.id}:{key}", store=store_of(request),
        zone=sight.zone_of(request), actor=actors.key_of(request.actor), at=timezone.now(),
    )  # fmt: skip


def handed_today(request: StaffRequest) -> list[Handed]:
    """What this person handed over today, the latest first."""
    zone = sight.zone_of(request)
    since = start_of_day(business_date(timezone.now(), zone), zone)
    found = queries.collected_by(actors.key_of(request.actor), since=since, most=LISTED)
    return [Handed(one, said(one.name)) for one in found]


def masked(customer_id: int) -> str:
    """A customer so that the till can greet them without learning more."""
    name = customers.names([customer_id]).get(customer_id, (0, ""))[1]
    phone = customers.phones([customer_id]).get(customer_id, "")
    return " ".join(part for part in (f"{name[:1]}**" if name else "", shown_phone(phone)) if part)


def _guesser(request: StaffRequest) -> Guesser:
    return Guesser(GuesserKind.STAFF, request.member.id)
