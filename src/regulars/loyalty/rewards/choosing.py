"""What one customer can have now: every reward of the catalogue, and why not where they cannot. Writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from regulars.core.calendar import business_date
from regulars.core.errors import DomainError
from regulars.customers import queries as customers
from regulars.ledger import statements as ledger
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty import queries as loyalty
from regulars.loyalty.actions.commands import AccountFrozen
from regulars.loyalty.benefits.early import days_early
from regulars.loyalty.rewards import catalogue, queries
from regulars.loyalty.rewards.refusals import RewardRefused
from regulars.loyalty.rewards.rules import Claimant, Reward, check
from regulars.loyalty.rules import POINTS, Policies


@dataclass(frozen=True, slots=True)
class Choice:
    """A reward for a customer: `refused` says why they cannot have it now, None if they can.

    `for_all_from`: the day from which everybody can have it, where they can before by early access 优先购.
    """

    reward: Reward
    refused: DomainError | None
    for_all_from: date | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a customer can spend, and every reward in use: what they can have first, then by price.

    `spendable` is of points, `balances` of every currency by its code.
    """

    spendable: int
    rewards: list[Choice]
    balances: Mapping[str, int] = field(default_factory=dict)

    @property
    def open(self) -> list[Choice]:
        """What they can have now."""
        return [one for one in self.rewards if one.refused is None]


def claimant(
    canonical_id: int,
    *,
    segments: frozenset[int],
    policies: Policies,
    at: datetime,
    day: date,
    spendable: Mapping[str, int] | None = None,
) -> Claimant:
    """A customer as the terms of rewards ask about them.

    Args:
        canonical_id: Who stands for the group.
        segments: Ids of the segments that they are in.
        spendable: What they can spend, by the currency's code; None where that is checked when it is taken.
    """
    tiers, kept = policies.on(day).tiers, loyalty.tier_intervals([canonical_id]).get(canonical_id, [])
    place = next((one.tier for one in kept if one.from_date <= day and (one.to_date is None or day < one.to_date)), 0)
    had = queries.had(list(customers.members([canonical_id])))
    tier, policy = tiers[min(place, len(tiers) - 1)].code, policies.at(at)
    early = days_early(policy.benefits, tier=tier, at=at, zone=policy.zone)
    return Claimant(tier, segments, had, spendable, early)


def choices(
    canonical_id: int, *, segments: frozenset[int], policies: Policies, at: datetime, store: str | None = None
) -> Choices:
    """Every reward in use, and why this customer cannot have it where they cannot.

    Args:
        store: Code of the shop; None if it is not decided yet.
    """
    held = ledger.balances_by_currency([canonical_id], at=at)[canonical_id]
    spendable = {policies.code_of(number): balance.spendable for number, balance in held.items()}
    points = spendable.get(POINTS, 0)
    if not (catalogued := catalogue.rewards(at=at, paused=False)):
        return Choices(points, [], spendable)
    day = business_date(at, policies.at(at).zone)
    who = claimant(canonical_id, segments=segments, policies=policies, at=at, day=day, spendable=spendable)
    standing = loyalty.standings([canonical_id]).get(canonical_id)
    frozen = standing is not None and standing.frozen
    found = [_choice(one, _refused(one, who, day, store, frozen), day) for one in catalogued]
    found.sort(key=lambda one: (one.refused is not None, one.reward.terms.points))
    return Choices(points, found, spendable)


def _choice(reward: Reward, refused: DomainError | None, day: date) -> Choice:
    opens = reward.terms.starts_on
    return Choice(reward, refused, opens if refused is None and opens is not None and day < opens else None)


def _refused(reward: Reward, who: Claimant, day: date, store: str | None, frozen: bool) -> DomainError | None:
    if frozen:
        return AccountFrozen("The account is frozen: nothing is spent until it is released.")
    try:
        check(reward, who, day=day, store=store)
    except (RewardRefused, InsufficientPoints) as refused:
        return refused
    return None
