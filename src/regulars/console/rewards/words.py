"""Rewards as staff read them: claims in lines, why something is refused, what a reward gives back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.console import actors, sight
from regulars.console.access import StaffRequest
from regulars.console.lines import customer_url
from regulars.console.reader import said
from regulars.console.sayings import explained
from regulars.core.errors import DomainError
from regulars.customers import queries as customers
from regulars.flows import claim_rewards
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards import codes
from regulars.loyalty.rewards.rules import Claim, ClaimState, Terms
from regulars.loyalty.rewards.words import STATES, Names, refusal_said
from regulars.loyalty.rules import POINTS

TONES: Final = {
    ClaimState.CLAIMED: "info", ClaimState.COLLECTED: "ok", ClaimState.ISSUED: "ok", ClaimState.CANCELLED: "mute",
    ClaimState.LAPSED: "warn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in a list: what and whose, where it stands, and what can be done about it."""

    claim: Claim
    name: str
    price: str
    who: str
    number: str
    url: str
    code: str
    state: str
    tone: str
    store: str
    by: str
    last_day: date | None
    can_collect: bool
    can_cancel: bool
    can_put_back: bool


def names_of(request: StaffRequest) -> Names:
    """What tiers, segments and stores are called."""
    policies = sight.policies_of(request)
    return claim_rewards.names(policies=policies, at=timezone.now()) if policies is not None else Names()


def refusal(error: DomainError, names: Names) -> str:
    """Why something is refused, in the reader's language, with days as they write them."""
    context = dict(error.context)
    if isinstance(day := context.get("day"), date):
        context["day"] = date_format(day, "SHORT_DATE_FORMAT")
    words = refusal_said(type(error)(str(error), **context), names)
    return said(words) if words else explained(error)


def claim_lines(request: StaffRequest, claims: Sequence[Claim], names: Names) -> list[ClaimLine]:
    """Claims with their members and their stores by name."""
    people = customers.names({one.customer_id for one in claims})
    staff = actors.names_of(_actors(claims))
    may = "rewards.claim" in request.capabilities
    return [_line(one, people.get(one.customer_id, (one.customer_id, "")), staff, names, may) for one in claims]


def _actors(claims: Iterable[Claim]) -> set[str]:
    return {who for one in claims for who in (one.actor, one.collected_by, one.ended_by) if who}


def _line(claim: Claim, who: tuple[int, str], staff: dict[str, str], names: Names, may: bool) -> ClaimLine:
    canonical_id, name = who
    state, now = claim.state, timezone.now()
    waits = state is ClaimState.CLAIMED
    store = claim.collected_store or claim.store
    by = claim.ended_by or claim.collected_by or claim.actor
    return ClaimLine(
        claim=claim,
        name=said(claim.name),
        price=said(names.price(claim.points, claim.currency)),
        who=name or _("No name yet"),
        number=number_of(canonical_id),
        url=customer_url(canonical_id),
        code=codes.shown(claim.code) if waits else "",
        state=said(STATES[ClaimState.LAPSED if claim.is_over(now) else state]),
        tone=TONES[state],
        store=names.stores.get(store, store),
        by=staff.get(by, ""),
        last_day=(timezone.localtime(claim.collect_by) - timedelta(microseconds=1)).date()
        if claim.collect_by
        else None,
        can_collect=may and waits and not claim.is_over(now),
        can_cancel=may and state in (ClaimState.CLAIMED, ClaimState.ISSUED),
        can_put_back=may and state is ClaimState.COLLECTED,
    )


def gives_back(terms: Terms, minor_per_point: int) -> tuple[int, float] | None:
    """What has to be bought for the points (minor units), and what part of it the reward gives back, in per cent.

    None where the programme's base earns none of what it costs, or nobody has said what the reward costs the shop.
    """
    spend = terms.points * minor_per_point if terms.currency == POINTS else 0
    return (spend, 100 * terms.worth_minor / spend) if spend and terms.worth_minor else None
