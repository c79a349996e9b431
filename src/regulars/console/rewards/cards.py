"""The card about rewards on a customer's page: what they can have now, and what they took."""

from dataclasses import dataclass

from django.utils import timezone

from regulars.console.access import StaffRequest
from regulars.console.reader import said
from regulars.console.rewards.words import ClaimLine, claim_lines
from regulars.customers.queries import Profile
from regulars.flows import claim_rewards
from regulars.loyalty.rewards import catalogue, queries
from regulars.loyalty.rewards.catalogue import said_name
from regulars.loyalty.rewards.words import Names
from regulars.loyalty.rules import Policies

MOST_SHOWN, MOST_TAKEN = 3, 3


@dataclass(frozen=True, slots=True)
class Card:
    """Names and prices of the first that they can have, how many more, and the latest that they took."""

    open: list[tuple[str, str]]
    more: int
    taken: list[ClaimLine]
    offered: int


def rewards_card(request: StaffRequest, profile: Profile, policies: Policies | None) -> dict[str, object]:
    """The card; nothing where the shop has no rewards."""
    if policies is None:
        return {}
    now, taken = timezone.now(), queries.of_customers(profile.members, most=MOST_TAKEN)
    if not taken and not catalogue.rewards(at=now, paused=False):
        return {}
    found = claim_rewards.choices(customer_id=profile.customer_id, policies=policies, at=now)
    can_have = found.open[::-1]
    # Stores are called by their codes here, so that a customer's page asks for no list of all of them.
    names = Names(currencies=policies.counted)
    among = [one.reward.terms for one in can_have[:MOST_SHOWN]]
    shown = [(said(said_name(terms)), said(names.price(terms.points, terms.currency))) for terms in among]
    lines = claim_lines(request, taken, names)
    return {"rewards": Card(shown, max(0, len(can_have) - MOST_SHOWN), lines, len(found.rewards))}
